// [data-drafts]: what this browser keeps of forms that were not sent, with the way back to each. [data-retry] asks for the page
// again, and so does the network's return.
import { drafts } from './drafts.js';
import { element } from './page.js';

export function tellKept(box) {
  const kept = drafts();
  box.hidden = !kept.length;
  box.querySelector('ul').replaceChildren(...kept.map(line));
  for (const again of document.querySelectorAll('[data-retry]')) again.addEventListener('click', (event) => { event.preventDefault(); location.reload(); });
  addEventListener('online', () => location.reload());
}

function line({ place, title, at }) {
  const when = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
  return element('li', {}, element('a', { href: place }, title || place), ' ', element('time', { class: 'faint' }, when));
}
