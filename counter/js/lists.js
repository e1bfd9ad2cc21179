/** Who waits, who is parked here, and what the other counters do: lists that follow the hub's news row by row. */

import { className, pauseReason } from "./current.js";
import { STATUS } from "./desk.js";
import { follow, h, setAttribute, setShown, setText } from "./dom.js";
import { fillPlate, plate } from "./plate.js";
import { against, isAway, mayCall, serviceOf, stepS, waitedS } from "./state.js";
import { isVirtual } from "./video.js";

/** The queue, first who is next; all of it or only what this counter may call. */
export class Queue {
  #parts;
  #all = false;

  /** @param {import("./texts.js").Texts} texts @param {(number: string) => void} call a row was pressed */
  constructor(texts, call) {
    this.call = call;
    const title = h("h2", { id: "queue-title" });
    const mine = h("button", { type: "button", class: "tab", "data-tab": "mine", on: { click: () => this.#show(false) } });
    const all = h("button", { type: "button", class: "tab", "data-tab": "all", on: { click: () => this.#show(true) } });
    const services = h("ul", { class: "service-counts" });
    const rows = h("div", { class: "rows" });
    const empty = h("p", { class: "empty" }, texts.t("counter.queue.empty"));
    this.element = h("section", { class: "panel queue", id: "queue", "aria-labelledby": "queue-title" }, h("header", {}, title, h("span", { class: "tabs" }, mine, all)), services, rows, empty);
    this.#parts = { title, mine, all, services, rows, empty };
  }

  update(view) {
    this.view = view;
    const { texts, state, counter, now } = view;
    const parts = this.#parts;
    const mine = state.queue.filter((card) => mayCall(counter, card));
    const shown = this.#all ? state.queue : mine;
    setText(parts.title, texts.t("counter.queue.title"));
    // The hub sends the first hundred of a long queue, and the true counts by service; who stepped out is in no count.
    const everybody = state.services.reduce((sum, service) => sum + service.count, 0);
    const present = (cards) => cards.filter((card) => !isAway(card, now)).length;
    const more = everybody > present(state.queue) ? "+" : "";
    setText(parts.mine, texts.t("counter.queue.mine", { count: `${present(mine)}${more}` }));
    setText(parts.all, texts.t("counter.queue.all", { count: Math.max(everybody, present(state.queue)) }));
    setAttribute(parts.mine, "aria-pressed", String(!this.#all));
    setAttribute(parts.all, "aria-pressed", String(this.#all));
    setShown(parts.empty, shown.length === 0);
    follow(
      parts.services,
      state.services.filter((service) => service.count > 0 || !service.open),
      (service) => service.id,
      () => h("li", {}, h("b", {}), h("span", {})),
      (item, service) => {
        const [letter, count] = item.children;
        setText(letter, service.letter);
        setText(count, service.open ? texts.numerals(service.count) : texts.t("counter.queue.service_closed", { count: service.count }));
        setAttribute(item, "title", texts.name(service.name));
      },
    );
    follow(
      parts.rows,
      shown,
      (card) => card.ticket,
      (card) => row(() => this.call(card.number)),
      (element, card) => {
        const service = serviceOf(state, card.service);
        const waited = waitedS(card, now);
        fillRow(element, card, texts, texts.name(service?.name), tags(card, view), texts.minutes(waited));
        setAttribute(element, "data-stand", against(waited, service?.target_wait_s));
        setAttribute(element, "data-channel", card.channel);
        setAttribute(element, "data-mine", String(mayCall(counter, card)));
        setText(element.querySelector(".row-over"), against(waited, service?.target_wait_s) === "over" ? texts.t("counter.queue.over") : "");
      },
    );
  }

  #show(all) {
    this.#all = all;
    this.update(this.view);
  }
}

/** The tickets parked at this counter. */
export class Parked {
  #rows;

  /** @param {import("./texts.js").Texts} texts @param {(card: object) => void} resume a row was pressed */
  constructor(texts, resume) {
    this.resume = resume;
    this.#rows = h("div", { class: "parked-rows" });
    this.element = h("section", { class: "parked", id: "parked", "aria-labelledby": "parked-title" }, h("h2", { id: "parked-title" }, texts.t("counter.parked.title")), this.#rows);
  }

  update({ texts, state, counter, now }) {
    setShown(this.element, counter.parked.length > 0);
    follow(
      this.#rows,
      counter.parked,
      (card) => card.ticket,
      (card) => h("button", { type: "button", class: "parked-ticket", "data-number": card.number, on: { click: () => this.resume(card) } }, plate("plate-small"), h("span", {})),
      (element, card) => {
        fillPlate(element.firstElementChild, card.number, texts);
        setText(element.lastElementChild, texts.minutes(stepS(card, now)));
        setAttribute(element, "title", texts.name(serviceOf(state, card.service)?.name));
      },
    );
  }
}

/** The other counters of the centre. */
export class Counters {
  #rows;

  /** @param {import("./texts.js").Texts} texts */
  constructor(texts) {
    this.#rows = h("ul", { class: "others" });
    this.element = h("section", { class: "panel counters", id: "counters", "aria-labelledby": "counters-title" }, h("h2", { id: "counters-title" }, texts.t("counter.counters.title")), this.#rows);
  }

  update({ texts, state, counter, now }) {
    follow(
      this.#rows,
      state.counters.filter((other) => other.id !== counter.id),
      (other) => other.id,
      () => h("li", {}, h("b", {}), h("span", { class: "other-what" }), h("span", { class: "other-clock" })),
      (item, other) => {
        const [label, what, clock] = item.children;
        setAttribute(item, "data-status", other.status);
        setText(label, texts.numerals(other.label));
        setText(what, whatIsDone(other, state, texts));
        setText(clock, other.current ? texts.stopwatch(stepS(other.current, now)) : "");
      },
    );
  }
}

function whatIsDone(other, state, texts) {
  if (other.status === "paused") return texts.t("counter.counters.paused", { reason: pauseReason(other.reason, state, texts) });
  if (!other.current) return texts.t(STATUS[other.status]);
  const key = other.current.status === "serving" ? "counter.counters.serving" : "counter.counters.calling";
  return texts.t(key, { number: other.current.number });
}

function tags(card, { texts, counter, now }) {
  const found = [];
  if (isVirtual(card)) found.push(texts.t("counter.video.mark"));
  if (card.class !== "walk_in") found.push(className(card, texts));
  if (card.to_counter) found.push(card.to_counter === counter.id ? texts.t("counter.queue.sent_here") : texts.t("counter.queue.sent_to", { counter: card.to_counter }));
  if (isAway(card, now)) found.push(texts.t("counter.queue.away", { time: texts.time(card.away_until) }));
  if (card.print === "not printed") found.push(texts.t("counter.queue.no_paper"));
  if (card.message === "failed") found.push(texts.t("counter.queue.not_told"));
  return found;
}

function row(pressed) {
  return h("button", { type: "button", class: "row", on: { click: pressed } }, plate("plate-small"), h("span", { class: "row-what" }, h("span", { class: "row-service" }), h("span", { class: "row-tags" })), h("span", { class: "row-time" }, h("span", {}), h("small", { class: "row-over" })));
}

function fillRow(element, card, texts, service, found, time) {
  setAttribute(element, "data-number", card.number);
  fillPlate(element.querySelector(".plate"), card.number, texts);
  setText(element.querySelector(".row-service"), service ?? "");
  setText(element.querySelector(".row-tags"), found.join(" · "));
  setText(element.querySelector(".row-time").firstElementChild, time);
}
