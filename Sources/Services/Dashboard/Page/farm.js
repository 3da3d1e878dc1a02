// Asks the farm. The session's cookie goes along by itself.

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `the coordinator says ${status}`);
    this.status = status;
    this.field = problem?.field;
  }
}

/** Called when the session is over. */
export let onSignedOut = () => {};
export function whenSignedOut(action) { onSignedOut = action; }

async function ask(method, address, body, { headers = {}, patience = 20000 } = {}) {
  const all = { ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/v1/${address}`, {
      method, headers: all, credentials: "same-origin", cache: "no-store", redirect: "error",
      body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Refusal(0, { detail: "the coordinator is not reached" });
  }
  if (answer.ok) return answer.status === 204 ? null : await answer.json();
  const problem = await answer.json().catch(() => null);
  if (answer.status === 401 && !address.startsWith("session")) onSignedOut();
  throw new Refusal(answer.status, problem);
}

export const get = (address) => ask("GET", address);
export const post = (address, body, options) => ask("POST", address, body, options);
export const put = (address, body) => ask("PUT", address, body);
export const remove = (address) => ask("DELETE", address);

let hasNodes = true;

/** The node agents; null where the farm has none to ask, which is asked once. */
export async function nodes() {
  if (!hasNodes) return null;
  try {
    return (await get("nodes")).nodes;
  } catch (error) {
    if (error.status !== 404) throw error;
    hasNodes = false;
    return null;
  }
}
