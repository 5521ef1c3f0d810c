// Charts are drawn by the server and whole without this: a tip in place of the browser's own, a legend that hides a series,
// and a page of reports that is narrowed as soon as something is chosen.
import { element } from './page.js';

const LANES = 2; // charts that are asked for at once
let tip;

export function watchCharts() {
  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-narrow]');
    if (form && event.target.matches('select')) form.requestSubmit();
  });
  const waiting = [...document.querySelectorAll('[data-later]')];
  if (!waiting.length && !document.querySelector('[data-chart]')) return;
  document.addEventListener('pointermove', (event) => point(event.target.closest?.('.drawing g[data-series]'), event.clientX, event.clientY));
  document.addEventListener('focusin', (event) => {
    const box = event.target.closest?.('.drawing a')?.getBoundingClientRect();
    point(event.target.querySelector?.('g[data-series]'), box?.x, box?.y);
  });
  for (const legend of document.querySelectorAll('.legend')) enable(legend);
  for (let lane = 0; lane < LANES; lane += 1) bringAll(waiting);
}

// What the page did not wait for, in order.
async function bringAll(waiting) {
  for (let place = waiting.shift(); place; place = waiting.shift()) await bring(place);
}

async function bring(place) {
  const answer = await fetch(place.dataset.later).catch(() => undefined);
  const figure = answer?.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('figure');
  if (!figure) {
    for (const bar of place.querySelectorAll('.skeleton')) bar.remove();
    place.querySelector('.notice').hidden = false;
    return;
  }
  place.closest('figure').replaceWith(figure);
  for (const legend of figure.querySelectorAll('.legend')) enable(legend);
}

function point(mark, x, y) {
  const told = mark && (mark.dataset.told ?? take(mark));
  if (!told || mark.closest('svg') === null) { tip?.remove(); tip = undefined; return; }
  tip ??= document.body.appendChild(element('div', { class: 'chart-tip', 'aria-hidden': 'true' }));
  tip.textContent = told;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.setProperty('left', `${Math.max(8, Math.min(x + 12, innerWidth - width - 8))}px`);
  tip.style.setProperty('top', `${Math.max(8, y - height - 12)}px`);
}

// The browser's own tip comes late; its words are kept for those who are read to, as the link's name.
function take(mark) {
  const title = mark.querySelector('title');
  if (!title) return undefined;
  mark.dataset.told = title.textContent;
  title.remove();
  return mark.dataset.told;
}

function enable(legend) {
  const body = legend.closest('[data-chart]');
  for (const item of legend.querySelectorAll('[data-series]')) {
    const button = element('button', { type: 'button', 'aria-pressed': 'true' });
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') === 'false';
      for (const same of body.querySelectorAll(`.legend [data-series="${item.dataset.series}"] button`)) same.setAttribute('aria-pressed', on);
      for (const mark of body.querySelectorAll(`.drawing g[data-series="${item.dataset.series}"]`)) (mark.closest('a') ?? mark).classList.toggle('is-off', !on);
    });
  }
}
