// [data-live="lead call"]: a part of the page that shows records of these entities. When something of them changed, the page
// asks for its own address again and puts the part in its place: the focus, the ticks and the place one has scrolled to stay,
// and what is new glows once. A part that knows better prevents crm:live and sees to itself.
import { piece, put } from './parts.js';

const pause = 700; // ms in which several changes are one
const least = 5000; // ms between two askings
let waits = null;
let names = new Set();
let asked = 0;

// `null`: anything may have changed.
export function stir(changed) {
  const parts = liveParts(changed);
  if (!parts.length) return;
  for (const name of changed ?? ['*']) names.add(name);
  waits ??= setTimeout(again, Math.max(pause, asked + least - Date.now()));
}

const liveParts = (changed) => [...document.querySelectorAll('[data-live]')]
  .filter((part) => !changed || part.dataset.live.split(' ').some((name) => changed.includes(name)));

async function again() {
  const changed = names.has('*') ? null : [...names];
  waits = null;
  if (document.querySelector('dialog[open]') || isDragging()) return void later(changed);
  names = new Set();
  asked = Date.now();
  const parts = liveParts(changed).filter((part) => part.dispatchEvent(new CustomEvent('crm:live', { bubbles: true, cancelable: true, detail: { changed } })));
  if (!parts.length) return;
  const page = await piece();
  if (!page) return;
  put(page, true);
  for (const part of parts) if (part.isConnected && !part.hasAttribute('data-part')) renew(part, page);
  for (const count of document.querySelectorAll('h1 .count')) count.textContent = page.querySelector('h1 .count')?.textContent ?? count.textContent;
}

// Somebody is in the middle of something: the page stays as it is until they are done.
function later(changed) {
  waits = setTimeout(() => { waits = null; stir(changed); }, least);
}

const isDragging = () => document.querySelector('.is-dragging, [data-dragging]');

function renew(part, page) {
  const twin = part.id ? page.getElementById(part.id) : page.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
  const rows = part.querySelector('table[data-rows] tbody');
  const freshRows = twin?.querySelector('table[data-rows] tbody');
  if (rows && freshRows) return renewRows(rows, freshRows);
  if (twin && twin.outerHTML !== part.outerHTML && !part.contains(document.activeElement)) {
    part.replaceWith(document.importNode(twin, true));
  }
}

const keyOf = (row) => row.dataset.key ?? row.querySelector('.cell-title a')?.getAttribute('href')?.split('?')[0];

// Rows that stay as they are stay the same nodes. Those that were loaded beyond the first page are left where they are.
export function renewRows(body, freshBody) {
  const old = new Map([...body.rows].map((row) => [keyOf(row), row]));
  const beyond = [...body.rows].slice(freshBody.rows.length).filter((row) => body.rows.length > freshBody.rows.length + 5);
  const firstTime = ![...old.keys()].some(Boolean);
  const next = [...freshBody.rows].map((row) => drawn(old.get(keyOf(row)), row, firstTime));
  const kept = new Set(next);
  const keys = new Set(next.map(keyOf));
  for (const row of [...body.rows]) if (!kept.has(row) && !(beyond.includes(row) && !keys.has(keyOf(row)))) row.remove();
  for (const [place, row] of next.entries()) if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
}

function drawn(was, now, firstTime) {
  const made = document.importNode(now, true);
  if (!was) {
    if (!firstTime) made.classList.add('is-new');
    return made;
  }
  if (was.contains(document.activeElement) && document.activeElement.matches('input:not(.check), select, textarea')) return was;
  if (plain(was) === made.outerHTML) return was;
  const box = made.querySelector('.check');
  if (box) box.checked = Boolean(was.querySelector('.check')?.checked);
  if (was.classList.contains('is-at')) made.classList.add('is-at');
  made.classList.add('is-new');
  if (was.contains(document.activeElement)) queueMicrotask(() => made.querySelector('.cell-title a')?.focus({ preventScroll: true }));
  return made;
}

// As the server drew it: without the marks that scripts leave.
function plain(row) {
  const copy = row.cloneNode(true);
  copy.classList.remove('is-at', 'is-new');
  if (!copy.classList.length) copy.removeAttribute('class');
  for (const time of copy.querySelectorAll('time[data-ago]')) { time.textContent = time.title || time.textContent; time.removeAttribute('title'); }
  return copy.outerHTML;
}
