// A list's cells. A double click, or F2, puts the field's own control in the cell's place; Escape leaves it, Tab goes on.
// From a row's link the arrow keys walk the cells: as long as the focus is in one, the table is a grid.
import { stir } from './live.js';
import { element, word } from './page.js';
import { shown, toast } from './toasts.js';

const phone = matchMedia('(width < 40rem)');
const parser = new DOMParser();
const page = 10; // rows that PageDown goes
const closed = new Map(); // the id of a record -> whether its cells are closed to this reader
let missed = false; // what others did while one was in a cell is shown when one leaves it
let at; // the cell that has the focus, in a grid
let editor; // { box, form, path, column, first }: what is being changed; its row may be drawn anew meanwhile

export function watchCells() {
  if (!document.querySelector('.list table[data-rows]')) return;
  document.addEventListener('dblclick', (event) => {
    const cell = cellOf(event.target);
    if (cell && !phone.matches && !event.target.closest('a, input')) { event.preventDefault(); getSelection().removeAllRanges(); open(cell); }
  });
  document.addEventListener('keydown', (event) => { if (!phone.matches && !event.isComposing) pressed(event); }, true);
  // Also a window that loses the focus says so: it comes back to where it was.
  document.addEventListener('focusout', () => setTimeout(() => { if (at && !editor && document.hasFocus() && !inGrid(document.activeElement)) leave(); }));
  document.addEventListener('pointerdown', (event) => { if (editor && !editor.box.contains(event.target)) goOn(null); }, true);
  document.addEventListener('pointerover', (event) => mark(cellOf(event.target)));
  document.addEventListener('crm:live', (event) => {
    mark(null);
    if (!(editor || at) || !event.target.querySelector('table[data-rows]')) return;
    event.preventDefault();
    event.stopPropagation(); // the list would see to itself
    missed = true;
  }, true);
  addEventListener('scroll', place, true);
  addEventListener('resize', place);
}

// ---- which cell

const cellOf = (target) => target.closest?.('.list table[data-rows] tbody td:not(.cell-check, .cell-filler)');
const headOf = (cell) => cell.closest('table')?.tHead.rows[0].cells[cell.cellIndex];
const linkOf = (row) => row.querySelector('.cell-title a[href]');
const idOf = (row) => linkOf(row)?.pathname.split('/')[2];
const isOpen = (cell) => 'edit' in (headOf(cell)?.dataset ?? {}) && !closed.get(idOf(cell.parentElement));
const inGrid = (target) => target && at?.closest('table')?.contains(target);
const rowAt = (path) => [...document.querySelectorAll('.list table[data-rows] .cell-title a')].find((link) => link.pathname === path)?.closest('tr');
const cellAt = (path, column) => cellsOf(rowAt(path)).find((cell) => headOf(cell)?.dataset.column === column);
const rowsOf = (cell) => [...cell.closest('table').querySelectorAll('tbody tr')].filter(linkOf);
const cellsOf = (row) => [...(row?.cells ?? [])].filter((cell) => !cell.matches('.cell-check, .cell-filler'));

function mark(cell) {
  for (const one of document.querySelectorAll('td.is-open-cell')) if (one !== cell) one.classList.remove('is-open-cell');
  if (cell && !closed.has(idOf(cell.parentElement))) learn();
  if (cell && isOpen(cell)) cell.classList.add('is-open-cell');
}

// Whose cells are closed, asked once for a page of rows.
async function learn() {
  const table = document.querySelector('.list table[data-rows]');
  const rows = table?.querySelector('th[data-edit]') ? [...table.querySelectorAll('tbody tr')].filter((row) => linkOf(row) && !closed.has(idOf(row))).slice(0, 200) : [];
  if (!rows.length) return;
  for (const row of rows) closed.set(idOf(row), false);
  const asked = new URLSearchParams(rows.map((row) => ['id', idOf(row)]));
  const answer = await fetch(`/${linkOf(rows[0]).pathname.split('/')[1]}/cells?${asked}`).catch(() => null);
  if (answer?.ok && !answer.redirected) for (const id of (await answer.json()).fixed) closed.set(id, true);
}

// ---- walking

function pressed(event) {
  if (editor) return typed(event);
  const cell = at && document.activeElement === at ? at : null;
  if (cell) return walked(event, cell);
  const link = event.target.closest?.('.list table[data-rows] .cell-title a');
  if (link && ['F2', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].includes(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) {
    stopped(event);
    const here = link.closest('td');
    if (event.key === 'F2') open(here);
    else step(here, event) ?? enter(here);
  }
}

function walked(event, cell) {
  if (event.altKey || ((event.ctrlKey || event.metaKey) && !['Home', 'End'].includes(event.key))) return;
  const acts = {
    Enter: () => (cell.matches('.cell-title') && !isOpen(cell) ? linkOf(cell.parentElement).click() : open(cell)),
    F2: () => open(cell),
    ' ': () => cell.parentElement.querySelector('.cell-check .check')?.click(),
    Escape: () => { const link = linkOf(cell.parentElement); leave(); link?.focus(); },
  };
  const act = acts[event.key] ?? (isStep(event.key) ? () => step(cell, event) : null);
  if (act) { stopped(event); act(); }
}

const isStep = (key) => /^(Arrow(Up|Down|Left|Right)|Home|End|Page(Up|Down))$/.test(key);

function step(cell, event) {
  const rows = rowsOf(cell);
  const cells = cellsOf(cell.parentElement);
  const forward = getComputedStyle(cell).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  let [row, column] = [rows.indexOf(cell.parentElement), cells.indexOf(cell)];
  const far = event.ctrlKey || event.metaKey;
  if (event.key === 'ArrowUp') row -= 1;
  else if (event.key === 'ArrowDown') row += 1;
  else if (event.key === 'PageUp') row -= page;
  else if (event.key === 'PageDown') row += page;
  else if (event.key === 'Home') { column = 0; if (far) row = 0; }
  else if (event.key === 'End') { column = cells.length - 1; if (far) row = rows.length - 1; }
  else column += event.key === forward ? 1 : -1;
  return enter(cellsOf(rows[clamp(row, rows.length)])[clamp(column, cells.length)]);
}

const clamp = (number, count) => Math.min(Math.max(number, 0), count - 1);

function enter(cell) {
  if (!cell?.isConnected) return null;
  learn();
  const table = cell.closest('table');
  if (at && at !== cell) at.removeAttribute('tabindex');
  table.setAttribute('role', 'grid');
  at = cell;
  cell.tabIndex = 0;
  if (!isOpen(cell)) cell.setAttribute('aria-readonly', 'true');
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  for (const row of table.querySelectorAll('tr.is-at')) row.classList.remove('is-at');
  return cell;
}

function leave() {
  const table = at?.closest('table');
  at?.removeAttribute('tabindex');
  for (const cell of table?.querySelectorAll('[aria-readonly]') ?? []) cell.removeAttribute('aria-readonly');
  table?.removeAttribute('role');
  at = null;
  if (missed) { missed = false; stir(null); }
}

function stopped(event) {
  event.preventDefault();
  event.stopPropagation();
}

// ---- changing

async function open(cell) {
  const [row, column] = [cell.parentElement, headOf(cell)?.dataset.column];
  const link = linkOf(row);
  if (!column || !link || column.includes('.')) return;
  close();
  const answer = await fetch(`${link.pathname}/cell/${encodeURIComponent(column)}`, { headers: { accept: 'text/html' } }).catch(() => null);
  if (isBusy(answer)) return void toast(word('The server could not be reached. Nothing was changed.'));
  if (!answer.ok || answer.redirected) return void (location.href = `${link.pathname}/edit`);
  const found = parser.parseFromString(await answer.text(), 'text/html');
  const form = found.querySelector('form[data-cell-form]');
  const box = element('div', { class: form ? 'cell-editor' : 'cell-editor is-why', popover: 'manual' });
  editor = { box, column, path: link.pathname };
  document.body.append(box);
  put(form ?? found.querySelector('.cell-why'));
  box.showPopover();
  place();
  if (!form) { enter(cell); setTimeout(() => { if (editor?.box === box) close(); }, 5000); return; }
  focusFirst();
}

function put(content) {
  editor.box.replaceChildren(content);
  editor.form = content.matches('form') ? content : null;
  if (!editor.form) return;
  editor.form.addEventListener('submit', (event) => { event.preventDefault(); save(); });
  editor.form.querySelector('[data-cell-leave]').addEventListener('click', () => back());
  editor.box.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  editor.first ??= said();
}

const isBusy = (answer) => !answer || answer.status === 429 || answer.status >= 500;
const said = () => String(new URLSearchParams(new FormData(editor.form)));
const controls = () => [...editor.form.querySelectorAll('input:not([type=hidden]), select, textarea, button, [tabindex="0"]')]
  .filter((one) => !one.closest('.cell-actions') && one.checkVisibility() && !one.disabled);

function focusFirst() {
  const first = controls()[0];
  first?.focus();
  first?.select?.();
}

function typed(event) {
  if (!editor.box.contains(event.target)) { if (event.key === 'Escape') { stopped(event); back(); } else if (!editor.form) { close(); if (at?.isConnected) walked(event, at); } return; }
  const isListed = editor.form?.querySelector('[aria-expanded="true"]');
  if (event.key === 'Escape' && !isListed) { stopped(event); back(); }
  else if (event.key === 'Enter' && event.target.matches('select')) { stopped(event); save(); }
  else if (event.key === 'Tab' && event.target === (event.shiftKey ? controls()[0] : controls().at(-1))) { stopped(event); goOn(event.shiftKey ? -1 : 1); }
}

// On to the next cell that may be changed; what was typed is kept first. `by` null: only out of this one.
async function goOn(by) {
  const now = editor;
  if (!now.form) return close();
  if (said() !== now.first && !await save(false)) return;
  const row = rowAt(now.path);
  if (!row) return close();
  close();
  if (by === null) return;
  const all = [...row.closest('tbody').querySelectorAll('tr')].filter(linkOf).flatMap((one) => cellsOf(one).filter((cell) => isOpen(cell)));
  const here = cellAt(now.path, now.column);
  const next = all[all.indexOf(here) + by];
  if (next) { next.scrollIntoView({ block: 'nearest', inline: 'nearest' }); open(next); } else enter(here);
}

async function save(returns = true) {
  const { form, path, column } = editor;
  const data = new URLSearchParams(new FormData(form));
  data.set('_list', location.search);
  form.setAttribute('aria-busy', 'true');
  const answer = await fetch(form.action, { method: 'post', body: data }).catch(() => null);
  form.removeAttribute('aria-busy');
  if (isBusy(answer)) { // what was typed stays
    toast(word('The server could not be reached. Nothing was changed.'));
    return null;
  }
  if ([409, 422, 403].includes(answer.status)) {
    const again = parser.parseFromString(await answer.text(), 'text/html').querySelector('form[data-cell-form]');
    if (again) { editor.first = undefined; put(again); place(); (again.querySelector('[aria-invalid=true]') ?? controls()[0])?.focus(); }
    return null;
  }
  if (!answer.ok || answer.redirected) return void (location.href = `${path}/edit`);
  const told = await answer.json();
  const drawn = redraw(path, told.row);
  notice(told.toast);
  if (returns) { close(); enter(cellAt(path, column)); }
  return drawn;
}

// The row as the server draws it; whoever ticked it, it stays ticked.
function redraw(path, text) {
  const old = rowAt(path);
  const drawn = parser.parseFromString(`<table><tbody>${text}</tbody></table>`, 'text/html').querySelector('tr');
  const fresh = drawn && document.importNode(drawn, true);
  if (!old) return true;
  if (!fresh) { old.remove(); return true; }
  const [was, now] = [old, fresh].map((row) => row.querySelector('.cell-check .check'));
  if (was && now) now.checked = was.checked;
  fresh.className = old.className;
  old.replaceWith(fresh);
  fresh.classList.add('is-new');
  return true;
}

function notice(text) {
  const made = document.importNode(parser.parseFromString(text, 'text/html').querySelector('.toast'), true);
  document.querySelector('.toasts')?.replaceChildren(made);
  shown(made);
}

function back() {
  const cell = cellAt(editor.path, editor.column);
  close();
  enter(cell);
}

function close() {
  editor?.box.remove();
  editor = null;
}

function place() {
  if (!editor) return;
  const cell = cellAt(editor.path, editor.column);
  if (!cell) return;
  const [seen, box] = [cell.getBoundingClientRect(), editor.box];
  box.style.setProperty('--cell-width', `${Math.round(seen.width)}px`);
  box.style.left = `${Math.max(4, Math.min(seen.left, innerWidth - box.offsetWidth - 4))}px`;
  box.style.top = `${Math.max(4, Math.min(seen.top, innerHeight - box.offsetHeight - 4))}px`;
}
