/**
 * Words, numbers and times in the page's language. Texts come from the hub's catalogue by key; none stands in the code.
 */

import { ask } from "./api.js";

const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;
/** The parts of the catalogue that the page speaks with: its own, and what is wrong with a printer. */
const PARTS = ["counter", "paper"];
const ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩";

export class Texts {
  #entries;
  #arabicDigits = false;
  #times;

  /** @param {string} language @param {Record<string, string>} entries */
  constructor(language, entries) {
    this.language = language;
    this.direction = RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
    this.#entries = entries;
    this.follow({});
  }

  /** Ask the hub for a language's texts; resolve with null when it cannot be asked now. */
  static async load(language) {
    const answers = await Promise.all(PARTS.map((part) => ask("GET", `/v1/texts/${language}?prefix=${part}`)));
    if (answers.some((answer) => answer.kind !== "ok")) return null;
    return new Texts(language, Object.assign({}, ...answers.map(({ body }) => body.texts ?? body)));
  }

  /** Take the centre's wishes: its digits ("latn" or "arab") and its time zone. */
  follow({ digits = "latn", timezone = undefined }) {
    this.#arabicDigits = digits === "arab" && this.language.startsWith("ar");
    this.#times = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: timezone });
  }

  /** Say whether a key has a text: for keys that come from the hub. */
  has(key) {
    return Object.hasOwn(this.#entries, key);
  }

  /**
   * Return a key's text with its `{places}` filled in, each isolated so that numbers and Latin names keep their order.
   * A key without a text is a bug and throws.
   */
  t(key, values = {}) {
    if (!this.has(key)) throw new Error(`no text for ${key}`);
    return this.#entries[key].replace(/\{(\w+)\}/g, (_, name) => `\u2068${this.numerals(values[name] ?? "")}\u2069`);
  }

  /** Return a name that the centre gives by language (`{ar, en}`), or as one string. */
  name(names) {
    if (names === null || names === undefined) return "";
    return typeof names === "string" ? names : (names[this.language] ?? Object.values(names)[0] ?? "");
  }

  /** Return a text or number with its digits as the centre writes them. */
  numerals(value) {
    const text = String(value);
    return this.#arabicDigits ? text.replace(/[0-9]/g, (digit) => ARABIC_INDIC[digit]) : text;
  }

  /** Return an instant (ISO 8601 or milliseconds) as the centre's time of day, 09:05. */
  time(instant) {
    return this.numerals(this.#times.format(typeof instant === "string" ? Date.parse(instant) : instant));
  }

  /** Return a duration in seconds as 3:07, or 1:03:07 from an hour on. */
  stopwatch(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return this.numerals(hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`);
  }

  /** Return a duration in seconds in whole minutes, with the unit. */
  minutes(seconds) {
    return this.t("counter.time.minutes", { minutes: Math.max(0, Math.floor(seconds / 60)) });
  }
}

/** Return a text with Arabic-Indic and Persian digits as ASCII ones: what a clerk types in either. */
export function asciiDigits(text) {
  return text
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.codePointAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.codePointAt(0) - 0x6f0));
}
