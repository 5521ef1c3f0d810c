// A record's composer: its forms open in place, are sent by Ctrl+Enter, and what was written shows in the timeline at once.
import { forget, keep } from './drafts.js';
import { onKey } from './keys.js';
import { isDone, post, refresh } from './parts.js';
import { unsent } from './sending.js';

const parser = new DOMParser();

export function watchComposer() {
  if (!document.querySelector('[data-composer]')) return;
  document.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const way = event.target.closest('a[data-compose]');
    if (way) { event.preventDefault(); open(way); }
    if (event.target.closest('[data-compose-close]')) { event.preventDefault(); close(); }
  });
  document.addEventListener('submit', (event) => { if (event.target.matches('form[data-compose-form]')) send(event); });
  document.addEventListener('keydown', answer);
  const key = document.querySelector('form[data-compose-key]')?.dataset.composeKey;
  if (key) onKey(key, write);
  // A dialog whose form led back to this record leaves the page standing.
  document.addEventListener('crm:done', (event) => {
    const to = event.detail?.answer?.ok && event.detail.answer.url;
    if (!to || new URL(to).pathname !== location.pathname) return;
    event.preventDefault();
    document.querySelector('dialog[open]')?.close();
    refresh();
  });
}

function answer(event) {
  if (event.key === 'Escape' && place().contains(event.target)) close();
}

function write() {
  const field = document.querySelector('form[data-compose-key] textarea');
  field?.focus();
  return field;
}

const place = () => document.querySelector('[data-compose-place]');
let opener = null;

async function open(way) {
  way.setAttribute('aria-busy', 'true');
  const answer = await fetch(way.href, { headers: { accept: 'text/html' } }).catch(() => null);
  way.removeAttribute('aria-busy');
  const form = answer?.ok && !answer.redirected && formOf(await answer.text());
  if (!form) return void (location.href = way.href);
  opener = way;
  put(form);
}

function formOf(text) {
  const page = parser.parseFromString(text, 'text/html');
  const form = page.querySelector('form[data-dialog-form]');
  form?.removeAttribute('data-dialog-form');
  form?.setAttribute('data-compose-form', '');
  form?.setAttribute('aria-label', page.querySelector('h1')?.textContent ?? '');
  return form;
}

function put(form) {
  const here = place();
  here.replaceChildren(document.importNode(form, true));
  here.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  (here.querySelector('.error-summary') ?? here.querySelector('textarea, select, input:not([type=hidden])'))?.focus();
  here.scrollIntoView({ block: 'nearest' });
}

function close() {
  if (!place().firstChild) return;
  place().replaceChildren();
  opener?.focus();
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  keep(form, { tried: true });
  const answer = await post(form, event.submitter);
  form.querySelector('[aria-busy]')?.removeAttribute('aria-busy');
  if (!answer) return unsent(form, () => form.requestSubmit());
  if (isDone(answer)) { forget(form); return done(form); }
  const again = answer && [409, 422].includes(answer.status) && formOf(await answer.text());
  if (again) return put(again);
  if (answer) form.submit();
}

// The next one is another deed: it gets a key of its own.
async function done(form) {
  if (place().contains(form)) close();
  else {
    form.reset();
    delete form.dataset.saved; // what is written next has a draft of its own
    const key = form.querySelector('[name=_key]');
    if (key) key.value = crypto.randomUUID?.() ?? String(Math.random());
  }
  await refresh(true);
}
