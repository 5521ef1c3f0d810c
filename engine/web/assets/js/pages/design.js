// The design page: each token shows itself, and how its ink reads on the page's ground.
for (const sample of document.querySelectorAll('[data-token]')) {
  const name = `--${sample.dataset.token}`;
  sample.style.setProperty(sample.dataset.shows ?? 'background', `var(${name})`);
  const told = sample.parentElement.querySelector('code');
  told.title = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
