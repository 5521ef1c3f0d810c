// Toasts are drawn by the server in .toasts. With script they can be closed and leave by themselves after ten seconds, or
// when the time to take something back is over, but never while the pointer or the focus is on one.
import { element, icon, word } from './page.js';

const usual = 10; // seconds

export function watchToasts() {
  for (const one of document.querySelectorAll('.toast')) live(one);
}

export const shown = live;

export function toast(text, href = null) {
  const one = element('div', { class: 'toast' }, href ? element('a', { href }, text) : element('span', {}, text));
  document.querySelector('.toasts')?.append(one);
  live(one);
}

function live(one) {
  const close = element('button', { type: 'button', class: 'button is-quiet is-icon', 'aria-label': word('Close') }, icon('x'));
  close.addEventListener('click', () => one.remove());
  one.append(close);
  if ('stays' in one.dataset) return;
  const stay = 1000 * (Number(one.dataset.stay) || usual);
  let timer = setTimeout(() => one.remove(), stay);
  for (const name of ['pointerenter', 'focusin']) one.addEventListener(name, () => clearTimeout(timer));
  for (const name of ['pointerleave', 'focusout']) one.addEventListener(name, () => { clearTimeout(timer); timer = setTimeout(() => one.remove(), stay); });
}
