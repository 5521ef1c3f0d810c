// The choice lives in a cookie, so that the server draws the next page in the right colours from the first byte.
const year = 31536000;

export function watchTheme() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-theme-choice]');
    if (button) choose(button.dataset.themeChoice);
  });
  mark(document.documentElement.dataset.theme ?? 'system');
}

function choose(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const age = theme === 'system' ? 0 : year;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  mark(theme);
}

function mark(theme) {
  for (const button of document.querySelectorAll('[data-theme-choice]')) {
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === theme));
  }
}
