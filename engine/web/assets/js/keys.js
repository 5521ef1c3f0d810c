// Keys for the whole page. Those of one letter can be switched off (WCAG 2.1.4): <input type=checkbox data-keys-switch>.
import { moveRow, openRow, tickRow } from './rows.js';

const deeds = {
  '/': () => focus('[data-search]'),
  '?': () => document.getElementById('keys')?.togglePopover(),
  c: () => press('[data-create]'),
  e: () => press('[data-edit]'),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => tickRow(),
  Enter: () => openRow(),
};
let awaitsPlace = false;

export function watchKeys() {
  document.addEventListener('keydown', answer);
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-keys-switch]')) localStorage.setItem('keys', event.target.checked ? 'on' : 'off');
  });
  for (const box of document.querySelectorAll('[data-keys-switch]')) box.checked = lettersWork();
}

function answer(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return save(event);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !lettersWork()) return;
  if (document.querySelector('dialog[open], [popover]:popover-open') && event.key !== '?') return;
  if (awaitsPlace) return go(event);
  if (event.key === 'g') return wait();
  if (deeds[event.key]?.()) event.preventDefault();
}

function save(event) {
  const form = event.target.closest?.('form[method=post]') ?? document.querySelector('form[data-guard]');
  if (!form) return;
  event.preventDefault();
  // As Enter does: by the form's own button, so that its name and value are sent.
  form.requestSubmit(form.querySelector('button:not([type=button])'));
}

function wait() {
  awaitsPlace = true;
  setTimeout(() => { awaitsPlace = false; }, 1200);
}

function go(event) {
  awaitsPlace = false;
  if (press(`[data-go="${CSS.escape(event.key)}"]`)) event.preventDefault();
}

function focus(selector) {
  const found = document.querySelector(selector);
  found?.focus();
  found?.select?.();
  return found;
}

function press(selector) {
  const found = document.querySelector(selector);
  found?.click();
  return found;
}

const lettersWork = () => localStorage.getItem('keys') !== 'off';
const isTyping = (target) => target.isContentEditable || target.matches?.('input:not([type=checkbox], [type=radio], [type=button]), textarea, select');
