/**
 * The hub's clock on this page. Computers at counters have wrong clocks; every duration and countdown is reckoned on the
 * hub's time, carried forward by the page's own monotonic clock.
 */

const HEARD_KEPT = 6;

export class HubClock {
  #heard = [];
  #monotonic;

  /** @param {() => number} monotonic milliseconds that never jump back */
  constructor(monotonic = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /**
   * Take in a time that the hub has just said (ISO 8601). A message can only be late, never early, so of the last few the
   * largest difference is the nearest to the truth; old ones are forgotten, so a corrected hub clock is followed.
   */
  hear(iso) {
    const said = Date.parse(iso);
    if (Number.isNaN(said)) return;
    this.#heard.push(said - this.#monotonic());
    if (this.#heard.length > HEARD_KEPT) this.#heard.shift();
  }

  /** Return the hub's time, milliseconds since 1970; this computer's own until the hub has said anything. */
  now() {
    return this.#heard.length ? Math.max(...this.#heard) + this.#monotonic() : Date.now();
  }
}
