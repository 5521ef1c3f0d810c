// Many records at once. form[data-bulk-bar]: its deeds open in a dialog; [data-bulk-going]: how far it is, told as it goes.
import { element } from './page.js';

const every = 1000; // milliseconds

export function watchBulk() {
  const bar = document.querySelector('form[data-bulk-bar]');
  if (bar) watchBar(bar);
  if (document.querySelector('[data-bulk-going]')) setTimeout(look, every);
}

function watchBar(bar) {
  const list = bar.closest('.list');
  bar.addEventListener('submit', (event) => {
    const deed = event.submitter?.value ?? '';
    if (deed === 'merge' || deed === 'export') return;
    event.preventDefault();
    opened(bar, event.submitter);
  });
  bar.querySelector('[data-untick]').addEventListener('click', () => {
    for (const box of list.querySelectorAll('.cell-check .check:checked, .bulk [name=all]:checked')) box.click();
  });
  list.addEventListener('change', () => settle(bar, list));
  settle(bar, list);
}

// The dialog is that of a link: a deed is an address like any other.
function opened(bar, submitter) {
  submitter.closest('[popover]')?.hidePopover();
  const asked = new URLSearchParams(new FormData(bar, submitter));
  const link = element('a', { href: `${bar.action}?${asked}`, 'data-dialog': '', hidden: '' }, submitter.textContent.trim());
  link.addEventListener('focus', () => submitter.focus());
  link.focus = () => { submitter.focus(); link.remove(); };
  bar.append(link);
  link.click();
}

function settle(bar, list) {
  const ticked = list.querySelectorAll('tbody .cell-check .check:checked').length;
  const all = bar.querySelector('[name=all]').checked;
  for (const button of bar.querySelectorAll('[data-needs]')) button.disabled = all || ticked !== Number(button.dataset.needs);
}

async function look() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null);
  const page = answer?.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [now, then] = [page && page.querySelector('.bulk-page'), document.querySelector('.bulk-page')];
  if (now) shown(then, now);
  if (!now || 'bulkGoing' in now.dataset) setTimeout(look, now ? every : 5 * every);
}

// What is read out changes only when its words do; what has the focus stays until the end.
function shown(then, now) {
  const ended = !('bulkGoing' in now.dataset);
  for (const part of ['b', '.muted']) text(then.querySelector(`.bulk-state > .row ${part}`), now.querySelector(`.bulk-state > .row ${part}`));
  then.querySelector('.bulk-state progress').value = now.querySelector('.bulk-state progress').value;
  if (ended) {
    then.removeAttribute('data-bulk-going');
    then.querySelector('.bulk-state').replaceChildren(...now.querySelector('.bulk-state').childNodes);
  }
  for (const rest of [...then.children].slice(1)) if (ended || !rest.contains(document.activeElement)) rest.remove();
  for (const rest of [...now.children].slice(1)) if (ended || !same(then, rest)) then.append(rest);
}

const same = (then, part) => [...then.children].some((one) => one.className === part.className);

function text(then, now) {
  if (then && now && then.textContent !== now.textContent) then.textContent = now.textContent;
}
