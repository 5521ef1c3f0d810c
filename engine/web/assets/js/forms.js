// form[data-guard]: says when it is not saved, asks before the page is left, and cannot be sent twice by a double click.
const changed = new WeakSet();

export function watchForms() {
  document.addEventListener('input', ({ target }) => mark(target.closest('form[data-guard]')));
  document.addEventListener('submit', sendOnce);
  document.addEventListener('reset', ({ target }) => clear(target));
  window.addEventListener('beforeunload', (event) => {
    if ([...document.querySelectorAll('form[data-guard]')].some((form) => changed.has(form))) event.preventDefault();
  });
  // A page that comes back from the browser's cache must be able to send again.
  window.addEventListener('pageshow', () => { for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy'); });
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
  if (form.method !== 'post') return;
  if (form.querySelector('[aria-busy]')) return event.preventDefault();
  const button = event.submitter ?? form.querySelector('button:not([type=button])');
  button?.setAttribute('aria-busy', 'true');
  // A post that answers with a file leaves the page standing.
  setTimeout(() => button?.removeAttribute('aria-busy'), 8000);
  changed.delete(form);
}
