/**
 * One question in a dialog: a few choices, each with its own key, or a number to type. Escape leaves it.
 */

import { h, setText } from "./dom.js";
import { letterOf } from "./keys.js";

/**
 * @typedef {object} Choice
 * @property {string} key what is typed for it: a letter or a number
 * @property {string} label
 * @property {string} [note]
 * @property {unknown} value
 * @property {boolean} [disabled]
 */

/**
 * Ask one question; resolve with the chosen value, or null when the clerk leaves it.
 * @param {import("./texts.js").Texts} texts
 * @param {{title: string, hint?: string, groups: {title?: string, choices: Choice[]}[]}} question
 */
export function choose(texts, { title, hint, groups }) {
  return inDialog(texts, { title, hint }, (body, answer) => {
    const choices = groups.flatMap((group) => group.choices.filter((choice) => !choice.disabled));
    const typedSoFar = h("span", { class: "typed", "aria-live": "polite" });
    for (const group of groups) {
      const list = h("div", { class: "choices" }, ...group.choices.map((choice) => choiceButton(texts, choice, answer)));
      body.append(h("section", {}, group.title ? h("h3", {}, group.title) : null, list));
    }
    body.append(typedSoFar);
    const typing = new Typing(choices.map((choice) => choice.key));
    return (event) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Enter" && typing.whole() !== null) {
        event.preventDefault();
        answer(choices.find((choice) => choice.key === typing.whole()).value);
        return;
      }
      const letter = letterOf(event);
      if (!letter && event.key !== "Backspace") return;
      event.preventDefault();
      const key = letter ? typing.add(letter) : typing.clear();
      setText(typedSoFar, texts.numerals(typing.typed));
      if (key !== null) answer(choices.find((choice) => choice.key === key).value);
    };
  });
}

/**
 * Ask for a ticket's number; resolve with what `accept` makes of it, or null.
 * @param {import("./texts.js").Texts} texts
 * @param {{title: string, hint: string, label: string, start?: string, confirm: string, find: (typed: string) => Choice[], accept: (typed: string) => unknown}} question
 */
export function askNumber(texts, { title, hint, label, start = "", confirm, find, accept }) {
  return inDialog(texts, { title, hint }, (body, answer) => {
    const input = h("input", { type: "text", class: "number", dir: "ltr", autocomplete: "off", spellcheck: "false", maxlength: "8", "aria-label": label });
    const found = h("div", { class: "choices", "aria-live": "polite" });
    const show = () => found.replaceChildren(...find(input.value).slice(0, 6).map((choice) => choiceButton(texts, choice, answer)));
    const form = h("form", { method: "dialog", class: "number-form" }, input, h("button", { type: "submit", class: "primary" }, confirm));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = accept(input.value);
      if (value) answer(value);
      else input.focus();
    });
    input.addEventListener("input", show);
    input.value = start;
    show();
    body.append(form, found);
    // The key that opened the dialog may still be held down: it must not type itself into the field.
    return (event) => {
      if (event.repeat && event.key.length === 1) event.preventDefault();
    };
  });
}

/** Typed keys of which one may begin another (counters 1 and 12): a key is taken when it can mean one thing only. */
export class Typing {
  typed = "";
  #keys;

  constructor(keys) {
    this.#keys = keys;
  }

  /** Take a character; return the key that is meant now, or null. What begins no key is forgotten. */
  add(character) {
    this.typed += character;
    let begun = this.#begun();
    if (begun.length === 0) {
      this.typed = character;
      begun = this.#begun();
    }
    if (begun.length === 0) return this.clear();
    return begun.length === 1 && begun[0] === this.typed ? this.typed : null;
  }

  /** Return the key that is typed in full, for Enter, or null. */
  whole() {
    return this.#keys.includes(this.typed) ? this.typed : null;
  }

  clear() {
    this.typed = "";
    return null;
  }

  #begun() {
    return this.#keys.filter((key) => key.startsWith(this.typed));
  }
}

function choiceButton(texts, choice, answer) {
  const label = h("span", { class: "choice-label" }, choice.label);
  if (choice.note) label.append(h("small", {}, choice.note));
  return h(
    "button",
    { type: "button", class: "choice", disabled: choice.disabled, "data-choice": choice.key, on: { click: () => answer(choice.value) } },
    label,
    choice.key ? h("kbd", { dir: "ltr" }, texts.numerals(choice.key)) : null,
  );
}

function inDialog(texts, { title, hint }, fill) {
  return new Promise((resolve) => {
    const body = h("div", { class: "question" });
    const leave = h("button", { type: "button", class: "quiet" }, texts.t("counter.dialog.leave"), h("kbd", {}, "Esc"));
    const dialog = h("dialog", { class: "chooser", tabindex: "-1", "aria-labelledby": "question" }, h("h2", { id: "question" }, title));
    if (hint) dialog.append(h("p", { class: "hint" }, hint));
    dialog.append(body, h("footer", {}, leave));
    // Left at once, not with the dialog's later `close` event: the next key is already the page's.
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const onKey = fill(body, answer);
    dialog.addEventListener("keydown", onKey);
    leave.addEventListener("click", () => answer(null));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(null);
    });
    dialog.addEventListener("close", () => answer(null));
    document.body.append(dialog);
    dialog.showModal();
    // With the dialog itself focused an Enter typed too early chooses nothing; a field takes the focus if there is one.
    (dialog.querySelector("input") ?? dialog).focus();
  });
}
