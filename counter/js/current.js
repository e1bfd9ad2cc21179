/** The customer at the counter: number, service, class, the clock of this step against its target, and what to mind. */

import { follow, h, setAttribute, setShown, setText } from "./dom.js";
import { fillPlate, plate } from "./plate.js";
import { against, isAway, mayCall, serviceOf, stepS, waitedS } from "./state.js";
import { PAUSE_REASONS } from "./verbs.js";
import { Video } from "./video.js";

const CLASSES = { walk_in: "counter.class.walk_in", appointment: "counter.class.appointment", priority: "counter.class.priority" };
const PRIORITIES = { older: "counter.priority.older", determination: "counter.priority.determination", pregnant: "counter.priority.pregnant" };
const PRINTS = { "not printed": "counter.print.not_printed", unknown: "counter.print.unknown" };

export class Current {
  #parts;

  /** @param {import("./texts.js").Texts} texts */
  constructor(texts) {
    const number = plate("plate-large");
    const service = h("p", { class: "current-service" });
    const about = h("p", { class: "current-about" });
    const note = h("p", { class: "current-note" });
    const video = new Video(texts);
    const label = h("span", { class: "clock-label" });
    const clock = h("span", { class: "clock-time", role: "timer" });
    const target = h("span", { class: "clock-target" });
    const progress = h("progress", { max: 1, value: 0, "aria-hidden": "true" });
    const ticket = h("div", { class: "current-ticket" }, number, h("div", { class: "current-facts" }, service, about, video.element, note), h("div", { class: "clock" }, label, clock, progress, target));
    const title = h("p", { class: "nobody-title" });
    const hint = h("p", { class: "nobody-hint" });
    const nobody = h("div", { class: "nobody" }, title, hint);
    this.element = h("section", { class: "panel current", id: "current", "aria-label": texts.t("counter.current.region") }, ticket, nobody);
    this.#parts = { number, service, about, video, note, label, clock, target, progress, ticket, nobody, title, hint };
  }

  update(view) {
    const card = view.counter.current;
    setShown(this.#parts.ticket, card !== null);
    setShown(this.#parts.nobody, card === null);
    setAttribute(this.element, "data-status", card ? card.status : view.counter.status);
    if (card) this.#show(card, view);
    else this.#nobody(view);
  }

  #show(card, { texts, state, now }) {
    const parts = this.#parts;
    const service = serviceOf(state, card.service);
    fillPlate(parts.number, card.number, texts);
    setText(parts.service, service ? texts.name(service.name) : card.service);
    const about = [className(card, texts), languageName(card.lang, texts), texts.t("counter.current.waited", { time: texts.minutes(waitedS(card, now)) })];
    follow(parts.about, about.filter(Boolean), (text) => text, () => h("span", {}), setText);
    parts.video.update(card, texts);
    const notes = [];
    if (card.message === "failed") notes.push(texts.t("counter.message.failed"));
    if (PRINTS[card.print]) notes.push(texts.t(PRINTS[card.print]));
    if (card.turn > 1) notes.push(texts.t("counter.current.turn", { turn: card.turn }));
    setText(parts.note, notes.join(" · "));
    setShown(parts.note, notes.length > 0);

    const seconds = stepS(card, now);
    const target = card.status === "serving" ? service?.typical_serving_s : null;
    const stand = against(seconds, target);
    setText(parts.label, texts.t(card.status === "serving" ? "counter.clock.serving" : "counter.clock.called"));
    setText(parts.clock, texts.stopwatch(seconds));
    setAttribute(parts.clock.parentElement, "data-stand", stand);
    setShown(parts.progress, stand !== "none");
    if (target) parts.progress.value = Math.min(1, seconds / target);
    setText(parts.target, targetText(texts, seconds, target));
  }

  #nobody({ texts, state, counter, now }) {
    const waiting = state.queue.filter((card) => mayCall(counter, card) && !isAway(card, now)).length;
    const [title, hint] = {
      closed: () => [texts.t("counter.current.closed"), texts.t("counter.current.closed_hint")],
      paused: () => [texts.t("counter.current.paused", { reason: pauseReason(counter.reason, state, texts) }), texts.t("counter.current.paused_hint")],
      open: () => [texts.t("counter.current.free"), texts.t(waiting ? "counter.current.free_hint" : "counter.current.nobody_waits", { count: waiting })],
    }[counter.status]();
    setText(this.#parts.title, title);
    setText(this.#parts.hint, hint);
  }
}

/** Return a ticket's class in words: walk-in, its appointment's time, or which priority. */
export function className(card, texts) {
  if (card.class === "priority" && PRIORITIES[card.priority]) return texts.t(PRIORITIES[card.priority]);
  return texts.t(CLASSES[card.class] ?? CLASSES.walk_in, { time: card.slot_at ? texts.time(card.slot_at) : "" });
}

/** Return why a counter is paused, in words. */
export function pauseReason(id, state, texts) {
  const named = state.pause_reasons?.find((reason) => reason.id === id);
  if (named) return texts.name(named.name);
  const known = PAUSE_REASONS.find((reason) => reason.id === id);
  return known ? texts.t(known.label) : (id ?? "");
}

function languageName(code, texts) {
  return code ? (new Intl.DisplayNames([texts.language], { type: "language" }).of(code) ?? code) : "";
}

function targetText(texts, seconds, target) {
  if (!target) return "";
  if (seconds < target) return texts.t("counter.clock.target", { time: texts.minutes(target) });
  return texts.t("counter.clock.over", { time: texts.stopwatch(seconds - target), target: texts.minutes(target) });
}
