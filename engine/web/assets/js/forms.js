// form[data-guard]: says when it is not saved, asks before the page is left, and cannot be sent twice by a double click. With
// data-draft it is sent by script, so that nothing typed is lost where it cannot be sent.
import { hand } from './drafts.js';
import { leaveFor } from './leaving.js';
import { post } from './sending.js';

const changed = new WeakSet();

export function watchForms() {
  document.addEventListener('input', ({ target }) => mark(target.closest('form[data-guard]')));
  document.addEventListener('submit', sendOnce);
  document.addEventListener('reset', ({ target }) => clear(target));
  document.addEventListener('crm:clean', ({ target }) => clear(target));
  window.addEventListener('beforeunload', (event) => {
    if ([...document.querySelectorAll('form[data-guard]')].some((form) => changed.has(form))) event.preventDefault();
  });
  // A page that comes back from the browser's cache must be able to send again.
  window.addEventListener('pageshow', () => { for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy'); });
  focusFirstError(document);
}

function mark(form) {
  if (!form || changed.has(form)) return;
  changed.add(form);
  const state = form.querySelector('[data-guard-state]');
  if (state) state.textContent = state.dataset.guardState;
}

function clear(form) {
  changed.delete(form);
  const state = form.querySelector('[data-guard-state]');
  if (state) state.textContent = '';
}

function sendOnce(event) {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (form.matches('[data-guard][data-draft], [data-draft-done]')) {
    event.preventDefault();
    return void send(form, event.submitter);
  }
  if (form.querySelector('[aria-busy]')) return event.preventDefault();
  const button = event.submitter ?? form.querySelector('button:not([type=button])');
  button?.setAttribute('aria-busy', 'true');
  // A post that answers with a file leaves the page standing.
  setTimeout(() => button?.removeAttribute('aria-busy'), 8000);
  changed.delete(form);
}

async function send(form, submitter) {
  const answer = await post(form, submitter, () => form.requestSubmit(submitter ?? undefined));
  if (!answer) return;
  changed.delete(form);
  if (answer.ok) return leaveFor(answer.url);
  draw(await answer.text(), form.dataset.draft ?? form.dataset.draftDone);
}

// The same page again, with what is wrong: 422 and 409, or why it is refused.
function draw(text, draft) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const main = page.querySelector('main');
  if (!main) return void location.reload();
  hand(draft, main);
  document.title = page.title;
  document.querySelector('main').replaceWith(main);
  main.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  scrollTo(0, 0);
  focusFirstError(main);
}

// The list on top says all that is wrong, aloud; the hands go to the first field that is.
export function focusFirstError(root) {
  const wrong = root.querySelector('.error-summary ~ * .is-wrong :is(input, select, textarea, [role=combobox]):not([type=hidden], [hidden])');
  (wrong ?? root.querySelector('.error-summary'))?.focus();
}
