// What scripts need to know about the page: its words, its icons, how to build an element.

// What is said in English here is told in the page's language, where its catalogue came along (/words/ar.js).
// word('{n} cards are left', { n: '1,200' })
export function word(english, values = {}) {
  return filled(globalThis.crmWords?.[english] ?? english, values);
}

// words('{n} record', '{n} records', 3): each language has its own forms; `n` is written as its readers write numbers.
export function words(one, many, n, values = {}) {
  const forms = globalThis.crmWords?.[one];
  const said = Array.isArray(forms) ? forms[formOf(n)] : n === 1 ? one : many;
  return filled(said, { n: n.toLocaleString(document.documentElement.lang), ...values });
}

const filled = (said, values) => said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'];
function formOf(n) {
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const { pluralCategories } = rules.resolvedOptions();
  return FORMS.filter((form) => pluralCategories.includes(form)).indexOf(rules.select(n));
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The sprite's address carries a hash, so it is read from any icon that the server drew.
export function icon(name) {
  const sprite = document.querySelector('svg.icon use')?.getAttribute('href')?.split('#')[0] ?? '';
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(space, 'use'));
  svg.firstChild.setAttribute('href', `${sprite}#${name}`);
  return svg;
}

export function later(milliseconds, act) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
}

let made = 0;
export const freshId = (stem) => `${stem}-${++made}`;
