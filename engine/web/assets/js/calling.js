// Calls without a mouse. A digit presses the button that has it, in a dialog or on the page; a number that is dialled is
// followed by the question how it went; what is logged from a page without a dialog goes on in one.
import { formOf, openDialog, openForm, show } from './dialogs.js';
import { isTyping, lettersWork, onKey } from './keys.js';
import { leaveFor } from './leaving.js';
import { moveTo } from './rows.js';

export function watchCalls() {
  onKey('l', logCall);
  document.addEventListener('keydown', digit);
  document.addEventListener('submit', send);
  document.addEventListener('click', ({ target }) => {
    const number = target.closest('a[data-then-log]');
    const log = number?.closest('tr, [data-calls]')?.querySelector('[data-log-call]');
    if (log) setTimeout(() => openDialog(log.href, log), 400);
  });
  document.addEventListener('change', ({ target }) => target.closest('form[data-send-on-change]')?.requestSubmit());
  document.addEventListener('crm:done', goOn);
  document.addEventListener('click', ({ target }) => remember(target.closest('tr')));
  standAgain();
}

// Logged: the question what comes next takes the place of the question how it went.
async function goOn(event) {
  const { answer } = event.detail;
  event.target.dataset.finished = '';
  if (!/\/call\/\d+$/.test(new URL(answer.url).pathname)) return;
  event.preventDefault();
  const dialog = event.target;
  const form = formOf(await answer.text());
  if (!form) return leaveFor(answer.url);
  show(dialog, form, answer.url);
  asked(dialog);
}

// The call is kept already: who closes the dialog sees the page as it is now.
function asked(dialog) {
  dialog.querySelector('[autofocus]')?.focus();
  delete dialog.dataset.finished;
  dialog.addEventListener('close', () => { if (!('finished' in dialog.dataset)) location.reload(); });
  dialog.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
}

// Of the row that one stands on, else of the page.
function logCall() {
  const link = document.querySelector('tr.is-at [data-log-call]') ?? document.querySelector('[data-log-call]:not(tr *)')
    ?? document.querySelector('[data-log-call]');
  link?.click();
  return link;
}

function digit(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
  if (isTyping(event.target) || event.target.matches?.('[type=radio]') || !lettersWork()) return;
  const dialogs = document.querySelectorAll('dialog[open]');
  const place = dialogs[dialogs.length - 1] ?? document;
  const button = place.querySelector(`[data-digits] [data-digit="${event.key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

async function send(event) {
  const form = event.target;
  if (!form.matches('form[data-call-form]') || event.defaultPrevented) return;
  event.preventDefault();
  event.submitter?.setAttribute('aria-busy', 'true');
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: 'post', body, headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer) return void event.submitter?.removeAttribute('aria-busy');
  const next = /\/call(\/\d+)?$/.test(new URL(answer.url).pathname) && formOf(await answer.text());
  event.submitter?.removeAttribute('aria-busy');
  if (!next) return leaveFor(answer.url);
  const dialog = openForm(next, answer.url, event.submitter ?? form);
  if (answer.redirected) asked(dialog);
}

// The row that was worked on leaves the day; the next one takes its place, and the keys go on from there.
const spot = 'crm.day';

function remember(row) {
  if (!row?.closest('.is-day')) return;
  sessionStorage.setItem(spot, [...document.querySelectorAll('.is-day tbody tr')].indexOf(row));
}

function standAgain() {
  const rows = document.querySelectorAll('.is-day tbody tr');
  const at = sessionStorage.getItem(spot);
  if (!rows.length || at === null) return;
  sessionStorage.removeItem(spot);
  moveTo([...rows][Math.min(Number(at), rows.length - 1)]);
}
