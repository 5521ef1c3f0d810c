// What one is told shows as a toast and at the bell without a reload, and what others do shows where it stands. A tab listens
// only while it is seen: a browser opens few connections to one site. Which notice was the last is kept for the session, so
// that no toast comes twice.
import { stir } from './live.js';
import { word } from './page.js';
import { piece } from './parts.js';
import { toast } from './toasts.js';

const kept = 'crm:last-notice';
let line = null;
let left = 0; // when this tab stopped listening, ms; 0: it never listened

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
  const last = sessionStorage.getItem(kept);
  if (last) asked.set('after', last);
  line = new EventSource(`/notices/news?${asked}`);
  line.onmessage = (event) => told(JSON.parse(event.data));
  line.addEventListener('changed', (event) => stir(event.data.split(' ')));
  line.addEventListener('presence', whoIsHere);
  line.onerror = () => { left ||= Date.now(); };
  line.onopen = back;
}

// What happened while this tab did not listen is on the page when it is asked for again.
function back() {
  if (left && Date.now() - left > 3000) stir(null);
  left = 0;
}

function hangUp() {
  if (line) left = Date.now();
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
