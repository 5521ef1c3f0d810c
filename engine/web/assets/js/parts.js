// Parts of a page, [data-part] with an id, that are put in place anew from the page's own address: what was done shows at
// once, and what others did. The focus, what is open and what is half typed stay as they are.
import { isLeaving } from './leaving.js';
import { element } from './page.js';
import { shown } from './toasts.js';

const parser = new DOMParser();

export function watchParts() {
  document.addEventListener('submit', (event) => { if (event.target.matches('form[data-part-form]')) send(event); });
  document.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const more = event.target.closest('a[data-more]');
    if (more) { event.preventDefault(); append(more); }
    const part = event.target.closest('a[data-part]');
    if (part) { event.preventDefault(); history.pushState({ part: true }, '', part.href); refresh(); }
  });
  window.addEventListener('popstate', (event) => { if (event.state?.part || document.querySelector('[data-part]')) refresh(); });
}

// The page at this address without its frame, as a document; null when it is no longer there. What was done is told once, to
// whoever asks first, so it is shown whatever becomes of the rest; and not asked for by a page that is about to be left.
export async function piece(address = location.href) {
  const answer = await fetch(address, { headers: { accept: 'text/html', 'x-part': isLeaving() ? 'silent' : 'tells' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  const page = parser.parseFromString(await answer.text(), 'text/html');
  for (const one of page.querySelectorAll('.toast')) show(one);
  return page;
}

let asked = 0;
export async function refresh(mark = false) {
  const mine = ++asked;
  const page = await piece();
  if (page && mine === asked) put(page, mark); // one that was asked for later knows more
  return Boolean(page);
}

// `mark`: what was not there before glows once, as somebody else did it.
export function put(page, mark = false) {
  for (const part of document.querySelectorAll('[data-part][id]')) {
    const fresh = page.getElementById(part.id);
    if (fresh && !isBusy(part) && differs(part, fresh)) swap(part, fresh, mark);
  }
}

function show(one) {
  const made = document.importNode(one, true);
  document.querySelector('.toasts')?.append(made);
  shown(made);
}

// Somebody types in it, or has opened something in it: it waits for the next time.
const isBusy = (part) => part.contains(document.activeElement) && document.activeElement.matches('input, textarea, select, [contenteditable]')
  || part.querySelector(':popover-open');

// Scripts leave their marks on what the server drew; a part that was only marked is not drawn again.
const differs = (part, fresh) => drawn(part) !== fresh.outerHTML;

function drawn(part) {
  const copy = part.cloneNode(true);
  copy.querySelector('#presence')?.replaceChildren();
  for (const one of copy.querySelectorAll('.is-new')) { one.classList.remove('is-new'); if (!one.classList.length) one.removeAttribute('class'); }
  for (const one of copy.querySelectorAll('details[open]')) one.removeAttribute('open');
  return copy.outerHTML;
}

function swap(part, fresh, mark) {
  const known = new Set([...part.querySelectorAll('[data-key]')].map((one) => one.dataset.key));
  const open = new Set([...part.querySelectorAll('details[open]')].map(pathOf));
  const focused = part.contains(document.activeElement) ? pathOf(document.activeElement) : null;
  const made = document.importNode(fresh, true);
  const here = made.querySelector('#presence');
  const there = part.querySelector('#presence');
  if (here && there) here.replaceWith(there); // it is told of by other news
  part.replaceWith(made);
  for (const one of made.querySelectorAll('details')) if (open.has(pathOf(one))) one.open = true;
  if (mark) for (const one of made.querySelectorAll('[data-key]')) if (!known.has(one.dataset.key)) one.classList.add('is-new');
  if (focused) [...made.querySelectorAll('a, button, summary')].find((one) => pathOf(one) === focused)?.focus({ preventScroll: true });
  made.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
}

// What an element is known by from one drawing to the next.
const pathOf = (one) => `${one.closest('[data-key], [id]')?.id ?? ''}|${one.tagName}|${one.getAttribute('href') ?? one.getAttribute('aria-label') ?? one.textContent.trim().slice(0, 80)}`;

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const answer = await post(form, event.submitter);
  if (!isDone(answer)) return instead(form, event.submitter);
  if (form.matches(':popover-open')) form.hidePopover();
  await refresh();
}

// The page that tells why not takes this one's place.
function instead(form, submitter) {
  if (submitter?.name) form.append(element('input', { type: 'hidden', name: submitter.name, value: submitter.value }));
  form.submit();
}

// A form that was done leads on to another address; one that was not answers with its complaints.
export const isDone = (answer) => answer?.type === 'opaqueredirect';

export function post(form, submitter) {
  const data = new FormData(form, submitter);
  const body = form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
  return fetch(form.action, { method: 'post', body, redirect: 'manual', headers: { accept: 'text/html' } }).catch(() => null);
}

async function append(more) {
  more.setAttribute('aria-busy', 'true');
  const page = await piece(more.href);
  if (!page) return void (location.href = more.href);
  const here = document.getElementById(more.dataset.more);
  const list = here.querySelector('ol.timeline:not(.is-pinned)');
  const last = [...list.querySelectorAll('.day')].at(-1)?.textContent;
  const added = [...page.querySelectorAll(`#${CSS.escape(more.dataset.more)} ol.timeline:not(.is-pinned) > li`)];
  if (added[0]?.matches('.day') && added[0].textContent === last) added.shift();
  list.append(...added.map((one) => document.importNode(one, true)));
  const next = page.querySelector(`a[data-more="${CSS.escape(more.dataset.more)}"]`);
  if (next) { more.href = next.getAttribute('href'); more.removeAttribute('aria-busy'); } else more.closest('p').remove();
  here.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  added[0]?.querySelector?.('a, summary, button')?.focus({ preventScroll: true });
}
