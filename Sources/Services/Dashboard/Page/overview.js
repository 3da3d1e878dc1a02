// The farm at a glance.

import { h, replace, say } from "./dom.js";
import { get } from "./farm.js";
import { calm, listen } from "./live.js";
import { queueChart } from "./queuechart.js";
import { badge, count, duration, meter, moment, pace, shortID, stateOf, stepsPerSecond } from "./words.js";

const ranges = [[1800, "30 min"], [7200, "2 h"], [21600, "6 h"], [86400, "24 h"]];
let seconds = 1800;

export async function overview(content) {
  const tiles = h("div", { class: "tiles" });
  const chart = h("div");
  const waiting = h("div");
  const running = h("div", { class: "story-grid" });
  const previews = h("div", { class: "previews" });
  const feed = h("ol", { class: "feed" });
  const rangeButtons = h("div", { class: "choice", role: "group", "aria-label": "Time span" });

  content.append(
    h("h1", { class: "hidden" }, "Overview"), tiles,
    h("div", { class: "columns" },
      h("section", { class: "card wide" },
        h("div", { class: "card-head" }, h("h2", {}, "Queue"), rangeButtons), chart),
      h("section", { class: "card" }, h("h2", {}, "Waiting"), waiting)),
    h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, "Rendering"),
      h("a", { href: "#/stories" }, "All stories")), running),
    h("div", { class: "columns" },
      h("section", { class: "card wide" }, h("h2", {}, "Live previews"), previews),
      h("section", { class: "card" }, h("h2", {}, "News"), feed)));

  let history = { intervalSeconds: 5, samples: [] };
  const drawChart = () => {
    const width = Math.max(280, chart.clientWidth || Math.min(innerWidth - 60, 800));
    replace(chart, queueChart(history, { seconds, width, redraw: drawChart }));
  };
  const resizing = new ResizeObserver(() => requestAnimationFrame(drawChart));
  const drawRanges = () => replace(rangeButtons, ranges.map(([span, title]) => h("button", {
    type: "button", class: "quiet", "data-key": title, "aria-pressed": String(span === seconds), on: {
      click() {
        seconds = span;
        drawRanges();
        past.want();
      },
    },
  }, title)));
  drawRanges();

  const past = calm(async () => {
    history = await get(`queue/history?seconds=${seconds}`);
    drawChart();
  }, 2000);
  const present = calm(async () => {
    const [queue, workers, stories, failures] = await Promise.all([
      get("queue"), get("workers"), get("stories?state=rendering,assembling&limit=12"),
      get(`failures?limit=${mostFailures}`),
    ]);
    replace(tiles, tilesOf(queue, workers.workers, failures.failures));
    replace(waiting, waitingOf(queue.waiting));
    replace(running, stories.stories.length === 0
      ? h("p", { class: "empty" },
        "Nothing is rendered. ", h("code", {}, "storyfarm submit STORY.yaml"), " hands a story in.")
      : stories.stories.map(storyCard));
    showPreviews(previews, workers.workers);
  }, 1000);

  await Promise.all([present.now(), past.now()]);
  resizing.observe(chart);
  // Backlog, waits and pace change by steps alone.
  const timer = setInterval(() => {
    if (document.hidden) return;
    past.want();
    present.want();
  }, 5000);
  const silence = listen((news) => {
    if (news.kind === "step") return showStep(previews, news);
    if (news.kind === "preview") return refreshPreview(previews, news) || present.want();
    if (news.kind !== "gap") tellNews(feed, news);
    present.want();
  });
  // What happened between the first answers and now.
  present.want();
  return () => {
    silence();
    clearInterval(timer);
    resizing.disconnect();
    past.end();
    present.end();
  };
}

/** More than these of an hour are not counted. */
const mostFailures = 500;

function tilesOf(queue, workers, failures) {
  const sum = (counts) => Object.values(counts).reduce((total, number) => total + number, 0);
  const hourAgo = Date.now() / 1000 - 3600;
  const recent = failures.filter((failure) => failure.time >= hourAgo).length;
  const working = queue.workers.denoising ?? 0;
  const rate = stepsPerSecond(workers);
  const { rendering = 0, queued = 0, assembling = 0, paused = 0 } = queue.stories;
  const { denoising = 0, ready = 0 } = queue.segments;
  return [
    tile("Stories", count(queued + rendering + assembling + paused),
      `${count(rendering)} rendering, ${count(queued)} queued`, "#/stories"),
    tile("Segments", count(sum(queue.segments)), `${count(denoising)} denoising, ${count(ready)} ready`),
    tile("Backlog", duration(queue.backlogSeconds), working > 0
      ? `${duration(queue.backlogSeconds / working)} with ${count(working)} at work` : "of one worker's time"),
    tile("Longest wait", queue.oldestReadySeconds == null ? "none" : duration(queue.oldestReadySeconds),
      "of a ready segment"),
    tile("Workers", `${count(working)} / ${count(sum(queue.workers))}`,
      rate > 0 ? `denoising, ${rate.toFixed(1)} steps/s` : "denoising", "#/workers"),
    tile("Failures", count(recent) + (recent === mostFailures ? "+" : ""), "in the last hour", "#/failures",
      recent > 0 ? "bad" : ""),
  ];
}

function tile(title, value, note, href, kind = "") {
  return h(href ? "a" : "div", { class: `tile ${kind}`, href, "data-key": `tile-${title}` },
    h("span", { class: "tile-title" }, title),
    h("span", { class: "tile-value", id: `tile-${title.toLowerCase().replace(" ", "-")}` }, value),
    h("span", { class: "tile-note" }, note));
}

function waitingOf(waiting) {
  if (waiting.length === 0) return h("p", { class: "empty" }, "Nothing waits for more than its turn.");
  const byReason = Map.groupBy(waiting, (each) => each.reason);
  return h("ul", { class: "plain" }, [...byReason].slice(0, 12).map(([reason, stories]) => h("li", {},
    h("strong", {}, reason), " ",
    stories.slice(0, 6).map(({ story }) => [h("a", { href: `#/stories/${story}` }, `#${story}`), " "]),
    stories.length > 6 && `and ${count(stories.length - 6)} more${waiting.length >= 100 ? " at least" : ""}`)));
}

function storyCard(story) {
  return h("a", { class: "story-card", href: `#/stories/${story.id}`, "data-key": `story-${story.id}` },
    h("span", { class: "story-title" }, h("span", { class: "number" }, `#${story.id}`), " ", story.title || "Untitled"),
    h("span", { class: "story-facts" }, badge(stateOf(story)), " ", story.submitter, " · ", moment(story.submitted)),
    meter(story.finishedSegments, story.segments, "finished segments",
      { text: `${story.finishedSegments} / ${story.segments} segments` }));
}

// MARK: Pictures

const key = (story, segment) => `${story}-${segment}`;

/** One figure per denoising segment; those that stay keep their picture. */
function showPreviews(place, workers) {
  const busy = workers.filter((worker) => worker.denoising).slice(0, 24);
  const old = new Map([...place.children].map((child) => [child.dataset.segment, child]));
  const figures = busy.map((worker) => {
    const { story, segment, step, activity, secondsPerStep, hasPreview } = worker.denoising;
    const name = key(story, segment);
    const figure = old.get(name) ?? h("figure", { class: "preview", "data-segment": name },
      h("a", { href: `#/stories/${story}` }, h("span", { class: "picture" })),
      h("figcaption", {}, h("span", { class: "preview-name" }), h("span", { class: "preview-step" })));
    say(figure.querySelector(".preview-name"), `#${story} segment ${segment} · ${worker.node} ${shortID(worker.id)}`);
    const doing = secondsPerStep ? pace(secondsPerStep) : activity;
    const at = doing ? `step ${step}, ${doing}` : `step ${step}`;
    say(figure.querySelector(".preview-step"), at);
    if (hasPreview && !figure.querySelector("img")) loadPicture(figure, story, segment, `s${step}`);
    return figure;
  });
  if (figures.length === 0) return replace(place, h("p", { class: "empty" }, "No segment is denoised."));
  place.replaceChildren(...figures);
}

/**
 * Each picture replaces the one before only once it is there, so that nothing flickers.
 * A `preview` is a guess while a segment is denoised, its `thumbnail` a frame of what came of it.
 */
export function loadPicture(figure, story, segment, version, kind = "preview") {
  const image = h("img", {
    src: `/v1/stories/${story}/segments/${segment}/${kind}?v=${version}`, decoding: "async",
    alt: kind === "preview" ? `What segment ${segment} is going to be` : `Segment ${segment}`,
  });
  image.addEventListener("load", () => {
    // A guess that comes late is not wanted any more.
    const isLate = kind === "preview" && figure.dataset.shown?.startsWith("thumbnail");
    if (!isLate) figure.querySelector(".picture")?.replaceChildren(image);
  });
  // Looked for again with the next news.
  image.addEventListener("error", () => delete figure.dataset.shown);
}

function refreshPreview(place, news) {
  const figure = place.querySelector(`[data-segment="${key(news.story, news.segment)}"]`);
  if (figure) loadPicture(figure, news.story, news.segment, news.sequence);
  return figure !== null;
}

function showStep(place, news) {
  const text = place.querySelector(`[data-segment="${key(news.story, news.segment)}"] .preview-step`);
  if (text) say(text, `step ${news.step}${news.steps ? ` / ${news.steps}` : ""}, ${pace(news.seconds)}`);
}

function tellNews(feed, news) {
  const subject = news.story ? `#${news.story}${news.segment ? `/${news.segment}` : ""}` : shortID(news.worker);
  const longer = {
    workerJoined: `joined: ${news.text}`, workerLost: `worker ${news.text}`, film: `film: ${news.text}`,
  };
  const text = longer[news.kind] ?? news.text;
  feed.prepend(h("li", { class: news.cause ? "bad" : "" }, moment(news.time), " ",
    news.story ? h("a", { href: `#/stories/${news.story}` }, subject) : h("span", {}, subject), " ", text));
  while (feed.childElementCount > 30) feed.lastElementChild.remove();
}
