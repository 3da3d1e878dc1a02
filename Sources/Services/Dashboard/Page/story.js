// One story: how far it is, who renders it, what it is going to be, and what it is so far.

import { h, numberField, numberIn, replace, say, table, tableRow } from "./dom.js";
import { doing } from "./dialog.js";
import { get, post } from "./farm.js";
import { gantt } from "./gantt.js";
import { calm, listen } from "./live.js";
import { loadPicture } from "./overview.js";
import { badge, clock, count, hasEnded, meter, moment, pace, shortID, stateOf, time } from "./words.js";

const segmentsPerPage = 50;
const columns = [
  ["", "number"], ["Picture", "thumbnail"], ["State", ""], ["Steps", "meter-cell"], ["Pace", "right"], ["Worker", ""],
  ["Scene", "prompt"], ["Action", "prompt"], ["Failures", "right"], ["Note", "note-cell"],
];

export async function story(content, { arguments: [id], may }) {
  const head = h("div");
  const film = h("div");
  const leases = h("div");
  const segments = h("div");
  const pager = h("nav", { class: "pager", "aria-label": "Segments" });
  const log = h("div");
  content.append(head,
    h("div", { class: "columns" },
      h("section", { class: "card wide" }, h("h2", {}, "Leases"), leases),
      h("section", { class: "card" }, h("h2", {}, "Film"), film)),
    h("section", { class: "card flush" }, h("h2", {}, "Segments"), segments, pager),
    h("section", { class: "card" }, h("h2", {}, "Log"), log));

  let detail = null;
  let timeline = { spans: [] };
  let first = null;
  const player = playerIn(film, id);

  const draw = () => {
    const unfinished = detail.segments.findIndex((segment) => segment.state !== "finished");
    first ??= Math.floor(Math.max(0, unfinished) / segmentsPerPage) * segmentsPerPage;
    const shown = detail.segments.slice(first, first + segmentsPerPage);
    replace(head, headOf(detail, { mayCommand: may(detail.overview), mayRank: may() }, () => fresh.now()));
    replace(leases, gantt(shown, timeline.spans, detail.steps));
    drawSegments(segments, shown, detail);
    replace(pager, detail.segments.length <= segmentsPerPage ? [] : [
      pageButton("Earlier", first > 0, () => { first -= segmentsPerPage; draw(); }),
      h("span", { class: "note" }, `${first + 1} to ${first + shown.length} of ${count(detail.segments.length)}`),
      pageButton("Later", first + shown.length < detail.segments.length, () => { first += segmentsPerPage; draw(); }),
    ]);
    player.update(detail);
  };
  const fresh = calm(async () => {
    const [newDetail, newTimeline, newLog] = await Promise.all([
      get(`stories/${id}`), get(`stories/${id}/timeline`), get(`stories/${id}/log`),
    ]);
    [detail, timeline] = [newDetail, newTimeline];
    draw();
    replace(log, logOf(newLog.news));
  }, 1000);

  await fresh.now();
  document.title = `#${id} ${detail.overview.title} · StoryFarm`;
  // Bars that go on grow; and what is left shrinks, which steps alone do not say.
  let rounds = 0;
  const timer = setInterval(() => {
    if (document.hidden || hasEnded(detail.overview)) return;
    rounds += 1;
    if (rounds % 3 === 0) return fresh.want();
    replace(leases, gantt(
      detail.segments.slice(first, first + segmentsPerPage), timeline.spans, detail.steps));
  }, 2000);
  const silence = listen((news) => {
    if (news.kind === "gap") return fresh.want();
    if (String(news.story) !== id) return;
    if (news.kind === "step") return takeStep(segments, detail, news);
    if (news.kind === "preview") {
      const segment = detail.segments[news.segment - 1];
      if (segment) segment.hasPreview = true;
      const cell = segments.querySelector(`[data-segment="${news.segment}"]`);
      if (cell) loadPicture(cell, id, news.segment, news.sequence);
      return;
    }
    fresh.want();
  });
  // What happened between the first answers and now.
  fresh.want();
  return () => {
    silence();
    clearInterval(timer);
    fresh.end();
  };
}

function pageButton(text, isPossible, action) {
  return h("button", { type: "button", "data-key": text, disabled: !isPossible, on: { click: action } }, text);
}

// MARK: Head

function headOf({ overview, model, pin, steps, secondsLeft, awaitsDefaults, revision }, { mayCommand, mayRank }, then) {
  const facts = [
    ["Submitter", overview.submitter], ["Submitted", moment(overview.submitted)],
    overview.ended ? ["Ended", moment(overview.ended)] : ["Left", secondsLeft == null ? "–" : h("span", { id: "eta" },
      `${clock(secondsLeft)}, until ${time(Date.now() / 1000 + secondsLeft)}`)],
    ["Priority", String(overview.priority)],
    ["Model", awaitsDefaults ? `${model}, offered by no worker yet` : model], ["Steps", String(steps)],
    pin && ["Device", pin.isSimulated ? `${pin.device} (pretends)` : pin.device],
    revision > 1 && ["Revision", String(revision)],
  ].filter(Boolean);
  return h("section", { class: "card" },
    h("div", { class: "card-head" },
      h("h1", {}, h("span", { class: "number" }, `#${overview.id} `), overview.title || "Untitled", " ",
        badge(stateOf(overview))),
      mayCommand && h("div", { class: "buttons" }, commands(overview, mayRank, then))),
    overview.note && h("p", { class: "story-note" }, overview.note),
    meter(overview.finishedSegments, overview.segments, "finished segments",
      { text: `${overview.finishedSegments} / ${overview.segments} segments finished` }),
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
}

function commands(overview, mayRank, then) {
  const id = overview.id;
  const command = (name) => () => post(`stories/${id}/${name}`);
  const parts = [];
  if (!hasEnded(overview)) {
    parts.push(overview.isPaused
      ? doing("Resume", `Story ${id} goes on.`, command("resume"), { then, kind: "primary", key: "pause" })
      : doing("Pause", `Story ${id} is paused.`, command("pause"), { then, key: "pause" }));
    parts.push(doing("Cancel", `Story ${id} is cancelled.`, command("cancel"), {
      then, kind: "danger",
      question: [`Cancel story ${id}?`, `“${overview.title}” stops at the next step. Finished segments stay.`],
    }));
  }
  // Whose stories go before others' is for operators to say.
  if (mayRank && !hasEnded(overview)) {
    const field = numberField({ id: "priority", value: overview.priority, "data-key": "priority-field" });
    parts.push(h("span", { class: "inline" }, h("label", { for: "priority" }, "Priority"), field,
      doing("Set", `Story ${id} has another priority.`,
        () => post(`stories/${id}/priority`, { priority: numberIn(field) }), { then, key: "set-priority" })));
  }
  if (overview.state === "failed" || overview.state === "cancelled") {
    parts.push(doing("Retry", `Story ${id} is tried again.`, command("retry"), { then, kind: "primary" }));
  }
  return parts;
}

// MARK: Segments

/** Rows stay the same elements as long as the same segments are shown, so that pictures do not flicker. */
function drawSegments(place, shown, detail) {
  const old = new Map([...place.querySelectorAll("[data-segment]")].map((each) => [each.dataset.segment, each]));
  const rows = shown.map((segment) => {
    const picture = old.get(String(segment.number))
      ?? h("span", { class: "thumb", "data-segment": segment.number }, h("span", { class: "picture" }));
    const kind = segment.state === "finished" ? "thumbnail" : segment.hasPreview ? "preview" : null;
    // Of previews the first alone: the next ones come as news.
    if (kind && picture.dataset.shown !== `${kind} ${detail.revision}`) {
      picture.dataset.shown = `${kind} ${detail.revision}`;
      loadPicture(picture, detail.overview.id, segment.number, `r${detail.revision}s${segment.step}`, kind);
    }
    return tableRow(columns, [
      segment.number, picture, badge(segment.state), stepMeter(segment, detail.steps),
      segment.state === "denoising" ? pace(segment.secondsPerStep) : "",
      segment.worker ? h("code", { title: segment.worker }, shortID(segment.worker)) : "",
      segment.scene, segment.action, segment.failures > 0 ? segment.failures : "", noteOf(segment),
    ], { id: `segment-${segment.number}` });
  });
  replace(place, table("Segments", columns, rows));
}

function stepMeter(segment, steps) {
  const kind = segment.state === "denoising" ? "active" : "";
  return meter(segment.step, steps, `steps of segment ${segment.number}`, { kind });
}

function noteOf(segment) {
  const activity = segment.activity && segment.activity !== "stepping" ? segment.activity : null;
  return [segment.note, activity].filter(Boolean).join("; ");
}

/** A step changes its row alone. */
function takeStep(place, detail, news) {
  const segment = detail.segments[news.segment - 1];
  if (!segment) return;
  Object.assign(segment, { step: news.step ?? segment.step, secondsPerStep: news.seconds ?? segment.secondsPerStep });
  const row = place.querySelector(`#segment-${news.segment}`);
  if (!row) return;
  row.querySelector(".meter").replaceWith(stepMeter(segment, detail.steps));
  say(row.querySelector('[data-title="Pace"]'), pace(segment.secondsPerStep));
}

// MARK: Film

/**
 * Shows the finished prefix, or the earlier film of a story that is revised. While somebody watches, a longer one waits
 * until they stop.
 */
function playerIn(place, id) {
  let [shown, wanted] = [null, null];
  const video = h("video", { controls: true, preload: "metadata", playsinline: true });
  const text = h("p", { class: "note" });
  const load = () => {
    if (wanted === shown || !video.paused) return;
    const at = video.currentTime;
    shown = wanted;
    video.src = `/v1/stories/${id}/video?v=${wanted}`;
    if (at > 0) video.currentTime = at;
  };
  video.addEventListener("pause", load);
  return {
    update({ overview, revision }) {
      const playable = overview.playableSegments;
      if (playable === 0) return replace(place, h("p", { class: "empty" }, "No segment is finished yet."));
      if (!video.isConnected) {
        replace(place, video, text, h("p", {}, h("a", {
          href: `/v1/stories/${id}/video`, download: `story-${id}.mp4`,
        }, "Download the MP4")));
      }
      const isEarlier = playable === overview.segments && overview.finishedSegments < playable;
      say(text, isEarlier ? `All ${playable} segments, as they were before they were revised.`
        : playable === overview.segments
          ? `All ${playable} segments.` : `The first ${playable} of ${overview.segments} segments.`);
      wanted = isEarlier ? "earlier" : `${revision}-${playable}`;
      load();
    },
  };
}

// MARK: Log

function logOf(news) {
  if (news.length === 0) return h("p", { class: "empty" }, "Nothing is remembered.");
  return h("ol", { class: "feed long", tabindex: "0", "aria-label": "Log" }, news.slice(-300).reverse().map((item) =>
    h("li", { class: item.cause ? "bad" : "" }, moment(item.time), " ",
      item.segment ? h("span", { class: "number" }, `segment ${item.segment}`) : "", " ", item.text,
      item.worker && item.kind === "segment" ? h("span", { class: "note" }, ` ${shortID(item.worker)}`) : "")));
}
