// A page that is about to be left takes no sentence with it: what was done is told by the page that comes.
let left = false;

export const isLeaving = () => left || Boolean(document.querySelector('form[data-sending]'));

export function leaveFor(address) {
  left = true;
  location.assign(address);
}

// The page may come back from the browser's cache.
addEventListener('pageshow', () => { left = false; });
