/**
 * The one table of what a clerk can do: each verb's key, its words, when it can be done, and what it needs to be told.
 * Buttons, keys and notices all read this table. The hub decides; `can` only spares a question whose answer is known.
 */

import { undoable } from "./state.js";

/**
 * @typedef {object} Verb
 * @property {string} id the hub's word
 * @property {string} key the Latin letter of its key
 * @property {string} label
 * @property {(counter: import("./state.js").Counter, now: number) => boolean} can
 * @property {"number"|"parked"|"park_reason"|"pause_reason"|"destination"} [needs] what is asked before the claim
 */

const open = (counter) => counter.status === "open";
const free = (counter) => open(counter) && !counter.current;
const current = (...states) => (counter) => open(counter) && states.includes(counter.current?.status);

/** @type {Verb[]} */
export const TURN_VERBS = [
  { id: "call_next", key: "N", label: "counter.verb.call_next", can: free },
  { id: "start_serving", key: "S", label: "counter.verb.start_serving", can: current("called") },
  { id: "finish", key: "F", label: "counter.verb.finish", can: current("serving") },
  { id: "recall", key: "R", label: "counter.verb.recall", can: current("called") },
  { id: "mark_no_show", key: "A", label: "counter.verb.mark_no_show", can: current("called") },
  { id: "transfer", key: "T", label: "counter.verb.transfer", can: current("called", "serving"), needs: "destination" },
  { id: "park", key: "P", label: "counter.verb.park", can: current("called", "serving"), needs: "park_reason" },
  { id: "resume", key: "U", label: "counter.verb.resume", can: (c) => free(c) && c.parked.length > 0, needs: "parked" },
  { id: "call", key: "G", label: "counter.verb.call", can: free, needs: "number" },
];

/** @type {Verb[]} */
export const COUNTER_VERBS = [
  { id: "open", key: "O", label: "counter.verb.open", can: (counter) => !open(counter) },
  { id: "pause", key: "B", label: "counter.verb.pause", can: free, needs: "pause_reason" },
  { id: "close", key: "C", label: "counter.verb.close", can: (counter) => counter.status !== "closed" && !counter.current },
];

/** @type {Verb} */
export const UNDO = {
  id: "undo",
  key: "Z",
  label: "counter.verb.undo",
  can: (counter, now) => undoable(counter, now) !== null,
};

/** @type {Verb[]} */
export const VERBS = [...TURN_VERBS, ...COUNTER_VERBS, UNDO];

/** Return the verb that comes next in an ordinary visit: the one button that stands out. */
export function natural(counter) {
  if (!open(counter)) return "open";
  return { called: "start_serving", serving: "finish" }[counter.current?.status] ?? "call_next";
}

/** Reasons to put a ticket aside, by their keys 1, 2, ... on the page. */
export const PARK_REASONS = [
  { id: "document", label: "counter.park_reason.document" },
  { id: "form", label: "counter.park_reason.form" },
  { id: "payment", label: "counter.park_reason.payment" },
  { id: "photo", label: "counter.park_reason.photo" },
  { id: "other", label: "counter.park_reason.other" },
];

/** Reasons to pause, for a centre that has none of its own in its settings. */
export const PAUSE_REASONS = [
  { id: "prayer", label: "counter.pause_reason.prayer" },
  { id: "break", label: "counter.pause_reason.break" },
  { id: "meeting", label: "counter.pause_reason.meeting" },
  { id: "technical", label: "counter.pause_reason.technical" },
];
