// Asking before something is done that can't be taken back, and doing things.

import { announce, button, h, toast } from "./dom.js";

/** Whether the person wants it. The safe answer has the focus; Escape is no. */
export function confirm(title, text, action) {
  return new Promise((resolve) => {
    const answer = (is) => () => { dialog.close(); resolve(is); };
    const dialog = h("dialog", { "aria-labelledby": "dialog-title", on: { cancel: () => resolve(false) } },
      h("h2", { id: "dialog-title" }, title),
      h("p", {}, text),
      h("div", { class: "buttons" },
        h("button", { type: "button", autofocus: true, on: { click: answer(false) } }, "No"),
        h("button", { type: "button", class: "danger", on: { click: answer(true) } }, action)));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * A button that does something and says what came of it. `question`: [title, text], asked before, or a function that
 * says it, null for none.
 */
export function doing(text, done, work, { question, kind = "", key = text, then = () => {}, label } = {}) {
  let isBusy = false;
  // A disabled button would lose the focus.
  const be = (busy) => {
    isBusy = busy;
    element.setAttribute("aria-disabled", String(busy));
  };
  const element = button(text, async () => {
    if (isBusy) return;
    const asked = typeof question === "function" ? question() : question;
    if (asked && !(await confirm(...asked, text))) return giveFocusBack(key);
    be(true);
    try {
      await work();
      announce(done);
      toast(done);
      await then();
    } catch (error) {
      toast(`${text}: ${error.message}`, "bad");
    } finally {
      be(false);
      giveFocusBack(key);
    }
  }, { kind, key, label });
  return element;
}

/** To a button that was drawn anew while somebody was asked, or to where the keys go on where it is gone. */
function giveFocusBack(key) {
  if (document.activeElement !== document.body) return;
  const main = document.getElementById("main");
  (main.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? main).focus({ preventScroll: true });
}
