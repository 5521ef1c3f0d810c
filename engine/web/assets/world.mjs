// The outline of the countries, from Natural Earth by way of the package world-atlas.
import { readFileSync } from "node:fs";
import path from "node:path";

const WIDTH = 2000; // units of the map

// world.svg for maps: each country is a path under its ISO code, all of them are #land; those too small to be seen are dots,
// which are drawn only where they are asked for. Lines are rounded to whole units, alike on both sides of a border.
export function world(folder) {
  const [whole, fine] = ["countries-110m", "countries-50m"].map((file) => countries(path.join(folder, `${file}.json`)));
  const names = new Set(whole.map((one) => one.code));
  const land = whole.map(({ code, rings }) => `<path${code ? ` id="${code}"` : ""} d="${rings.map(outline).join("")}"/>`);
  const dots = fine.filter(({ code }) => code && !names.has(code)).map(({ code, rings }) => {
    const [x, y] = middle(rings[0]);
    return `<circle id="${code}" cx="${x}" cy="${y}" r="7"/>`;
  });
  const [top, foot] = [84, -56].map((latitude) => project([0, latitude])[1]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${top} ${WIDTH} ${foot - top}">` +
    `<g id="land">${land.join("")}</g><defs>${dots.join("")}</defs></svg>\n`;
}

// TopoJSON: borders that two countries share are stored once, as steps from point to point; ~N is border N backwards.
function countries(file) {
  const topology = JSON.parse(readFileSync(file, "utf8"));
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]);
  });
  const ring = (parts) => parts.flatMap((at) => (at < 0 ? [...arcs[~at]].reverse() : arcs[at]));
  return topology.objects.countries.geometries.filter(({ id }) => id !== "010").map(({ id, type, arcs: own, properties }) => ({
    code: id ? codeOf(id) : properties.name === "Kosovo" ? "XK" : null,
    rings: (type === "Polygon" ? [own] : own).flatMap((polygon) => polygon.map(ring)).flatMap(sides).map((points) => points.map(project)),
  }));
}

// A ring over the 180th meridian is two: what lies beyond one edge of the map is at the other.
function sides(points) {
  let turn = 0;
  const whole = points.map(([x, y], at) => {
    const step = at ? x - points[at - 1][0] : 0;
    turn += step > 180 ? -360 : step < -180 ? 360 : 0;
    return [x + turn, y];
  });
  const parts = [-360, 0, 360].map((by) => clipped(clipped(whole.map(([x, y]) => [x + by, y]), -180, 1), 180, -1));
  return parts.filter((part) => part.length > 2);
}

// What lies to the right of a meridian (side 1) or to its left (-1).
function clipped(points, edge, side) {
  const inside = ([x]) => (x - edge) * side >= 0;
  return points.flatMap((to, at) => {
    const from = points.at(at - 1);
    const part = (edge - from[0]) / (to[0] - from[0]);
    const met = inside(from) === inside(to) ? [] : [[edge, from[1] + part * (to[1] - from[1])]];
    return inside(to) ? [...met, to] : met;
  });
}

// 356 is IN: the engine's own list of countries knows the numbers as former spellings.
function codeOf(number) {
  const code = Intl.getCanonicalLocales(`und-${number}`)[0].slice(4);
  return /^[A-Z]{2}$/.test(code) ? code : null;
}

// Equal Earth: areas are true, so that a shade says as much of a small country as of a large one.
function project([longitude, latitude]) {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796];
  const t = Math.asin((Math.sqrt(3) / 2) * Math.sin((latitude * Math.PI) / 180));
  const [t2, t6] = [t ** 2, t ** 6];
  const x = (2 * Math.sqrt(3) * ((longitude * Math.PI) / 180) * Math.cos(t)) / (3 * (9 * a4 * t6 * t2 + 7 * a3 * t6 + 3 * a2 * t2 + a1));
  const y = t * (a4 * t6 * t2 + a3 * t6 + a2 * t2 + a1);
  const unit = WIDTH / (2 * 2.7066);
  return [Math.round(WIDTH / 2 + x * unit), Math.round(500 - y * unit)];
}

function outline(points) {
  const steps = [];
  let [x, y] = points[0];
  for (const [nextX, nextY] of points.slice(1)) {
    if (nextX === x && nextY === y) continue;
    steps.push(`${nextX - x} ${nextY - y}`);
    [x, y] = [nextX, nextY];
  }
  return steps.length > 1 ? `M${points[0].join(" ")}l${steps.join(" ").replaceAll(" -", "-")}z` : "";
}

function middle(points) {
  return [0, 1].map((at) => Math.round(points.reduce((sum, point) => sum + point[at], 0) / points.length));
}
