/**
 * A claim: what the clerk asked the hub to decide, from the key press until its answer.
 *
 * A claim gets its id once. When the answer is lost the same claim is sent again with the same id, and the hub gives the
 * same answer: nobody is called twice and nobody is skipped. It is kept in the tab's storage until it is answered, so a
 * reload in between loses nothing. One claim at a time; what the counter's state is comes from live.js, never from here.
 */

import { ask, backoffMs, pause } from "./api.js";
import { newClaimId } from "./ids.js";

const STORED_AS = "dawr.claim";

/** A hub that restarts is away for two or three seconds, and whoever has pressed a key sits before the page. */
const LONGEST_PAUSE_MS = 1000;

/**
 * A claim older than this is not sent again after a reload: if it never reached the hub, doing it now would surprise
 * the clerk, and if it did the live state shows what came of it.
 */
const KEPT_FOR_MS = 60_000;

export class Claims {
  #storage;
  #changed;
  #pending = null;
  #stop = null;

  /**
   * @param {Storage} storage the tab's sessionStorage
   * @param {() => void} changed called when `pending` changes
   */
  constructor(storage, changed) {
    this.#storage = storage;
    this.#changed = changed;
  }

  /** The claim that waits for its answer, with `attempt` (1, 2, ...), or null. */
  get pending() {
    return this.#pending;
  }

  /**
   * Ask for something; resolve with the hub's answer however often it takes, or `{kind: "abandoned"}`, or `{kind: "busy"}`.
   * @param {string} counter @param {string} clerk @param {object} what verb and its arguments
   */
  async submit(counter, clerk, what) {
    if (this.#pending) return { kind: "busy" };
    return this.#deliver({ claim_id: newClaimId(), counter, clerk, what, made_at: Date.now() });
  }

  /** Send a claim again that a reload or a sign-in interrupted; null when there is none of this clerk's. */
  async takeUp(clerk) {
    const kept = this.#kept();
    if (!kept || this.#pending) return null;
    if (kept.clerk !== clerk || Date.now() - kept.made_at > KEPT_FOR_MS) {
      this.#storage.removeItem(STORED_AS);
      return null;
    }
    return this.#deliver(kept);
  }

  /** Stop asking. What the hub has made of it is seen in the live state. */
  abandon() {
    this.#stop?.abort();
  }

  async #deliver(claim) {
    const { claim_id, counter, what } = claim;
    const stop = new AbortController();
    this.#stop = stop;
    this.#storage.setItem(STORED_AS, JSON.stringify(claim));
    try {
      for (let attempt = 1; ; attempt += 1) {
        this.#pending = { ...claim, attempt };
        this.#changed();
        const answer = await ask("POST", "/v1/claims", { claim_id, counter, what }, { signal: stop.signal });
        if (answer.kind !== "unavailable" && !stop.signal.aborted) {
          // Signed out is not yet an answer to the claim: it goes again after the sign-in.
          if (answer.kind !== "signed_out") this.#storage.removeItem(STORED_AS);
          return { ...answer, claim };
        }
        if (!stop.signal.aborted) await pause(backoffMs(attempt, answer.retryAfterMs, LONGEST_PAUSE_MS), stop.signal);
        if (stop.signal.aborted) {
          this.#storage.removeItem(STORED_AS);
          return { kind: "abandoned", claim };
        }
      }
    } finally {
      this.#pending = null;
      this.#stop = null;
      this.#changed();
    }
  }

  #kept() {
    try {
      return JSON.parse(this.#storage.getItem(STORED_AS));
    } catch {
      return null;
    }
  }
}
