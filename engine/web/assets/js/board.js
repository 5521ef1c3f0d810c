// [data-board]: columns that remember whether they are closed, more cards when their end comes near, keys, a telephone's
// names of columns; cards that are dragged (carry.js) and moved by a menu (ways.js).
import { carry } from './carry.js';
import { openWays } from './ways.js';

export function watchBoard(board) {
  carry(board);
  board.addEventListener('click', (event) => {
    const link = event.target.closest('[data-ways]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openWays(board, link.closest('.slip'));
  });
  board.addEventListener('keydown', (event) => answerKey(board, event));
  board.addEventListener('toggle', () => remember(board), true);
  board.addEventListener('click', ({ target }) => { const more = target.closest('[data-more] button'); if (more) load(more.closest('[data-more]')); });
  board.addEventListener('crm:live', (event) => { event.preventDefault(); renew(board); });
  watchEnds(board);
  watchSwitch(board);
}

// What others changed: the heads, and the cards of each column's beginning; what was fetched further down stays.
async function renew(board) {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok || answer.redirected || board.matches('.is-dragging')) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const twin of page.querySelectorAll('.board > .column')) {
    const column = document.getElementById(twin.id);
    if (!column?.open) continue;
    column.querySelector('[data-head]').replaceChildren(...twin.querySelector('[data-head]').childNodes);
    lay(column.querySelector('[data-cards]'), [...twin.querySelectorAll('.slip')], Boolean(twin.querySelector('[data-more]')));
  }
}

function lay(list, fresh, goesOn) {
  const old = [...list.children];
  const byId = new Map(old.map((card) => [card.dataset.card, card]));
  const ids = new Set(fresh.map((card) => card.dataset.card));
  for (const further of list.parentElement.querySelectorAll('.slips:not([data-cards])')) {
    if (!goesOn) further.remove();
    for (const card of [...further.children]) if (ids.has(card.dataset.card)) card.remove();
  }
  const kept = fresh.map((card) => {
    const known = byId.get(card.dataset.card);
    if (known?.dataset.version === card.dataset.version) return known;
    card.classList.add('is-moved');
    return card;
  });
  if (kept.length === old.length && kept.every((card, n) => card === old[n])) return;
  list.replaceChildren(...kept);
}

// ---- columns

function remember(board) {
  const closed = [...board.querySelectorAll('.column:not([open])')].map((column) => column.dataset.column);
  document.cookie = `board_${board.dataset.board}=${encodeURIComponent(closed.join('\n'))}; path=/; max-age=31536000; samesite=lax`;
}

const near = new IntersectionObserver((seen) => { for (const one of seen) if (one.isIntersecting) load(one.target); }, { rootMargin: '600px 0px' });

function watchEnds(root) {
  for (const end of root.querySelectorAll('[data-more]')) near.observe(end);
}

async function load(end) {
  if (end.hasAttribute('aria-busy')) return;
  end.setAttribute('aria-busy', 'true');
  const answer = await fetch(end.dataset.more, { headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return end.removeAttribute('aria-busy');
  const piece = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const there = held(end.closest('.column'));
  const more = piece.querySelector('.slips');
  for (const card of [...more.children]) if (there.has(card.dataset.card)) card.remove(); else there.add(card.dataset.card);
  const further = piece.querySelector('[data-more]');
  near.unobserve(end);
  end.before(more); // a list of its own: what is out of sight is neither laid out nor painted
  if (further) { end.replaceWith(further); near.observe(further); } else end.remove();
}

// The ids that a column has had: a card that was moved meanwhile may come a second time.
const had = new WeakMap();
function held(column) {
  if (!had.has(column)) had.set(column, new Set([...column.querySelectorAll('.slip')].map((card) => card.dataset.card)));
  return had.get(column);
}

// ---- keys: arrows walk the cards, m opens the menu of moves

function answerKey(board, event) {
  const card = event.target.closest?.('.slip');
  if (!card || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('[popover], dialog')) return;
  const to = { ArrowDown: () => beside(card, 1), ArrowUp: () => beside(card, -1), ArrowLeft: () => across(board, card, -1), ArrowRight: () => across(board, card, 1) }[event.key];
  if (to) {
    event.preventDefault();
    to()?.querySelector('.slip-title a').focus();
  } else if (event.key === 'm' && localStorage.getItem('keys') !== 'off') {
    event.preventDefault();
    openWays(board, card);
  } else return;
  event.stopPropagation();
}

function beside(card, by) {
  const next = by > 0 ? 'nextElementSibling' : 'previousElementSibling';
  const list = card.parentElement[next];
  return card[next] ?? (list?.matches('.slips') ? list[by > 0 ? 'firstElementChild' : 'lastElementChild'] : null);
}

function across(board, card, by) {
  const columns = [...board.querySelectorAll('.column[open]')].filter((column) => column.querySelector('.slip'));
  const way = getComputedStyle(board).direction === 'rtl' ? -by : by;
  const next = columns[columns.indexOf(card.closest('.column')) + way];
  const top = card.getBoundingClientRect().top;
  return [...(next?.querySelectorAll('.slip') ?? [])].reduce((best, one) => (!best || Math.abs(one.getBoundingClientRect().top - top) < Math.abs(best.getBoundingClientRect().top - top) ? one : best), null);
}

// ---- a telephone shows one column: the names on top lead to it, and tell which one a swipe has reached

function watchSwitch(board) {
  const names = [...document.querySelectorAll('[data-switch]')];
  if (!names.length) return;
  for (const name of names) name.addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector(name.hash)?.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth', inline: 'start', block: 'nearest' });
  });
  const shown = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) tell(names, one.target);
  }, { root: board, threshold: 0.6 });
  if (matchMedia('(width < 40rem)').matches) for (const column of board.querySelectorAll('.column')) { column.open = true; shown.observe(column); }
}

function tell(names, column) {
  for (const name of names) {
    const here = name.hash === `#${column.id}`;
    if (here) name.setAttribute('aria-current', 'true'); else name.removeAttribute('aria-current');
    if (here) name.parentElement.scrollTo({ left: name.offsetLeft - (name.parentElement.clientWidth - name.offsetWidth) / 2, behavior: 'smooth' });
  }
}
