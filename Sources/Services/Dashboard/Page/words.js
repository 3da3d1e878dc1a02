// Numbers and states as people read them.

import { h } from "./dom.js";

export const segmentStates = ["denoising", "delivering", "denoised", "ready", "blocked", "paused"];
export const storyStates = ["queued", "rendering", "assembling", "finished", "failed", "cancelled"];

/** 75 ▸ "1:15", 3700 ▸ "1:01:40". */
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** In the two largest units: "3 d 4 h", "12 min 5 s". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  let left = Math.max(0, Math.round(seconds));
  if (left < 60) return `${left} s`;
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** A time of day; with the date where it is not today's. */
export function time(seconds) {
  if (!seconds) return "–";
  const date = new Date(seconds * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = date.toLocaleTimeString([], { hour12: false });
  return isToday ? clock : `${date.toLocaleDateString()} ${clock}`;
}

/** A moment as an element that also says it in full. */
export function moment(seconds) {
  if (!seconds) return "–";
  const date = new Date(seconds * 1000);
  return h("time", { datetime: date.toISOString(), title: date.toLocaleString() }, time(seconds));
}

export function count(number) { return (number ?? 0).toLocaleString("en").replaceAll(",", " "); }

export function bytes(number) {
  if (!Number.isFinite(number)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [number, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds of a step as how many go in one second, or how long one takes. */
export function pace(seconds) {
  if (!Number.isFinite(seconds) || seconds <= 0) return "–";
  return seconds < 1 ? `${(1 / seconds).toFixed(1)} steps/s` : `${seconds.toFixed(1)} s/step`;
}

/** Of all workers together, as their last steps went. */
export function stepsPerSecond(workers) {
  return workers.map((worker) => worker.denoising?.secondsPerStep).filter((each) => each > 0)
    .reduce((sum, each) => sum + 1 / each, 0);
}

export function shortID(id) { return id ? id.slice(0, 8) : "–"; }

/** "setAside" ▸ "set aside". */
export function words(name) { return String(name).replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`); }

/** A state with a colour, which is never all that says it. */
export function badge(state, text = words(state)) {
  return h("span", { class: `badge state-${String(state).replace(/[^A-Za-z]/g, "")}` }, text);
}

/** A bar of how much is done. */
export function meter(done, of, label, { text = `${done} / ${of}`, kind = "" } = {}) {
  const share = of > 0 ? Math.min(1, done / of) : 0;
  const bar = h("span", { class: "meter-fill" });
  bar.style.width = `${(share * 100).toFixed(1)}%`;
  return h("span", { class: `meter ${kind}` },
    h("span", {
      class: "meter-track", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": of,
      "aria-valuenow": done,
    }, bar),
    h("span", { class: "meter-text" }, text));
}

export function stateOf(story) { return story.isPaused && !hasEnded(story) ? "paused" : story.state; }

export function hasEnded(story) { return ["finished", "failed", "cancelled"].includes(story.state); }
