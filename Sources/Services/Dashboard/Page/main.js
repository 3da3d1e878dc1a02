// The page's frame: who is signed in, and which view the address names.

import { h, replace, say, toast } from "./dom.js";
import { whenSignedOut } from "./farm.js";
import { start, stop } from "./live.js";
import { enter, leave, showLogin } from "./session.js";
import { overview } from "./overview.js";

const main = document.getElementById("main");
const views = [
  [/^$/, async () => overview, "Overview"],
  [/^stories$/, async () => (await import("./stories.js")).stories, "Stories"],
  [/^stories\/(\d+)$/, async () => (await import("./story.js")).story, "Story"],
  [/^workers$/, async () => (await import("./workers.js")).workers, "Workers"],
  [/^failures$/, async () => (await import("./failures.js")).failures, "Failures"],
];

let session = null;
let endView = () => {};
let visit = 0;

function isSignedIn(is) {
  document.getElementById("navigation").hidden = !is;
  document.getElementById("leave").hidden = !is;
  document.getElementById("connection").hidden = true;
  say(document.getElementById("subject"), is ? `${session.subject} · ${session.role}` : "");
}

async function begin() {
  const { session: found, refusal } = await enter();
  session = found;
  isSignedIn(session !== null);
  if (!session) return showLogin(main, refusal, begin);
  start();
  await route();
}

function end(refusal = null) {
  stop();
  endView();
  endView = () => {};
  session = null;
  isSignedIn(false);
  showLogin(main, refusal, begin);
}

/** Operators may command everything, submitters their own stories; without a story, the farm is meant. */
function mayCommand({ subject, role }, story) {
  return role === "operator" || (role === "submitter" && story !== undefined && story.submitter === subject);
}

/** The address behind "#/", and its query. */
function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.replace(/\/$/, ""), query: new URLSearchParams(query) };
}

async function route() {
  if (!session) return;
  // The skip link names an element, not a view.
  if (location.hash === "#main") {
    history.replaceState(null, "", "#/");
    return main.focus();
  }
  visit += 1;
  const mine = visit;
  endView();
  endView = () => {};
  const { path, query } = place();
  for (const link of document.querySelectorAll("#navigation a")) {
    const target = link.hash.replace(/^#\/?/, "");
    const isHere = target === "" ? path === "" : path.startsWith(target);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const [pattern, load, title] of views) {
    const match = pattern.exec(path);
    if (!match) continue;
    document.title = `${title} · StoryFarm`;
    try {
      const view = await load();
      const content = h("div", { class: "view", "data-view": path });
      const leaveView = await view(content, {
        arguments: match.slice(1), query, may: (story) => mayCommand(session, story),
      });
      // Another view was wanted while this one was made.
      if (mine !== visit) return leaveView?.();
      endView = leaveView ?? (() => {});
      replace(main, content);
    } catch (error) {
      if (mine === visit && session) {
        replace(main, h("section", { class: "card" }, h("h1", {}, title), h("p", { class: "error" }, error.message)));
      }
    }
    return;
  }
  replace(main, h("section", { class: "card" }, h("h1", {}, "Not found"), h("p", {}, "There is no such page.")));
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.getElementById("leave").addEventListener("click", async () => {
  await leave();
  end();
});
whenSignedOut(() => { if (session) end(new Error("The session is over; sign in again.")); });
window.addEventListener("hashchange", () => {
  // A link with a ticket that was pasted into an open page.
  if (location.hash.startsWith("#ticket=")) begin();
  else route();
});
window.addEventListener("unhandledrejection", (event) => {
  toast(event.reason?.message ?? "something went wrong", "bad");
});
begin();
