// Elements out of values. Text always goes through text nodes: nothing that a story says becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element. `attributes`: `class`, `on` (handlers by event), properties given as `.name`, else attributes. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (name.startsWith(".")) {
      element[name.slice(1)] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Puts other content in place; focus, what is open, what was typed and how far something was scrolled stay where the same
 * thing is still there: what has the same key, or else what stands in the same place.
 */
export function replace(element, ...children) {
  const focus = element.contains(document.activeElement) ? placeOf(document.activeElement, element) : null;
  // Whatever scrolls can have the focus, or nobody could scroll it by keys.
  const scrolled = [...element.querySelectorAll("[tabindex='0']")]
    .filter((each) => each.scrollTop > 0 || each.scrollLeft > 0)
    .map((each) => [placeOf(each, element), { top: each.scrollTop, left: each.scrollLeft, behavior: "instant" }]);
  const open = new Set([...element.querySelectorAll("details[open][data-key]")].map((each) => each.dataset.key));
  const typed = new Map([...element.querySelectorAll("input[data-key]")]
    .filter((each) => each.value !== each.defaultValue).map((each) => [each.dataset.key, each.value]));
  element.replaceChildren();
  append(element, children);
  for (const each of element.querySelectorAll("details[data-key]")) each.open ||= open.has(each.dataset.key);
  for (const each of element.querySelectorAll("input[data-key]")) {
    if (typed.has(each.dataset.key)) each.value = typed.get(each.dataset.key);
  }
  for (const [place, offsets] of scrolled) find(place, element)?.scrollTo(offsets);
  if (focus) find(focus, element)?.focus({ preventScroll: true });
}

/** How something below `root` is found again when all is drawn anew. */
function placeOf(element, root) {
  const path = [];
  for (let each = element; each !== root; each = each.parentElement) {
    path.unshift([...each.parentElement.children].indexOf(each));
  }
  return { key: element.dataset?.key, path, name: element.localName };
}

function find({ key, path, name }, root) {
  if (key) return root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const found = path.reduce((each, index) => each?.children[index], root);
  return found?.localName === name ? found : null;
}

/** Sets text only where it is another one, so that screen readers and layout rest. */
export function say(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** A table with a header per column; `columns`: [title, class]. Rows are lists of cells. */
export function table(caption, columns, rows, { empty = "None." } = {}) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map(([title, kind]) => h("th", { scope: "col", class: kind }, title)))),
      h("tbody", {}, rows.map((row) => row instanceof Node ? row : tableRow(columns, row)))));
}

export function tableRow(columns, cells, attributes = {}) {
  return h("tr", attributes,
    cells.map((cell, index) => h("td", { class: columns[index][1], "data-title": columns[index][0] }, cell)));
}

export function button(text, action, { kind = "", key = text, disabled = false, label } = {}) {
  return h("button",
    { type: "button", class: kind, "data-key": key, disabled, "aria-label": label, on: { click: action } }, text);
}

/** A field for a whole number; `attributes` as for `h`, with its first `value`. */
export function numberField(attributes) {
  return h("input", { type: "number", step: 1, required: true, ...attributes });
}

/** What stands in it. Throws what the browser has to say where that is no number, or one out of bounds. */
export function numberIn(field) {
  if (!field.checkValidity()) throw new Error(field.validationMessage);
  return Number(field.value);
}

/** Says it to screen readers. */
export function announce(text) { say(document.getElementById("announcement"), text); }

/** Says it to everybody for a while. */
export function toast(text, kind = "") {
  const toasts = document.getElementById("toasts");
  const item = h("p", { class: kind }, text);
  toasts.append(item);
  while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
  setTimeout(() => item.remove(), 6000);
}
