// What went wrong lately, by class, with what the worker said.

import { h, replace, table } from "./dom.js";
import { get, nodes } from "./farm.js";
import { calm, listen } from "./live.js";
import { badge, count, moment, shortID, words } from "./words.js";

const columns = [["Time", ""], ["Class", ""], ["Segment", ""], ["Worker", ""], ["What was said", "said"]];
const exitColumns = [
  ["Node", "title"], ["Class", ""], ["Process", "right"], ["Device", ""], ["Status", "right"], ["Log's tail", "said"],
];
let chosen = null;

export async function failures(content) {
  const classes = h("div", { class: "choice wrap", role: "group", "aria-label": "Classes" });
  const list = h("div");
  const exits = h("div");
  content.append(h("h1", {}, "Failures"), classes, h("section", { class: "card flush" }, list), exits);

  let all = [];
  const draw = () => {
    const byClass = Map.groupBy(all, (failure) => failure.cause);
    if (chosen !== null && !byClass.has(chosen)) chosen = null;
    const choice = (cause, text) => h("button", {
      type: "button", class: "quiet", "data-key": `class-${cause}`, "aria-pressed": String(chosen === cause),
      on: { click() { chosen = cause; draw(); } },
    }, text);
    replace(classes, choice(null, `all ${count(all.length)}`),
      [...byClass].sort().map(([cause, some]) => choice(cause, `${words(cause)} ${count(some.length)}`)));
    const shown = chosen === null ? all : byClass.get(chosen);
    replace(list, table("Failures", columns, shown.map(row),
      { empty: "Nothing has failed since the coordinator was started." }));
  };
  const fresh = calm(async () => {
    const [answer, agents] = await Promise.all([get("failures?limit=500"), nodes()]);
    all = answer.failures;
    draw();
    const ended = (agents ?? []).flatMap((node) => (node.exits ?? []).map((exit) => [node.name, exit]));
    replace(exits, ended.length > 0 && h("section", { class: "card flush" }, h("h2", {}, "Workers that ended"),
      table("Workers that ended", exitColumns, ended.map(([node, exit]) => [
        node, badge("failed", words(exit.cause)), exit.process, exit.device, exit.code,
        said(exit.detail ?? "", `${node}-${exit.process}`),
      ]))));
  }, 1500);

  await fresh.now();
  const silence = listen((news) => { if (news.kind === "gap" || news.cause) fresh.want(); });
  // What happened between the first answers and now.
  fresh.want();
  return () => {
    silence();
    fresh.end();
  };
}

function row(failure) {
  return [
    moment(failure.time), badge("failed", words(failure.cause)),
    failure.story ? h("a", { href: `#/stories/${failure.story}` }, subject(failure)) : "",
    failure.worker ? [failure.node ?? "", " ", h("code", { title: failure.worker }, shortID(failure.worker))] : "",
    said(failure.text, failure.sequence),
  ];
}

/** As "#12/3". */
function subject({ story, segment }) { return segment ? `#${story}/${segment}` : `#${story}`; }

/** One line; a log's tail opens. */
function said(text, key) {
  const lines = text.trim().split("\n");
  if (lines.length === 1 && text.length < 200) return text;
  return h("details", { "data-key": `said-${key}` },
    h("summary", {}, lines.at(-1).slice(0, 160)), h("pre", { tabindex: "0" }, text));
}
