// A record beside the list it is in: Space or p on a row, or the mark at its end. j and k go on to the next row, and the panel
// goes along; Escape closes it. a[data-peek] opens there too. On a telephone every link leads to the whole page.
import { element, icon, later, word } from './page.js';
import { onKey } from './keys.js';
import { piece } from './parts.js';

let panel = null;
let opener = null;
let shows = null;

export function watchPeek() {
  document.addEventListener('click', clicked);
  document.addEventListener('keydown', pressed);
  for (const key of ['p', ' ']) onKey(key, peek);
  for (const key of ['[', 'k']) onKey(key, () => step('before'));
  for (const key of [']', 'j']) onKey(key, () => step('after'));
  document.addEventListener('pointerover', offer);
  document.addEventListener('focusin', later(120, follow));
}

const isWide = () => matchMedia('(width >= 40rem)').matches;
const rowOf = (target) => target?.closest?.('table[data-rows] tbody tr') ?? document.querySelector('table[data-rows] tr.is-at');
const leadsToRecord = (at) => at?.matches('main a[href]') && /^\/[a-z][a-z0-9_]*\/\d+$/.test(at.pathname); // on a board, in what was found
const linkOf = (row) => row?.querySelector('.cell-title a');

function clicked(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (event.target.closest('[data-peek-close]')) return close();
  const mark = event.target.closest('.peek-open');
  const link = mark ? linkOf(rowOf(mark)) : event.target.closest('a[data-peek]');
  if (!link || !isWide()) return;
  event.preventDefault();
  event.stopPropagation();
  open(link);
}

function pressed(event) {
  if (event.key === 'Escape' && panel && !event.defaultPrevented && !document.querySelector('dialog[open], [popover]:popover-open')) close();
}

// The row that one stands on, or the link that has the focus.
function peek() {
  const at = document.activeElement;
  const link = at?.matches('a[data-peek]') || leadsToRecord(at) ? at : linkOf(rowOf(at));
  if (!link || !isWide() || at?.matches('button, summary, input')) return false;
  if (panel && shows === link.pathname) close(); else open(link);
  return true;
}

// On a record's page: to the one before and the next of the list that one came from.
function step(way) {
  if (document.querySelector('table[data-rows].table:not(.is-inset)')) return false;
  const link = document.querySelector(`a[data-${way}]`);
  link?.click();
  return link;
}

function offer({ target }) {
  const cell = target.closest?.('table[data-rows]:not(.is-inset) tbody tr')?.querySelector('.cell-title');
  if (!cell || cell.querySelector('.peek-open') || !isWide()) return;
  for (const old of document.querySelectorAll('.peek-open')) old.remove();
  cell.append(element('button', { type: 'button', class: 'peek-open', tabindex: '-1', 'aria-label': word('Look at it here'), title: word('Look at it here') }, icon('panel-right')));
}

// While the panel is open it shows the row that one has come to.
function follow({ target }) {
  const link = panel && target.matches?.('.cell-title a') ? target : null;
  if (link && link.pathname !== shows) open(link);
}

async function open(link) {
  opener = link;
  shows = link.pathname;
  panel ??= made();
  panel.body.setAttribute('aria-busy', 'true');
  const page = await piece(`${link.pathname}/peek`);
  if (!panel || shows !== link.pathname) return;
  const main = page?.querySelector('main');
  if (!main) return void (location.href = link.href);
  const heading = main.querySelector('h1');
  heading?.replaceWith(element('h2', {}, ...heading.childNodes));
  panel.frame.setAttribute('aria-label', main.querySelector('h2')?.textContent.trim() ?? '');
  for (const part of main.querySelectorAll('[data-part]')) part.removeAttribute('data-part');
  for (const one of main.querySelectorAll('[id]')) one.id = `peek-${one.id}`;
  for (const one of main.querySelectorAll('[popovertarget]')) one.setAttribute('popovertarget', `peek-${one.getAttribute('popovertarget')}`);
  for (const one of main.querySelectorAll('[aria-labelledby]')) one.setAttribute('aria-labelledby', `peek-${one.getAttribute('aria-labelledby')}`);
  panel.body.replaceChildren(...document.importNode(main, true).childNodes);
  panel.body.removeAttribute('aria-busy');
  panel.body.scrollTop = 0;
  panel.body.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
}

function made() {
  const body = element('div', { class: 'peek-body', tabindex: '0' });
  const shut = element('button', { type: 'button', class: 'button is-quiet is-icon push', 'data-peek-close': '', 'aria-label': word('Close') }, icon('x'));
  const frame = element('aside', { class: 'peek' }, element('div', { class: 'peek-bar' }, element('span', { class: 'faint' }, word('Beside the list')), shut), body);
  document.body.append(frame);
  return { frame, body };
}

function close() {
  panel?.frame.remove();
  panel = shows = null;
  opener?.focus?.({ preventScroll: true });
}
