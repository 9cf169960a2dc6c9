// The leader's page: keeps the figures, the map and the lists up to date from the live stream.
// The page is complete without it but for the map: everything else stands in the HTML already.
import "./cockpit.css";
import { CockpitMap } from "./cockpit_map.js";
import { TimeBar } from "./cockpit_time.js";
import { drawCounties, drawFigures, drawLeague, drawStorm, drawStream, drawCounts } from "./cockpit_page.js";

const page = document.getElementById("cockpit");
const words = Object.fromEntries(
  Object.entries(page.dataset)
    .filter(([key]) => key.startsWith("word"))
    .map(([key, word]) => [key[4].toLowerCase() + key.slice(5), word]),
);
let state = JSON.parse(document.getElementById("cockpit-state").textContent);

const map = new CockpitMap(document.getElementById("map"), words);
const time = new TimeBar(page.querySelector("[data-timebar]"), words, show);

// What the map and the table show: the present, or the instant chosen in the time bar.
function show() {
  const past = time.instant();
  const counties = past ? countiesThen(past) : state.counties;
  const track = (state.storm?.points || []).filter((point) => !past || point.at <= past.at);
  drawCounties(page, counties, past ? `${words.past} ${past.at_text}` : "");
  drawCounts(page, counties);
  drawStorm(page, state.storm, track);
  map.draw({ counties, columns: past ? [] : state.columns, points: state.storm?.points || [], now: track.length - 1 });
}

function countiesThen(past) {
  return state.counties.map((county) => {
    const level = past.levels[county.code.slice(0, 6)] || "none";
    return { ...county, level, level_word: words[level], cells: county.cells?.map(() => "") };
  });
}

function arrive(next) {
  state = next;
  const clock = page.querySelector("[data-clock]");
  for (const place of page.querySelectorAll("[data-clock]")) place.textContent = state.clock_text;
  clock.dateTime = state.clock;
  drawFigures(page, state.figures);
  drawLeague(page, state.league);
  drawStream(page, state.stream);
  time.fill(state.history);
  show();
}

function tell(kind) {
  const status = page.querySelector("[data-status]");
  if (status.dataset.kind === kind) return;
  status.dataset.kind = kind;
  status.textContent = words[kind];
}

function listen() {
  if (!page.dataset.stream) return;
  const source = new EventSource(page.dataset.stream, { withCredentials: true });
  source.addEventListener("state", (event) => {
    const next = JSON.parse(event.data);
    tell(next.running ? "live" : "ended");
    arrive(next);
  });
  // EventSource tries again by itself; a refusal closes it, and the page says so either way.
  source.addEventListener("error", () => tell("lost"));
}

document.addEventListener("themechange", () => map.recolour());
for (const button of page.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => {
    for (const other of page.querySelectorAll("[data-view]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    map.view(button.dataset.view);
  });
}

arrive(state);
listen();
try {
  await map.load(page.dataset.map);
  page.querySelector("[data-map-tools]").hidden = false;
} catch {
  map.fail(words.mapFailed);
}
