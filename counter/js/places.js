/** Choosing the counter at which one sits. The computer remembers it, so it is asked once. */

import { follow, h, setShown, setText } from "./dom.js";
import { STATUS } from "./desk.js";

export class Places {
  #list;
  #waiting;
  #choose;

  /** @param {import("./texts.js").Texts} texts @param {(id: string) => void} choose */
  constructor(texts, choose) {
    this.#choose = choose;
    this.#list = h("div", { class: "places" });
    this.#waiting = h("p", { class: "message", role: "status" }, texts.t("counter.news.none"));
    this.element = h("section", { class: "entry" }, h("h1", {}, texts.t("counter.place.title")), h("p", { class: "hint" }, texts.t("counter.place.hint")), this.#waiting, this.#list);
  }

  update({ texts, state }) {
    setShown(this.#waiting, state === null);
    follow(
      this.#list,
      state?.counters ?? [],
      (counter) => counter.id,
      (counter) =>
        h("button", { type: "button", class: "place", "data-counter": counter.id, on: { click: () => this.#choose(counter.id) } }, h("strong", {}), h("span", { class: "place-status" }), h("small", {}), h("kbd", {})),
      (button, counter) => {
        const [name, status, services, key] = button.children;
        setText(name, texts.t("counter.place.name", { label: counter.label }));
        setText(status, [texts.t(STATUS[counter.status]), texts.name(counter.clerk?.name)].filter(Boolean).join(" · "));
        setText(services, state.services.filter((one) => counter.services.includes(one.id)).map((one) => one.letter).join(" "));
        setText(key, counter.label);
        setShown(key, /^[0-9A-Z]$/.test(counter.label));
      },
    );
  }
}
