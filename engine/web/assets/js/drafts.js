// form[data-draft="12 /lead/new"]: what is typed is kept in this browser, for this person and this form, until it is saved. It
// survives a reload, the session's end, an error and a dead network; signing out clears it, as others may use the machine.
// Never kept: passwords, files, and what the page itself put into the form.
import { element, later, word } from './page.js';

const stem = 'draft:';
const days = 14;
const before = new WeakMap(); // what each form held when it came

export function watchDrafts(root) {
  forgetOld();
  for (const form of root.querySelectorAll('form[data-draft]')) build(form);
}

function build(form) {
  if (before.has(form)) return;
  before.set(form, JSON.stringify(values(form)));
  restore(form);
  const soon = later(300, () => keep(form));
  for (const name of ['input', 'change']) form.addEventListener(name, soon);
  addEventListener('pagehide', () => keep(form));
}

document.addEventListener('submit', ({ target }) => { if (target.getAttribute('action') === '/logout') forgetAll(); }, { capture: true });

// ---- keeping

export function keep(form, more = {}) {
  const held = values(form);
  if (!form.isConnected || !form.dataset.draft || form.dataset.saved !== undefined) return;
  if (JSON.stringify(held) === before.get(form) && !more.tried && !read(form)) return;
  write(form, { ...read(form), at: Date.now(), title: titleOf(form), version: hiddenOf(form, '_version'), key: hiddenOf(form, '_key'), held, ...more });
}

export function forget(form) {
  const { draft, draftDone = draft } = form.dataset;
  form.dataset.saved = '';
  if (draftDone) localStorage.removeItem(stem + draftDone);
}

// A page that asks what to do about two people's changes ends the draft of the form that it came from.
export function hand(draft, root) {
  for (const form of root.querySelectorAll('form[method=post]:not([data-draft])')) if (draft && form.querySelector('[name^="choose."]')) form.dataset.draftDone = draft;
}

function forgetAll() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(stem)) localStorage.removeItem(name);
}

function forgetOld() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(stem) && !(Date.now() - (parsed(localStorage.getItem(name))?.at ?? 0) < days * 86400000)) localStorage.removeItem(name);
  }
}

// ---- bringing back

function restore(form) {
  const draft = read(form);
  // A form that came back with complaints holds what was typed already.
  if (!draft || form.querySelector('.error-summary')) return;
  if (JSON.stringify(draft.held) === before.get(form)) return draft.tried ? resume(form, draft) : forgetQuietly(form);
  fill(form, draft.held);
  resume(form, draft);
  const clock = new Date(draft.at);
  const today = clock.toDateString() === new Date().toDateString();
  const when = clock.toLocaleString(document.documentElement.lang, today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
  const off = element('button', { type: 'button', class: 'button is-quiet is-small' }, word('Discard'));
  const note = element('div', { class: 'draft-note', role: 'status' }, element('span', {}, word('Draft restored from {time}', { time: when })), off);
  off.addEventListener('click', () => { discard(form, note); });
  const first = form.querySelector('.dialog-head');
  if (first) first.after(note); else form.prepend(note);
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

// What it was made from, and the key that lets it be kept only once.
function resume(form, draft) {
  if (draft.version && form.elements._version) form.elements._version.value = draft.version;
  if (draft.tried && draft.key && form.elements._key) form.elements._key.value = draft.key;
}

function discard(form, note) {
  forget(form);
  const dialog = form.closest('dialog');
  if (dialog) return void dialog.dispatchEvent(new CustomEvent('crm:anew', { bubbles: true }));
  note.remove();
  form.dispatchEvent(new CustomEvent('crm:clean', { bubbles: true }));
  location.reload();
}

function forgetQuietly(form) {
  localStorage.removeItem(stem + form.dataset.draft);
}

// ---- what a form holds: by name, the values of its controls in order; a menu's with its words, as it may not offer them again

function values(form) {
  const held = {};
  for (const one of mine(form)) {
    const list = (held[one.name] ??= []);
    if (one.type === 'checkbox' || one.type === 'radio') { if (one.checked) list.push([one.value]); }
    else if (one.matches('select')) list.push(...[...one.selectedOptions].map((option) => [option.value, option.text]));
    else list.push([one.value]);
  }
  return held;
}

function fill(form, held) {
  const taken = {};
  for (const one of mine(form)) {
    const list = held[one.name];
    if (!list) continue;
    if (one.type === 'checkbox' || one.type === 'radio') one.checked = list.some(([value]) => value === one.value);
    else if (one.matches('select')) choose(one, list);
    else {
      const n = (taken[one.name] = (taken[one.name] ?? -1) + 1);
      if (list[n]) one.value = list[n][0];
    }
  }
}

function choose(select, list) {
  for (const option of select.options) option.selected = false;
  for (const [value, text] of list) {
    const known = [...select.options].find((option) => option.value === value);
    if (!known) select.add(new Option(text, value));
    (known ?? select.options[select.options.length - 1]).selected = true;
  }
}

const mine = (form) => [...form.elements].filter(({ name, type }) => name && !name.startsWith('_') && name !== 'back' && !['hidden', 'password', 'file', 'submit', 'button', 'fieldset'].includes(type));
const hiddenOf = (form, name) => form.elements[name]?.value ?? null;

function titleOf(form) {
  return (form.querySelector('.dialog-head h2') ?? form.closest('main')?.querySelector('h1'))?.textContent.trim() ?? '';
}

// ---- the store

// Of the person who used this browser last; a form's own address is the end of its draft's name.
export function drafts() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(stem));
  const kept = names.map((name) => ({ ...parsed(localStorage.getItem(name)), place: name.slice(name.indexOf(' ') + 1) }));
  return kept.filter(({ place }) => /^\/\w/.test(place) && !place.includes('/move/')).sort((a, b) => b.at - a.at);
}

const read = (form) => parsed(localStorage.getItem(stem + form.dataset.draft));

function write(form, draft) {
  // A full or forbidden store must not stop anybody from typing.
  try { localStorage.setItem(stem + form.dataset.draft, JSON.stringify(draft)); } catch { /* it is only not kept */ }
}

function parsed(text) {
  try { return text && JSON.parse(text); } catch { return null; }
}
