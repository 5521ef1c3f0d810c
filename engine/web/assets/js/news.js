// What one is told shows as a toast and at the bell without a reload. A tab listens only while it is seen: a browser
// opens few connections to one site. Which notice was the last is kept for the session, so that no toast comes twice.
import { word } from './page.js';
import { toast } from './toasts.js';

const kept = 'crm:last-notice';
let line = null;

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
  const last = sessionStorage.getItem(kept);
  line = new EventSource(`/notices/news${last ? `?after=${last}` : ''}`);
  line.onmessage = (event) => told(JSON.parse(event.data));
}

function hangUp() {
  line?.close();
  line = null;
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
