// table.is-merge: what one chooses stands at once in the merged record below.
export function watchMerge() {
  document.addEventListener('change', ({ target }) => {
    if (!target.closest('.is-merge') || !target.name?.startsWith('choose.')) return;
    const place = target.form.querySelector(`[data-merged="${target.name.slice(7)}"]`);
    const value = target.closest('label').querySelector('span');
    place?.replaceChildren(...[...value.childNodes].map((node) => node.cloneNode(true)));
  });
}
