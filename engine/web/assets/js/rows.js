// A table with data-rows: j and k walk it, Enter and a click anywhere on the row open it, shift ticks a run of rows.
import { words } from './page.js';

let lastTicked;
let waiting; // a click that may become a double click
const twice = 250; // milliseconds

export function watchRows() {
  document.addEventListener('click', openClicked);
  document.addEventListener('click', tickRun);
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-tick-all]')) tickAll(event.target);
    if (event.target.matches('.check')) count(event.target.closest('.list'));
  });
}

export function moveRow(by) {
  const rows = [...document.querySelectorAll('table[data-rows] tbody:not([hidden]) tr:not([aria-hidden])')];
  if (!rows.length) return false;
  moveTo(rows[Math.min(Math.max(rows.indexOf(at()) + by, 0), rows.length - 1)]);
  return true;
}

export function moveTo(row) {
  at()?.classList.remove('is-at');
  row.classList.add('is-at');
  row.querySelector('.cell-title a, .group-toggle, .group-more')?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

export function openRow() {
  if (document.activeElement?.closest('a, button')) return false;
  const link = at()?.querySelector('.cell-title a');
  link?.click();
  return link;
}

export function tickRow() {
  const box = at()?.querySelector('.cell-check .check');
  box?.click();
  return box;
}

const at = () => document.querySelector('table[data-rows] tr.is-at');

function openClicked(event) {
  clearTimeout(waiting); // a double click has selected a word by now
  const row = event.target.closest('table[data-rows] tbody tr');
  if (!row || event.target.closest('a, button, input, label, .cell-check') || String(getSelection())) return;
  const link = row.querySelector('.cell-title a');
  if (!link || event.detail > 1) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else if (isChanged(event.target)) waiting = setTimeout(() => link.click(), twice);
  else link.click();
}

// A double click changes such a cell, see cells.js.
const isChanged = (target) => 'edit' in (target.closest('table').tHead?.rows[0].cells[target.closest('td')?.cellIndex]?.dataset ?? {});

function tickRun(event) {
  const box = event.target.closest('tbody .cell-check .check');
  if (!box) return;
  const boxes = [...box.closest('table').querySelectorAll('tbody .cell-check .check')];
  const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const one of boxes.slice(from, to)) one.checked = box.checked;
  lastTicked = box;
}

function tickAll(head) {
  for (const box of head.closest('table').querySelectorAll('tbody .cell-check .check')) box.checked = head.checked;
}

function count(list) {
  if (!list) return;
  const boxes = [...list.querySelectorAll('tbody .cell-check .check')];
  const ticked = boxes.filter((box) => box.checked).length;
  const said = list.querySelector('.bulk-count');
  if (said) said.textContent = words('{n} ticked', '{n} ticked', ticked);
  const head = list.querySelector('[data-tick-all]');
  if (head) { head.checked = ticked === boxes.length && ticked > 0; head.indeterminate = ticked > 0 && ticked < boxes.length; }
}
