// <input data-tags> with words between commas becomes a box of tokens; what is sent stays the same text.
import { element, icon, word } from './page.js';

export function watchTags(root) {
  for (const input of root.querySelectorAll('input[data-tags]')) build(input);
}

function build(input) {
  input.removeAttribute('data-tags');
  const typed = element('input', { type: 'text', id: input.id, autocomplete: 'off' });
  const box = element('div', { class: 'tags-box' }, typed);
  for (const name of ['aria-describedby', 'aria-invalid', 'required']) if (input.hasAttribute(name)) typed.setAttribute(name, input.getAttribute(name));
  input.removeAttribute('id');
  input.hidden = true;
  input.after(box);
  const tags = split(input.value);
  draw();

  typed.addEventListener('keydown', (event) => {
    if ((event.key === 'Enter' && typed.value.trim()) || event.key === ',') { event.preventDefault(); take(); }
    if (event.key === 'Backspace' && !typed.value) { tags.pop(); draw(); }
  });
  typed.addEventListener('blur', take);

  function take() {
    for (const one of split(typed.value)) if (!tags.includes(one)) tags.push(one);
    typed.value = '';
    draw();
  }

  function draw() {
    const text = tags.join(', ');
    if (text !== input.value) { input.value = text; input.dispatchEvent(new Event('input', { bubbles: true })); }
    for (const old of box.querySelectorAll('.token')) old.remove();
    typed.before(...tags.map(token));
  }

  function token(tag) {
    const off = element('button', { type: 'button', 'aria-label': word('Remove {name}', { name: tag }) }, icon('x'));
    off.addEventListener('click', () => { tags.splice(tags.indexOf(tag), 1); draw(); typed.focus(); });
    return element('span', { class: 'token' }, element('span', {}, tag), off);
  }
}

const split = (text) => text.split(',').map((one) => one.trim()).filter(Boolean);
