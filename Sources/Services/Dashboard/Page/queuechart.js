// The queue's depth over time: segments by state, one above the other.

import { h, replace, s } from "./dom.js";
import { count, duration, segmentStates, words } from "./words.js";

const [height, left, bottom, top] = [220, 44, 22, 8];
/** What is drawn lowest comes first. */
const hidden = new Set();
/** The time of the sample that the arrow keys have come to; null before. */
let chosen = null;

/** `history` as GET /v1/queue/history answers; `seconds` is the span that is shown; `redraw` draws it again. */
export function queueChart(history, { seconds, width, redraw }) {
  const states = segmentStates.filter((state) => !hidden.has(state));
  const now = Date.now() / 1000;
  const samples = history.samples.filter((sample) => sample.time >= now - seconds);
  const total = (sample) => states.reduce((sum, state) => sum + (sample.segments[state] ?? 0), 0);
  const most = niceCeiling(Math.max(1, ...samples.map(total)));
  const x = (time) => left + (width - left - 8) * (1 - (now - time) / seconds);
  const y = (value) => height - bottom - (height - bottom - top) * (value / most);

  const svg = s("svg", {
    viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", tabindex: "0", "data-key": "queue-chart",
    "aria-label": `Segments by state over the last ${duration(seconds)}: ${summary(samples.at(-1))}; `
      + "arrow keys read the past",
  });
  for (const share of [0, 0.5, 1]) {
    const value = most * share;
    if (!Number.isInteger(value)) continue;
    svg.append(
      s("line", { x1: left, x2: width - 8, y1: y(value), y2: y(value), class: "grid" }),
      s("text", { x: left - 6, y: y(value) + 4, class: "tick end" }, count(value)));
  }
  for (const share of width > 500 ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.5, 1]) {
    const ago = seconds * (1 - share);
    svg.append(s("text", {
      x: x(now - ago), y: height - 6, class: `tick ${share === 1 ? "end" : share === 0 ? "" : "middle"}`,
    }, ago === 0 ? "now" : `−${duration(ago)}`));
  }
  const floor = samples.map(() => 0);
  for (const state of states) {
    const lower = [...floor];
    samples.forEach((sample, index) => { floor[index] += sample.segments[state] ?? 0; });
    if (samples.length === 0) continue;
    const d = area(samples, lower, floor, x, y, history.intervalSeconds);
    svg.append(s("path", { d, class: `area fill-${state}` }));
  }
  if (samples.length < 2) {
    svg.append(s("text", { x: width / 2, y: height / 2, class: "tick middle" }, "The first samples are still to come"));
  }
  return h("figure", { class: "chart-frame" },
    svg, reading(svg, samples, x, width, now), legend(samples.at(-1), redraw));
}

/** An area between two lines; where samples are missing, as while no coordinator ran, it is cut. */
function area(samples, lower, upper, x, y, interval) {
  let path = "";
  let begin = 0;
  const flush = (end) => {
    const range = Array.from({ length: end - begin }, (_, offset) => begin + offset);
    const point = (line) => (index) => `${x(samples[index].time).toFixed(1)} ${y(line[index]).toFixed(1)}`;
    path += `M${range.map(point(upper)).join("L")}L${range.reverse().map(point(lower)).join("L")}Z`;
    begin = end;
  };
  for (let index = 1; index < samples.length; index += 1) {
    if (samples[index].time - samples[index - 1].time > 4 * interval) flush(index);
  }
  flush(samples.length);
  return path;
}

/** What the pointer is above, or what the arrow keys have come to, in words. */
function reading(svg, samples, x, width, now) {
  const text = h("p", { class: "reading" });
  const line = s("line", { y1: top, y2: height - bottom, class: "cursor", visibility: "hidden" });
  svg.append(line);
  const nearest = (distance) => samples.reduce((best, sample) =>
    !best || distance(sample) < distance(best) ? sample : best, null);
  const show = (sample) => {
    if (!sample) return;
    line.setAttribute("x1", x(sample.time));
    line.setAttribute("x2", x(sample.time));
    line.setAttribute("visibility", "visible");
    const backlog = `backlog ${duration(sample.backlogSeconds)}`;
    replace(text, `${duration(now - sample.time)} ago: ${summary(sample)}; ${backlog}`);
  };
  const hide = () => {
    line.setAttribute("visibility", "hidden");
    replace(text);
  };
  svg.addEventListener("pointermove", (event) => {
    text.removeAttribute("aria-live");
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    show(nearest((sample) => Math.abs(x(sample.time) - place)));
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("keydown", (event) => {
    const last = samples.length - 1;
    const index = samples.indexOf(nearest((sample) => Math.abs(sample.time - (chosen ?? Infinity))));
    const moves = {
      ArrowLeft: () => chosen === null ? last : Math.max(0, index - 1),
      ArrowRight: () => chosen === null ? last : Math.min(last, index + 1), Home: () => 0, End: () => last,
    };
    if (event.key === "Escape") {
      chosen = null;
      return hide();
    }
    if (!moves[event.key] || last < 0) return undefined;
    event.preventDefault();
    const sample = samples[moves[event.key]()];
    chosen = sample.time;
    text.setAttribute("aria-live", "polite");
    return show(sample);
  });
  // It is drawn anew with every sample, and is focused again.
  svg.addEventListener("focus", () => {
    if (chosen !== null) show(nearest((sample) => Math.abs(sample.time - chosen)));
  });
  svg.addEventListener("blur", hide);
  return text;
}

function summary(sample) {
  if (!sample) return "nothing yet";
  const parts = segmentStates.filter((state) => sample.segments[state] > 0)
    .map((state) => `${count(sample.segments[state])} ${words(state)}`);
  return parts.join(", ") || "empty";
}

function legend(sample, redraw) {
  return h("figcaption", { class: "legend" }, segmentStates.map((state) => h("button", {
    type: "button", class: "quiet", "data-key": `legend-${state}`, "aria-pressed": String(!hidden.has(state)),
    title: "Show or hide", on: {
      click() {
        if (!hidden.delete(state)) hidden.add(state);
        redraw();
      },
    },
  }, h("span", { class: `swatch fill-${state}` }), `${words(state)} ${count(sample?.segments[state] ?? 0)}`)));
}

/** 1, 2, 4, 6, 8 or 10 times a power of ten: halves of them are whole from 2 on. */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((each) => each >= value);
}
