// Where a card of a board can go, and the way there. What can be done is asked of /{entity}/{id}/move, whose page is the same
// menu without script; what is done goes to the same addresses as a form's.
import { openDialog } from './dialogs.js';
import { element, icon, word } from './page.js';
import { shown, toast } from './toasts.js';

const known = new WeakMap();

// {version, ways: [{to, label, place, asks, reasons, values}]}; null where they cannot be had.
export function waysOf(board, card) {
  if (!known.has(card)) known.set(card, ask(board, card));
  return known.get(card);
}

async function ask(board, card) {
  const link = card.querySelector('[data-ways]');
  const answer = await fetch(`${link.href}&by=${board.dataset.by}`, { headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    known.delete(card);
    return null;
  }
  const list = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.move-ways');
  return { version: list.dataset.version, list, ways: [...list.querySelectorAll('[data-to]')].map(way) };
}

function way(row) {
  const reasons = [...row.querySelectorAll('.way-why > li')].map((one) => one.textContent);
  const values = [...row.querySelectorAll('form input[type=hidden]')].map(({ name, value }) => [name, value]).filter(([name]) => !name.startsWith('_') && name !== 'back');
  return { row, to: row.dataset.to, label: row.querySelector('.way-label').textContent, place: row.dataset.place ?? null, asks: 'asks' in row.dataset, reasons, values };
}

// ---- the menu

export async function openWays(board, card) {
  const found = await waysOf(board, card);
  if (!found) return void toast(word('The server could not be reached. Nothing was changed.'));
  choose(board, card, found.ways, card.querySelector('.slip-title').textContent.trim());
}

// Asks which of several ways is meant; `at` is where it was dropped, else the card's own button.
export function choose(board, card, ways, title, at = null) {
  const pop = element('div', { popover: '', class: 'popover menu ways-pop', role: 'dialog', 'aria-label': title });
  const list = element('ul', { class: 'move-ways' }, ...ways.map((one) => line(board, card, one, pop)));
  pop.append(element('h3', {}, title), list);
  if (!ways.length) pop.append(element('p', { class: 'menu-label' }, word('There is no way out of where it stands.')));
  document.body.append(pop);
  pop.addEventListener('toggle', ({ newState }) => { if (newState === 'closed') { pop.remove(); if (!document.querySelector('dialog[open]')) card.querySelector('.slip-title a').focus({ preventScroll: true }); } });
  pop.showPopover();
  place(pop, at ?? card.querySelector('[data-ways]').getBoundingClientRect());
  pop.querySelector('button, a')?.focus();
}

function line(board, card, one, pop) {
  const made = one.row.cloneNode(true);
  const button = made.querySelector('.way');
  if (!one.place) return made;
  const press = element('button', { type: 'button', class: 'way' }, ...button.childNodes);
  (button.closest('form') ?? button).replaceWith(press);
  press.addEventListener('click', () => { pop.hidePopover(); take(board, card, one); });
  return made;
}

function place(pop, { left, right, top, bottom }) {
  if (matchMedia('(width < 40rem)').matches) return;
  const { width, height } = pop.getBoundingClientRect();
  const x = Math.min(Math.max(getComputedStyle(pop).direction === 'rtl' ? left : right - width, 8), innerWidth - width - 8);
  const y = bottom + 4 + height < innerHeight ? bottom + 4 : Math.max(top - height - 4, 8);
  Object.assign(pop.style, { left: `${x}px`, top: `${y}px`, margin: '0' });
}

// ---- the move

// The card goes to its new column at once, and back with the reason when it is refused.
export async function take(board, card, one, before = null) {
  const home = { list: card.parentElement, next: card.nextElementSibling };
  if (one.asks) return ask_first(board, card, one);
  put(board, card, one.to, before);
  card.classList.add('is-busy');
  const found = await waysOf(board, card);
  const answer = await send(board, card, one, found.version);
  card.classList.remove('is-busy');
  if (answer?.ok) return arrived(board, card, await answer.text());
  home.list.insertBefore(card, home.next);
  known.delete(card);
  if (answer && [409, 422].includes(answer.status) && !one.values.length && (await asksMore(answer.clone()))) return ask_first(board, card, one);
  shake(board, card, answer ? await reason(answer) : word('The server could not be reached. Nothing was changed.'));
}

async function ask_first(board, card, one) {
  const place = new URL(one.place, location.href);
  place.searchParams.set('back', again(board, card));
  const dialog = await openDialog(place.href, card.querySelector('[data-ways]'));
  dialog?.addEventListener('crm:done', async (event) => {
    event.preventDefault();
    const text = await event.detail.answer.text();
    dialog.close();
    arrived(board, card, text);
  });
}

function send(board, card, one, version) {
  const body = new URLSearchParams(new FormData(document.querySelector('[data-board-proof]')));
  body.set('_key', crypto.getRandomValues(new Uint32Array(4)).join(''));
  body.set('_version', version);
  body.set('back', again(board, card));
  for (const [name, value] of one.values) body.set(name, value);
  return fetch(one.place.split('?')[0], { method: 'post', body, headers: { accept: 'text/html' } }).catch(() => null);
}

function again(board, card) {
  const { again: place } = board.dataset;
  return `${place}${place.includes('?') ? '&' : '?'}_card=${card.dataset.card}`;
}

async function asksMore(answer) {
  return new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('form[data-dialog-form] .field');
}

async function reason(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const said = page.querySelector('.error-summary li, .empty p')?.textContent.trim();
  return said || page.querySelector('h1')?.textContent || word('That was refused.');
}

// What the server answers once it is done: the heads of all columns, the card as it is now, and the toast.
function arrived(board, card, text) {
  const piece = new DOMParser().parseFromString(text, 'text/html');
  for (const head of piece.querySelectorAll('[data-column]')) retell(board, head);
  const at = piece.querySelector('[data-at]')?.dataset.at;
  const fresh = piece.querySelector('.slip');
  if (fresh) {
    fresh.classList.add('is-moved');
    if (card.closest('.column')?.dataset.column === at) card.replaceWith(fresh);
    else { card.remove(); put(board, fresh, at); }
    fresh.querySelector('.slip-title a').focus({ preventScroll: true });
  } else card.remove();
  for (const one of piece.querySelectorAll('.toast')) { document.querySelector('.toasts').append(one); shown(one); }
}

function retell(board, head) {
  const column = columnOf(board, head.dataset.column);
  const count = head.querySelector('[data-count]')?.textContent;
  const name = column && document.querySelector(`[data-switch][href="#${column.id}"] .count`);
  if (name) name.textContent = count;
  column?.querySelector('[data-head]').replaceChildren(...head.childNodes);
}

export const columnOf = (board, value) => [...board.querySelectorAll('.column')].find((one) => one.dataset.column === value);

function put(board, card, to, before = null) {
  const list = columnOf(board, to)?.querySelector('[data-cards]');
  if (list) list.insertBefore(card, before?.parentElement === list ? before : list.firstChild);
}

export function shake(board, card, why) {
  card.classList.add('is-back');
  card.addEventListener('animationend', () => card.classList.remove('is-back'), { once: true });
  toast(why);
}
