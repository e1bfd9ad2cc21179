/** A customer by video: the mark that tells one from those in the hall, and the way into the room. */

import { h, setAttribute, setShown, setText } from "./dom.js";

export const ROOM_KEY = "V";
const AT_COUNTER = ["called", "serving"];

/** Say whether a ticket's customer is served by video. @param {import("./state.js").Card} card */
export const isVirtual = (card) => card.channel === "virtual";

/** What stands beside the current customer's name while that is one by video. */
export class Video {
  #parts;

  /** @param {import("./texts.js").Texts} texts */
  constructor(texts) {
    const words = h("span", {}, texts.t("counter.video.mark"));
    // A room is another site: it gets no way back into this page, and is not told where it was opened.
    const link = h("a", { class: "room", id: "room", target: "_blank", rel: "noopener noreferrer", "aria-keyshortcuts": ROOM_KEY }, h("span", {}, texts.t("counter.video.open")), h("kbd", { dir: "ltr" }, ROOM_KEY));
    const missing = h("span", { class: "room-missing" });
    this.element = h("div", { class: "video" }, h("span", { class: "video-mark", "aria-hidden": "true" }), words, link, missing);
    this.#parts = { link, missing };
  }

  update(card, texts) {
    setShown(this.element, isVirtual(card));
    if (!isVirtual(card)) return;
    const isOpen = AT_COUNTER.includes(card.status);
    setShown(this.#parts.link, isOpen && Boolean(card.room));
    setAttribute(this.#parts.link, "href", card.room);
    setShown(this.#parts.missing, isOpen && !card.room);
    setText(this.#parts.missing, isOpen && !card.room ? texts.t("counter.video.missing") : "");
  }
}

/** Open the room if there is one to open; say whether there was. */
export function openRoom(document) {
  const link = document.getElementById("room");
  if (!link?.href || link.hidden || link.closest("[hidden]")) return false;
  link.click();
  return true;
}
