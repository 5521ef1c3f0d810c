// What the browser runs for those who put the program on their telephone. Pages always come from the server; without a network
// one page says so, and what was typed and not sent. No record, and no page with one, is ever kept here.
const cache = `shell ${shell.join(' ').length} ${shell.at(-1)}`;

addEventListener('install', (event) => event.waitUntil(keep()));
addEventListener('activate', (event) => event.waitUntil(begin()));
addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, search } = new URL(request.url);
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (shell.includes(pathname + search)) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});

async function keep() {
  const kept = await caches.open(cache);
  await kept.addAll(shell);
  await skipWaiting();
}

async function begin() {
  for (const name of await caches.keys()) if (name !== cache) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match('/offline')) ?? Response.error();
  }
}
