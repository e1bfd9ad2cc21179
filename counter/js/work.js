/** The page that a clerk works on all day: the current customer, what is next, the verbs, and the lists beside them. */

import { Current } from "./current.js";
import { Devices } from "./devices.js";
import { h, setAttribute, setShown, setText } from "./dom.js";
import { Counters, Parked, Queue } from "./lists.js";
import { fillPlate, plate } from "./plate.js";
import { isAway, mayCall, serviceOf, undoable, waitedS } from "./state.js";
import { COUNTER_VERBS, TURN_VERBS, UNDO, natural } from "./verbs.js";

const STEPS = { finish: "counter.undo.finish", mark_no_show: "counter.undo.mark_no_show", park: "counter.undo.park", transfer: "counter.undo.transfer" };
const WHY = { walk_in: "counter.why.walk_in", appointment: "counter.why.appointment", priority: "counter.why.priority" };

/** From this attempt on the clerk is told that the hub has not answered. */
const TELL_FROM_ATTEMPT = 2;

/** An answer that takes longer than this gets a word; most are there in a few milliseconds. */
const TELL_AFTER_MS = 700;

export class Work {
  #sections;
  #buttons = new Map();
  #parts;

  /**
   * @param {import("./texts.js").Texts} texts
   * @param {{press: (verb: string, told?: object) => void, callNumber: (number: string) => void, abandon: () => void}} actions
   */
  constructor(texts, actions) {
    const current = new Current(texts);
    const queue = new Queue(texts, actions.callNumber);
    const parked = new Parked(texts, (card) => actions.press("resume", { ticket: card.ticket }));
    const counters = new Counters(texts);
    const devices = new Devices(texts);
    this.#sections = [current, queue, parked, counters, devices];

    const nextNumber = plate("plate-small");
    const nextService = h("b", {});
    const why = h("span", { class: "next-why" });
    const nextLine = h("p", { class: "next", id: "next" }, h("span", { class: "next-label" }, texts.t("counter.next.label")), nextNumber, nextService, why);

    const said = h("p", { class: "said", id: "said", role: "status" });
    const giveUp = h("button", { type: "button", class: "quiet", id: "give-up", on: { click: actions.abandon } }, texts.t("counter.notice.give_up"));
    const undo = h("button", { type: "button", class: "undo", id: "verb-undo", "aria-keyshortcuts": UNDO.key, on: { click: () => actions.press("undo") } }, h("span", { class: "undo-bar" }), h("span", { class: "verb-name" }), h("kbd", {}, UNDO.key));
    const line = h("div", { class: "line" }, said, giveUp, undo);

    const button = (verb) => {
      const element = h("button", { type: "button", class: "verb", id: `verb-${verb.id.replaceAll("_", "-")}`, "aria-keyshortcuts": verb.key, on: { click: () => actions.press(verb.id) } }, h("span", { class: "verb-name" }, texts.t(verb.label)), h("kbd", { dir: "ltr" }, verb.key));
      this.#buttons.set(verb, element);
      return element;
    };
    const verbs = h("div", { class: "verbs", role: "group", "aria-label": texts.t("counter.verbs.turn") }, ...TURN_VERBS.map(button));
    const ofCounter = h("div", { class: "verbs verbs-counter", role: "group", "aria-label": texts.t("counter.verbs.counter") }, ...COUNTER_VERBS.map(button));

    const stale = h("p", { class: "stale", id: "stale", role: "alert" });
    line.prepend(stale);
    this.element = h("div", { class: "work" }, h("div", { class: "work-main" }, current.element, line, verbs, ofCounter, nextLine, parked.element), h("aside", { class: "work-side" }, devices.element, queue.element, counters.element));
    this.#parts = { nextLine, nextNumber, nextService, why, said, giveUp, undo, stale };
  }

  update(view) {
    for (const section of this.#sections) section.update(view);
    this.#verbs(view);
    this.#next(view);
    this.#line(view);
  }

  #verbs({ counter, now, pending }) {
    const first = natural(counter);
    for (const [verb, element] of this.#buttons) {
      const asked = pending?.what.verb === verb.id;
      const possible = verb.can(counter, now) && (!pending || asked);
      // Not `disabled`: the button must keep the focus of those who work by the Tab key.
      setAttribute(element, "aria-disabled", String(!possible));
      setAttribute(element, "aria-busy", String(asked));
      setAttribute(element, "data-first", String(verb.id === first && possible));
    }
  }

  #next({ texts, state, counter, now }) {
    const { nextLine, nextNumber, nextService, why } = this.#parts;
    // The hub names who is next for an open counter; before it opens, the head of what it could call.
    const next = counter.next ?? (counter.status === "open" ? null : state.queue.find((card) => mayCall(counter, card) && !isAway(card, now)));
    setShown(nextNumber, Boolean(next));
    if (!next) {
      setText(nextService, "");
      setText(why, texts.t("counter.next.nobody"));
      return;
    }
    fillPlate(nextNumber, next.number, texts);
    setText(nextService, texts.name(serviceOf(state, next.service)?.name));
    setText(why, whyNext(next, state, texts, now));
  }

  #line({ texts, counter, now, pending, notice, fresh, newsAt }) {
    const { said, giveUp, undo, stale } = this.#parts;
    const back = undoable(counter, now);
    const slow = pending && pending.attempt >= TELL_FROM_ATTEMPT;
    const alone = !pending && !notice && !back;
    setShown(stale, !fresh && alone);
    setText(stale, !fresh && alone ? texts.t("counter.news.stale", { time: texts.time(newsAt) }) : "");
    setShown(said, fresh || !alone);
    setAttribute(said, "data-kind", slow ? "trouble" : (notice?.kind ?? "info"));
    if (slow) setText(said, texts.t("counter.notice.asking_again", { attempt: pending.attempt }));
    else if (pending) setText(said, Date.now() - pending.made_at > TELL_AFTER_MS ? texts.t("counter.notice.asking") : "");
    else if (notice) setText(said, texts.t(notice.key, notice.values));
    else setText(said, back ? texts.t(STEPS[back.verb] ?? "counter.undo.other", { number: back.number }) : "");
    setShown(giveUp, Boolean(slow));
    setShown(undo, back !== null && !pending);
    if (!back) return;
    const seconds = Math.ceil(back.leftMs / 1000);
    setText(undo.querySelector(".verb-name"), texts.t("counter.undo.button", { number: back.number, seconds }));
    undo.querySelector(".undo-bar").style.transform = `scaleX(${Math.min(1, back.leftMs / 5000).toFixed(3)})`;
  }
}

/** Return in one line why this ticket is next: the declared rule's word, and how long it waits. */
function whyNext(next, state, texts, now) {
  const card = state.queue.find((one) => one.ticket === next.ticket);
  const rule = String(next.why?.key ?? card?.class ?? "").split(".").at(-1);
  const values = { time: card?.slot_at ? texts.time(card.slot_at) : "", waited: card ? texts.minutes(waitedS(card, now)) : "" };
  return texts.t(WHY[rule] ?? WHY[card?.class] ?? WHY.walk_in, values);
}
