// Letting a browser in.

import { h, replace } from "./dom.js";
import { get, post, remove } from "./farm.js";

/** Who is signed in; null where nobody is. A ticket in the address is used up, and goes from the address. */
export async function enter() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  let refusal = null;
  if (ticket) {
    history.replaceState(null, "", "#/");
    try { await post("session/redeem", { ticket }); } catch (error) { refusal = error; }
  }
  try {
    return { session: await get("session") };
  } catch (error) {
    return { session: null, refusal: refusal ?? (error.status === 401 ? null : error) };
  }
}

export async function leave() {
  try { await remove("session"); } catch { /* It is over either way. */ }
}

/** A form that takes a token; calls `entered` once it was right. */
export function showLogin(place, refusal, entered) {
  const error = h("p", { class: "error", role: "alert", id: "login-error" }, refusal?.message ?? "");
  const field = h("input", {
    id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true,
    "aria-describedby": "login-error login-advice",
  });
  const submit = async (event) => {
    event.preventDefault();
    const token = field.value.trim();
    // A header takes no other characters, and the browser would say so in its own words.
    if (!/^[\x21-\x7e]+$/.test(token)) {
      error.textContent = "A token has no blanks and only plain characters.";
      return;
    }
    try {
      await post("session", undefined, { headers: { Authorization: `Bearer ${token}` } });
    } catch (refused) {
      error.textContent = refused.status === 401 ? "The farm does not know this token." : refused.message;
      field.select();
      return;
    }
    await entered();
  };
  replace(place,
    h("section", { class: "login card" },
      h("h1", {}, "Sign in"),
      h("form", { method: "post", on: { submit } },
        h("label", { for: "token" }, "Token"),
        field, error,
        h("button", { class: "primary", type: "submit" }, "Sign in")),
      h("p", { id: "login-advice", class: "note" },
        "Or run ", h("code", {}, "storyfarm dashboard"), " on the coordinator's machine: it prints a link that ",
        "lets one browser in. The token stands in the farm's ", h("code", {}, "farm.json"), ".")));
  field.focus();
}
