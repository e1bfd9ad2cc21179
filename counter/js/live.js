/**
 * The hall's state as the hub tells it, live, and whether that news is fresh.
 *
 * EventSource mends a broken line by itself, but gives up on an error status and does not notice a line that is open
 * and dead: both are mended here.
 */

import { ask, backoffMs } from "./api.js";

const STREAM = "/v1/live?view=counter";
const SNAPSHOT = "/v1/snapshot?view=counter";

/** The hub is heard every 5 s. Two heartbeats missed and a little more: what is shown may be old. */
export const STALE_AFTER_MS = 12_000;

export class Live {
  #clock;
  #handlers;
  #source = null;
  #reopen = null;
  #failures = 0;
  #heardAt = null;
  #state = null;

  /**
   * @param {import("./clock.js").HubClock} clock
   * @param {{changed: () => void, signedOut: () => void}} handlers
   */
  constructor(clock, handlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** The last state heard, or null. */
  get state() {
    return this.#state;
  }

  /** The hub's time of the last news in milliseconds, or null. */
  get newsAt() {
    return this.#heardAt === null ? null : this.#clock.now() - (performance.now() - this.#heardAt);
  }

  /** True while the hub is being heard. */
  get fresh() {
    return this.#heardAt !== null && performance.now() - this.#heardAt < STALE_AFTER_MS;
  }

  /** True while news comes by itself. A line that has just broken is still fresh, but tells nothing. */
  get streaming() {
    return this.fresh && this.#source?.readyState === EventSource.OPEN;
  }

  /** Begin, or begin again, to listen. */
  open() {
    this.#drop();
    const source = new EventSource(STREAM);
    this.#source = source;
    this.openedAt = performance.now();
    source.addEventListener("snapshot", (event) => this.#take(JSON.parse(event.data)));
    source.addEventListener("heartbeat", (event) => this.#heard(JSON.parse(event.data).now));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.#later();
    });
  }

  /** Stop listening and forget what was heard. */
  close() {
    this.#drop();
    this.#heardAt = null;
    this.#state = null;
  }

  /** Call about once a second: replaces a line that is open and silent. */
  check() {
    const silentSince = Math.max(this.#heardAt ?? 0, this.openedAt ?? 0);
    if (this.#source && performance.now() - silentSince > STALE_AFTER_MS) this.open();
  }

  /** Ask for the state once, for the moment after a claim when the stream is not heard. */
  async refresh() {
    const answer = await ask("GET", SNAPSHOT);
    if (answer.kind === "ok" && answer.body) this.#take(answer.body);
    if (answer.kind === "signed_out") this.#handlers.signedOut();
  }

  #drop() {
    clearTimeout(this.#reopen);
    this.#reopen = null;
    this.#source?.close();
    this.#source = null;
  }

  #later() {
    this.#drop();
    this.#failures += 1;
    this.#reopen = setTimeout(async () => {
      const answer = await ask("GET", "/v1/staff/me");
      if (this.#reopen === null) return;
      if (answer.kind === "signed_out") this.#handlers.signedOut();
      else this.open();
    }, backoffMs(this.#failures));
  }

  #take(snapshot) {
    this.#state = snapshot.state;
    this.#heard(snapshot.state.now);
  }

  #heard(now) {
    this.#failures = 0;
    this.#heardAt = performance.now();
    if (now) this.#clock.hear(now);
    this.#handlers.changed();
  }
}
