// Long lists: the next page is added beneath when its end comes near, and pages far away are kept aside and leave their
// height behind, so that a list of any length stays light. The address follows the page that is on top, as a reload or
// coming back begins there. Without script there are the buttons for the page before and the next.
import { renewRows } from './live.js';
import { word } from './page.js';
import { piece } from './parts.js';

const NEAR = 900; // pixels before the end at which the next page is asked for
const KEPT = 4; // pages on either side of the window that stay in the document

export function watchLists() {
  for (const table of document.querySelectorAll('.page.is-list table[data-rows]:not(.is-grouped)')) if (table.querySelector('tbody[data-page]')) new Long(table);
  document.addEventListener('toggle', ({ target, newState }) => { if (newState === 'open' && target.dataset?.counts) count(target); }, true);
}

class Long {
  constructor(table) {
    this.table = table;
    this.scroller = table.closest('.table-scroll');
    this.next = document.querySelector('.pages a[rel=next]');
    this.first = table.querySelector('tbody[data-page]');
    this.first.dataset.place = location.pathname + location.search;
    this.total = this.first.rows.length;
    this.scroller.addEventListener('crm:live', (event) => { event.preventDefault(); this.renew(); });
    if (!this.next) return;
    this.isBusy = false;
    const look = () => this.look();
    for (const one of [this.scroller, document]) one.addEventListener('scroll', look, { passive: true, capture: one === document });
    this.look();
  }

  // The window scrolls on a telephone, the table's own frame elsewhere.
  box() {
    return getComputedStyle(this.scroller).overflowY === 'visible' ? { top: 0, bottom: innerHeight } : this.scroller.getBoundingClientRect();
  }

  look() {
    if (!this.table.isConnected) return;
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      const { top, bottom } = this.box();
      if (this.next && this.table.getBoundingClientRect().bottom < bottom + NEAR) this.add();
      this.window(top, bottom);
    });
  }

  async add() {
    if (this.isBusy || !this.next) return;
    this.isBusy = true;
    const place = this.next.getAttribute('href');
    const page = await piece(place);
    const rows = page?.querySelector('tbody[data-page]');
    this.isBusy = false;
    if (!rows || !this.table.isConnected) return void (this.next = null);
    const made = document.importNode(rows, true);
    made.dataset.place = place;
    this.table.append(made);
    this.total += made.rows.length;
    this.follow(page.querySelector('.pages a[rel=next]'), page);
    made.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
    this.look();
  }

  // The button leads on from what is shown now; the number tells how many that are.
  follow(next, page) {
    const told = document.querySelector('.pages > span:first-child');
    const before = told?.textContent.replace(/^\D*[\d.,٬]+/u, '');
    if (told) told.textContent = `${this.total.toLocaleString(document.documentElement.lang)}${before}`;
    const here = document.querySelector('.pages a[rel=next]');
    if (next) here?.setAttribute('href', next.getAttribute('href'));
    else { here?.removeAttribute('href'); here?.setAttribute('aria-disabled', 'true'); }
    this.next = next ? here : null;
    for (const count of document.querySelectorAll('h1 .count')) count.textContent = page.querySelector('h1 .count')?.textContent ?? count.textContent;
  }

  // A page with a ticked row, or in which somebody works, stays.
  window(top, bottom) {
    const pages = [...this.table.tBodies].filter((one) => one.dataset.place);
    const boxes = pages.map((one) => one.getBoundingClientRect());
    const shown = boxes.map((box, n) => (box.bottom > top && box.top < bottom ? n : -1)).filter((n) => n >= 0);
    if (!shown.length) return;
    this.remember(pages[shown[0]]);
    for (const n of shown) if (pages[n].isStale && !pages[n].kept) this.renewPage(pages[n]);
    if (pages.length <= 2 * KEPT + 1) return;
    for (const [n, page] of pages.entries()) {
      const isFar = n < shown[0] - KEPT || n > shown.at(-1) + KEPT;
      if (isFar && !page.kept && !page.querySelector('.check:checked') && !page.contains(document.activeElement)) this.setAside(page, boxes[n].height);
      else if (!isFar && page.kept) this.bringBack(page);
    }
  }

  // Others changed something: each page that is in sight asks for its own rows again, the others when they come into it.
  renew() {
    for (const page of this.table.tBodies) page.isStale = Boolean(page.dataset.place);
    const { top, bottom } = this.box();
    this.window(top, bottom);
  }

  async renewPage(page) {
    page.isStale = false;
    const fresh = await piece(page.dataset.place);
    const rows = fresh?.querySelector('tbody[data-page]');
    if (rows && page.isConnected && !page.kept) renewRows(page, rows);
    for (const count of fresh ? document.querySelectorAll('h1 .count') : []) count.textContent = fresh.querySelector('h1 .count')?.textContent ?? count.textContent;
  }

  setAside(page, height) {
    page.kept = [...page.childNodes];
    const row = document.createElement('tr');
    const cell = document.createElement('td');
    row.setAttribute('aria-hidden', 'true');
    cell.colSpan = 100;
    cell.style.blockSize = `${height}px`;
    cell.style.padding = '0';
    row.append(cell);
    page.replaceChildren(row);
  }

  bringBack(page) {
    page.replaceChildren(...page.kept);
    page.kept = null;
  }

  remember(page) {
    const place = page.dataset.place;
    if (location.pathname + location.search !== place) history.replaceState(history.state, '', place);
  }
}

// ---- how many records each choice of a filter would leave

async function count(popover) {
  const place = popover.dataset.counts;
  popover.removeAttribute('data-counts');
  const answer = await fetch(place, { headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer?.ok) return;
  const { counts, whole } = await answer.json();
  for (const box of popover.querySelectorAll('input[type=checkbox], input[type=radio]')) {
    const label = box.closest('label');
    if (!label || box.name.endsWith('.empty')) continue;
    const told = counts[plain(box.value)] ?? (whole ? '0' : '');
    if (told) label.append(badge(told));
  }
  for (const option of popover.querySelectorAll('select:not([hidden]) option')) {
    const told = option.value && (counts[option.value] ?? (whole ? '0' : ''));
    if (told) option.textContent = `${option.textContent} (${told})`;
  }
}

// A choice with a comma in it stands in quotes.
const plain = (value) => (value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);

function badge(text) {
  const made = document.createElement('span');
  made.className = 'option-count';
  made.textContent = text;
  made.title = word('Records with this choice');
  return made;
}
