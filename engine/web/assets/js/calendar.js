// The calendar by hand: an event is dragged to another time or day, pulled longer or shorter, and made by a click on an empty
// place. Each drag is one small form sent to the event's address; a refusal puts it back and says why. Without this file
// the same is done in the event's dialog.
import { element, word } from './page.js';
import { shown as shownToast, toast } from './toasts.js';

const SNAP = 15; // minutes
const FAR = 4; // pixels that a mouse moves before it drags
const HOLD = 350; // ms that a finger rests before it drags
const DAY = 1440;

let page;
let drag = null;

export function watchCalendar(main) {
  page = main;
  page.addEventListener('pointerdown', begin);
  page.addEventListener('click', swallow, true);
  page.addEventListener('click', clicked);
  page.addEventListener('touchmove', (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
  document.addEventListener('keydown', pressed);
  setInterval(tick, 30000);
  settle();
}

// After each drawing: handles, the line of now, a telephone's week at its day.
function settle() {
  for (const one of page.querySelectorAll('.cal-event[data-sizable]')) one.append(element('span', { class: 'cal-handle', 'aria-hidden': 'true' }));
  for (const one of page.querySelectorAll('[data-movable]')) one.draggable = false;
  tick();
  const today = page.querySelector('.cal-day.is-today');
  const grid = page.querySelector('.cal-grid');
  if (today && grid && grid.scrollWidth > grid.clientWidth) grid.scrollLeft += edge(today) - edge(grid) - side() * page.querySelector('.cal-hours').offsetWidth;
}

const side = () => (document.dir === 'rtl' ? -1 : 1);
const edge = (one) => one.getBoundingClientRect()[document.dir === 'rtl' ? 'right' : 'left'];

// ---- dragging

function begin(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const one = event.target.closest('[data-movable]');
  const day = event.target.closest('.cal-day');
  if (!one && (!day || event.pointerType !== 'mouse' || event.target.closest('a') || !newMenu())) return;
  drag = { one, day, x: event.clientX, y: event.clientY, sizes: Boolean(event.target.closest('.cal-handle')), on: false, pointer: event.pointerId };
  if (one && event.pointerType !== 'mouse') drag.wait = setTimeout(() => start(), HOLD);
  document.addEventListener('pointermove', move);
  document.addEventListener('pointerup', drop);
  document.addEventListener('pointercancel', cancel);
}

function move(event) {
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > FAR;
  if (!drag.on && drag.wait && far) return cancel(); // the finger scrolls
  if (!drag.on && !drag.wait && far) start();
  if (!drag.on) return;
  event.preventDefault();
  if (!drag.one) return draw(event);
  if (drag.sizes) return resize(event);
  return drag.one.closest('.cal-day') ? carry(event) : carryDay(event);
}

function start() {
  drag.on = true;
  drag.wait = null;
  document.body.classList.add('cal-dragging');
  if (!drag.one) return;
  navigator.vibrate?.(10);
  drag.ghost = drag.one.cloneNode(true);
  drag.ghost.classList.add('is-dragged');
  drag.ghost.removeAttribute('href');
  drag.one.classList.add('cal-saving');
  const { h = 0, m = 0, lh = 0, lm = 0 } = drag.one.dataset;
  drag.from = Number(h) * 60 + Number(m);
  drag.long = Math.max(Number(lh) * 60 + Number(lm), SNAP);
  drag.start = drag.from;
  const column = drag.one.closest('.cal-day');
  drag.grab = column ? minuteAt(column, drag.y) - drag.from : 0;
}

// In the columns of hours.
function carry(event) {
  const whole = under(event, '.cal-whole');
  const column = whole ? null : nearest(event.clientX);
  if (!column) return;
  drag.day = column;
  drag.start = clamp(snap(minuteAt(column, event.clientY) - drag.grab), 0, DAY - SNAP);
  place(drag.ghost, drag.start, drag.long);
  column.querySelector('.cal-events').append(drag.ghost);
  tell(drag.ghost, drag.start, drag.start + drag.long);
}

function resize(event) {
  const column = drag.one.closest('.cal-day');
  drag.day = column;
  drag.length = clamp(snap(minuteAt(column, event.clientY)) - drag.from, SNAP, DAY - drag.from);
  place(drag.ghost, drag.from, drag.length);
  column.querySelector('.cal-events').append(drag.ghost);
  tell(drag.ghost, drag.from, drag.from + drag.length);
}

// In a month, or among what lasts all day.
function carryDay(event) {
  page.querySelector('.cal-over')?.classList.remove('cal-over');
  drag.day = under(event, '.cal-cell, .cal-whole');
  drag.day?.classList.add('cal-over');
  if (!drag.ghost.isConnected) { drag.one.after(drag.ghost); drag.one.hidden = true; }
  drag.ghost.style.translate = `${event.clientX - drag.x}px ${event.clientY - drag.y}px`;
  drag.ghost.style.pointerEvents = 'none';
}

// On an empty place: the span of what is to be made.
function draw(event) {
  const first = snap(minuteAt(drag.day, drag.y), Math.floor);
  const last = clamp(snap(minuteAt(drag.day, event.clientY), Math.ceil), first + SNAP, DAY);
  Object.assign(drag, { start: first, length: last - first });
  hint(drag.day, first, last - first);
}

function drop(event) {
  const done = drag;
  finish();
  if (!done.on) return;
  swallowed = true;
  setTimeout(() => { swallowed = false; }, 0);
  if (!done.one) return ask(done.day.dataset.date, done.start, done.length, event, done.day);
  const change = done.day && changed(done);
  if (!change) return back(done);
  send(done, change);
}

function changed({ one, day, sizes, length, start, from }) {
  const said = { day: day.dataset.date };
  const home = one.closest('[data-date]');
  if (sizes) return length ? { ...said, time: clock(from), length } : null;
  if (day === home && start === from) return null;
  if (day.matches('.cal-day')) said.time = clock(start);
  for (const name of ['person', 'place']) if (day.dataset[name] && day.dataset[name] !== home?.dataset[name]) said[name] = day.dataset[name];
  return said;
}

function cancel() {
  const done = drag;
  finish();
  if (done) back(done);
}

function finish() {
  clearTimeout(drag?.wait);
  for (const [name, listener] of [['pointermove', move], ['pointerup', drop], ['pointercancel', cancel]]) document.removeEventListener(name, listener);
  document.body.classList.remove('cal-dragging');
  page.querySelector('.cal-over')?.classList.remove('cal-over');
  drag = null;
}

function back({ one, ghost }) {
  ghost?.remove();
  one?.classList.remove('cal-saving');
  if (one) one.hidden = false;
}

async function send(done, change) {
  const { one } = done;
  const body = new URLSearchParams({ ...change, _version: one.dataset.version, _key: crypto.randomUUID?.() ?? String(Math.random()) });
  const headers = { accept: 'application/json', 'x-csrf-token': document.querySelector('input[name=_csrf]')?.value ?? '' };
  const answer = await fetch(`/calendar/${one.dataset.event}/move`, { method: 'post', body, headers }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  if (!answer?.ok || !told?.said) {
    back(done);
    return say(told?.refused ?? word('There is no connection. It was not moved.'), true);
  }
  await refresh();
  say(told.said);
  if (told.toast) raise(told.toast);
}

function raise(html) {
  const one = new DOMParser().parseFromString(html, 'text/html').querySelector('.toast');
  if (!one) return;
  document.querySelector('.toasts')?.append(one);
  shownToast(one);
}

function say(text, isRefusal = false) {
  const place = page.querySelector('[data-cal-said]');
  if (place && isRefusal) place.textContent = text;
  if (isRefusal) toast(text);
}

// The same address again, with the eyes of who is signed in; what was scrolled stays so.
export async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-calendar]');
  if (!fresh) return location.reload();
  const scrolled = scrolls();
  page.replaceChildren(...fresh.childNodes);
  settle();
  page.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
  for (const [selector, left, top] of scrolled) page.querySelector(selector)?.scrollTo(left, top);
}

const SCROLLED = ['.cal-grid', '.cal-month-scroll', '.cal-agenda'];
const scrolls = () => SCROLLED.flatMap((s) => [...page.querySelectorAll(s)].map((one) => [s, one.scrollLeft, one.scrollTop]));

// ---- making a new one

let swallowed = false;
function swallow(event) {
  if (!swallowed) return;
  event.preventDefault();
  event.stopPropagation();
}

function clicked(event) {
  const add = event.target.closest('[data-cal-add]');
  const link = event.target.closest('a, button, [popover]');
  if (add && newMenu()) {
    event.preventDefault();
    const day = add.closest('[data-date]')?.dataset.date ?? new URL(add.href).searchParams.get('on');
    return ask(day, 9 * 60, 0, event, null);
  }
  const place = link ? null : event.target.closest('.cal-day, .cal-cell');
  if (!place || !newMenu() || matchMedia('(pointer: coarse)').matches) return;
  const start = place.matches('.cal-day') ? snap(minuteAt(place, event.clientY), Math.floor) : 9 * 60;
  ask(place.dataset.date, start, 0, event, place.matches('.cal-day') ? place : null);
}

const newMenu = () => page.querySelector('[data-cal-new]');

// Which kind is to be made: a menu at the pointer, or its form at once where there is but one.
function ask(date, start, length, event, day) {
  const menu = newMenu();
  const links = [...menu.querySelectorAll('a[data-field]')];
  for (const link of links) link.href = formAt(link, date, start, length, day);
  if (day) hint(day, start, length || 60);
  if (links.length === 1) { unhint(); return links[0].click(); }
  menu.querySelector('[data-cal-new-when]').textContent = `${dayText(date)}, ${timeText(start)}`;
  menu.addEventListener('toggle', (toggled) => { if (toggled.newState === 'closed') unhint(); }, { once: true });
  menu.style.inset = 'auto';
  menu.style.margin = '0';
  menu.showPopover();
  const box = menu.getBoundingClientRect();
  const at = event.clientX || event.clientY ? [event.clientX, event.clientY] : corner(event.target);
  menu.style.left = `${clamp(at[0], 8, innerWidth - box.width - 8)}px`;
  menu.style.top = `${clamp(at[1] + 4, 8, innerHeight - box.height - 8)}px`;
  links[0].focus();
}

function corner(target) {
  const box = target.getBoundingClientRect();
  return [box.left, box.bottom];
}

function formAt(link, date, start, length, day) {
  const place = new URL(link.getAttribute('href'), location.href);
  place.search = '';
  place.searchParams.set(link.dataset.field, 'dated' in link.dataset ? date : `${date}T${clock(start)}`);
  if (length && link.dataset.length) place.searchParams.set(link.dataset.length, `${length} min`);
  if (day?.dataset.person && link.dataset.owner) place.searchParams.set('owner', day.dataset.person);
  if (day?.dataset.place && link.dataset.place) place.searchParams.set(link.dataset.place, day.dataset.place);
  place.searchParams.set('back', location.pathname + location.search);
  return place.href;
}

function hint(day, start, length) {
  unhint();
  const made = element('i', { class: 'cal-hint cal-event' }, `${timeText(start)} – ${timeText(start + length)}`);
  place(made, start, length);
  day.append(made);
}

const unhint = () => page.querySelector('.cal-hint')?.remove();

// ---- where and when

function minuteAt(column, y) {
  const grid = column.closest('.cal-grid').dataset;
  const box = column.getBoundingClientRect();
  return Number(grid.first) * 60 + ((y - box.top) / box.height) * (grid.last - grid.first) * 60;
}

function place(one, start, length) {
  const values = { h: Math.floor(start / 60), m: start % 60, lh: Math.floor(length / 60), lm: length % 60, lane: 0, lanes: 1, wide: 1 };
  for (const [name, value] of Object.entries(values)) one.style.setProperty(`--${name}`, value);
}

function tell(one, start, end) {
  const time = one.querySelector('time');
  if (time) time.textContent = `${timeText(start)} – ${timeText(end)}`;
}

function nearest(x) {
  return [...page.querySelectorAll('.cal-day')].find((day) => {
    const box = day.getBoundingClientRect();
    return x >= box.left && x < box.right;
  });
}

const under = (event, selector) => document.elementsFromPoint(event.clientX, event.clientY).map((e) => e.closest(selector)).find(Boolean);
const snap = (minute, round = Math.round) => round(minute / SNAP) * SNAP;
const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const two = (n) => String(n).padStart(2, '0');
const clock = (minute) => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
const written = (options, moment) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: 'UTC', numberingSystem: 'latn', ...options }).format(moment);
const timeText = (minute) => written({ hour: 'numeric', minute: '2-digit' }, minute * 60000);
const dayText = (date) => written({ weekday: 'long', day: 'numeric', month: 'long' }, Date.parse(`${date}T00:00Z`));

function tick() {
  const line = page.querySelector('.cal-now');
  const grid = page.querySelector('.cal-grid')?.dataset;
  if (!line || !grid) return;
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: page.dataset.zone, hour: '2-digit', minute: '2-digit', hour12: false }).formatToParts(new Date());
  const [hour, minute] = ['hour', 'minute'].map((type) => Number(parts.find((part) => part.type === type).value));
  line.hidden = hour < grid.first || hour >= grid.last;
  place(line, hour * 60 + minute, 0);
}

// ---- keys

const KEYS = { t: 'today', m: 'month', w: 'week', d: 'day', a: 'agenda' };

function pressed(event) {
  if (event.key === 'Escape' && drag) return cancel();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.querySelector('dialog[open], [popover]:popover-open') || event.target.matches?.('input, textarea, select, [contenteditable]')) return;
  if (localStorage.getItem('keys') === 'off' && event.key.length === 1) return;
  const forward = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const turn = { ArrowLeft: 'before', ArrowRight: 'before', [forward]: 'after' }[event.key];
  const link = page.querySelector(`[data-cal="${turn ?? KEYS[event.key]}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
}
