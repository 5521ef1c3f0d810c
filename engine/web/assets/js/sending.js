// A form that is sent by script. What cannot be sent stays where it is, is kept as a draft, and is offered to be sent again: with
// the same key, so that what did arrive is not done twice.
import { forget, keep } from './drafts.js';
import { element, icon, word } from './page.js';

const patience = 60000; // milliseconds

// The answer; or null after the form's reader has been told why there is none.
export async function post(form, submitter, again) {
  if ('sending' in form.dataset) return null;
  form.dataset.sending = '';
  (submitter ?? form.querySelector('button:not([type=button])'))?.setAttribute('aria-busy', 'true');
  keep(form, { tried: true });
  form.querySelector('.unsent')?.remove();
  const answer = await fetch(form.action, { method: 'post', body: body(form, submitter), headers: { accept: 'text/html' }, signal: AbortSignal.timeout(patience) }).catch(() => null);
  delete form.dataset.sending;
  for (const busy of form.querySelectorAll('[aria-busy]')) busy.removeAttribute('aria-busy');
  if (!answer || answer.status >= 500) return unsent(form, again);
  if (answer.redirected && new URL(answer.url).pathname === '/login') return tell(form, word('Not sent: you are signed out. What you typed is kept, and is here again once you are back.'), signIn());
  if (answer.ok) forget(form);
  return answer;
}

// Says that it is not sent, and offers to send it again.
export function unsent(form, again) {
  form.querySelector('.unsent')?.remove();
  return tell(form, word('Not sent: the server could not be reached. What you typed is kept here.'), button(again));
}

function body(form, submitter) {
  const data = new FormData(form, submitter);
  return form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
}

function tell(form, text, way) {
  const note = element('div', { class: 'notice is-warn unsent', role: 'alert' }, icon('triangle-alert'), element('div', {}, text), way);
  const actions = form.querySelector('.form-actions');
  if (actions) actions.before(note); else form.append(note);
  note.scrollIntoView({ block: 'nearest' });
  way.focus();
  return null;
}

function button(again) {
  const made = element('button', { type: 'button', class: 'button is-small' }, word('Send again'));
  made.addEventListener('click', again);
  return made;
}

function signIn() {
  const here = location.pathname + location.search;
  return element('a', { class: 'button is-small', href: `/login?${new URLSearchParams({ next: here })}` }, word('Sign in'));
}
