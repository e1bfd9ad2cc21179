/** Signing in: one's name, then the PIN, by the keys or by the keypad on the glass. The PIN is held by its field only. */

import { ask, backoffMs } from "./api.js";
import { follow, h, setAttribute, setShown, setText } from "./dom.js";
import { remember, remembered } from "./prefs.js";
import { asciiDigits } from "./texts.js";

const PIN_LONGEST = 12;

export class SignIn {
  #parts;
  #signedIn;
  #texts;
  #clerks = null;
  #busy = false;
  #message = null;
  #timer = null;

  /** @param {import("./texts.js").Texts} texts @param {{clerk: string|null, pin: string}} kept what was entered before the language changed */
  constructor(texts, kept, signedIn) {
    this.#texts = texts;
    this.#signedIn = signedIn;
    this.kept = kept;
    kept.clerk ??= remembered("clerk");
    const names = h("div", { class: "names", role: "group", "aria-label": texts.t("counter.sign_in.name") });
    const pin = h("input", { id: "pin", type: "password", inputmode: "none", autocomplete: "off", maxlength: PIN_LONGEST, dir: "ltr", "aria-label": texts.t("counter.sign_in.pin"), "aria-describedby": "sign-in-message" });
    pin.value = kept.pin;
    pin.addEventListener("input", () => this.#typed(pin));
    const message = h("p", { id: "sign-in-message", class: "message", role: "alert" });
    const submit = h("button", { type: "submit", class: "primary" }, texts.t("counter.sign_in.enter"));
    const form = h("form", { class: "pin-form" }, h("h2", {}, texts.t("counter.sign_in.pin")), pin, message, this.#keypad(pin), submit);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.element = h("section", { class: "entry sign-in" }, h("h1", {}, texts.t("counter.sign_in.title")), h("div", { class: "entry-halves" }, h("div", {}, h("h2", {}, texts.t("counter.sign_in.name")), names), form));
    this.#parts = { names, pin, message, submit };
    this.#load(1);
  }

  /** Stop asking for the names. */
  close() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.closed = true;
  }

  update() {
    const { names, message, submit } = this.#parts;
    const texts = this.#texts;
    follow(
      names,
      this.#clerks ?? [],
      (clerk) => clerk.id,
      (clerk) => h("button", { type: "button", class: "name", "data-clerk": clerk.id, on: { click: () => this.#choose(clerk.id) } }),
      (button, clerk) => {
        setText(button, texts.name(clerk.name));
        setAttribute(button, "aria-pressed", String(clerk.id === this.kept.clerk));
      },
    );
    setText(message, this.#message ? texts.t(this.#message.key, this.#message.values) : "");
    setShown(message, this.#message !== null);
    setAttribute(submit, "aria-busy", String(this.#busy));
  }

  #keypad(pin) {
    const press = (change) => () => {
      pin.value = change(pin.value);
      this.#typed(pin);
      pin.focus();
    };
    const digit = (d) => h("button", { type: "button", class: "pad-key", on: { click: press((value) => (value + d).slice(0, PIN_LONGEST)) } }, this.#texts.numerals(d));
    const clear = h("button", { type: "button", class: "pad-key word", on: { click: press(() => "") } }, this.#texts.t("counter.sign_in.clear"));
    const back = h("button", { type: "button", class: "pad-key", "aria-label": this.#texts.t("counter.sign_in.back"), on: { click: press((value) => value.slice(0, -1)) } }, "←");
    return h("div", { class: "pad", dir: "ltr" }, ...["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit), clear, digit("0"), back);
  }

  #typed(pin) {
    pin.value = asciiDigits(pin.value).replace(/[^0-9]/g, "");
    this.kept.pin = pin.value;
    this.#tell(null);
  }

  #choose(id) {
    this.kept.clerk = id;
    this.#tell(null);
    this.#parts.pin.focus();
  }

  #tell(key, values) {
    this.#message = key ? { key, values } : null;
    this.update();
  }

  async #load(attempt) {
    const answer = await ask("GET", "/v1/staff");
    if (this.closed) return;
    if (answer.kind === "ok") {
      this.#clerks = answer.body.staff ?? answer.body;
      if (!this.#clerks.some((clerk) => clerk.id === this.kept.clerk)) this.kept.clerk = null;
      this.#tell(null);
      if (this.kept.clerk) this.#parts.pin.focus();
      return;
    }
    this.#tell("counter.sign_in.no_hub");
    this.#timer = setTimeout(() => this.#load(attempt + 1), backoffMs(attempt, answer.retryAfterMs));
  }

  async #send() {
    const { clerk, pin } = this.kept;
    if (this.#busy) return;
    if (!clerk) return this.#tell("counter.sign_in.choose_name");
    if (pin === "") return this.#tell("counter.sign_in.enter_pin");
    this.#busy = true;
    this.update();
    const answer = await ask("POST", "/v1/staff/sign-in", { clerk, pin });
    this.#busy = false;
    this.kept.pin = "";
    this.#parts.pin.value = "";
    if (answer.kind === "ok") {
      remember("clerk", clerk);
      return this.#signedIn();
    }
    if (answer.status === 429) return this.#tell("counter.sign_in.too_many", { seconds: Math.ceil(answer.retryAfterMs / 1000) || 60 });
    this.#tell(answer.kind === "unavailable" ? "counter.sign_in.no_hub" : "counter.sign_in.wrong_pin");
    this.#parts.pin.focus();
  }
}
