// The command palette: a combobox over this page (Ctrl or Cmd and K, or the search box on top). The server says what there
// is to choose; here it is walked with the arrows and pressed. Of records that were opened only their numbers are kept, for
// whoever is signed in, and forgotten when somebody signs out. It is a popover, which veils the whole page: a modal dialog would
// have the browser style all beneath it anew, which a long list makes felt at each opening.
import { element, icon, later, word } from './page.js';
import { onKey } from './keys.js';

const most = 12;
const store = () => `crm.recent.${document.body.dataset.me ?? ''}`;
let palette; // [popover]
let asking;
let isFresh = false; // what is listed answers what is typed
let waits = null; // Enter, pressed before the answer came

export function watchPalette() {
  remember();
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (isOpen()) palette.hidePopover();
    else open();
  });
  const box = document.querySelector('[data-search]');
  if (!box || !document.body.dataset.me) return;
  onKey('/', () => open());
  box.addEventListener('click', () => open(box.value));
  box.addEventListener('input', () => open(box.value));
  document.addEventListener('submit', (event) => { if (event.target.matches('form[action="/logout"]')) forget(); });
}

const isOpen = () => palette?.matches(':popover-open') ?? false;

function open(text = '') {
  if (document.querySelector('dialog[open]')) return false;
  for (const one of document.querySelectorAll('[popover]:popover-open')) one.hidePopover();
  palette ??= made();
  const input = palette.querySelector('input');
  input.value = text;
  isFresh = false;
  waits = null;
  palette.showPopover();
  input.focus();
  const box = document.querySelector('[data-search]');
  if (box) box.value = box.defaultValue;
  ask();
  return true;
}

function made() {
  const input = element('input', {
    type: 'text', role: 'combobox', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', enterkeyhint: 'go',
    'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list', 'aria-label': word('Find or do anything'),
    placeholder: word('Find or do anything'),
  });
  const close = element('button', { type: 'button', class: 'button is-quiet is-icon phone-only', 'aria-label': word('Close') }, icon('x'));
  close.addEventListener('click', () => palette.hidePopover());
  const list = element('div', { id: 'palette-list', role: 'listbox', 'aria-label': word('Find or do anything'), tabindex: '-1' });
  const said = element('p', { class: 'sr-only', role: 'status' });
  const panel = element('div', { role: 'dialog', class: 'palette', 'aria-label': word('Find or do anything') }, element('div', { class: 'palette-box' }, input, close), list, said);
  const one = element('div', { popover: '', class: 'palette-veil' }, panel);
  document.body.append(one);
  input.addEventListener('input', () => { isFresh = false; waits = null; });
  input.addEventListener('input', later(90, ask));
  input.addEventListener('keydown', walk);
  list.addEventListener('click', choose);
  list.addEventListener('pointermove', ({ target }) => mark(target.closest('[role=option]'), false));
  one.addEventListener('click', ({ target }) => { if (target === one) one.hidePopover(); });
  return one;
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const input = palette.querySelector('input');
  const typed = input.value;
  const query = new URLSearchParams({ q: typed, at: location.pathname, recent: recent().join(',') });
  const answer = await fetch(`/palette?${query}`, { signal: asking.signal, headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer) return;
  // Signed out meanwhile: let the page say so.
  if (!answer.ok || answer.redirected) return void location.reload();
  const text = await answer.text();
  const list = palette.querySelector('[role=listbox]');
  list.innerHTML = text;
  list.scrollTop = 0;
  const count = list.querySelectorAll('[role=option]').length;
  palette.querySelector('[role=status]').textContent = word('{n} to choose from', { n: count });
  mark(list.querySelector('[role=option]'), false);
  isFresh = typed === input.value;
  if (isFresh && waits && isOpen()) press(list.querySelector('[role=option]'), waits);
  waits = null;
}

function walk(event) {
  const options = [...palette.querySelectorAll('[role=option]')];
  const at = options.findIndex((one) => one.getAttribute('aria-selected') === 'true');
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
  if (event.key === 'Tab') {
    event.preventDefault();
    palette.hidePopover();
  } else if (to !== undefined && options.length) {
    event.preventDefault();
    const far = event.key.startsWith('Page');
    mark(options[far ? Math.min(Math.max(to, 0), options.length - 1) : (to + options.length) % options.length], true);
  } else if (event.key === 'Enter' && !event.isComposing) {
    event.preventDefault();
    if (isFresh) press(options[at], event);
    else waits = event;
  }
}

function press(option, event) {
  if (!option) {
    location.assign(`/search?${new URLSearchParams({ q: palette.querySelector('input').value })}`);
  } else if (option.href && (event.ctrlKey || event.metaKey)) {
    window.open(option.href, '_blank', 'noopener');
  } else {
    option.click();
  }
}

function choose(event) {
  const option = event.target.closest('[role=option]');
  if (!option || event.ctrlKey || event.metaKey) return;
  palette.hidePopover();
  if (option.dataset.opens) document.getElementById(option.dataset.opens)?.showPopover();
}

function mark(option, scroll) {
  if (!option) return;
  for (const one of palette.querySelectorAll('[role=option][aria-selected=true]')) one.setAttribute('aria-selected', 'false');
  option.setAttribute('aria-selected', 'true');
  palette.querySelector('input').setAttribute('aria-activedescendant', option.id);
  if (scroll) option.scrollIntoView({ block: 'nearest' });
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(store()) ?? '[]').filter((one) => /^[a-z][a-z0-9_]*\/\d+$/.test(one)).slice(0, most);
  } catch {
    return [];
  }
}

function remember() {
  const found = location.pathname.match(/^\/([a-z][a-z0-9_]*\/\d{6,})$/);
  if (!found || !document.body.dataset.me || document.body.dataset.lost !== undefined) return;
  localStorage.setItem(store(), JSON.stringify([found[1], ...recent().filter((one) => one !== found[1])].slice(0, most)));
}

function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith('crm.recent.')) localStorage.removeItem(name);
}
