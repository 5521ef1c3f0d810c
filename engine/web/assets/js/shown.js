// [data-shown-when='[["outcome", "is", ["Busy"]]]']: a field that is there only while others of its form say so. The
// server decides again when the form is sent; without script it shows the field on the form that comes back.
export function watchShown(root) {
  for (const form of root.querySelectorAll('form:has([data-shown-when])')) {
    form.addEventListener('input', () => tell(form));
    form.addEventListener('change', () => tell(form));
    tell(form);
  }
}

function tell(form) {
  const data = new FormData(form);
  for (const field of form.querySelectorAll('[data-shown-when]')) {
    field.hidden = !JSON.parse(field.dataset.shownWhen).every(([name, word, wanted]) => holds(data.getAll(name).filter(Boolean), word, wanted));
  }
}

function holds(have, word, wanted) {
  const meets = have.some((value) => wanted.includes(value));
  if (word === 'empty') return (have.length === 0) === wanted.includes('true');
  return word === 'is' || word === 'in' ? meets : !meets;
}
