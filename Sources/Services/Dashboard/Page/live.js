// The farm's news as they come, and asking again when they say that something is another than it was.

import { say } from "./dom.js";
import { get } from "./farm.js";

let source = null;
let last = 0;
let listeners = new Set();
let isWanted = false;

const kinds = ["gap", "story", "segment", "step", "preview", "film", "workerJoined", "workerLost", "notice"];

/** Hears all news until the view that listens is left. Returns what ends it. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** While the page is hidden nobody listens: browsers share six connections among all tabs of a farm. */
export function start() {
  isWanted = true;
  document.addEventListener("visibilitychange", adapt);
  adapt();
}

export function stop() {
  isWanted = false;
  adapt();
}

function adapt() {
  const shouldListen = isWanted && !document.hidden;
  if (shouldListen && !source) open();
  if (!shouldListen && source) close();
}

function open() {
  source = new EventSource(last > 0 ? `/v1/events?after=${last}` : "/v1/events");
  source.addEventListener("open", () => {
    show("live", "Live");
    // What happened between the view's first answers and now.
    tell({ kind: "gap", text: "" });
  });
  source.addEventListener("error", () => {
    show("lost", "Reconnecting …");
    // A browser gives up where the answer is a refusal: a coordinator that starts again draws another number.
    if (source?.readyState === EventSource.CLOSED) {
      close();
      last = 0;
      // It does not say which refusal: where the session is over, asking anything says so.
      get("queue").catch(() => {});
      setTimeout(adapt, 2000);
    }
  });
  for (const kind of kinds) {
    source.addEventListener(kind, (event) => {
      const news = JSON.parse(event.data);
      last = news.sequence;
      tell(news);
    });
  }
}

function close() {
  source?.close();
  source = null;
}

function tell(news) { for (const listener of listeners) listener(news); }

function show(state, text) {
  const place = document.getElementById("connection");
  place.hidden = false;
  place.className = `connection ${state}`;
  say(place, text);
}

/**
 * Runs `action` soon after it is wanted, never twice at once, and not more often than every `pause` milliseconds,
 * however often it is wanted. `now` runs it at once and says when it is done.
 */
export function calm(action, pause = 1000) {
  let [timer, isRunning, isWantedAgain, hasEnded, finished] = [null, false, false, false, 0];
  async function now() {
    clearTimeout(timer);
    timer = null;
    isRunning = true;
    try { await action(); } finally {
      isRunning = false;
      finished = performance.now();
      if (isWantedAgain) {
        isWantedAgain = false;
        want();
      }
    }
  }
  // What fails while the coordinator is away is asked again when it is back: that is news too.
  const later = () => now().catch(() => {});
  function want() {
    if (hasEnded) return;
    if (isRunning) isWantedAgain = true;
    else timer ??= setTimeout(later, Math.max(0, finished + pause - performance.now()));
  }
  function end() {
    hasEnded = true;
    clearTimeout(timer);
  }
  return { want, now, end };
}
