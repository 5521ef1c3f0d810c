// a[data-dialog]: its page's form opens in a dialog over this page. The link alone leads to the same form as a page.
import { hand } from './drafts.js';
import { focusFirstError } from './forms.js';
import { leaveFor } from './leaving.js';
import { element, freshId, icon, word } from './page.js';
import { post } from './sending.js';

export function watchDialogs() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-dialog]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    link.closest('[popover]')?.hidePopover();
    openDialog(link.href, link);
  });
  document.addEventListener('click', ({ target }) => {
    if (target.closest('[data-dialog-close]') || target.matches('dialog.dialog')) target.closest('dialog')?.close();
  });
}

// Answers the dialog, or null where the address gave no form and the whole page is shown instead. When its form is done, the
// dialog tells crm:done with the answer before the page is left for it; who prevents that goes on by itself.
export async function openDialog(address, opener) {
  const answer = await fetch(address, { headers: { accept: 'text/html' } }).catch(() => null);
  const form = answer?.ok && formOf(await answer.text());
  // Signed out, refused, or a page without a form: let the browser show it whole.
  if (!form || answer.redirected) {
    location.href = address;
    return null;
  }
  return openForm(form, address, opener);
}

// A form of another page, as a dialog over this one.
export function openForm(form, address, opener) {
  const dialog = element('dialog', { class: 'dialog', 'aria-label': opener.textContent.trim() || form.querySelector('h2')?.textContent });
  dialog.addEventListener('crm:anew', () => { dialog.close(); openDialog(address, opener); });
  show(dialog, form, address);
  document.body.append(dialog);
  dialog.addEventListener('close', () => { dialog.remove(); opener.focus(); });
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  return dialog;
}

export function formOf(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const form = page.querySelector('form[data-dialog-form]') ?? page.querySelector('main form[method=post]');
  if (form && !form.querySelector('.dialog-head')) {
    form.prepend(element('div', { class: 'dialog-head' }, element('h2', {}, page.querySelector('h1')?.textContent ?? ''), closer()));
  }
  return form;
}

function closer() {
  return element('button', { type: 'button', class: 'button is-quiet is-icon', 'data-dialog-close': '', 'aria-label': word('Close') }, icon('x'));
}

export function show(dialog, form, address) {
  form.removeAttribute('data-guard');
  form.action = new URL(form.getAttribute('action') || address, address).href;
  for (const cancel of form.querySelectorAll('.form-actions a.button')) cancel.dataset.dialogClose = '';
  for (const cancel of form.querySelectorAll('[data-dialog-close]')) cancel.addEventListener('click', (event) => event.preventDefault());
  form.addEventListener('submit', (event) => { event.preventDefault(); send(dialog, form, event.submitter); });
  dialog.replaceChildren();
  apart(form);
  dialog.append(form);
}

// The page beneath may have fields of the same names: a label must not lead to those.
function apart(form) {
  for (const one of form.querySelectorAll('[id]')) {
    if (!document.getElementById(one.id)) continue;
    const [old, fresh] = [one.id, freshId(one.id)];
    one.id = fresh;
    for (const name of ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls', 'popovertarget', 'list']) {
      for (const other of form.querySelectorAll(`[${name}~="${CSS.escape(old)}"]`)) other.setAttribute(name, other.getAttribute(name).split(' ').map((id) => (id === old ? fresh : id)).join(' '));
    }
    for (const link of form.querySelectorAll(`a[href="#${CSS.escape(old)}"]`)) link.setAttribute('href', `#${fresh}`);
  }
}

// 422 and 409 answer with the same form and its complaints; anything else is a page to go to.
async function send(dialog, form, submitter) {
  const answer = await post(form, submitter, () => form.requestSubmit(submitter ?? undefined));
  if (!answer) return;
  const again = [409, 422].includes(answer.status) && formOf(await answer.clone().text());
  if (!again) return done(dialog, answer);
  show(dialog, again, answer.url);
  hand(form.dataset.draft ?? form.dataset.draftDone, dialog);
  dialog.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  focusFirstError(dialog);
}

function done(dialog, answer) {
  const told = new CustomEvent('crm:done', { bubbles: true, cancelable: true, detail: { answer } });
  if (dialog.dispatchEvent(told)) leaveFor(answer.url);
}
