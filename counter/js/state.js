/**
 * Reading the hub's counter state: pure functions from it to what the page shows. Nothing here asks, draws or decides.
 *
 * @typedef {object} Card one ticket as the hub shows it to counters: number, service, status, times; nothing personal
 * @typedef {object} Counter one counter: id, label, status, clerk, services, current, parked, next, undo
 * @typedef {object} State day, now, services, counters, queue
 */

import { asciiDigits } from "./texts.js";

/** @returns {Counter|null} */
export const counterOf = (state, id) => state?.counters.find((counter) => counter.id === id) ?? null;

export const serviceOf = (state, id) => state?.services.find((service) => service.id === id) ?? null;

/** Say whether a counter may call a ticket: one sent to a counter is that counter's alone. */
export function mayCall(counter, card) {
  return card.to_counter ? card.to_counter === counter.id : counter.services.includes(card.service);
}

/** Say whether a ticket's customer has stepped out: it waits, and is passed over until then. */
export const isAway = (card, now) => Boolean(card.away_until) && Date.parse(card.away_until) > now;

/** Return since when a ticket's wait counts, milliseconds: an appointment that came early waits from its time. */
export const readyAt = (card) => Date.parse(card.ready_at ?? card.taken_at);

/** Return how long a ticket has waited, or waited until it was called, in seconds. */
export function waitedS(card, now) {
  const until = card.status === "waiting" || !card.called_at ? now : Date.parse(card.called_at);
  return Math.max(0, (until - readyAt(card)) / 1000);
}

/** Return how long the current step (called, serving, parked) has lasted, in seconds. */
export function stepS(card, now) {
  const since = card.status === "serving" ? card.serving_at : card.called_at;
  return since ? Math.max(0, (now - Date.parse(since)) / 1000) : 0;
}

/** Return a duration's stand against a target, both in seconds: "none" without a target, then "ok", "near", "over". */
export function against(seconds, target) {
  if (!target) return "none";
  if (seconds >= target) return "over";
  return seconds >= 0.8 * target ? "near" : "ok";
}

/** Return what of the counter's last step can be taken back now: {verb, number, leftMs}, or null. */
export function undoable(counter, now) {
  if (!counter?.undo || counter.current) return null;
  const leftMs = Date.parse(counter.undo.until) - now;
  return leftMs > 0 ? { ...counter.undo, leftMs } : null;
}

/**
 * Return the tickets that a typed number means: the whole number, or its end ("47" finds A047 and B047).
 * @param {Card[]} cards
 */
export function meant(cards, typed) {
  const wanted = plainNumber(typed);
  const exact = cards.filter((card) => card.number === wanted);
  if (exact.length || !/[0-9]$/.test(wanted)) return exact;
  const [letters, digits] = parts(wanted);
  return cards.filter((card) => card.number.startsWith(letters) && card.number.endsWith(digits));
}

/** Return the tickets that a number being typed may become: also those that begin so. */
export function offered(cards, typed) {
  const wanted = plainNumber(typed);
  if (wanted === "") return [];
  const [letters, digits] = parts(wanted);
  const begins = (card) => parts(card.number)[1].startsWith(digits) && card.number.startsWith(letters);
  return [...new Set([...meant(cards, typed), ...cards.filter(begins)])];
}

const parts = (number) => [number.replace(/[0-9]/g, ""), number.replace(/[^0-9]/g, "")];

/** Return a typed ticket number as the tickets have it: no spaces, capitals, ASCII digits. */
export const plainNumber = (typed) => asciiDigits(typed).replace(/[\s\u2066-\u2069]/g, "").toUpperCase();
