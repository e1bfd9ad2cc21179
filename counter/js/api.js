/**
 * Asking the hub. Every answer is one of four things, told apart here and nowhere else:
 * ok, refused (a rule says no), signed_out, unavailable (network, time over, hub restarting: ask again).
 * Anything else that goes wrong is a bug and is thrown.
 */

/**
 * @typedef {object} Answer
 * @property {"ok"|"refused"|"signed_out"|"unavailable"} kind
 * @property {number} status HTTP status, 0 when there was no answer
 * @property {any} body the JSON, null without one (204)
 * @property {number} retryAfterMs how long the hub asks to wait, 0 when it does not say
 */

const ASK_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The time that a question waits for its answer, in milliseconds. */
export const ANSWER_WITHIN_MS = 4000;

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body] sent as JSON
 * @param {{signal?: AbortSignal, withinMs?: number}} [limits]
 * @returns {Promise<Answer>}
 */
export async function ask(method, path, body, { signal, withinMs = ANSWER_WITHIN_MS } = {}) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  const stop = () => late.abort();
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(path, {
      method,
      cache: "no-store",
      credentials: "same-origin",
      headers: body === undefined ? { Accept: "application/json" } : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: late.signal,
    });
    return await answerOf(response);
  } catch (error) {
    // fetch has these two ways to say that no whole answer came: TypeError (network), AbortError (time over).
    if (error instanceof TypeError || error.name === "AbortError") {
      return { kind: "unavailable", status: 0, body: null, retryAfterMs: 0 };
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function answerOf(response) {
  const text = await response.text();
  const body = parsed(text);
  const retryAfterMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  const about = { status: response.status, body, retryAfterMs };
  if (ASK_AGAIN.has(response.status)) return { kind: "unavailable", ...about };
  // A body cut short, or a page of something between us and the hub, is no answer of the hub.
  if (body === undefined) return { kind: "unavailable", ...about, body: null };
  if (response.ok) return { kind: "ok", ...about };
  return { kind: response.status === 401 ? "signed_out" : "refused", ...about };
}

function parsed(text) {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Return how long to wait before the next attempt: full jitter under a doubling limit, never less than the hub asks.
 * @param {number} attempt 1 after the first failure
 */
export function backoffMs(attempt, retryAfterMs = 0, longestMs = 10_000, random = Math.random) {
  const limit = Math.min(longestMs, 400 * 2 ** (attempt - 1));
  return Math.max(retryAfterMs, 150 + random() * limit);
}

/** Wait, or stop waiting when the signal says so. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    signal?.addEventListener("abort", done);
  });
}
