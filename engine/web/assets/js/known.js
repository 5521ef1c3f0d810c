// form[data-known="/lead/known"]: while it is filled in, the server is asked who that is, and what the set's checks say.
// The answer is a piece of the page; sending the form along with it says that it was read. Without script the same is told
// when the form is sent.
import { later } from './page.js';

export function watchKnown(root) {
  for (const form of root.querySelectorAll('form[data-known]')) {
    const fields = new Set(form.dataset.knownFields.split(' '));
    const soon = later(350, () => ask(form));
    const heard = ({ target }) => { if (fields.has(target.name?.split('__')[0])) soon(); };
    form.addEventListener('change', heard);
    form.addEventListener('focusout', heard);
  }
}

async function ask(form) {
  const data = new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== '_key'));
  const said = data.toString();
  if (form.dataset.asked === said) return;
  form.dataset.asked = said;
  const answer = await fetch(form.dataset.known, { method: 'post', body: data }).catch(() => null);
  if (answer?.ok && !answer.redirected && form.dataset.asked === said) show(form, await answer.text());
}

function show(form, text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  for (const old of form.querySelectorAll('[data-said]')) old.remove();
  const errors = [...page.querySelectorAll('[data-said]')];
  form.querySelector('[data-known-place]')?.replaceChildren(...[...page.body.children].filter((one) => !errors.includes(one)));
  for (const error of errors) {
    const field = form.querySelector(`[name="${error.dataset.said}"], [name^="${error.dataset.said}__"]`)?.closest('.field');
    if (field && !field.querySelector('.error')) field.append(error);
  }
}
