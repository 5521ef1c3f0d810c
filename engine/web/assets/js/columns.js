// The heads of a list's table: dragged aside they make a column wider, dragged onto another they change places. Both are kept
// as one's own way of looking at this list, and in the address. "Columns" in the menu does the same without a pointer.
import { word } from './page.js';

const LEAST = 60;

export function watchColumns() {
  if (!matchMedia('(width >= 40rem) and (pointer: fine)').matches) return;
  for (const table of document.querySelectorAll('table[data-columns]')) {
    for (const head of table.querySelectorAll('thead th[data-column]')) ready(table, head);
  }
}

function ready(table, head) {
  const handle = document.createElement('span');
  handle.className = 'column-size';
  handle.title = word('Drag to make this column wider or narrower');
  head.append(handle);
  handle.addEventListener('pointerdown', (event) => size(table, head, handle, event));
  handle.addEventListener('click', (event) => event.stopPropagation());
  head.draggable = true;
  head.addEventListener('dragstart', (event) => { if (sizing) return event.preventDefault(); event.dataTransfer.setData('text/plain', head.dataset.column); event.dataTransfer.effectAllowed = 'move'; dragged = head; });
  head.addEventListener('dragover', (event) => { if (dragged && dragged !== head) { event.preventDefault(); head.classList.add('is-dropped-before'); } });
  head.addEventListener('dragleave', () => head.classList.remove('is-dropped-before'));
  head.addEventListener('dragend', () => { dragged = null; for (const one of table.querySelectorAll('.is-dropped-before')) one.classList.remove('is-dropped-before'); });
  head.addEventListener('drop', (event) => { event.preventDefault(); move(table, dragged, head); });
}

let dragged = null;
let sizing = false;

const heads = (table) => [...table.querySelectorAll('thead th[data-column]')];
const chosen = (table) => heads(table).map((one) => [one.dataset.column, table.classList.contains('is-sized') ? Math.round(one.getBoundingClientRect().width) : null]);

function size(table, head, handle, event) {
  event.preventDefault();
  sizing = true;
  fix(table);
  handle.setPointerCapture(event.pointerId);
  const col = colOf(table, head);
  const [from, start] = [event.clientX, head.getBoundingClientRect().width];
  const side = getComputedStyle(table).direction === 'rtl' ? -1 : 1;
  const pull = ({ clientX }) => { col.width = Math.max(Math.round(start + side * (clientX - from)), LEAST); };
  handle.addEventListener('pointermove', pull);
  handle.addEventListener('lostpointercapture', () => { sizing = false; handle.removeEventListener('pointermove', pull); keep(table, chosen(table)); }, { once: true });
}

// From now on every column has the width that it has now.
function fix(table) {
  if (table.classList.contains('is-sized')) return;
  const row = table.tHead.rows[0];
  const widths = [...row.cells].map((one) => Math.ceil(one.getBoundingClientRect().width));
  const group = document.createElement('colgroup');
  for (const width of widths) { const col = document.createElement('col'); col.width = width; group.append(col); }
  group.append(document.createElement('col'));
  const filler = document.createElement('th');
  filler.className = 'cell-filler';
  filler.setAttribute('aria-hidden', 'true');
  row.append(filler);
  table.querySelector('colgroup')?.remove();
  table.prepend(group);
  table.classList.add('is-sized');
}

const colOf = (table, head) => table.querySelectorAll('colgroup col')[head.cellIndex];

function move(table, from, onto) {
  if (!from || from === onto) return;
  const rows = chosen(table);
  const at = rows.findIndex(([name]) => name === from.dataset.column);
  const [one] = rows.splice(at, 1);
  rows.splice(rows.findIndex(([name]) => name === onto.dataset.column), 0, one);
  keep(table, rows).then(() => location.reload());
}

// Kept with the account, and put into the address so that it can be sent on and saved as a view.
async function keep(table, rows) {
  const address = new URL(location.href);
  address.searchParams.set('columns', rows.map(([name, width]) => (width ? `${name}:${width}` : name)).join(','));
  const view = new URL(table.dataset.columns, location.href).searchParams;
  for (const [name, value] of view) if (name !== 'columns' && !address.searchParams.has(name)) address.searchParams.append(name, value);
  const body = new URLSearchParams([['do', 'keep'], ...rows.flatMap(([name, width]) => [['column', name], [`width.${name}`, width ?? '']])]);
  const token = document.querySelector('#list-more input[name=_csrf], form input[name=_csrf]');
  if (token) body.append(token.name, token.value);
  history.replaceState(history.state, '', address);
  await fetch(new URL(table.dataset.columns, location.href).pathname, { method: 'post', body, keepalive: true }).catch(() => null);
}
