/**
 * The supervisor's page of devices: how each stands, a code for a new one or for one anew, one taken out of service.
 * The server decides all of it; this asks the hub, and says what came of it.
 */

import { ask, backoffMs } from "./api.js";
import { h, setText } from "./dom.js";
import { remember, remembered, wear } from "./prefs.js";
import { SignIn } from "./signin.js";
import { Texts } from "./texts.js";

const LANGUAGES = ["ar", "en"];
const EVERY_MS = 5000;
/** The hub itself waits for the server; its own patience ends first. */
const WITHIN_MS = 15_000;
/** A kiosk speaks every minute, a display's line every five seconds: after two and a half minutes it is silent. */
const SILENT_MS = 150_000;
const CLOCK_OFF_S = 30;
const TAKES_PART = ["active", "forked"];
/** The answer of a hub that refuses a device by itself, since the server cannot be asked. */
const HUB_ALONE = 202;
const NO_NEWS = ["", "no printer", "not asked"];

const ROLES = { kiosk: "counter.machines.kiosk", display: "counter.machines.display", hub: "counter.machines.hub" };
const REFUSED = { NAME: "counter.machines.refused_name", DEVICE: "counter.machines.refused_device" };

class Page {
  #texts;
  #screen;
  #told = null;
  #timer = null;
  #member = null;
  #drawn = "";

  async start() {
    wear(remembered("theme") ?? "auto");
    await this.#speak(remembered("language") ?? LANGUAGES[0]);
  }

  async #speak(language) {
    let texts = null;
    for (let attempt = 1; !texts; attempt += 1) {
      texts = await Texts.load(language);
      if (!texts) await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)));
    }
    this.#texts = texts;
    document.documentElement.lang = texts.language;
    document.documentElement.dir = texts.direction;
    document.title = texts.t("counter.machines.title");
    const languages = LANGUAGES.map((code) =>
      h("button", { type: "button", class: "quiet", lang: code, "aria-pressed": String(code === texts.language), on: { click: () => this.#choose(code) } }, new Intl.DisplayNames([code], { type: "language" }).of(code)),
    );
    document.getElementById("bar").replaceChildren(
      h("div", { class: "bar-line" }, h("strong", { class: "bar-brand" }, texts.t("counter.bar.brand")), h("a", { class: "quiet", href: "/" }, texts.t("counter.machines.back")), h("span", { class: "bar-space" }), ...languages),
    );
    await this.#recognise();
  }

  #choose(language) {
    remember("language", language);
    return this.#speak(language);
  }

  async #recognise() {
    const answer = await ask("GET", "/v1/staff/me");
    if (answer.kind === "unavailable") {
      this.#later(() => this.#recognise());
      return this.#put(this.#message("counter.sign_in.no_hub"));
    }
    if (answer.kind !== "ok") return this.#signIn();
    this.#member = answer.body;
    if (this.#member.role !== "supervisor") {
      const leave = h("button", { type: "button", on: { click: () => this.#signOut() } }, this.#texts.t("counter.bar.sign_out"));
      return this.#put(h("section", { class: "machines" }, h("h1", {}, this.#texts.t("counter.machines.title")), this.#message("counter.machines.supervisors"), h("div", {}, leave)));
    }
    return this.#refresh();
  }

  #signIn() {
    clearTimeout(this.#timer);
    const screen = new SignIn(this.#texts, { clerk: null, pin: "" }, () => this.#recognise());
    this.#put(screen.element, screen);
    screen.update();
  }

  async #signOut() {
    await ask("POST", "/v1/staff/sign-out", {});
    this.#signIn();
  }

  async #refresh() {
    const answer = await ask("GET", "/v1/devices", undefined, { withinMs: WITHIN_MS });
    if (answer.kind === "signed_out") return this.#signIn();
    if (answer.kind === "ok") {
      this.#told = answer.body;
      this.#texts.follow(answer.body);
    }
    this.#draw(answer.kind === "ok");
    this.#later(() => this.#refresh());
  }

  #later(what) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(what, EVERY_MS);
  }

  #put(element, screen = null) {
    this.#drawn = "";
    this.#screen?.close?.();
    this.#screen = screen;
    document.getElementById("screen").replaceChildren(element);
  }

  #message(key) {
    return h("p", { class: "machines-note", role: "status" }, this.#texts.t(key));
  }

  #draw(isFresh) {
    const texts = this.#texts;
    const may = Boolean(isFresh && this.#told?.may_change);
    const seen = (this.#told?.devices ?? []).map((row) => ({ ...row, heard_at: row.heard_at && texts.time(row.heard_at), standing: standing(row) }));
    const look = JSON.stringify([may, isFresh, texts.language, seen]);
    // What looks the same is left alone: nobody loses the button that is being pressed.
    if (look === this.#drawn) return;
    const fresh = (role, key) => h("button", { type: "button", class: "primary", id: `new-${role}`, disabled: !may, on: { click: () => this.#code(role, "") } }, texts.t(key));
    const columns = ["device", "state", "heard", "printer", "clock", "version", "acts"].map((name) => h("th", { scope: "col" }, texts.t(COLUMNS[name])));
    const rows = (this.#told?.devices ?? []).map((row) => this.#row(row, may, isFresh));
    this.#put(
      h(
        "section",
        { class: "machines" },
        h("div", { class: "machines-head" }, h("h1", {}, texts.t("counter.machines.title")), fresh("kiosk", "counter.machines.new_kiosk"), fresh("display", "counter.machines.new_display")),
        may ? null : this.#message("counter.machines.no_server"),
        h("table", {}, h("thead", {}, h("tr", {}, ...columns)), h("tbody", {}, ...rows)),
      ),
    );
    this.#drawn = look;
  }

  #row(row, may, isFresh) {
    const texts = this.#texts;
    const [tone, state, advice] = standing(row);
    const cell = (name, text, bad = false) => h("td", { "data-label": text ? texts.t(COLUMNS[name]) : null, class: bad ? "machine-bad" : null }, text);
    const acts = [];
    if (may && row.role !== "hub" && row.role) {
      acts.push(h("button", { type: "button", class: "anew", on: { click: () => this.#code(row.role, row.device) } }, texts.t("counter.machines.anew")));
    }
    // The hub itself can refuse a device, whether the server is there or not.
    if (isFresh && row.role !== "hub" && row.role && TAKES_PART.includes(row.state)) {
      acts.push(h("button", { type: "button", class: "revoke", on: { click: () => this.#askRevoke(row) } }, texts.t("counter.machines.revoke")));
    }
    const printer = NO_NEWS.includes(row.trouble ?? "") ? "" : row.trouble.replaceAll(" ", "_");
    const off = Math.abs(row.clock_off_s ?? 0) >= CLOCK_OFF_S;
    return h(
      "tr",
      { "data-device": row.device, "data-tone": tone },
      h("th", { scope: "row" }, row.device, h("small", {}, row.role ? texts.t(ROLES[row.role]) : "")),
      h("td", { class: "machine-state" }, texts.t(state), advice ? h("small", { class: "machine-do" }, texts.t(advice)) : null),
      cell("heard", row.heard_at ? texts.time(row.heard_at) : row.role === "hub" || row.state !== "active" ? "" : texts.t("counter.machines.never")),
      cell("printer", printer ? this.#printer(printer) : row.trouble === "" ? texts.t("counter.machines.ready") : "", Boolean(printer)),
      cell("clock", row.clock_off_s === null ? "" : off ? texts.t("counter.machines.clock_off", { minutes: Math.round(Math.abs(row.clock_off_s) / 60) || 1 }) : texts.t("counter.machines.clock_right"), off),
      cell("version", row.version ?? ""),
      h("td", {}, acts.length > 0 ? h("div", { class: "machine-acts" }, ...acts) : null),
    );
  }

  #printer(word) {
    const key = `paper.trouble.${word}`;
    return this.#texts.has(key) ? this.#texts.t(key) : this.#texts.t("counter.devices.other");
  }

  async #code(role, device) {
    const answer = await ask("POST", "/v1/devices/codes", { role, device }, { withinMs: WITHIN_MS });
    if (answer.kind === "signed_out") return this.#signIn();
    if (answer.kind !== "ok") return this.#tell(answer);
    const texts = this.#texts;
    const { code, device: name, expires_at: until } = answer.body;
    this.#dialog(
      texts.t("counter.machines.code_for", { device: name }),
      h("p", { class: "machine-code", dir: "ltr", id: "code" }, texts.numerals(code)),
      h("p", {}, texts.t("counter.machines.code_do", { time: texts.time(until) })),
      device ? h("p", { class: "hint" }, texts.t("counter.machines.code_once")) : null,
    );
  }

  #askRevoke(row) {
    const texts = this.#texts;
    const yes = h("button", { type: "button", class: "danger", id: "revoke-yes" }, texts.t("counter.machines.revoke"));
    const dialog = this.#dialog(texts.t("counter.machines.revoke_sure", { device: row.device }), h("p", {}, texts.t("counter.machines.revoke_means")), yes);
    yes.addEventListener("click", async () => {
      dialog.close();
      const answer = await ask("POST", "/v1/devices/revoke", { device: row.device }, { withinMs: WITHIN_MS });
      if (answer.kind === "signed_out") return this.#signIn();
      if (answer.kind !== "ok") return this.#tell(answer);
      if (answer.status === HUB_ALONE) this.#dialog(texts.t("counter.machines.shut_out_title"), h("p", {}, texts.t("counter.machines.shut_out_means")));
      return this.#refresh();
    });
  }

  #tell(answer) {
    const key = answer.kind === "unavailable" ? "counter.machines.no_server" : (REFUSED[answer.body?.code] ?? "counter.machines.refused");
    this.#dialog(this.#texts.t(key));
  }

  /** Show a question or an answer over the page; whatever is its last button closes it. */
  #dialog(title, ...content) {
    const close = h("button", { type: "button", id: "dialog-close" }, this.#texts.t("counter.machines.close"));
    const buttons = content.filter((each) => each?.tagName === "BUTTON");
    const said = content.filter((each) => each?.tagName !== "BUTTON");
    const heading = h("h2", { id: "dialog-title" });
    setText(heading, title);
    const dialog = h("dialog", { class: "chooser", "aria-labelledby": "dialog-title" }, heading, ...said, h("div", { class: "buttons" }, ...buttons, close));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }
}

const COLUMNS = {
  device: "counter.machines.device",
  state: "counter.machines.state",
  heard: "counter.machines.heard",
  printer: "counter.machines.printer",
  clock: "counter.machines.clock",
  version: "counter.machines.version",
  acts: "counter.machines.acts",
};

/** Return a row's tone, the key of what it says, and the key of what to do about it where that is not plain. */
function standing(row) {
  if (row.state === "revoked") return ["gone", "counter.machines.revoked"];
  if (row.state === "shut_out") return ["alert", "counter.machines.shut_out"];
  if (row.state === "forked") return ["alert", "counter.machines.forked", row.role === "hub" ? "counter.devices.hub_forked_do" : "counter.machines.forked_do"];
  if (row.state === "active" && row.twin_since) return ["alert", "counter.machines.twin", "counter.machines.twin_do"];
  if (row.state === "awaited") return ["wait", "counter.machines.awaited"];
  if (row.role === "hub") return ["ok", "counter.machines.works"];
  if (!row.heard_at || Date.now() - Date.parse(row.heard_at) > SILENT_MS) return ["alert", "counter.machines.silent"];
  return row.closed ? ["wait", "counter.machines.closed"] : ["ok", "counter.machines.works"];
}

new Page().start();
