/** The line on top of every screen: where and who, whether the news is fresh, the time, language and theme. */

import { follow, h, setAttribute, setShown, setText } from "./dom.js";
import { THEMES } from "./prefs.js";

const THEME_NAMES = { auto: "counter.theme.auto", light: "counter.theme.light", dark: "counter.theme.dark", contrast: "counter.theme.contrast" };

export class Bar {
  #parts;

  /**
   * @param {import("./texts.js").Texts} texts
   * @param {{language: (code: string) => void, theme: (name: string) => void, leaveCounter: () => void, signOut: () => void}} actions
   */
  constructor(texts, actions) {
    const place = h("strong", { class: "bar-place" });
    const change = h("button", { type: "button", class: "quiet", id: "change-counter", on: { click: actions.leaveCounter } }, texts.t("counter.bar.change"));
    const clerk = h("span", { class: "bar-clerk" });
    const machines = h("a", { class: "bar-link", href: "/devices" }, texts.t("counter.machines.link"));
    const signOut = h("button", { type: "button", class: "quiet", id: "sign-out", on: { click: actions.signOut } }, texts.t("counter.bar.sign_out"));
    const news = h("span", { class: "bar-news", id: "news" });
    const time = h("time", { class: "bar-time" });
    const theme = h(
      "select",
      { id: "theme", "aria-label": texts.t("counter.bar.theme"), on: { change: (event) => actions.theme(event.target.value) } },
      ...THEMES.map((name) => h("option", { value: name }, texts.t(THEME_NAMES[name]))),
    );
    const languages = h("span", { class: "bar-languages", role: "group", "aria-label": texts.t("counter.bar.language") });
    const brand = h("strong", { class: "bar-brand" }, texts.t("counter.bar.brand"));
    this.element = h("div", { class: "bar-line" }, brand, place, change, h("span", { class: "bar-space" }), news, time, clerk, machines, signOut, theme, languages);
    this.#parts = { machines, place, change, clerk, signOut, news, time, theme, languages, actions };
  }

  update({ texts, counter, clerk, languages, theme, now, listening, fresh, newsAt }) {
    const parts = this.#parts;
    setShown(parts.place, counter !== null);
    setShown(parts.change, counter !== null);
    if (counter) setText(parts.place, texts.t("counter.place.name", { label: counter.label }));
    setShown(parts.clerk, clerk !== null);
    setShown(parts.signOut, clerk !== null);
    setShown(parts.machines, clerk?.role === "supervisor");
    setText(parts.clerk, clerk ? texts.name(clerk.name) : "");
    setShown(parts.news, listening);
    setAttribute(parts.news, "data-fresh", String(fresh));
    setText(parts.news, newsText(texts, fresh, newsAt));
    setShown(parts.time, listening);
    setText(parts.time, texts.time(now));
    if (parts.theme.value !== theme) parts.theme.value = theme;
    follow(
      parts.languages,
      languages,
      (code) => code,
      (code) => h("button", { type: "button", class: "quiet", lang: code, on: { click: () => parts.actions.language(code) } }, ownName(code)),
      (button, code) => setAttribute(button, "aria-pressed", String(code === texts.language)),
    );
  }
}

function newsText(texts, fresh, newsAt) {
  if (fresh) return texts.t("counter.news.live");
  return newsAt === null ? texts.t("counter.news.none") : texts.t("counter.news.since", { time: texts.time(newsAt) });
}

/** Return a language's name in itself. */
function ownName(code) {
  return new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
}
