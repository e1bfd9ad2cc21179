/**
 * From a pressed verb to its end: what else must be known, the claim, and what the clerk is told of the answer.
 * What the counter's state is afterwards comes from the live news, not from here.
 */

import { pause } from "./api.js";
import { askNumber, choose } from "./chooser.js";
import { mayCall, meant, offered, plainNumber, serviceOf } from "./state.js";
import { PARK_REASONS, PAUSE_REASONS, VERBS } from "./verbs.js";

/**
 * @typedef {object} Notice a sentence for the clerk, kept as key and values so that it follows the language
 * @property {"info"|"refused"} kind
 * @property {string} key
 * @property {Record<string, string>} [values]
 */

const TYPED_AHEAD_FOR_MS = 1500;
const TYPED_AHEAD_MOST = 3;
const NEWS_WITHIN_MS = 1500;

/** What is said when a claim was granted; the others show in the state itself. */
const DONE = {
  call_next: "counter.done.called",
  call: "counter.done.called",
  resume: "counter.done.called",
  recall: "counter.done.recalled",
  undo: "counter.done.undone",
};

export class Desk {
  #claims;
  #view;
  #say;
  #signedOut;
  #answered;
  #asking = false;
  #typed = [];

  /**
   * @param {import("./claims.js").Claims} claims
   * @param {() => object} view the page's present view: state, counter, clerk, texts, now
   * @param {{say: (notice: Notice|null) => void, signedOut: () => void, answered: () => void}} to
   */
  constructor(claims, view, { say, signedOut, answered }) {
    this.#claims = claims;
    this.#view = view;
    this.#say = say;
    this.#signedOut = signedOut;
    this.#answered = answered;
  }

  /**
   * Do a verb, or say why not now.
   * @param {string} id @param {object} [told] what is already known, for example the parked ticket that was tapped
   */
  async press(id, told = null) {
    const verb = VERBS.find((one) => one.id === id);
    const { counter, texts, now } = this.#view();
    if (!counter || this.#asking) return;
    if (this.#claims.pending) return this.#typeAhead(id);
    if (!verb.can(counter, now)) {
      this.#typed = [];
      const key = counter.status === "open" ? "counter.notice.not_now" : "counter.notice.counter_not_open";
      return this.#say({ kind: "refused", key, values: { verb: texts.t(verb.label) } });
    }
    this.#say(null);
    const asked = told ?? this.#ask(verb);
    // A question ends what was typed ahead: its answer would come too late for it.
    if (asked instanceof Promise) this.#typed = [];
    // A verb that needs nothing more is claimed in this very turn of the loop: the next key finds it pending.
    const more = asked instanceof Promise ? await asked : asked;
    if (more === null) return;
    await this.#finish(await this.#claims.submit(counter.id, this.#view().clerk.id, { verb: id, ...more }));
  }

  /** Keep keys pressed while the last one is on its way, so that "start, finish, next" may be typed as fast as one can. */
  #typeAhead(id) {
    const { attempt, what } = this.#claims.pending;
    if (attempt > 1) this.#say({ kind: "refused", key: "counter.notice.still_asking" });
    else if ((this.#typed.at(-1) ?? what.verb) !== id && this.#typed.length < TYPED_AHEAD_MOST) this.#typed.push(id);
  }

  /** Do what was typed ahead, unless the answer before it was a no or came so late that it would surprise. */
  async #doTyped(answer) {
    const verb = VERBS.find((one) => one.id === this.#typed[0]);
    if (!verb || answer.kind !== "ok" || Date.now() - answer.claim.made_at > TYPED_AHEAD_FOR_MS) {
      this.#typed = [];
      return;
    }
    this.#typed.shift();
    const possible = () => verb.can(this.#view().counter, this.#view().now);
    // The news of the first verb may still be on its way: it comes right after the answer.
    for (let waited = 0; waited < NEWS_WITHIN_MS && !possible(); waited += 20) await pause(20);
    await this.press(verb.id);
  }

  /** Ask for a ticket by number, with a number already in the field. */
  async callNumber(start) {
    const { counter, now } = this.#view();
    const verb = VERBS.find((one) => one.id === "call");
    if (!counter || !verb.can(counter, now) || this.#claims.pending) return this.press("call");
    this.#asking = true;
    const more = await this.#number(start);
    this.#asking = false;
    if (more) await this.press("call", more);
  }

  /** Take up the claim that a reload interrupted. */
  async takeUp() {
    const answer = await this.#claims.takeUp(this.#view().clerk.id);
    if (answer) await this.#finish(answer);
  }

  /** Return what else the hub must be told, or a promise of it (null when the clerk leaves the question). */
  #ask(verb) {
    const { counter } = this.#view();
    if (verb.id === "open" && counter.status === "paused" && counter.services.length) return { services: counter.services };
    if (!verb.needs) return {};
    if (verb.needs === "parked" && counter.parked.length === 1) return { ticket: counter.parked[0].ticket };
    this.#asking = true;
    const questions = {
      number: () => this.#number(""),
      parked: () => this.#parked(),
      park_reason: () => this.#parkReason(),
      pause_reason: () => this.#pauseReason(),
      destination: () => this.#destination(),
    };
    return questions[verb.needs]().finally(() => {
      this.#asking = false;
    });
  }

  #number(start) {
    const { state, counter, texts } = this.#view();
    const cards = [...counter.parked, ...state.queue.filter((card) => mayCall(counter, card))];
    const told = (card) => ({ ticket: card.ticket, number: card.number });
    return askNumber(texts, {
      title: texts.t("counter.call.title"),
      hint: texts.t("counter.call.hint"),
      label: texts.t("counter.call.label"),
      confirm: texts.t("counter.verb.call_it"),
      start,
      find: (typed) =>
        offered(cards, typed).map((card) => ({ key: "", label: texts.numerals(card.number), note: texts.name(serviceOf(state, card.service)?.name), value: told(card) })),
      // One who was marked absent waits in no list: the hub knows the number.
      accept: (typed) => {
        const found = meant(cards, typed);
        if (found.length > 1 || plainNumber(typed) === "") return null;
        return found.length ? told(found[0]) : { number: plainNumber(typed) };
      },
    });
  }

  #parked() {
    const { state, counter, texts } = this.#view();
    const choices = counter.parked.map((card, index) => ({
      key: String(index + 1),
      label: texts.numerals(card.number),
      note: texts.name(serviceOf(state, card.service)?.name),
      value: { ticket: card.ticket },
    }));
    return choose(texts, { title: texts.t("counter.resume.title"), groups: [{ choices }] });
  }

  #parkReason() {
    const { texts, counter } = this.#view();
    const choices = PARK_REASONS.map((reason, index) => ({ key: String(index + 1), label: texts.t(reason.label), value: { reason: reason.id } }));
    return choose(texts, { title: texts.t("counter.park.title", { number: counter.current.number }), hint: texts.t("counter.park.hint"), groups: [{ choices }] });
  }

  #pauseReason() {
    const { texts, state } = this.#view();
    const reasons = state.pause_reasons?.length
      ? state.pause_reasons.map((reason) => ({ id: reason.id, label: texts.name(reason.name) }))
      : PAUSE_REASONS.map((reason) => ({ id: reason.id, label: texts.t(reason.label) }));
    const choices = reasons.map((reason, index) => ({ key: String(index + 1), label: reason.label, value: { reason: reason.id } }));
    return choose(texts, { title: texts.t("counter.pause.title"), hint: texts.t("counter.pause.hint"), groups: [{ choices }] });
  }

  #destination() {
    const { state, counter, texts } = this.#view();
    const services = state.services.map((service) => ({
      key: service.letter,
      label: texts.name(service.name),
      note: service.id === counter.current.service ? texts.t("counter.transfer.same_service") : undefined,
      value: { to_service: service.id },
    }));
    const counters = state.counters
      .filter((other) => other.id !== counter.id)
      .map((other) => ({
        key: other.label,
        label: texts.t("counter.place.name", { label: other.label }),
        note: [texts.name(other.clerk?.name), texts.t(STATUS[other.status])].filter(Boolean).join(" · "),
        value: { to_counter: other.id },
      }));
    return choose(texts, {
      title: texts.t("counter.transfer.title", { number: counter.current.number }),
      hint: texts.t("counter.transfer.hint"),
      groups: [
        { title: texts.t("counter.transfer.services"), choices: services },
        { title: texts.t("counter.transfer.counters"), choices: counters },
      ],
    });
  }

  async #finish(answer) {
    if (answer.kind === "signed_out") return this.#signedOut();
    this.#answered();
    this.#say(noticeOf(answer, this.#view().texts));
    await this.#doTyped(answer);
  }
}

/** Return what to tell the clerk of an answer, or null when the state says it all. */
export function noticeOf(answer, texts) {
  if (answer.kind === "abandoned") return { kind: "refused", key: "counter.notice.abandoned" };
  if (answer.kind === "busy") return { kind: "refused", key: "counter.notice.still_asking" };
  if (answer.kind === "refused") {
    const problem = answer.body ?? {};
    const key = `counter.refused.${String(problem.code ?? "").toLowerCase()}`;
    const values = { ...problem, ...(problem.context ?? {}) };
    return texts.has(key) ? { kind: "refused", key, values } : { kind: "refused", key: "counter.refused.other", values: { code: problem.code ?? answer.status } };
  }
  if (answer.status === 204) return { kind: "info", key: "counter.refused.nobody_waits" };
  const key = DONE[answer.claim.what.verb];
  const number = answer.body?.ticket?.number;
  return key && number ? { kind: "info", key, values: { number, counter: answer.body.counter?.label ?? "" } } : null;
}

/** The words for a counter's state. */
export const STATUS = { open: "counter.status.open", paused: "counter.status.paused", closed: "counter.status.closed" };
