// <input data-sift="details">: typing hides the siblings (of that selector) that do not contain the words.
export function watchSifts() {
  document.addEventListener('input', ({ target }) => {
    if (!target.matches('[data-sift]')) return;
    const sought = plain(target.value);
    for (const one of target.parentElement.querySelectorAll(`:scope ${target.dataset.sift}`)) {
      one.hidden = !plain((one.querySelector('summary') ?? one).textContent).includes(sought);
    }
  });
}

const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
