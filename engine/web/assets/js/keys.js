// Keys for the whole page. Those of one letter can be switched off (WCAG 2.1.4): <input type=checkbox data-keys-switch>.
// Markup says data-press="s" and is pressed by that key; modules say onKey('l', act), where act answers whether it did
// something. All of them stand in engine/web/keys.py, which the list under `?` and the palette tell.
import { moveRow, openRow, tickRow } from './rows.js';

const deeds = new Map();
let awaitsPlace = false;

export function onKey(key, act) {
  deeds.set(key, [...(deeds.get(key) ?? []), act]);
}

export function watchKeys() {
  onKey('?', () => { document.getElementById('keys')?.togglePopover(); return true; });
  onKey('c', () => press('[data-create]'));
  onKey('e', () => press('[data-edit]'));
  onKey('j', () => moveRow(1));
  onKey('k', () => moveRow(-1));
  onKey('x', () => tickRow());
  onKey('Enter', () => openRow());
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
  if (done(event.key)) event.preventDefault();
}

// What stands on the page comes before what is meant everywhere.
function done(key) {
  if (key.length === 1 && press(`[data-press="${CSS.escape(key)}"]`)) return true;
  return (deeds.get(key) ?? []).some((act) => act());
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

function press(selector) {
  const found = document.querySelector(selector);
  found?.click();
  return found;
}

export const lettersWork = () => localStorage.getItem('keys') !== 'off';
export const isTyping = (target) => target.isContentEditable
  || target.matches?.('input:not([type=checkbox], [type=radio], [type=button]), textarea, select');
