/** The number plate, the product's face: the service's letter in a solid block, then the digits, left to right always. */

import { h, setAttribute, setText } from "./dom.js";

/** @param {string} kind a further class, for its size */
export function plate(kind = "") {
  return h("span", { class: `plate ${kind}`, dir: "ltr", role: "img" }, h("span", { class: "plate-letter" }), h("span", { class: "plate-digits" }));
}

/** Put a ticket's number on a plate. @param {import("./texts.js").Texts} texts */
export function fillPlate(element, number, texts) {
  const letters = /^[A-Za-z]*/.exec(number)[0];
  const [letter, digits] = element.children;
  setText(letter, letters);
  letter.hidden = letters === "";
  setText(digits, texts.numerals(number.slice(letters.length)));
  // Read as letter and number, not as a word.
  setAttribute(element, "aria-label", texts.numerals(`${letters} ${number.slice(letters.length)}`.trim()));
}
