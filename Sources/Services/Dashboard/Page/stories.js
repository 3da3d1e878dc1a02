// The list of stories, a page at a time.

import { announce, h, replace, table } from "./dom.js";
import { doing } from "./dialog.js";
import { get, post } from "./farm.js";
import { calm, listen } from "./live.js";
import { badge, count, hasEnded, meter, moment, stateOf, storyStates } from "./words.js";

const pageSize = 50;
/** Where the pages before the present one begin, for the way back. */
const trail = [];

const columns = [
  ["Story", "number"], ["Title", "title"], ["State", ""], ["Segments", "meter-cell"], ["Submitter", ""],
  ["Priority", "right"], ["Submitted", ""], ["Ended", ""], ["Note", "note-cell"], ["", "actions"],
];

export async function stories(content, { query, may }) {
  const chosen = new Set((query.get("state") ?? "").split(",").filter((state) => storyStates.includes(state)));
  const submitter = query.get("submitter") ?? "";
  const before = /^\d+$/.test(query.get("before") ?? "") ? query.get("before") : "";
  if (!before) trail.length = 0;

  const list = h("div");
  const pager = h("nav", { class: "pager", "aria-label": "Pages" });
  const total = h("span", { class: "note" });
  content.append(
    h("div", { class: "card-head" }, h("h1", {}, "Stories"), total),
    filters(chosen, submitter), h("section", { class: "card flush" }, list), pager);

  let shown = new Set();
  const fresh = calm(async () => {
    const parameters = new URLSearchParams({ limit: pageSize });
    if (chosen.size > 0) parameters.set("state", [...chosen].join(","));
    if (submitter) parameters.set("submitter", submitter);
    if (before) parameters.set("before", before);
    const [page, queue] = await Promise.all([get(`stories?${parameters}`), get("queue")]);
    shown = new Set(page.stories.map((story) => story.id));
    const all = Object.values(queue.stories).reduce((sum, each) => sum + each, 0);
    replace(total, `${count(all)} in all`);
    replace(list, table("Stories", columns, page.stories.map((story) => row(story, may(story), fresh)),
      { empty: before ? "There are no older ones." : "No story is like that." }));
    replace(pager, pages(before, page, chosen, submitter));
  }, 1500);

  await fresh.now();
  announce(`${shown.size} stories`);
  const silence = listen((news) => {
    const concerns = news.kind === "gap" || (news.kind !== "step" && news.kind !== "preview"
      && (shown.has(news.story) || (news.kind === "story" && !before)));
    if (concerns) fresh.want();
  });
  // What happened between the first answers and now.
  fresh.want();
  return () => {
    silence();
    fresh.end();
  };
}

function address(chosen, submitter, before) {
  const query = new URLSearchParams();
  if (chosen.size > 0) query.set("state", [...chosen].join(","));
  if (submitter) query.set("submitter", submitter);
  if (before) query.set("before", before);
  return `#/stories${query.size > 0 ? `?${query}` : ""}`;
}

function filters(chosen, submitter) {
  const go = (states, who) => { location.hash = address(states, who, ""); };
  const toggle = (state) => () => {
    const states = new Set(chosen);
    if (!states.delete(state)) states.add(state);
    go(states, submitter);
  };
  const states = h("div", { class: "choice wrap", role: "group", "aria-label": "States" }, storyStates.map((state) =>
    h("button", {
      type: "button", class: "quiet", "data-key": `filter-${state}`, "aria-pressed": String(chosen.has(state)),
      on: { click: toggle(state) },
    }, state)));
  const who = h("input", {
    id: "submitter", ".value": submitter, placeholder: "anybody", maxlength: 64, spellcheck: "false",
  });
  const number = h("input", { id: "story-number", inputmode: "numeric", pattern: "[0-9]+", placeholder: "number" });
  return h("div", { class: "filters" }, states,
    h("form", { method: "post", on: { submit(event) { event.preventDefault(); go(chosen, who.value.trim()); } } },
      h("label", { for: "submitter" }, "Submitter"), who, h("button", { type: "submit" }, "Filter")),
    h("form", {
      method: "post", on: {
        submit(event) {
          event.preventDefault();
          if (/^\d+$/.test(number.value)) location.hash = `#/stories/${number.value}`;
        },
      },
    }, h("label", { for: "story-number" }, "Story"), number, h("button", { type: "submit" }, "Show")));
}

function row(story, mayCommand, fresh) {
  const link = h("a", { href: `#/stories/${story.id}`, "data-key": `story-${story.id}` }, story.title || "Untitled");
  return [
    `#${story.id}`, link, badge(stateOf(story)),
    meter(story.finishedSegments, story.segments, `finished segments of story ${story.id}`), story.submitter,
    story.priority, moment(story.submitted), moment(story.ended), story.note ?? "",
    mayCommand && !hasEnded(story) ? actions(story, fresh) : "",
  ];
}

function actions(story, fresh) {
  const command = (name) => () => post(`stories/${story.id}/${name}`);
  const options = (name, key = name) => ({
    kind: "quiet", key: `${key}-${story.id}`, label: `${name} story ${story.id}`, then: () => fresh.now(),
  });
  return [
    story.isPaused
      ? doing("Resume", `Story ${story.id} goes on.`, command("resume"), options("Resume", "Pause"))
      : doing("Pause", `Story ${story.id} is paused.`, command("pause"), options("Pause")),
    doing("Cancel", `Story ${story.id} is cancelled.`, command("cancel"), {
      ...options("Cancel"),
      question: [`Cancel story ${story.id}?`, `“${story.title}” stops at the next step. Finished segments stay.`],
    }),
  ];
}

function pages(before, page, chosen, submitter) {
  const link = (text, target, action = () => {}) =>
    h("a", { class: "button", href: target, "data-key": text, on: { click: action } }, text);
  const parts = [];
  if (before) {
    const newer = trail.at(-1) ?? "";
    parts.push(link("Newest", address(chosen, submitter, "")));
    parts.push(link("Newer", address(chosen, submitter, newer), () => trail.pop()));
  }
  const [first, last] = [page.stories[0]?.id, page.stories.at(-1)?.id];
  if (first !== undefined) parts.push(h("span", { class: "note" }, `#${first} to #${last}`));
  if (page.next) parts.push(link("Older", address(chosen, submitter, page.next), () => trail.push(before)));
  return parts;
}
