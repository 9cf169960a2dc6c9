// The time bar: how many counties stood at which level, and a way back to any instant.

const LEVELS = ["red", "orange", "yellow", "blue"];
const SVG = "http://www.w3.org/2000/svg";
const PLAY_MS = 350;

export class TimeBar {
  constructor(element, words, changed) {
    this.element = element;
    this.words = words;
    this.changed = changed;
    this.history = [];
    this.past = null; // index of the instant chosen; null is the present
    this.range = element.querySelector("[data-range]");
    this.output = element.querySelector("[data-instant]");
    this.play = element.querySelector("[data-play]");
    this.range.addEventListener("input", () => this.choose(Number(this.range.value)));
    element.querySelector("[data-live]").addEventListener("click", () => this.toLive());
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
  }

  // The instant chosen, or null for the present.
  instant() {
    return this.past === null ? null : this.history[this.past];
  }

  fill(history) {
    this.history = history;
    this.element.hidden = history.length < 2;
    if (this.element.hidden) return;
    this.range.max = history.length - 1;
    if (this.past === null) this.range.value = history.length - 1;
    this.strip();
    this.tell();
  }

  choose(index) {
    this.past = index >= this.history.length - 1 && !this.timer ? null : index;
    this.tell();
    this.changed();
  }

  toLive() {
    this.stop();
    this.past = null;
    this.range.value = this.history.length - 1;
    this.tell();
    this.changed();
  }

  start() {
    if (this.past === null) this.range.value = 0;
    this.timer = setInterval(() => {
      const next = Number(this.range.value) + 1;
      if (next >= this.history.length) return this.toLive();
      this.range.value = next;
      this.choose(next);
    }, PLAY_MS);
    this.name(true);
    this.choose(Number(this.range.value));
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.name(false);
  }

  name(playing) {
    this.play.setAttribute("aria-pressed", String(playing));
    this.play.textContent = playing ? this.words.pause : this.words.play;
  }

  tell() {
    const at = (this.instant() || this.history.at(-1))?.at_text || "";
    this.output.textContent = at;
    this.range.setAttribute("aria-valuetext", at);
  }

  strip() {
    const strip = this.element.querySelector("[data-strip]");
    const counts = this.history.map(({ levels }) => {
      const values = Object.values(levels);
      return LEVELS.map((level) => values.filter((value) => value === level).length);
    });
    const most = Math.max(1, ...counts.map((count) => count.reduce((a, b) => a + b, 0)));
    strip.setAttribute("viewBox", `0 0 ${counts.length} ${most}`);
    const bars = counts.flatMap((count, index) => {
      let top = most;
      return count.flatMap((many, level) => {
        if (!many) return [];
        top -= many;
        const bar = document.createElementNS(SVG, "rect");
        const box = { x: index + 0.08, y: top, width: 0.84, height: many, fill: "currentColor" };
        for (const [name, value] of Object.entries(box)) bar.setAttribute(name, value);
        bar.setAttribute("class", `shape-${LEVELS[level]}`);
        return [bar];
      });
    });
    strip.replaceChildren(...bars);
  }
}
