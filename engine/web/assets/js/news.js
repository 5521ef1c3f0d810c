// What one is told shows as a toast and at the bell without a reload, and what others do shows where it stands. A tab listens
// only while it is seen: a browser opens few connections to one site. Which notice was the last is kept for the session, so
// that no toast comes twice.
import { stir } from './live.js';
import { word } from './page.js';
import { piece } from './parts.js';
import { toast } from './toasts.js';

const kept = 'crm:last-notice';
let line = null;
const longest = 15000; // ms of which the server still knows what changed
let drawn = performance.timeOrigin + (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0); // ms; it shows what was then
let broke = false; // the line did, since it was opened

export function watchNews() {
  if (!document.querySelector('.bell') || !window.EventSource) return;
  document.addEventListener('visibilitychange', turn);
  window.addEventListener('pagehide', hangUp);
  window.addEventListener('pageshow', turn);
  turn();
}

function turn() {
  if (document.visibilityState === 'visible') listen(); else hangUp();
}

function listen() {
  if (line) return;
  const asked = new URLSearchParams(here());
  asked.set('age', Math.round(Math.max(0, Date.now() - drawn)));
  const last = sessionStorage.getItem(kept);
  if (last) asked.set('after', last);
  line = new EventSource(`/notices/news?${asked}`);
  line.onmessage = (event) => told(JSON.parse(event.data));
  line.addEventListener('changed', (event) => stir(event.data.split(' ')));
  line.addEventListener('presence', whoIsHere);
  line.addEventListener('end', () => { hangUp(); listen(); }); // the server asks now and then who it is
  line.onerror = () => { broke = true; };
  line.onopen = back;
}

// What happened while this tab did not listen is on the page when it is asked for again.
function back() {
  if (broke || Date.now() - drawn > longest) stir(null);
  broke = false;
}

function hangUp() {
  if (line && !broke) drawn = Date.now();
  line?.close();
  line = null;
}

// The record at which this page is, and whether it is edited here.
function here() {
  const [, entity, id, tail] = location.pathname.match(/^\/([a-z][a-z0-9_]*)\/(\d+)(\/edit)?$/) ?? [];
  return entity ? { at: `${entity}/${id}`, ...(tail ? { edits: '1' } : {}) } : {};
}

async function whoIsHere() {
  const { at } = here();
  const page = at && await piece(`/${at}/presence`);
  const fresh = page?.getElementById('presence');
  if (!fresh) return;
  const old = document.getElementById('presence');
  if (old) old.replaceWith(document.importNode(fresh, true));
  else document.querySelector('.page-head')?.append(document.importNode(fresh, true));
}

function told(news) {
  sessionStorage.setItem(kept, news.last);
  ring(news.unread);
  for (const one of news.items) toast(one.text, one.href);
}

function ring(unread) {
  const bell = document.querySelector('.bell');
  const text = unread >= 100 ? '99+' : String(unread);
  let count = bell.querySelector('.bell-count');
  if (!unread) { count?.remove(); bell.setAttribute('aria-label', bell.dataset.name); return; }
  if (!count) {
    count = document.createElement('span');
    count.className = 'bell-count';
    count.setAttribute('aria-hidden', 'true');
    bell.append(count);
  }
  count.textContent = text;
  bell.setAttribute('aria-label', word('Notices, {count} unread', { count: text }));
}
