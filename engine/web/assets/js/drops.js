// .drop around an <input type=file>: shows what was chosen, colours while something is held over it.
import { element, icon } from './page.js';

export function watchDrops(root) {
  for (const box of root.querySelectorAll('.drop')) build(box);
}

function build(box) {
  const input = box.querySelector('input[type=file]');
  if (!input || box.dataset.built) return;
  box.dataset.built = '';
  const list = element('ul', { class: 'files', 'aria-live': 'polite' });
  box.after(list);
  input.addEventListener('change', () => list.replaceChildren(...[...input.files].map(line)));
  for (const name of ['dragenter', 'dragover']) box.addEventListener(name, () => box.classList.add('is-over'));
  for (const name of ['dragleave', 'drop']) box.addEventListener(name, () => box.classList.remove('is-over'));
}

function line(file) {
  return element('li', {}, icon('file'), element('bdi', { class: 'truncate' }, file.name), element('span', { class: 'size' }, size(file.size)));
}

function size(bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: units[step], maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
