// The rail folds to its icons; a cookie remembers it, so that the server draws the next page so from the first byte.
const year = 31536000;

export function watchRail() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-rail]');
    if (!button) return;
    const narrow = document.body.classList.toggle('is-narrow');
    button.setAttribute('aria-pressed', String(narrow));
    document.cookie = `rail=${narrow ? 'narrow' : ''}; path=/; max-age=${narrow ? year : 0}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  });
}
