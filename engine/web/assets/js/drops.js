// .drop around an <input type=file>: shows what was chosen, and says before it is sent when it is too large or of a wrong kind.
import { element, icon, word } from './page.js';

export function watchDrops(root) {
  for (const box of root.querySelectorAll('.drop')) build(box);
}

function build(box) {
  const input = box.querySelector('input[type=file]');
  if (!input || box.dataset.built !== undefined) return;
  box.dataset.built = '';
  const list = element('ul', { class: 'files', 'aria-live': 'polite' });
  box.after(list);
  input.addEventListener('change', () => show(input, list));
  for (const name of ['dragenter', 'dragover']) box.addEventListener(name, () => box.classList.add('is-over'));
  for (const name of ['dragleave', 'drop']) box.addEventListener(name, () => box.classList.remove('is-over'));
}

function show(input, list) {
  for (const picture of list.querySelectorAll('img')) URL.revokeObjectURL(picture.src);
  const files = [...input.files];
  const wrong = files.map((file) => why(input, file)).find(Boolean);
  if (wrong) input.value = ''; // what would be refused is not sent
  list.replaceChildren(...(wrong ? [element('li', { class: 'error', role: 'alert' }, icon('circle-alert'), element('bdi', {}, wrong))] : files.map((file) => line(input, file, list))));
}

function why(input, file) {
  const most = Number(input.dataset.most) * 1e6;
  if (most && file.size > most) return word('{name} has {size}. At most {most} can be kept.', { name: file.name, size: size(file.size), most: size(most) });
  if (!file.size) return word('{name} is empty.', { name: file.name });
  const kinds = input.accept.split(',').map((one) => one.trim()).filter(Boolean);
  const fits = (kind) => (kind.startsWith('.') ? file.name.toLowerCase().endsWith(kind.toLowerCase()) : kind.endsWith('/*') ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind);
  return kinds.length && !kinds.some(fits) ? word('{name} is not of a kind that can be kept here.', { name: file.name }) : '';
}

function line(input, file, list) {
  const off = element('button', { type: 'button', class: 'button is-quiet is-icon is-small', 'aria-label': word('Remove {name}', { name: file.name }) }, icon('x'));
  off.addEventListener('click', () => {
    input.value = '';
    show(input, list);
    input.dispatchEvent(new Event('change', { bubbles: true }));
    input.focus();
  });
  return element('li', {}, preview(file), element('bdi', { class: 'truncate' }, file.name), element('span', { class: 'size' }, size(file.size)), off);
}

function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return icon('file');
  return element('img', { class: 'preview', src: URL.createObjectURL(file), alt: '' });
}

function size(bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: units[step], maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
