// Nodes and workers: what they have, what they do, how fast.

import { h, replace, say, table, tableRow } from "./dom.js";
import { doing } from "./dialog.js";
import { get, nodes, post } from "./farm.js";
import { calm, listen } from "./live.js";
import { nodesOf } from "./nodes.js";
import { badge, bytes, count, meter, pace, shortID, stepsPerSecond } from "./words.js";

const columns = [
  ["Worker", ""], ["Node", "title"], ["Device", ""], ["Device memory", "meter-cell"], ["State", ""], ["Denoises", ""],
  ["Pace", "right"], ["Delivers", ""], ["Models", ""], ["Note", "note-cell"], ["", "actions"],
];

export async function workers(content, { may }) {
  const machines = h("div");
  const list = h("div");
  const total = h("span", { class: "note" });
  content.append(h("h1", { class: "hidden" }, "Workers"),
    h("section", { class: "card flush" }, h("h2", {}, "Nodes"), machines),
    h("section", { class: "card flush" }, h("div", { class: "card-head" }, h("h2", {}, "Workers"), total), list));

  const fresh = calm(async () => {
    const [agents, answer] = await Promise.all([nodes(), get("workers")]);
    replace(machines, nodesOf(agents, may(), () => fresh.now()));
    const rate = stepsPerSecond(answer.workers);
    replace(total, `${count(answer.workers.length)} in all${rate > 0 ? `, ${rate.toFixed(1)} steps/s` : ""}`);
    replace(list, table("Workers", columns, answer.workers.map((worker) => row(worker, may(), () => fresh.now())),
      { empty: "No worker is connected." }));
  }, 1000);

  await fresh.now();
  // Memory and nodes change without news.
  const timer = setInterval(() => { if (!document.hidden) fresh.want(); }, 5000);
  const silence = listen((news) => {
    if (news.kind === "step") takeStep(list, news);
    else if (news.kind !== "preview" && news.kind !== "film") fresh.want();
  });
  return () => {
    silence();
    clearInterval(timer);
    fresh.end();
  };
}

function row(worker, mayDrain, then) {
  const device = worker.isSimulated ? `${worker.accelerator}, pretends` : worker.accelerator;
  return tableRow(columns, [
    h("code", { title: worker.id }, shortID(worker.id)), worker.node, h("span", { title: worker.device }, device),
    memory(worker), badge(worker.state), worker.denoising ? workOf(worker.denoising) : "",
    worker.denoising ? pace(worker.denoising.secondsPerStep) : "",
    worker.delivering.map((work) => [workLink(work), " "]), worker.models.join(", "), worker.note ?? "",
    mayDrain ? drain(worker, then) : "",
  ], { "data-worker": worker.id });
}

function memory(worker) {
  if (worker.usedBytes == null) return bytes(worker.memoryBytes);
  return meter(worker.usedBytes, worker.memoryBytes, `device memory of worker ${shortID(worker.id)}`,
    { text: `${bytes(worker.usedBytes)} of ${bytes(worker.memoryBytes)}` });
}

function workLink(work) { return h("a", { href: `#/stories/${work.story}` }, `#${work.story}/${work.segment}`); }

function workOf(work) {
  const activity = work.activity ? `, ${work.activity}` : "";
  return [workLink(work), " ", h("span", { class: "step" }, `step ${work.step}${activity}`)];
}

function drain(worker, then) {
  const address = `workers/${worker.id}/drain`;
  const name = shortID(worker.id);
  if (worker.state === "draining") {
    return doing("Keep", `Worker ${name} stays.`, () => post(address, { isDraining: false }),
      { then, kind: "quiet", key: `drain-${worker.id}`, label: `Keep worker ${name}` });
  }
  return doing("Drain", `Worker ${name} is drained.`, () => post(address, { isDraining: true }), {
    then, kind: "quiet", key: `drain-${worker.id}`, label: `Drain worker ${name}`,
    question: [`Drain worker ${name}?`, `It finishes its step on ${worker.node}, hands its work back and leaves.`],
  });
}

function takeStep(list, news) {
  const row = list.querySelector(`[data-worker="${CSS.escape(news.worker ?? "")}"]`);
  if (!row) return;
  say(row.querySelector(".step"), `step ${news.step}, stepping`);
  say(row.querySelector('[data-title="Pace"]'), pace(news.seconds));
}
