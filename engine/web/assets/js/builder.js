// a[data-builder-open]: conditions and columns are put together in a dialog over the list. Each button of form[data-builder]
// asks the server, which knows all fields and questions, for the form as it is then; the last one leads to the list.
import { icon, element, word } from './page.js';
import { watchSorting } from './sorting.js';

const parser = new DOMParser();
let dialog = null;

export function watchBuilder() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-builder-open]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    link.closest('[popover]')?.hidePopover();
    open(link);
  });
  document.addEventListener('change', ({ target }) => {
    const form = target.closest?.('form[data-builder]');
    if (form && 'again' in target.dataset && target.value !== undefined) again(form, target.dataset.again || 'look', target.name);
    else if (form?.querySelector('[data-preview]')) again(form, 'look', target.name, target.value);
  });
  document.addEventListener('submit', (event) => {
    if (event.target.matches('form[data-builder]') && event.submitter && event.submitter.value !== 'apply' && event.submitter.value !== 'reset') {
      event.preventDefault();
      again(event.target, event.submitter.value, null);
    }
  });
  document.addEventListener('crm:sorted', ({ target }) => { const form = target.closest('form[data-builder]'); if (form) again(form, 'look', null); });
  for (const form of document.querySelectorAll('form[data-builder]')) ready(form);
}

async function open(link) {
  const answer = await fetch(link.href, { headers: { accept: 'text/html' } }).catch(() => null);
  const form = answer?.ok && formOf(await answer.text());
  if (!form || answer.redirected) return void (location.href = link.href);
  dialog = element('dialog', { class: 'dialog is-builder', 'aria-label': form.dataset.title });
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener('close', () => { dialog.remove(); dialog = null; link.focus(); });
  dialog.showModal();
  ready(form);
  form.querySelector('.builder-row:last-child select, .column-row button:not(:disabled)')?.focus();
}

function formOf(text) {
  const page = parser.parseFromString(text, 'text/html');
  const form = page.querySelector('form[data-builder]');
  if (!form) return null;
  const title = page.querySelector('h1')?.textContent ?? '';
  form.dataset.title = title;
  form.prepend(element('div', { class: 'dialog-head' }, element('h2', {}, title), element('button', { type: 'button', class: 'button is-quiet is-icon', 'data-dialog-close': '', 'aria-label': word('Close') }, icon('x'))));
  for (const cancel of form.querySelectorAll('a[data-dialog-close]')) cancel.addEventListener('click', (event) => event.preventDefault());
  return document.importNode(form, true);
}

// What was chosen is sent as if the button `deed` had been pressed; the focus stays where it was.
let asked = 0;
async function again(form, deed, name) {
  const mine = ++asked;
  const data = new URLSearchParams(new FormData(form));
  data.set('do', deed);
  const isGet = form.method === 'get';
  const answer = await fetch(isGet ? `${form.action}?${data}` : form.action, { method: form.method, headers: { accept: 'text/html' }, ...(isGet ? {} : { body: data }) }).catch(() => null);
  if (mine !== asked || !form.isConnected) return;
  const text = answer?.ok ? await answer.text() : null;
  const inDialog = form.closest('dialog');
  const fresh = text && (inDialog ? formOf(text) : document.importNode(parser.parseFromString(text, 'text/html').querySelector('form[data-builder]'), true));
  if (!fresh) return void form.submit();
  const place = focusOf(form, deed, name);
  keepTyped(form, fresh, data);
  form.replaceWith(fresh);
  ready(fresh);
  place(fresh);
}

// The server is asked while one goes on typing: what changed since it was asked stays.
function keepTyped(form, fresh, asked) {
  const now = new FormData(form);
  for (const control of fresh.querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea')) {
    const typed = now.get(control.name);
    const alike = form.elements[control.name]?.tagName === control.tagName;
    if (alike && typed !== null && typed !== (asked.get(control.name) ?? '')) control.value = typed;
  }
}

function focusOf(form, deed, name) {
  const top = form.closest('dialog')?.scrollTop ?? 0;
  return (fresh) => {
    const [, path] = deed.split(':');
    const added = ['add', 'group'].includes(deed.split(':')[0]) && path ? [...fresh.querySelectorAll(`[id="g-${CSS.escape(path)}"] select`)].at(-1) : null;
    const same = name ? fresh.querySelector(`[name="${CSS.escape(name)}"]`) : null;
    const value = name?.endsWith('.field') ? fresh.querySelector(`[name="${CSS.escape(name.replace(/field$/, 'value'))}"], [name="${CSS.escape(name.replace(/field$/, 'op'))}"]`) : null;
    const target = added ?? (document.activeElement === document.body || !document.activeElement ? value ?? same : null) ?? [...fresh.querySelectorAll('button[name=do]:not(.sr-only)')].find((one) => one.value === deed && !one.disabled);
    if (fresh.closest('dialog')) fresh.closest('dialog').scrollTop = top;
    (target ?? fresh.querySelector('select, input:not([type=hidden])'))?.focus({ preventScroll: !added });
  };
}

function ready(form) {
  for (const list of form.querySelectorAll('[data-sortable]')) watchSorting(list);
  form.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
}
