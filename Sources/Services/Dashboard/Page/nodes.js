// Machines with an agent, which starts and ends workers there.

import { h, numberField, numberIn, table } from "./dom.js";
import { doing } from "./dialog.js";
import { put } from "./farm.js";
import { badge, bytes, count } from "./words.js";

const columns = [
  ["Node", "title"], ["State", ""], ["Devices", ""], ["Workers", ""], ["Wanted", "actions"], ["Free memory", "right"],
  ["Free disk", "right"], ["Build", ""], ["Exits", ""],
];

/** `nodes` as GET /v1/nodes answers; null where the farm has no agents. */
export function nodesOf(nodes, mayScale, then) {
  if (nodes === null || nodes.length === 0) {
    return h("p", { class: "empty" }, "No node agent is connected: workers here were started by hand. ",
      h("code", {}, "storyfarm-node"), " on a machine lets them be scaled from this page.");
  }
  const rows = nodes.map((node) => [
    node.name, badge(node.state === "connected" ? "connected" : "lost"), devices(node.devices),
    `${count(node.running)} of ${count(node.wanted)}`,
    mayScale ? scale(node.name, node.wanted, node.capacity, then) : count(node.wanted),
    bytes(node.freeMemoryBytes), bytes(node.freeDiskBytes), node.build ?? "", exits(node.exits ?? [], node.name),
  ]);
  return [
    table("Nodes", columns, rows),
    mayScale && nodes.length > 1 && h("p", { class: "inline" }, "All nodes: ", scale(null, 1, undefined, then)),
  ];
}

/** How many workers a node is to run; `name` is null for all nodes. */
function scale(name, wanted, capacity, then) {
  const who = name ?? "all nodes";
  const field = numberField({
    min: 0, value: wanted, "aria-label": `Workers wanted on ${who}`, size: 4, "data-key": `scale-field-${who}`,
    title: capacity === undefined ? null : `It has room for ${capacity}.`,
  });
  const address = name === null ? "nodes" : `nodes/${encodeURIComponent(name)}`;
  const question = () => {
    if (!field.checkValidity() || (name !== null && Number(field.value) > 0)) return null;
    const text = Number(field.value) > 0
      ? `Every node is to run ${count(Number(field.value))} of them.`
      : "Its workers finish their step, hand their work back and leave.";
    return [name === null ? "Scale all nodes?" : `Leave no worker on ${name}?`, text];
  };
  return h("span", { class: "inline" }, field,
    doing("Scale", `${who}: another number of workers is wanted.`, () => put(address, { workers: numberIn(field) }),
      { then, question, key: `scale-${who}`, label: `Scale ${who}` }));
}

function devices(devices = []) {
  if (devices.length === 0) return "CPU only";
  return devices.map((device) => h("div", { title: device.uuid }, bytes(device.memoryBytes)));
}

/** How its last workers ended; the tail of each one's log. */
function exits(exits, node) {
  if (exits.length === 0) return "none";
  return h("details", { "data-key": `exits-${node}` }, h("summary", {}, count(exits.length)),
    exits.map((exit) => h("div", { class: "exit" },
      badge("failed", exit.cause), ` process ${exit.process}, ${exit.device || "no device"}, status ${exit.code}`,
      exit.detail && h("pre", { tabindex: "0" }, exit.detail))));
}
