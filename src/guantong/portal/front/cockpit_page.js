// The parts of the cockpit that are plain HTML: figures, lists, tables.

const SHAPES = ["green", "yellow", "orange", "red", "blue"];
const ORDER = ["red", "orange", "yellow", "blue"];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function shape(level) {
  const light = SHAPES.includes(level) ? level : "grey";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `shape shape-${light}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#shape-${light}`);
  svg.append(use);
  return svg;
}

function link(href, text) {
  return href ? make("a", { href }, text) : text;
}

// Rows are made anew only when they differ: a reader's focus and scroll are not taken away.
const drawn = new WeakMap();
function changed(element, value) {
  const text = JSON.stringify(value);
  if (drawn.get(element) === text) return false;
  drawn.set(element, text);
  return true;
}

// What had the focus gets it again after its row was made anew.
function replace(element, rows) {
  const href = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
  element.replaceChildren(...rows);
  if (href) element.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
}

export function drawFigures(page, figures) {
  for (const figure of figures) {
    const tile = page.querySelector(`[data-figure="${CSS.escape(figure.id)}"]`);
    if (!tile || !changed(tile, figure)) continue;
    tile.dataset.light = figure.light;
    tile.querySelector("[data-value]").textContent = figure.value;
    tile.querySelector("[data-unit]").textContent = figure.unit;
    tile.querySelector("[data-word]").textContent = figure.light_word;
    tile.querySelector("[data-at]").textContent = figure.at_text;
    tile.querySelector(".shape").replaceWith(shape(figure.light));
  }
}

export function drawStream(page, entries) {
  const list = page.querySelector("[data-stream-list]");
  if (!changed(list, entries)) return;
  const rows = entries.map((entry) =>
    make("li", {}, shape(entry.level),
      make("div", {}, make("time", {}, entry.at_text), make("div", {}, link(entry.href, entry.text)))),
  );
  replace(list, rows);
}

export function drawLeague(page, entries) {
  const list = page.querySelector("[data-league]");
  if (!changed(list, entries) || !entries.length) return;
  const most = Math.max(...entries.map((entry) => entry.value || 0), 0) || 1;
  const rows = entries.map((entry) => {
    const bar = make("i");
    bar.style.width = `${(100 * (entry.value || 0)) / most}%`;
    return make("li", {}, link(entry.href, entry.name),
      make("span", { class: "league-bar", "aria-hidden": "true" }, bar),
      make("span", {}, entry.value_text));
  });
  replace(list, rows);
}

export function drawCounties(page, counties, past) {
  page.querySelector("[data-past]").textContent = past;
  const body = page.querySelector("[data-counties]");
  if (!changed(body, counties)) return;
  const rank = (county) => (ORDER.includes(county.level) ? ORDER.indexOf(county.level) : ORDER.length);
  const rows = [...counties]
    .sort((a, b) => rank(a) - rank(b) || a.code.localeCompare(b.code))
    .map((county) =>
      make("tr", { "data-county": county.code },
        make("th", { scope: "row" }, link(county.href, county.name)),
        make("td", {}, make("span", { class: "light" }, shape(county.level), make("span", {}, county.level_word))),
        ...(county.cells || []).map((cell) => make("td", { class: "right" }, cell))),
    );
  replace(body, rows);
}

export function drawCounts(page, counties) {
  for (const place of page.querySelectorAll("[data-count]")) {
    place.textContent = counties.filter((county) => county.level === place.dataset.count).length;
  }
}

export function drawStorm(page, storm, track) {
  if (!storm) return;
  const point = track.at(-1);
  const say = (name, text) => (page.querySelector(`[data-storm="${name}"]`).textContent = text);
  say("title", storm.title);
  say("wind", point?.wind_ms == null ? "–" : Math.round(point.wind_ms));
  say("pressure", point?.pressure_hpa == null ? "–" : Math.round(point.pressure_hpa));
  say("at", point?.at_text || "");
  // How far it is was reckoned for now; it says nothing of an instant looked back at.
  const isNow = point && point.at === storm.points?.at(-1)?.at;
  say("closest", (isNow && storm.closest) || "");
}
