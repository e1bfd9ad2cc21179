/**
 * What is wrong with the centre's ticket kiosks, one calm line each: what it is, what to do, since when. A line goes by
 * itself when the machine is well again.
 */

import { follow, h, setAttribute, setShown, setText } from "./dom.js";

const TONES = ["alert", "wait", "info"];

/** The printer's words that are nothing to do about: none is configured, or it was not asked yet. */
const NO_NEWS = ["", "no printer", "not asked"];

/** Old data was put back on the hub, or it was cloned: the hall goes on, and the server takes nothing from it. */
const HUB_FORKED = { device: "hub", what: "forked", tone: "alert", key: "counter.devices.hub_forked", advice: "counter.devices.hub_forked_do", since: null, values: {} };

const SERVER = "server";

/** Return what the supervisor is told of the line to the central server; nothing of a trouble that this page does not know. */
export function serverNotices({ what, since, behind }) {
  const about = { device: SERVER, what, since, values: { count: behind } };
  if (what === "late") return [{ ...about, tone: "alert", key: "counter.devices.server_late", advice: "counter.devices.server_late_do" }];
  if (what === "cut") return [{ ...about, tone: "wait", key: "counter.devices.server_cut", advice: "counter.devices.server_cut_do" }];
  return [];
}

export class Devices {
  #rows;

  /** @param {import("./texts.js").Texts} texts */
  constructor(texts) {
    this.#rows = h("ul", { class: "device-rows" });
    this.element = h("section", { class: "panel devices", id: "devices", role: "status", "aria-label": texts.t("counter.devices.title") }, this.#rows);
  }

  update({ texts, state, clerk }) {
    const notices = noticesOf(state?.devices ?? []);
    // What only a supervisor can see to troubles nobody else.
    if (state?.hub_forked && clerk?.role === "supervisor") notices.unshift(HUB_FORKED);
    if (state?.server_line && clerk?.role === "supervisor") notices.push(...serverNotices(state.server_line));
    setShown(this.element, notices.length > 0);
    follow(
      this.#rows,
      notices,
      ({ device, what }) => `${device} ${what}`,
      () => h("li", {}, h("b", {}), " ", h("span", { class: "device-since" }), h("span", { class: "device-do" })),
      (item, notice) => {
        const [title, since, advice] = item.children;
        const name = notice === HUB_FORKED ? texts.t("counter.machines.hub") : notice.device === SERVER ? texts.t("counter.devices.server") : texts.t("counter.devices.name", { device: notice.device.replace(/^kiosk-/, "") });
        setAttribute(item, "data-tone", notice.tone);
        setAttribute(item, "data-device", notice.device);
        setText(title, texts.t("counter.devices.line", { name, what: said(texts, notice.key, notice.values) }));
        setText(since, notice.since ? texts.t("counter.devices.since", { time: texts.time(notice.since) }) : "");
        setText(advice, said(texts, notice.advice, notice.values));
      },
    );
  }
}

/**
 * Return what staff have to know of the devices, the gravest first: {device, what, key, advice, since, tone}.
 * `tone` is "alert" where customers go without, "wait" where they soon may, "info" where staff want it so.
 */
export function noticesOf(devices) {
  const all = devices.flatMap((row) => {
    const about = (what, tone, key, advice, since, values = {}) => ({ device: row.device, what, tone, key, advice, since, values });
    if (row.silent_since) return [about("silent", "alert", "counter.devices.silent", "counter.devices.silent_do", row.silent_since)];
    const found = [];
    const [trouble, roll] = [row.trouble ?? "", row.paper ?? ""];
    const printer = !NO_NEWS.includes(trouble) ? trouble : roll === "near end" && !row.seen_to ? roll : "";
    if (printer) {
      const word = printer.replaceAll(" ", "_");
      const tone = printer === "near end" ? "wait" : "alert";
      found.push(about("printer", tone, `paper.trouble.${word}`, `paper.do.${word}`, row.since));
    }
    if (row.stuck_since) found.push(about("stuck", "alert", "counter.devices.stuck", "counter.devices.stuck_do", row.stuck_since));
    if (row.disk_low) found.push(about("disk", "wait", "counter.devices.disk", "counter.devices.technician", null));
    if (row.clock_off_minutes) {
      const minutes = Math.abs(row.clock_off_minutes);
      const key = row.clock_off_minutes > 0 ? "counter.devices.clock_ahead" : "counter.devices.clock_behind";
      found.push(about("clock", "wait", key, "counter.devices.technician", null, { minutes }));
    }
    if (row.closed) found.push(about("closed", "info", "counter.devices.closed", "counter.devices.closed_do", row.closed_since));
    return found;
  });
  return all.sort((one, other) => TONES.indexOf(one.tone) - TONES.indexOf(other.tone));
}

/** Return a text; of a word that this page does not know yet, what can be said of any. */
function said(texts, key, values) {
  if (texts.has(key)) return texts.t(key, values);
  return texts.t(key.startsWith("paper.do.") ? "counter.devices.technician" : "counter.devices.other");
}
