/**
 * The counter page's composition: it makes every part, joins them, and decides which screen is up. It knows no rule and
 * draws nothing itself.
 */

import { ask, backoffMs } from "./api.js";
import { Bar } from "./bar.js";
import { Claims } from "./claims.js";
import { HubClock } from "./clock.js";
import { Desk } from "./desk.js";
import { setText } from "./dom.js";
import { hearKeys } from "./keys.js";
import { Live } from "./live.js";
import { Places } from "./places.js";
import { remember, remembered, wear } from "./prefs.js";
import { SignIn } from "./signin.js";
import { counterOf, undoable } from "./state.js";
import { Texts } from "./texts.js";
import { VERBS } from "./verbs.js";
import { openRoom, ROOM_KEY } from "./video.js";
import { Work } from "./work.js";

/** Languages until the hub has said which it has. */
const FIRST_LANGUAGES = ["ar", "en"];
const LANGUAGE_KEY = "L";
const NOTICE_FOR_MS = 8000;

class Page {
  #texts = null;
  #languages = FIRST_LANGUAGES;
  #theme = remembered("theme") ?? "auto";
  #clerk = null;
  #counterId = remembered("counter");
  #entered = { clerk: null, pin: "" };
  #notice = null;
  #noticeUntil = 0;
  #screen = null;
  #bar = null;
  #announced = null;
  #frame = null;

  constructor() {
    this.clock = new HubClock();
    const draw = () => this.draw();
    this.live = new Live(this.clock, { changed: draw, signedOut: () => this.#leave() });
    this.claims = new Claims(sessionStorage, draw);
    this.desk = new Desk(this.claims, () => this.#view(), {
      say: (notice) => this.#say(notice),
      signedOut: () => this.#leave(),
      answered: () => this.live.streaming || this.live.refresh(),
    });
    hearKeys(document, (letter) => this.#press(letter));
    setInterval(() => {
      this.live.check();
      this.draw();
    }, 1000);
    document.addEventListener("visibilitychange", () => document.hidden || this.live.check());
  }

  async start() {
    wear(this.#theme);
    await this.#speak(remembered("language") ?? FIRST_LANGUAGES[0]);
    const [languages] = await Promise.all([ask("GET", "/v1/texts"), this.#recognise()]);
    if (languages.kind === "ok" && Array.isArray(languages.body?.languages)) this.#languages = languages.body.languages;
    this.draw();
  }

  /** Draw what there is now. Safe to call at any time. */
  draw() {
    if (!this.#bar || !this.#screen) return;
    const view = this.#view();
    if (view.state) view.texts.follow({ digits: view.state.digits, timezone: view.state.timezone });
    const wanted = this.#wanted(view);
    if (!(this.#screen instanceof wanted)) return this.#put(wanted);
    this.#bar.update(view);
    this.#screen.update(view);
    this.#announce(view);
    // The countdown of an undo moves smoothly; without one nothing is drawn between the seconds.
    if (undoable(view.counter, view.now) && this.#frame === null) {
      this.#frame = setTimeout(() => {
        this.#frame = null;
        this.draw();
      }, 100);
    }
  }

  #view() {
    const state = this.live.state;
    if (performance.now() > this.#noticeUntil) this.#notice = null;
    return {
      texts: this.#texts,
      languages: this.#languages,
      theme: this.#theme,
      clerk: this.#clerk,
      state,
      counter: this.#clerk ? counterOf(state, this.#counterId) : null,
      now: this.clock.now(),
      listening: this.#clerk !== null,
      fresh: this.live.fresh,
      newsAt: this.live.newsAt,
      pending: this.claims.pending,
      notice: this.#notice,
    };
  }

  #wanted({ clerk, counter }) {
    if (!clerk) return SignIn;
    return counter ? Work : Places;
  }

  #put(screen) {
    this.#screen?.close?.();
    document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
    const texts = this.#texts;
    if (screen === SignIn) this.#screen = new SignIn(texts, this.#entered, () => this.#recognise());
    if (screen === Places) this.#screen = new Places(texts, (id) => this.#sit(id));
    if (screen === Work) {
      this.#screen = new Work(texts, {
        press: (verb, told) => this.desk.press(verb, told),
        callNumber: (number) => this.desk.callNumber(number),
        abandon: () => this.claims.abandon(),
      });
    }
    document.getElementById("screen").replaceChildren(this.#screen.element);
    this.draw();
  }

  async #speak(language) {
    let texts = await Texts.load(language);
    for (let attempt = 1; !texts && !this.#texts; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)));
      texts = await Texts.load(attempt % 2 ? FIRST_LANGUAGES[0] : language);
    }
    if (!texts) return this.#say({ kind: "refused", key: "counter.notice.no_language" });
    this.#texts = texts;
    document.documentElement.lang = texts.language;
    document.documentElement.dir = texts.direction;
    document.title = texts.t("counter.page.title");
    this.#bar = new Bar(texts, {
      language: (code) => this.#choose(code),
      theme: (name) => this.#dress(name),
      leaveCounter: () => this.#sit(null),
      signOut: () => this.#signOut(),
    });
    document.getElementById("bar").replaceChildren(this.#bar.element);
    if (this.#screen) this.#put(this.#screen.constructor);
  }

  #choose(language) {
    remember("language", language);
    return this.#speak(language);
  }

  #dress(theme) {
    this.#theme = theme;
    remember("theme", theme);
    wear(theme);
  }

  /** Ask the hub who is signed in here, and go where that leads. */
  async #recognise() {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await ask("GET", "/v1/staff/me");
      if (answer.kind === "unavailable") {
        if (!this.#screen) this.#put(SignIn);
        await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, answer.retryAfterMs)));
        continue;
      }
      if (answer.kind !== "ok") return this.#leave();
      this.#clerk = answer.body;
      this.live.open();
      this.#put(this.#wanted(this.#view()));
      return this.desk.takeUp();
    }
  }

  #leave() {
    this.#clerk = null;
    this.live.close();
    this.#entered = { clerk: null, pin: "" };
    this.#put(SignIn);
  }

  async #signOut() {
    await ask("POST", "/v1/staff/sign-out", {});
    this.#leave();
  }

  #sit(counterId) {
    this.#counterId = counterId;
    remember("counter", counterId);
    this.#say(null);
  }

  #say(notice) {
    this.#notice = notice;
    this.#noticeUntil = performance.now() + NOTICE_FOR_MS;
    this.draw();
  }

  #press(letter) {
    if (letter === LANGUAGE_KEY) {
      const next = (this.#languages.indexOf(this.#texts?.language) + 1) % this.#languages.length;
      this.#choose(this.#languages[next]);
      return true;
    }
    if (this.#screen instanceof Places) {
      const place = this.live.state?.counters.find((counter) => counter.label === letter);
      if (place) this.#sit(place.id);
      return Boolean(place);
    }
    if (letter === ROOM_KEY) return openRoom(document);
    const verb = VERBS.find((one) => one.key === letter);
    if (!verb || !(this.#screen instanceof Work)) return false;
    this.desk.press(verb.id);
    return true;
  }

  /** Say a new customer once to those who listen to the page. */
  #announce({ counter, texts }) {
    const current = counter?.current;
    const now = current ? `${current.ticket} ${current.status} ${current.turn}` : "";
    if (now === this.#announced) return;
    this.#announced = now;
    const key = current?.status === "serving" ? "counter.announce.serving" : "counter.announce.called";
    setText(document.getElementById("announcer"), current ? texts.t(key, { number: current.number }) : "");
  }
}

new Page().start();
