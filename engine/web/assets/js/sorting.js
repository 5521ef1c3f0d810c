// [data-sortable]: its [data-sort-item]s are put into another order by dragging their [data-sort-grip]; buttons do the same.
export function watchSorting(list) {
  list.addEventListener('pointerdown', (event) => {
    const grip = event.target.closest('[data-sort-grip]');
    if (grip && !event.button) drag(list, grip.closest('[data-sort-item]'), event);
  });
}

function drag(list, item, event) {
  event.preventDefault();
  item.setPointerCapture(event.pointerId);
  item.classList.add('is-dragging');
  const move = ({ clientY }) => {
    const others = [...list.querySelectorAll('[data-sort-item]')].filter((one) => one !== item);
    const next = others.find((one) => { const box = one.getBoundingClientRect(); return clientY < box.top + box.height / 2; });
    list.insertBefore(item, next ?? null);
  };
  const end = () => {
    item.classList.remove('is-dragging');
    item.removeEventListener('pointermove', move);
    list.dispatchEvent(new CustomEvent('crm:sorted', { bubbles: true }));
  };
  item.addEventListener('pointermove', move);
  item.addEventListener('lostpointercapture', end, { once: true });
}
