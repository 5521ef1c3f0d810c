// [data-shown-when] and [data-needed-when]: a field that is there, or must be filled, only while others of its form say so.
//   ["any", ["in", "outcome", ["Busy", "RNR"]], ["not", ["empty", "phone", true]]]
// "?": only the server can tell; it is asked at form[data-shown], and judges again when the form is sent. Without script the
// form that comes back shows what was missing. tests/journeys/test_conditions.py holds both to the same answers.
import { later } from './page.js';

export function watchShown(root) {
  for (const form of root.querySelectorAll('form:has([data-shown-when], [data-needed-when])')) {
    const soon = later(250, () => ask(form));
    for (const name of ['input', 'change']) form.addEventListener(name, () => { tell(form); soon(); });
    tell(form);
    if (form.dataset.shown && form.querySelector('.draft-note')) ask(form);
  }
}

function tell(form) {
  const data = new FormData(form);
  const have = (name) => data.getAll(name).filter((value) => typeof value === 'string' && value.trim());
  for (const field of form.querySelectorAll('[data-shown-when]')) judge(field.dataset.shownWhen, have, (yes) => show(field, yes));
  for (const field of form.querySelectorAll('[data-needed-when]')) judge(field.dataset.neededWhen, have, (yes) => need(field, yes));
}

function judge(text, have, act) {
  const tree = JSON.parse(text);
  if (tree !== '?') act(holds(tree, have));
}

// As engine/rules/conditions.py and the operators judge it; `have` gives a field's values as its controls hold them.
export function holds(tree, have) {
  const [word, ...parts] = tree;
  if (word === 'all') return parts.every((part) => holds(part, have));
  if (word === 'any') return parts.some((part) => holds(part, have));
  if (word === 'not') return !holds(parts[0], have);
  const [name, wanted] = parts;
  const values = have(name);
  if (word === 'empty') return (values.length === 0) === wanted;
  const meets = values.some((value) => wanted.includes(value));
  return word === 'is' || word === 'in' ? meets : !meets;
}

async function ask(form) {
  if (!form.dataset.shown) return;
  const data = new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== '_key'));
  const said = data.toString();
  if (form.dataset.judged === said) return;
  form.dataset.judged = said;
  const answer = await fetch(form.dataset.shown, { method: 'post', body: data }).catch(() => null);
  if (!answer?.ok || answer.redirected || form.dataset.judged !== said) return;
  for (const [name, [shown, needed]] of Object.entries(await answer.json())) {
    const field = form.querySelector(`[data-field="${name}"]`);
    if (field?.dataset.shownWhen) show(field, shown);
    if (field?.dataset.neededWhen) need(field, needed);
  }
}

function show(field, yes) {
  field.hidden = !yes;
}

function need(field, yes) {
  const star = field.querySelector('.needed');
  if (star) star.hidden = !yes;
  for (const control of field.querySelectorAll('input:not([type=hidden], [type=checkbox]), select:not([hidden]), textarea')) control.setAttribute('aria-required', String(yes));
}
