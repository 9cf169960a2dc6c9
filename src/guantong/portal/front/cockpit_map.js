// The map of the cockpit: counties by level, the storm over them. What it shows stands in the
// table beside it as well; a level is a colour, a shape at the county's centre and a word.
import { init, registerMap, use } from "echarts/core";
import { EffectScatterChart, LinesChart, ScatterChart } from "echarts/charts";
import { GeoComponent, TooltipComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { make } from "./cockpit_page.js";

use([LinesChart, ScatterChart, EffectScatterChart, GeoComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

const LEVELS = ["blue", "yellow", "orange", "red"]; // drawn in this order, the gravest on top
const SHAPES = {
  red: "rect",
  orange: "diamond",
  yellow: "triangle",
  blue: "path://M8,.5l7.6,5.5l-2.9,9H3.3l-2.9,-9z",
};
// A cyclone of the northern hemisphere: a ring, its arms trailing behind a turn to the left.
const RING = "M50,28A22,22 0 1 0 50,72A22,22 0 1 0 50,28ZM50,39A11,11 0 1 1 50,61A11,11 0 1 1 50,39Z";
const STORM =
  "path://M30,50C30,22 48,6 78,8C62,14 54,22 50,30A20,20 0 0 0 30,50Z" +
  "M70,50C70,78 52,94 22,92C38,86 46,78 50,70A20,20 0 0 0 70,50Z" + RING;
const STORM_OF_THE_SOUTH =
  "path://M70,50C70,22 52,6 22,8C38,14 46,22 50,30A20,20 0 0 1 70,50Z" +
  "M30,50C30,78 48,94 78,92C62,86 54,78 50,70A20,20 0 0 1 30,50Z" + RING;
const REFERENCE_LATITUDE = 29;

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class CockpitMap {
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.look = "area";
  }

  async load(href) {
    const answer = await fetch(href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const outlines = await answer.json();
    this.places = new Map(outlines.features.map(({ properties }) => [properties.code, properties]));
    this.box = boxOf(outlines);
    registerMap("area", outlines);
    this.element.replaceChildren();
    this.chart = init(this.element);
    new ResizeObserver(() => this.chart.resize()).observe(this.element);
    this.chart.on("click", ({ componentType, name, data }) => {
      const county = componentType === "geo" ? this.county(name) : data;
      if (county?.href) location.assign(county.href);
    });
    this.recolour();
  }

  fail(text) {
    this.element.replaceChildren(make("p", { class: "empty" }, text));
  }

  view(look) {
    this.look = look;
    this.render(true);
  }

  draw(scene) {
    this.scene = scene;
    this.render(false);
  }

  recolour() {
    const style = getComputedStyle(document.documentElement);
    this.colour = (name) => style.getPropertyValue(name).trim();
    this.render(true);
  }

  render(whole) {
    if (!this.chart || !this.scene) return;
    const { counties, points, now } = this.scene;
    const c = this.colour;
    const alerted = counties.filter(({ level }) => level in SHAPES);
    const option = {
      animation: false,
      textStyle: { fontFamily: c("--type") },
      geo: {
        map: "area",
        nameProperty: "code",
        aspectScale: Math.cos((REFERENCE_LATITUDE * Math.PI) / 180),
        boundingCoords: this.bounds(points),
        top: 12, bottom: 12, left: 16, right: 16,
        roam: true,
        scaleLimit: { min: 0.5, max: 12 },
        itemStyle: { areaColor: c("--land"), borderColor: c("--coast"), borderWidth: 0.8 },
        emphasis: { itemStyle: { areaColor: c("--tint"), borderColor: c("--text"), borderWidth: 1.5 }, label: { show: false } },
        select: { disabled: true },
        regions: alerted.map(({ code, level }) => ({
          name: code,
          itemStyle: { areaColor: mix(c(`--light-${level}`), c("--surface"), 0.74) },
          emphasis: { itemStyle: { areaColor: c(`--light-${level}`) } },
        })),
        tooltip: { show: true, formatter: ({ name }) => (this.county(name) ? this.tip(this.county(name)) : "") },
      },
      tooltip: {
        trigger: "item",
        confine: true,
        backgroundColor: c("--surface"),
        borderColor: c("--border"),
        textStyle: { color: c("--text") },
        formatter: ({ data }) => (data?.tip ? data.tip() : ""),
      },
      series: [...this.track(points, now), this.marks(alerted), ...this.eye(points[now])],
    };
    this.chart.setOption(option, { replaceMerge: whole ? ["series", "geo"] : ["series"] });
    this.summarise(alerted, points[now]);
  }

  bounds(points) {
    let [[west, south], [east, north]] = this.box;
    // Room for the sea on the side that storms come from, so that the view need not jump.
    east += 0.3 * (east - west);
    south -= 0.12 * (north - south);
    if (this.look === "track") {
      for (const { lon, lat } of points) {
        [west, east] = [Math.min(west, lon), Math.max(east, lon)];
        [south, north] = [Math.min(south, lat), Math.max(north, lat)];
      }
    }
    return [[west, north], [east, south]];
  }

  county(code) {
    return this.scene.counties.find((county) => county.code === code);
  }

  marks(alerted) {
    const c = this.colour;
    const grave = (county) => LEVELS.indexOf(county.level);
    return {
      id: "marks",
      type: "scatter",
      coordinateSystem: "geo",
      z: 5,
      labelLayout: { hideOverlap: true },
      data: [...alerted]
        .sort((a, b) => grave(b) - grave(a))
        .filter(({ code }) => this.places.has(code))
        .map((county) => ({
          value: this.places.get(county.code).centre,
          href: county.href,
          tip: () => this.tip(county),
          symbol: SHAPES[county.level],
          symbolSize: 10,
          itemStyle: { color: c(`--light-${county.level}`), borderColor: c("--page"), borderWidth: 1.5, opacity: 1 },
          label: {
            show: true,
            position: "bottom",
            distance: 3,
            formatter: county.name,
            color: c("--text"),
            fontSize: 12,
            textBorderColor: c("--page"),
            textBorderWidth: 3,
          },
        })),
    };
  }

  track(points, now) {
    const c = this.colour;
    const path = (part) => part.map(({ lon, lat }) => [lon, lat]);
    const line = (id, part, style) => ({
      id,
      type: "lines",
      coordinateSystem: "geo",
      polyline: true,
      silent: true,
      z: 6,
      lineStyle: { color: c("--storm"), ...style },
      data: part.length > 1 ? [{ coords: path(part) }] : [],
    });
    return [
      line("gone", points.slice(0, now + 1), { width: 2, opacity: 0.9 }),
      line("later", points.slice(Math.max(now, 0)), { width: 1.5, opacity: 0.5, type: "dashed" }),
      {
        id: "points",
        type: "scatter",
        coordinateSystem: "geo",
        z: 7,
        symbolSize: 5,
        itemStyle: { color: c("--storm"), borderColor: c("--page"), borderWidth: 1 },
        data: points.slice(0, now).map((point) => ({
          value: [point.lon, point.lat],
          tip: () => this.stormTip(point),
        })),
      },
    ];
  }

  eye(point) {
    const c = this.colour;
    const data = point ? [{ value: [point.lon, point.lat], tip: () => this.stormTip(point) }] : [];
    const facts = point && [
      point.wind_ms == null ? null : `${Math.round(point.wind_ms)} m/s`,
      point.pressure_hpa == null ? null : `${Math.round(point.pressure_hpa)} hPa`,
    ].filter(Boolean).join(" · ");
    return [
      {
        id: "ripple",
        // Motion only where data move, and none for readers who asked for none.
        type: still() ? "scatter" : "effectScatter",
        coordinateSystem: "geo",
        z: 8,
        silent: true,
        symbolSize: 28,
        rippleEffect: { scale: 2.6, period: 5, brushType: "stroke", number: 2 },
        itemStyle: { color: still() ? "transparent" : c("--storm"), opacity: 0.35 },
        data,
      },
      {
        id: "eye",
        type: "scatter",
        coordinateSystem: "geo",
        z: 9,
        symbol: point?.lat < 0 ? STORM_OF_THE_SOUTH : STORM,
        symbolKeepAspect: true,
        // Stronger wind, larger sign; the number stands beside it.
        symbolSize: 36 + Math.min(30, (point?.wind_ms || 0) / 2),
        itemStyle: { color: c("--storm"), borderColor: c("--page"), borderWidth: 2, opacity: 1 },
        labelLayout: { hideOverlap: true },
        label: {
          show: Boolean(facts),
          position: "right",
          formatter: facts || "",
          color: c("--text"),
          fontWeight: 600,
          fontSize: 13,
          padding: [2, 8],
          borderRadius: 4,
          backgroundColor: c("--surface"),
        },
        data,
      },
    ];
  }

  tip(county) {
    const facts = (this.scene.columns || []).flatMap((column, index) => [
      make("dt", {}, column),
      make("dd", {}, county.cells?.[index] ?? ""),
    ]);
    return make("div", { class: "map-tip" }, make("strong", {}, county.name), ` ${county.level_word}`, make("dl", {}, ...facts));
  }

  stormTip(point) {
    const say = (value, unit) => (value == null ? this.words.unknown : `${Math.round(value)} ${unit}`);
    return make("div", { class: "map-tip" },
      make("strong", {}, point.at_text),
      make("dl", {},
        make("dt", {}, this.words.wind), make("dd", {}, say(point.wind_ms, "m/s")),
        make("dt", {}, this.words.pressure), make("dd", {}, say(point.pressure_hpa, "hPa"))));
  }

  // The picture in words, for whoever cannot see it.
  summarise(alerted, point) {
    this.title ??= this.element.getAttribute("aria-label");
    const counts = [...LEVELS].reverse()
      .map((level) => [this.words[level], alerted.filter((county) => county.level === level).length])
      .filter(([, many]) => many)
      .map(([word, many]) => `${word} ${many}`);
    const where = point ? `${point.at_text} ${point.lat.toFixed(1)}, ${point.lon.toFixed(1)}` : "";
    this.element.setAttribute("aria-label", [this.title, ...counts, where].filter(Boolean).join(" · "));
  }
}

// One opaque colour out of two: a translucent fill would show the borders beneath it twice.
function mix(front, back, share) {
  // #abc and #aabbcc: the build shortens colours where it can.
  const full = (hex) => (hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex);
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(full(hex).slice(at, at + 2), 16));
  const [a, b] = [parts(front), parts(back)];
  return `rgb(${a.map((value, index) => Math.round(value * share + b[index] * (1 - share))).join(",")})`;
}

function boxOf(outlines) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  const visit = (part) => {
    if (typeof part[0] !== "number") return part.forEach(visit);
    for (const axis of [0, 1]) {
      low[axis] = Math.min(low[axis], part[axis]);
      high[axis] = Math.max(high[axis], part[axis]);
    }
  };
  for (const { geometry } of outlines.features) visit(geometry.coordinates);
  return [low, high];
}
