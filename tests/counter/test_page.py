"""The page as a whole: languages, sizes, who can use it, and what must never be on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from assets.paths import ROOT
from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub

PAGES = ROOT.parent / "counter"

UNNAMED = """() => [...document.querySelectorAll('button, input, select, a[href], [role=img], dialog')]
  .filter((e) => e.checkVisibility())
  .filter((e) => !(e.ariaLabel || e.textContent.trim() || document.getElementById(e.getAttribute('aria-labelledby'))))
  .map((e) => e.outerHTML)"""

SMALL = """() => [...document.querySelectorAll('button, select, input')].filter((e) => e.checkVisibility())
  .filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 40).map((e) => e.outerHTML)"""

# The contrast of every text that is seen, on the nearest ground painted behind it (WCAG 2.2, relative luminance).
PALE = """(least) => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
  };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const says = [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || !e.checkVisibility() || e.closest('.unseen')) continue;
    const [more, less] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    const ratio = (more + 0.05) / (less + 0.05);
    if (ratio < least) found.push([e.className, e.textContent, ratio]);
  }
  return found;
}"""

OVERFLOW = "([name, way]) => { const e = document.querySelector(name); return e[`scroll${way}`] - e[`client${way}`] }"


def a_full_hall(hub: FakeHub) -> None:
    for at in range(20):
        hub.take(
            f"B{at:03}",
            "vehicle",
            2000 - 100 * at,
            **({"class": "priority", "priority": "older"} if at % 3 == 0 else {}),
        )
    hub.take(
        "C001", "transfer", 3000, **{"class": "appointment", "slot_at": "2026-11-22T07:15:00Z", "print": "not printed"}
    )


def at_work(clerk: Clerk, hub: FakeHub) -> Clerk:
    a_full_hall(hub)
    clerk.open().press("n").sees("called").press("p")
    expect(clerk.page.locator("dialog")).to_be_visible()
    clerk.press("1").sees("open").press("n").sees("called").press("s")
    return clerk.sees("serving")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("size", [(1366, 650), (1024, 690)], ids=["desk", "tablet"])
def test_the_page_fits_and_every_control_can_be_hit_and_named(
    new_page: Callable[..., Page], hub: FakeHub, language: str, size: tuple[int, int]
) -> None:
    clerk = Clerk(new_page(*size, language=language)).sign_in()
    assert clerk.page.evaluate(UNNAMED) == []
    at_work(clerk.sit("3"), hub)
    page = clerk.page
    assert page.evaluate(OVERFLOW, ["html", "Width"]) <= 0
    assert page.evaluate(OVERFLOW, [".work-main", "Height"]) <= 0
    assert page.evaluate(OVERFLOW, ["#screen", "Height"]) <= 0
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(SMALL) == []
    clerk.press("t")
    expect(page.locator("dialog")).to_be_visible()
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(OVERFLOW, ["dialog", "Width"]) <= 0


@pytest.mark.parametrize("language", ["ar", "en"])
def test_on_a_phone_everything_is_in_reach(new_page: Callable[..., Page], hub: FakeHub, language: str) -> None:
    clerk = Clerk(new_page(390, 844, language=language)).sign_in()
    assert clerk.page.evaluate(OVERFLOW, ["html", "Width"]) <= 0
    at_work(clerk.sit("3"), hub)
    assert clerk.page.evaluate(OVERFLOW, ["html", "Width"]) <= 0
    assert clerk.page.evaluate(OVERFLOW, ["#screen", "Width"]) <= 0
    assert clerk.page.evaluate(SMALL) == []
    clerk.press("t")
    expect(clerk.page.locator("dialog")).to_be_visible()
    assert clerk.page.evaluate(OVERFLOW, ["dialog", "Width"]) <= 0


@pytest.mark.parametrize(("theme", "least"), [("light", 4.5), ("dark", 4.5), ("contrast", 7)])
def test_every_text_stands_out_from_its_ground(
    new_page: Callable[..., Page], hub: FakeHub, theme: str, least: float
) -> None:
    clerk = at_work(Clerk(new_page(theme=theme)).comes_to("3"), hub)
    assert clerk.page.evaluate(PALE, least) == []
    clerk.press("f").sees("open")
    assert clerk.page.evaluate(PALE, least) == []


def test_the_focus_is_seen(clerk: Clerk) -> None:
    clerk.press("Tab")
    style = clerk.page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth] })()"
    )
    assert style == ["solid", "3px"]


def test_the_language_changes_at_work_by_one_key(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called", "A047").press("l")
    page = clerk.page
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    clerk.sees("called", "A047")
    expect(page.locator("#verb-start-serving")).to_contain_text("بدء الخدمة")
    expect(page.locator("#current")).to_contain_text("تجديد رخصة السياقة")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_arabic_digits_where_the_centre_writes_them(
    new_page: Callable[..., Page], hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = hub.hall.state
    monkeypatch.setattr(hub.hall, "state", lambda: {**state(), "digits": "arab"})
    hub.take("A047", "renewal")
    clerk = Clerk(new_page(language="ar")).comes_to("3").open().press("n").sees("called", "A٠٤٧")
    clerk.press("l").sees("called", "A047")


def test_the_theme_is_chosen_and_remembered(clerk: Clerk) -> None:
    page = clerk.page
    page.locator("#theme").select_option("contrast")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.evaluate("localStorage.getItem('dawr.counter.theme')")
    page.reload()
    clerk.sees("closed")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_those_who_listen_are_told_of_the_customer(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called")
    expect(clerk.page.locator("#announcer")).to_have_text("\u2068A047\u2069 called")


def test_nothing_personal_is_on_the_page_or_kept_by_it(clerk: Clerk, hub: FakeHub) -> None:
    secret = "850312345"
    hub.take("A047", "renewal", **{"customer": secret, "appointment": secret, "name_initials": secret})
    clerk.open().press("n").sees("called", "A047")
    kept = clerk.page.evaluate(
        "JSON.stringify([document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}])"
    )
    assert secret not in kept
    assert "1234" not in json.dumps(clerk.page.evaluate("[{...localStorage}, {...sessionStorage}]"))


def test_a_name_from_the_settings_is_never_read_as_html(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A<i>1", "renewal", **{"to_counter": "3"})
    expect(clerk.page.locator("#queue .row")).to_contain_text("<i>1")


def test_no_script_or_style_stands_in_the_html() -> None:
    html = (PAGES / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", html) == []


def test_files_stay_small() -> None:
    long = {
        path.name: lines for path in PAGES.rglob("*.*") if (lines := path.read_text(encoding="utf-8").count("\n")) > 300
    }
    assert {name for name in long if name.endswith(".js")} == set()
