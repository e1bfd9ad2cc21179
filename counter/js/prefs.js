/**
 * What this computer remembers between visits of the page: language, theme, its counter, who signed in last (a staff id).
 * A browser that forbids storage forgets, and nothing else happens.
 */

const STORED_AS = "dawr.counter.";

/** @param {"language"|"theme"|"counter"|"clerk"} name */
export function remembered(name) {
  try {
    return localStorage.getItem(STORED_AS + name);
  } catch {
    return null;
  }
}

/** @param {"language"|"theme"|"counter"|"clerk"} name @param {string|null} value null forgets */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(STORED_AS + name);
    else localStorage.setItem(STORED_AS + name, value);
  } catch {
    // Storage is full or forbidden: the choice holds until the page is closed.
  }
}

export const THEMES = ["auto", "light", "dark", "contrast"];

/** Dress the page in a theme; "auto" follows the device. */
export function wear(theme) {
  if (theme === "auto" || !THEMES.includes(theme)) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
