// A card is carried by the pointer: with a mouse after a few pixels, with a finger after it rested. Columns that are closed to
// it are hatched and say why; what is let go there comes back. The menu of ways.js does the same without a pointer.
import { element, icon, word } from './page.js';
import { choose, shake, take, waysOf } from './ways.js';

const far = 6; // pixels that a mouse moves before it drags
const rest = 320; // milliseconds that a finger rests before it drags
const edge = 56; // pixels from the board's edge where it scrolls

export function carry(board) {
  let hand = null;
  const begin = (event) => {
    const card = event.target.closest('.slip');
    if (!card || hand || event.button || event.target.closest('[data-ways], button')) return;
    hand = new Hand(board, card, event, () => { hand = null; });
  };
  board.addEventListener('pointerdown', begin);
  board.addEventListener('dragstart', (event) => event.preventDefault());
  // Only while a card is up must the page not scroll under the finger.
  board.addEventListener('touchmove', (event) => { if (hand?.flying) event.preventDefault(); }, { passive: false });
  board.addEventListener('contextmenu', (event) => { if (hand?.flying) event.preventDefault(); });
}

class Hand {
  constructor(board, card, event, over) {
    Object.assign(this, { board, card, over, from: { x: event.clientX, y: event.clientY }, at: { x: event.clientX, y: event.clientY }, id: event.pointerId });
    this.abort = new AbortController();
    const { signal } = this.abort;
    addEventListener('pointermove', (moved) => this.move(moved), { signal });
    addEventListener('pointerup', (up) => this.drop(up), { signal });
    addEventListener('pointercancel', () => this.end(), { signal });
    addEventListener('keydown', (key) => { if (key.key === 'Escape' && this.flying) { key.preventDefault(); key.stopPropagation(); this.end(); } }, { signal, capture: true });
    if (event.pointerType !== 'mouse') this.timer = setTimeout(() => this.lift(), rest);
    this.isMouse = event.pointerType === 'mouse';
  }

  move(event) {
    if (event.pointerId !== this.id) return;
    this.at = { x: event.clientX, y: event.clientY };
    const moved = Math.hypot(this.at.x - this.from.x, this.at.y - this.from.y);
    if (!this.flying && !this.isMouse && moved > 10) return this.end();
    if (!this.flying && this.isMouse && moved > far) this.lift();
    if (this.flying) this.follow();
  }

  lift() {
    const { card, board } = this;
    const box = card.getBoundingClientRect();
    this.grip = { x: this.from.x - box.left, y: this.from.y - box.top };
    this.flying = card.cloneNode(true);
    this.flying.classList.add('slip-flying');
    this.flying.setAttribute('aria-hidden', 'true');
    this.flying.style.width = `${box.width}px`;
    document.body.append(this.flying);
    card.classList.add('is-lifted');
    board.classList.add('is-dragging');
    this.home = card.closest('.column');
    getSelection()?.removeAllRanges();
    navigator.vibrate?.(15);
    this.judge();
    this.follow();
    this.scroll();
  }

  // Which columns are open to the card: until the server has told, none is said to be shut.
  async judge() {
    this.found = await waysOf(this.board, this.card);
    if (!this.flying || !this.found) return;
    for (const column of this.board.querySelectorAll('.column')) {
      if (column === this.home) continue;
      column.classList.add(this.to(column).some((way) => way.place) ? 'is-way' : 'is-shut');
    }
    this.say();
  }

  to(column) {
    return (this.found?.ways ?? []).filter((way) => way.to === column.dataset.column);
  }

  why(column) {
    const reasons = this.to(column).flatMap((way) => way.reasons);
    const name = (one) => one.querySelector('.column-name').textContent.trim();
    return reasons.length ? [...new Set(reasons)].join(' ') : word('No move leads from {from} to {to}.', { from: name(this.home), to: name(column) });
  }

  follow() {
    this.flying.style.transform = `translate(${this.at.x - this.grip.x}px, ${this.at.y - this.grip.y}px)`;
    const column = document.elementFromPoint(this.at.x, this.at.y)?.closest('.column');
    if (column === this.above) return;
    this.above?.classList.remove('is-over');
    this.above = column;
    column?.classList.add('is-over');
    this.say();
  }

  // Why the column under the card is shut; it travels with the card.
  say() {
    this.flying.querySelector('.slip-verdict')?.remove();
    if (this.above?.classList.contains('is-shut')) this.flying.append(element('p', { class: 'slip-verdict' }, icon('lock'), this.why(this.above)));
  }

  scroll() {
    if (!this.flying) return;
    const box = this.board.getBoundingClientRect();
    const pull = (place, from, to) => (place < from + edge ? place - from - edge : place > to - edge ? place - to + edge : 0) / 4;
    this.board.scrollLeft += pull(this.at.x, box.left, box.right);
    const body = this.above?.querySelector('.column-body');
    if (body) { const inner = body.getBoundingClientRect(); body.scrollTop += pull(this.at.y, inner.top, inner.bottom); }
    requestAnimationFrame(() => this.scroll());
  }

  async drop(event) {
    if (event.pointerId !== this.id) return;
    const { board, card, above, flying, home } = this;
    if (!flying) return this.end();
    // The click that follows a drop is no wish to open the record.
    addEventListener('click', (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true, signal: AbortSignal.timeout(50) });
    const before = this.below();
    const { x, y } = this.at;
    this.end();
    if (!above || above === home) return;
    this.found = await waysOf(board, card);
    if (!this.found) return shake(board, card, word('The server could not be reached. Nothing was changed.'));
    const open = this.to(above).filter((way) => way.place);
    if (!open.length) return shake(board, card, this.why(above));
    if (open.length > 1) return choose(board, card, open, card.querySelector('.slip-title').textContent.trim(), { left: x, right: x, top: y, bottom: y });
    take(board, card, open[0], before);
  }

  below() {
    const { y } = this.at;
    return [...(this.above?.querySelectorAll('.slip') ?? [])].find((one) => one.getBoundingClientRect().top > y - 20) ?? null;
  }

  end() {
    clearTimeout(this.timer);
    this.abort.abort();
    this.flying?.remove();
    this.flying = null;
    this.card.classList.remove('is-lifted');
    this.board.classList.remove('is-dragging');
    for (const column of this.board.querySelectorAll('.column')) column.classList.remove('is-way', 'is-shut', 'is-over');
    this.over();
  }
}


