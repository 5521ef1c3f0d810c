// A list in groups: a head opens and closes its rows in place; what is closed is asked for when it is opened, and the first
// few when they come into sight. The link of a head leads to the same list with that group open.
import { piece } from './parts.js';

export function watchGroups() {
  const table = document.querySelector('table.is-grouped');
  if (!table) return;
  table.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const toggle = event.target.closest('.group-toggle');
    if (toggle) { event.preventDefault(); turn(toggle); return; }
    const more = event.target.closest('a[data-rows-more]');
    if (more) { event.preventDefault(); add(more); }
  });
  table.addEventListener('keydown', (event) => {
    const toggle = event.target.closest?.('.group-toggle');
    if (toggle && event.key === ' ') { event.preventDefault(); turn(toggle); }
  });
  table.closest('[data-live]')?.addEventListener('crm:live', (event) => { event.preventDefault(); renew(table); });
  const explicit = new URLSearchParams(location.search).has('open');
  if (!explicit) for (const head of table.querySelectorAll('tbody.group')) sight.observe(head);
}

const rowsOf = (toggle) => toggle.closest('tbody').nextElementSibling;

const sight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    const toggle = target.querySelector('.group-toggle');
    if (toggle.getAttribute('aria-expanded') !== 'true' && toggle.querySelector('.count').textContent.match(/[1-9]/)) turn(toggle);
  }
});

function turn(toggle) {
  sight.unobserve(toggle.closest('tbody'));
  const isOpen = toggle.getAttribute('aria-expanded') === 'true';
  const rows = rowsOf(toggle);
  toggle.setAttribute('aria-expanded', String(!isOpen));
  rows.hidden = isOpen;
  const more = rows.querySelector('a[data-rows-more]');
  if (!isOpen && more && rows.rows.length === 1) add(more);
}

// Others changed something: the heads tell the numbers of now; rows are as they were until they are opened anew.
async function renew(table) {
  const fresh = await piece();
  for (const head of fresh ? table.querySelectorAll('tbody.group') : []) {
    const twin = [...fresh.querySelectorAll('tbody.group')].find((one) => one.dataset.group === head.dataset.group);
    const counts = [head, twin].map((one) => one?.querySelector('.count'));
    if (counts[1] && counts[0].textContent !== counts[1].textContent) counts[0].textContent = counts[1].textContent;
    for (const [n, sum] of [...head.querySelectorAll('.group-sum')].entries()) {
      const now = twin?.querySelectorAll('.group-sum')[n];
      if (now && now.textContent !== sum.textContent) sum.textContent = now.textContent;
    }
  }
}

async function add(more) {
  if (more.hasAttribute('aria-busy')) return;
  more.setAttribute('aria-busy', 'true');
  const page = await piece(more.dataset.rowsMore);
  const end = more.closest('tr');
  if (!page) return void (location.href = more.href);
  const rows = [...(page.querySelector('tbody[data-page]')?.rows ?? [])].map((one) => document.importNode(one, true));
  end.before(...rows);
  const next = page.querySelector('.pages a[rel=next]');
  if (next) { more.dataset.rowsMore = next.getAttribute('href'); more.removeAttribute('aria-busy'); } else end.remove();
  if (document.activeElement === more || document.activeElement === document.body) rows[0]?.querySelector('.cell-title a')?.focus({ preventScroll: true });
  rows[0]?.parentElement.dispatchEvent(new CustomEvent('crm:added', { bubbles: true }));
}
