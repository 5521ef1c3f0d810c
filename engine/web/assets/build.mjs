// node build.mjs OUT: style sheet, scripts, fonts, the icon sprite and the map of the world into OUT, each with a hash of its content in its name,
// and manifest.json from the plain name to the hashed one. Called by __main__.py, which knows when and where.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { world } from "./world.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2]);
const manifest = {};

try {
  sprite();
  picture("world.svg", world(path.join(here, "node_modules/world-atlas")));
  printed();
  await bundle();
} catch (problem) {
  // What is wrong in a source esbuild has printed already, with its line.
  if (!problem.errors) console.error(problem.message);
  process.exit(1);
}
writeFileSync(path.join(out, "manifest.json"), JSON.stringify(sorted(manifest), null, 2) + "\n");

// An entry is css/main.css, js/main.js and whatever lies in js/pages (scripts that only one kind of page asks for).
// What main.js imports with import() becomes a file of its own that the browser fetches when it is needed.
async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: entries(),
    outdir: out,
    outbase: here,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    supported: { nesting: true },
    minify: true,
    charset: "utf8",
    legalComments: "linked",
    loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
    entryNames: "[name].[hash]",
    chunkNames: "[name].[hash]",
    assetNames: "[name].[hash]",
    metafile: true,
    logLevel: "warning",
  });
  for (const [file, made] of Object.entries(result.metafile.outputs)) {
    const source = made.entryPoint ?? soleFont(made);
    if (source) manifest[path.basename(source)] = path.basename(file);
  }
}

function entries() {
  const main = ["css/main.css", "js/main.js"].filter((file) => existsSync(path.join(here, file)));
  return [...main, ...scriptsIn("js/pages")];
}

function scriptsIn(folder) {
  if (!existsSync(path.join(here, folder))) return [];
  return readdirSync(path.join(here, folder)).filter((name) => name.endsWith(".js")).map((name) => `${folder}/${name}`);
}

function soleFont(made) {
  const inputs = Object.keys(made.inputs);
  return inputs.length === 1 && inputs[0].endsWith(".woff2") ? inputs[0] : undefined;
}

// Each icon is a <symbol> whose strokes take the colour and the size of the place where it is used.
function sprite() {
  const names = readFileSync(path.join(here, "icons.txt"), "utf8")
    .split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>\n`;
  picture("icons.svg", svg);
}

function picture(name, svg) {
  const hash = createHash("sha256").update(svg).digest("hex").slice(0, 8);
  manifest[name] = name.replace(".svg", `.${hash}.svg`);
  writeFileSync(path.join(out, manifest[name]), svg);
}

// Faces for paper, as typst reads no woff2. Vazirmatn, as the letters of Noto Sans Arabic cannot be copied out of a PDF again.
function printed() {
  for (const face of ["inter", "vazirmatn", "noto-sans-devanagari"]) {
    const folder = path.join(here, "node_modules/@expo-google-fonts", face);
    copyFileSync(path.join(folder, "LICENSE_FONT"), path.join(out, `${face}.license.txt`));
    for (const weight of ["400Regular", "600SemiBold"]) {
      const [file] = readdirSync(path.join(folder, weight)).filter((name) => name.endsWith(".ttf"));
      copyFileSync(path.join(folder, weight, file), path.join(out, `${face}-${weight.slice(0, 3)}.ttf`));
    }
  }
}

function symbol(name) {
  let svg;
  try {
    svg = readFileSync(path.join(here, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
  } catch {
    throw new Error(`icons.txt: "${name}" is not an icon of lucide-static.`);
  }
  const drawing = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
    `stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
