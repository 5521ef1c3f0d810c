// node gallery/show.mjs [PORT]: every part of the design in every state, and whole pages, for looking at while working on
// them. Serves with the content security policy of the real thing, so that an inline style or script shows at once.
//   /            the parts        /list /record /form /sign-in /empty /desk        whole pages
//   ?theme=dark  ?lang=ar         the same, dark or mirrored
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { words } from "./words.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(path.join(tmpdir(), "gallery-"));
const pages = ["parts", "list", "record", "form", "sign-in", "empty", "desk"];
const types = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'";

execFileSync("node", [path.join(here, "../build.mjs"), out], { stdio: "inherit" });
const manifest = JSON.parse(readFileSync(path.join(out, "manifest.json"), "utf8"));
const server = http.createServer(answer).listen(Number(process.argv[2] ?? 8090), "127.0.0.1");
server.on("listening", () => console.log(`http://127.0.0.1:${server.address().port}/`));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => { rmSync(out, { recursive: true }); process.exit(); });

async function answer(request, response) {
  const url = new URL(request.url, "http://here");
  const name = url.pathname === "/" ? "parts" : url.pathname.slice(1);
  if (name.startsWith("static/built/")) return asset(response, name.slice("static/built/".length));
  if (name === "brand.css") return send(response, 200, "text/css", ":root { --brand: #0b5cd6; }");
  if (name.endsWith("/pick")) return send(response, 200, "application/json", pick(url.searchParams.get("q") ?? ""));
  if (!pages.includes(name)) return send(response, 404, "text/plain", "No such page in the gallery.");
  const { page } = await import(`./pages/${name}.mjs`);
  send(response, 200, "text/html; charset=utf-8", page(kit(url.searchParams)));
}

function asset(response, name) {
  if (!Object.values(manifest).includes(name) && !/^[\w.-]+$/.test(name)) return send(response, 404, "text/plain", "");
  try {
    send(response, 200, types[path.extname(name)] ?? "text/plain", readFileSync(path.join(out, name)));
  } catch {
    send(response, 404, "text/plain", "");
  }
}

function send(response, status, type, body) {
  response.writeHead(status, { "content-type": type, "content-security-policy": policy });
  response.end(body);
}

function pick(q) {
  const all = ["Aarav Classes", "Brightpath Academy", "Chandra Tutorials", "Delta Coaching", "Eklavya Institute", "Sharma Classes", "Shanti School"];
  const found = all.filter((title) => title.toLowerCase().includes(q.toLowerCase()));
  return JSON.stringify(found.map((title) => ({ id: String(all.indexOf(title) + 1), title, detail: "Pune" })));
}

// What a page is handed: its language, and the few pieces of markup that all pages share.
function kit(query) {
  const lang = query.get("lang") ?? "en";
  const t = (text) => (lang === "ar" ? words[text] ?? text : text);
  const icon = (name, more = "") => `<svg class="icon ${more}" aria-hidden="true"><use href="/static/built/${manifest["icons.svg"]}#${name}"></use></svg>`;
  const w = { lang, t, icon, dir: lang === "ar" ? "rtl" : "ltr" };
  w.pill = (text, hue, more = "is-stage") => `<span class="pill ${more}" data-hue="${hue}">${t(text)}</span>`;
  w.avatar = (name, hue, more = "") => `<span class="avatar ${more}" data-hue="${hue}" aria-hidden="true">${t(name).split(" ").map((part) => part[0]).slice(0, 2).join(lang === "ar" ? " " : "")}</span>`;
  w.person = (name, hue) => `<span class="person">${w.avatar(name, hue)}<span>${t(name)}</span></span>`;
  w.document = (title, body, classes = "") => `<!doctype html>
<html lang="${lang}" dir="${w.dir}"${query.get("theme") ? ` data-theme="${query.get("theme")}"` : ""}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<link rel="icon" href="data:,"><title>${t(title)} · RSoft CRM</title>
<link rel="stylesheet" href="/static/built/${manifest["main.css"]}"><link rel="stylesheet" href="/brand.css">
<script type="module" src="/static/built/${manifest["main.js"]}"></script>
</head>
<body class="${classes}">${body}</body>
</html>`;
  w.frame = (title, main, here) => w.document(title, frame(w, main, here), "app");
  return w;
}

function frame(w, main, here) {
  const { t, icon } = w;
  const places = [["Today", "calendar-check", "desk", "7", "t"], ["Leads", "users", "list", "1,284", "l"], ["Calls", "phone", "calls", ""], ["Appointments", "calendar", "appointments", "3"], ["Tickets", "life-buoy", "tickets", ""], ["Accounts", "building-2", "accounts", ""]];
  const link = ([label, name, to, count, key]) => `<li><a href="/${to}${w.lang === "ar" ? "?lang=ar" : ""}"${to === here ? ' aria-current="page"' : ""}${key ? ` data-go="${key}"` : ""}>${icon(name)}<span>${t(label)}</span>${count ? `<span class="nav-count">${count}</span>` : ""}</a></li>`;
  const rest = `<div class="nav-group"><p class="nav-label">${t("Favourites")}</p><ul class="nav">${[["Hot leads", "flame", "hot", "12"], ["Missed follow-up", "clock", "missed", "4"]].map(link).join("")}</ul></div>
    <ul class="nav rail-foot">${[["Reports", "chart-column", "reports", ""], ["Bin", "trash-2", "empty", ""], ["Settings", "settings", "settings", ""]].map(link).join("")}</ul>`;
  const mark = `<a class="brand-mark" href="/desk"><span class="brand-tile" aria-hidden="true">R</span><span>RSoft CRM</span></a>`;
  return `
<a class="skip" href="#main">${t("Skip to content")}</a>
<nav class="rail" aria-label="${t("Main")}">${mark}
  <ul class="nav rail-bar">${places.map(link).join("")}<li class="rail-more"><button type="button" popovertarget="drawer">${icon("menu")}<span>${t("More")}</span></button></li></ul>
  ${rest}
</nav>
<header class="top">
  <form class="search" role="search" action="/search">${icon("search")}<input type="search" name="q" aria-label="${t("Search")}" placeholder="${t("Search people, phones, references")}" data-search><kbd>/</kbd></form>
  <div class="top-end">
    <a class="button is-primary desk-only" href="/form" data-create>${icon("plus")}${t("New lead")}</a>
    <a class="button is-primary is-icon phone-only" href="/form" aria-label="${t("New lead")}">${icon("plus")}</a>
    <a class="button is-quiet is-icon bell" href="/notices" aria-label="${t("Notices, 3 unread")}">${icon("bell")}<span class="bell-count" aria-hidden="true">3</span></a>
    <button type="button" class="button is-quiet is-icon" popovertarget="user-menu" aria-label="${t("Asha Nair: your menu")}">${w.avatar("Asha Nair", "teal", "is-large")}</button>
    <div popover id="user-menu" class="popover menu is-end">
      <p class="menu-head"><b>${t("Asha Nair")}</b><small>${t("Tele-caller")}</small></p><hr>
      <a class="menu-item" href="/me">${icon("circle-user")}${t("Your account")}</a>
      <button type="button" class="menu-item needs-script" popovertarget="keys">${icon("keyboard")}${t("Keys")}<kbd>?</kbd></button><hr>
      <p class="menu-label">${t("Theme")}</p>
      <button type="button" class="menu-item needs-script" data-theme-choice="light">${icon("sun")}${t("Light")}</button>
      <button type="button" class="menu-item needs-script" data-theme-choice="dark">${icon("moon")}${t("Dark")}</button>
      <button type="button" class="menu-item needs-script" data-theme-choice="system">${icon("monitor")}${t("As the system")}</button><hr>
      <form method="post" action="/sign-out"><button class="menu-item">${icon("log-out")}${t("Sign out")}</button></form>
    </div>
  </div>
</header>
${main}
<div popover id="drawer" class="drawer" role="dialog" aria-label="${t("All places")}">${mark}<ul class="nav">${places.map(link).join("")}</ul>${rest}</div>
<div popover id="keys" class="dialog" role="dialog" aria-labelledby="keys-title"><div class="dialog-body">
  <div class="dialog-head"><h2 id="keys-title">${t("Keys")}</h2><button type="button" class="button is-quiet is-icon" popovertarget="keys" popovertargetaction="hide" aria-label="${t("Close")}">${icon("x")}</button></div>
  <dl class="keys-list">${[["Search", "/"], ["This list", "?"], ["New record", "c"], ["Edit", "e"], ["Next row", "j"], ["Row before", "k"], ["Open row", "Enter"], ["Tick row", "x"], ["Go to leads", "g l"], ["Save", "Ctrl Enter"]].map(([what, key]) => `<div><dt>${t(what)}</dt><dd>${key.split(" ").map((one) => `<kbd>${one}</kbd>`).join("")}</dd></div>`).join("")}</dl>
  <label class="option"><input type="checkbox" class="check" data-keys-switch><span>${t("Keys of one letter")}</span></label>
</div></div>
<div class="toasts" role="status" aria-live="polite"></div>`;
}
