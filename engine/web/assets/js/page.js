// What scripts need to know about the page: its words, its icons, how to build an element.

// <body data-word-nothing="لا شيء"> overrides the English given here.
export function word(name, english) {
  return document.body.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] ?? english;
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
