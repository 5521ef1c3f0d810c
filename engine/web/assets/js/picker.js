// <select data-pick="/account/pick"> becomes a search box over GET …?q=, which answers [{id, title, detail}]. The select
// stays, hidden, and is what is sent; `multiple` shows tokens. An ARIA combobox with a list: arrows, Enter, Escape.
import { openDialog } from './dialogs.js';
import { element, freshId, icon, later, word } from './page.js';

export function watchPickers(root) {
  for (const select of root.querySelectorAll('select[data-pick]')) new Picker(select);
}

class Picker {
  constructor(select) {
    this.select = select;
    this.address = select.dataset.pick;
    select.removeAttribute('data-pick');
    this.makes = JSON.parse(select.dataset.makes ?? '[]');
    this.found = [];
    this.at = -1;
    this.asked = 0;
    this.build();
    this.listen();
    this.drawChosen();
  }

  build() {
    const { select } = this;
    this.list = element('div', { class: 'picker-list', role: 'listbox', id: freshId('picker'), hidden: '' });
    this.input = element('input', { type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false', 'aria-autocomplete': 'list', 'aria-controls': this.list.id, id: select.id });
    for (const name of ['aria-describedby', 'aria-invalid', 'aria-label']) if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    this.input.placeholder = select.multiple || !select.required ? '' : word('Search');
    this.list.setAttribute('aria-label', document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent.trim() ?? word('Search'));
    this.off = element('button', { type: 'button', class: 'button is-quiet is-icon is-small', 'aria-label': word('Remove') }, icon('x'));
    this.box = element('div', { class: 'picker-box' }, icon('search'), this.input, this.off);
    select.removeAttribute('id');
    select.hidden = true;
    select.after(element('div', { class: 'picker' }, this.box, this.list));
  }

  listen() {
    this.input.addEventListener('input', later(150, () => this.ask()));
    this.input.addEventListener('focus', () => this.input.select());
    this.input.addEventListener('click', () => this.ask());
    this.input.addEventListener('keydown', (event) => this.answerKey(event));
    this.input.addEventListener('blur', () => { this.close(); this.drawChosen(); });
    this.off.addEventListener('click', () => { this.choose(null); this.input.focus(); });
    // mousedown, or the field would lose its focus and close the list before the click.
    this.list.addEventListener('mousedown', (event) => event.preventDefault());
    this.list.addEventListener('click', ({ target }) => { const one = target.closest('[role=option]'); if (one) this.choose(this.offered[one.dataset.n]); });
  }

  async ask() {
    const mine = ++this.asked;
    const typed = this.input.value === this.title() ? '' : this.input.value;
    const answer = await fetch(`${this.address}?${new URLSearchParams({ q: typed })}`, { headers: { accept: 'application/json' } }).catch(() => null);
    // An answer that comes after a newer question, or after the field was left, is stale.
    if (mine !== this.asked || document.activeElement !== this.input) return;
    this.found = answer?.ok ? await answer.json() : null;
    this.drawList(typed);
  }

  drawList(typed) {
    this.offered = [...(this.found ?? []), ...this.fresh(typed)];
    const rows = this.offered.map((one, n) => this.option(one, n, typed));
    const note = this.found ? word('Nothing found') : word('Could not search. Try again.');
    const known = this.found?.length;
    this.list.replaceChildren(...(known ? [] : [element('p', { class: 'picker-note' }, note)]), ...rows);
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.point(known && typed ? 0 : -1);
  }

  // What may be made here and now, named as it was typed: [place, words, the field that takes the name].
  fresh(typed) {
    return this.makes.map(([place, words, field]) => ({ place: field && typed ? `${place}?${new URLSearchParams({ [field]: typed })}` : place, title: typed && field ? `${words} “${typed}”` : words }));
  }

  option(one, n, typed) {
    if (one.place) return element('div', { role: 'option', class: 'is-fresh', id: `${this.list.id}-${n}`, 'data-n': n }, icon('plus'), element('bdi', {}, one.title));
    const row = element('div', { role: 'option', id: `${this.list.id}-${n}`, 'data-n': n }, element('bdi', {}, ...marked(one.title, typed)));
    if (one.detail) row.append(element('span', { class: 'detail' }, one.detail));
    return row;
  }

  answerKey(event) {
    const { key } = event;
    const isOpen = !this.list.hidden;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) return this.ask();
      this.point(this.at + (key === 'ArrowDown' ? 1 : -1));
    } else if (key === 'Enter' && isOpen && this.at >= 0 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.choose(this.offered[this.at]);
    } else if (key === 'Escape' && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.drawChosen();
    } else if (key === 'Backspace' && this.select.multiple && !this.input.value) {
      const last = [...this.select.selectedOptions].at(-1);
      if (last) this.drop(last);
    }
  }

  point(n) {
    const rows = [...this.list.querySelectorAll('[role=option]')];
    this.at = rows.length ? Math.max(Math.min(n, rows.length - 1), -1) : -1;
    rows.forEach((row, i) => row.setAttribute('aria-selected', String(i === this.at)));
    if (this.at < 0) return this.input.removeAttribute('aria-activedescendant');
    this.input.setAttribute('aria-activedescendant', rows[this.at].id);
    rows[this.at].scrollIntoView({ block: 'nearest' });
  }

  async make(place) {
    this.input.value = '';
    this.close();
    const dialog = await openDialog(new URL(place, location.href).href, this.input);
    dialog?.addEventListener('crm:done', async (event) => {
      event.preventDefault();
      const { answer } = event.detail;
      const found = new URL(answer.url).pathname.match(/^\/(\w+)\/(\d+)$/);
      const title = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main h1')?.textContent.trim();
      dialog.close();
      if (found) this.choose({ id: 'any' in this.select.dataset ? `${found[1]}/${found[2]}` : found[2], title: title || found[2] });
      this.input.focus();
    });
  }

  choose(one) {
    if (one?.place) return void this.make(one.place);
    const { select } = this;
    if (!select.multiple) for (const option of select.options) option.selected = false;
    if (one) this.optionFor(one).selected = true;
    else if (!select.multiple) this.optionFor({ id: '', title: '' }).selected = true;
    this.input.value = '';
    this.close();
    this.changed();
  }

  optionFor({ id, title }) {
    const known = [...this.select.options].find((option) => option.value === String(id));
    if (known) return known;
    const made = new Option(title, id);
    this.select.add(made);
    return made;
  }

  drop(option) {
    option.selected = false;
    this.changed();
    this.input.focus();
  }

  changed() {
    this.drawChosen();
    for (const name of ['input', 'change']) this.select.dispatchEvent(new Event(name, { bubbles: true }));
  }

  drawChosen() {
    if (!this.select.multiple) {
      this.input.value = this.title();
      this.off.hidden = !this.select.value || this.select.required;
      return;
    }
    this.off.hidden = true;
    this.input.value = '';
    for (const old of this.box.querySelectorAll('.token')) old.remove();
    this.input.before(...[...this.select.selectedOptions].map((option) => this.token(option)));
  }

  token(option) {
    const off = element('button', { type: 'button', 'aria-label': word('Remove {name}', { name: option.text }) }, icon('x'));
    off.addEventListener('click', () => this.drop(option));
    return element('span', { class: 'token' }, element('span', {}, option.text), off);
  }

  title() {
    return this.select.multiple ? '' : this.select.selectedOptions[0]?.text ?? '';
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.point(-1);
  }
}

function marked(title, typed) {
  const from = typed ? title.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  if (from < 0) return [title];
  return [title.slice(0, from), element('mark', {}, title.slice(from, from + typed.length)), title.slice(from + typed.length)];
}
