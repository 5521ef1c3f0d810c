// [data-sortable]: its [data-sort-item]s are put into another order by dragging their [data-sort-grip]; buttons do the same.
export function watchSorting(list) {
  list.addEventListener('pointerdown', (event) => {
    const grip = event.target.closest('[data-sort-grip]');
    if (grip && !event.button) drag(list, grip.closest('[data-sort-item]'), event);
  });
}

// The whole page listens: an element that is moved about in the document loses the pointer.
function drag(list, item, event) {
  event.preventDefault();
  item.classList.add('is-dragging');
  const move = ({ clientY }) => {
    const others = [...list.querySelectorAll('[data-sort-item]')].filter((one) => one !== item);
    const next = others.find((one) => { const box = one.getBoundingClientRect(); return clientY < box.top + box.height / 2; });
    if (item.nextElementSibling !== (next ?? null)) list.insertBefore(item, next ?? null);
  };
  const end = () => {
    item.classList.remove('is-dragging');
    document.removeEventListener('pointermove', move);
    for (const name of ['pointerup', 'pointercancel']) document.removeEventListener(name, end);
    list.dispatchEvent(new CustomEvent('crm:sorted', { bubbles: true }));
  };
  document.addEventListener('pointermove', move);
  for (const name of ['pointerup', 'pointercancel']) document.addEventListener(name, end);
}
