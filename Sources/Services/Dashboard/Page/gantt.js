// Who held which segment when: a row per segment, a bar per lease.

import { h } from "./dom.js";
import { clock, shortID, time, words } from "./words.js";

/** `segments` are those of the page that is shown; `spans` as GET /v1/stories/{id}/timeline answers. */
export function gantt(segments, spans, steps) {
  const numbers = new Set(segments.map((segment) => segment.number));
  const shown = spans.filter((span) => numbers.has(span.segment));
  if (shown.length === 0) {
    return h("p", { class: "empty" },
      "No lease is remembered: nothing was begun, or the coordinator was started again since.");
  }
  const now = Date.now() / 1000;
  const expected = segments.map((segment) => expectedEnd(segment, steps, now)).filter((each) => each !== null);
  const begun = Math.min(...shown.map((span) => span.begun));
  const ended = Math.max(...shown.map((span) => span.ended ?? now), ...expected, begun + 1);
  const share = (moment) => Math.min(1, Math.max(0, (moment - begun) / (ended - begun)));
  const workers = [...new Set(shown.map((span) => span.worker))];

  const rows = segments.map((segment) => h("li", { class: "gantt-row" },
    h("span", { class: "gantt-name" }, segment.number),
    h("span", { class: "gantt-track" },
      shown.filter((span) => span.segment === segment.number).map((span) =>
        bar(span, share, now, workers.indexOf(span.worker) % 8)),
      estimate(segment, steps, share, now))));
  return h("div", { class: "gantt" },
    h("ol", { class: "gantt-rows", tabindex: "0", "aria-label": "Leases by segment" }, rows),
    h("div", { class: "gantt-axis", "aria-hidden": "true" }, [0, 0.5, 1].map((each) =>
      h("span", {}, time(begun + (ended - begun) * each)))),
    h("p", { class: "legend" },
      workers.slice(0, 16).map((worker, index) => h("span", {}, h("span", { class: `swatch worker-${index % 8}` }),
        `${shown.find((span) => span.worker === worker).node ?? "worker"} ${shortID(worker)}`)),
      workers.length > 16 && h("span", {}, `and ${workers.length - 16} more`),
      h("span", {}, h("span", { class: "swatch delivering" }), "delivering"),
      expected.length > 0 && h("span", {}, h("span", { class: "swatch estimate" }), "expected")));
}

function bar(span, share, now, colour) {
  const until = span.ended ?? now;
  const outcome = span.ended ? `then ${words(span.outcome ?? "ended")}` : "goes on";
  const text = `${words(span.phase)} on ${span.node ?? ""} ${shortID(span.worker)}, ${time(span.begun)}, `
    + `${clock(until - span.begun)}, ${outcome}`;
  const isLost = span.phase === "denoising" && ["ready", "blocked", "failed", "cancelled"].includes(span.outcome);
  const element = h("span", {
    class: `gantt-bar worker-${colour} ${span.phase} ${isLost ? "lost" : ""}`, title: text, role: "img",
    "aria-label": text,
  });
  place(element, share(span.begun), share(until));
  return element;
}

function estimate(segment, steps, share, now) {
  const end = expectedEnd(segment, steps, now);
  if (end === null) return null;
  const element = h("span", { class: "gantt-bar estimate", title: `expected to be denoised at ${time(end)}` });
  place(element, share(now), share(end));
  return element;
}

/** When a segment that is denoised will be, as its last step went. */
function expectedEnd(segment, steps, now) {
  if (segment.state !== "denoising" || !segment.worker || !(segment.secondsPerStep > 0)) return null;
  return now + (steps - segment.step) * segment.secondsPerStep;
}

function place(element, from, to) {
  element.style.left = `${(from * 100).toFixed(2)}%`;
  element.style.width = `max(3px, ${((to - from) * 100).toFixed(2)}%)`;
}
