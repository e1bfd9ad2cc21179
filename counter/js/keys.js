/**
 * One key, one verb. The key is a letter on the keyboard whatever its layout: on a Latin layout the letter that it
 * types, on an Arabic one the Latin letter that is printed on the same key.
 */

const TYPED_INTO = "input, textarea, select, [contenteditable]";
const PRESSED_BY_KEY = "button, a[href], summary";

/** Return a key press's Latin capital letter or digit, or "" for any other key. */
export function letterOf(event) {
  if (/^[a-z0-9]$/i.test(event.key)) return event.key.toUpperCase();
  const printed = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(event.code);
  return printed ? (printed[1] ?? printed[2]) : "";
}

/**
 * Hear verb keys on a document. Not heard: a key held down (it would repeat the verb), one with Ctrl, Alt or Meta (the
 * browser's own), one typed into a field, and any while a dialog is open (it has its own keys).
 * @param {Document} document
 * @param {(letter: string) => boolean} press returns true when the letter meant something
 */
export function hearKeys(document, press) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat) {
      // A held Enter or space bar would click the focused button again and again.
      if ((event.key === "Enter" || event.key === " ") && event.target.closest?.(PRESSED_BY_KEY)) event.preventDefault();
      return;
    }
    // The key that answered a dialog comes here after the dialog is gone.
    if (event.defaultPrevented) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest?.(TYPED_INTO) || document.querySelector("dialog[open]")) return;
    const letter = letterOf(event);
    if (letter && press(letter)) event.preventDefault();
  });
}
