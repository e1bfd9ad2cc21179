"""The page in a real browser: live, without scripts, without streams, on a bad line, in both languages and themes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assets.paths import LOOK as SHARED
from follow.page import LOOK, RING, whole_style
from server.pages.frame import LOOK as PAGES
from tests.browsing import NewPage, axe_faults, pages
from tests.follow.hall import FollowedHall
from tests.waiting import until

PACKAGES = Path(__file__).parent / "node_modules"
PHONES = ({"width": 360, "height": 640}, {"width": 390, "height": 844})

expect.set_options(timeout=20_000)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Make pages on phones of their own; whatever one throws or its policy forbids fails the test."""
    with pages(browser, "404|503|ERR_", viewport=PHONES[0], has_touch=True, is_mobile=True) as make:
        yield make


def test_a_customer_follows_from_the_queue_to_the_counter(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    _, second = hall.take(2)
    page = new_page()
    page.add_init_script("navigator.vibrate = (how) => { window.shaken = (window.shaken || 0) + 1; return true; }")
    page.goto(f"{hall.url}/T/{second}?lang=en")
    turn = page.locator("#turn")
    expect(turn).to_contain_text("1 person ahead of you")
    assert page.title().startswith("A0002")
    hall.house.press(1, "call_next")
    expect(turn).to_contain_text("Nobody ahead of you")
    hall.house.press(1, "start_serving")
    hall.house.press(1, "finish")
    hall.house.press(1, "call_next")
    expect(turn).to_contain_text("Please go to counter")
    expect(page.locator(".counter")).to_have_text("1")
    expect(page).to_have_title(re.compile("A0002 · .*counter.*1"))
    assert page.evaluate("window.shaken") == 1
    hall.house.press(1, "recall")
    page.wait_for_function("window.shaken === 2")
    hall.house.press(1, "start_serving")
    expect(turn).to_contain_text("You are being served")
    hall.house.press(1, "finish")
    expect(turn).to_contain_text("Thank you for your visit")
    assert page.evaluate("window.shaken") == 2
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_stepping_out_leaving_and_undoing_by_hand(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page()
    page.goto(f"{hall.url}/T/{identity}?lang=ar")
    page.get_by_role("button", name="أخرج وأعود").tap()
    expect(page.locator("#turn")).to_contain_text("خرجت مؤقتًا")
    page.get_by_role("button", name="عدت إلى الصالة").tap()
    expect(page.locator("#turn")).to_contain_text("لا أحد أمامك")
    page.get_by_role("link", name="مغادرة الانتظار").tap()
    page.get_by_role("link", name="لا، أبقى").tap()
    expect(page.locator("#turn")).to_contain_text("لا أحد أمامك")
    page.get_by_role("link", name="مغادرة الانتظار").tap()
    page.get_by_role("button", name="نعم، أغادر").tap()
    expect(page.locator("#turn")).to_contain_text("لم تعد في الانتظار")
    page.get_by_role("button", name="تراجع وأبقِ مكاني").tap()
    expect(page.locator("#turn")).to_contain_text("لا أحد أمامك")


def test_the_question_before_leaving_goes_when_the_turn_comes(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page()
    page.goto(f"{hall.url}/t/{identity}?lang=en&ask=leave")
    expect(page.get_by_text("Leave the queue?")).to_be_visible()
    hall.house.press(1, "call_next")
    expect(page.locator("#turn")).to_contain_text("Please go to counter")
    expect(page.get_by_text("Leave the queue?")).to_have_count(0)


def test_the_language_is_the_tickets_and_has_a_switch(hall: FollowedHall, new_page: NewPage) -> None:
    (identity,) = hall.take()
    page = new_page(locale="en-GB")
    page.goto(f"{hall.url}/T/{identity}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("link", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="العربية").tap()
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_without_scripts_it_asks_for_itself_and_every_act_works(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page(java_script_enabled=False)
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    assert page.locator("noscript").count() == 1
    expect(page.locator("#sound")).to_be_hidden()
    page.locator("button[value=out]").tap()
    expect(page.locator("#turn")).to_contain_text("You have stepped out")
    page.locator("button[value=back]").tap()
    expect(page.locator("#turn")).to_contain_text("Nobody ahead of you")
    hall.house.press(1, "call_next")
    hall.told(identity, "called")
    page.reload()
    expect(page.locator("#turn")).to_contain_text("Please go to counter")


def test_without_streams_it_asks_from_time_to_time(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page()
    page.add_init_script("delete window.EventSource")
    page.clock.install()
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    expect(page.locator("#turn")).to_contain_text("Nobody ahead of you")
    hall.house.press(1, "call_next")
    hall.told(identity, "called")
    page.clock.run_for(11_000)
    expect(page.locator("#turn")).to_contain_text("Please go to counter")


def test_a_refused_stream_falls_back_to_asking(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page()
    page.route("**/live**", lambda route: route.fulfill(status=503))
    page.clock.install()
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    expect(page.locator("#turn")).to_contain_text("Nobody ahead of you")
    hall.house.press(1, "call_next")
    hall.told(identity, "called")

    def asks_again() -> bool:
        page.clock.run_for(11_000)  # the page asks by time only once the browser has told it of the refusal
        return "Please go to counter" in page.locator("#turn").inner_text()

    until(asks_again, "the page's own question")


def test_a_lost_line_is_said_with_the_time_of_the_last_news(hall: FollowedHall, new_page: NewPage) -> None:
    (identity,) = hall.take()
    page = new_page()
    page.clock.install()
    page.route("**/live**", lambda route: route.abort())
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    expect(page.locator("#lost")).to_be_hidden()
    page.clock.run_for(60_000)
    expect(page.locator("#lost")).to_contain_text("Connection lost")
    expect(page.locator("#lost")).to_have_text(re.compile(r"\d\d:\d\d"))


def test_a_transfer_changes_the_service_on_the_page(hall: FollowedHall, new_page: NewPage) -> None:
    hall.open()
    (identity,) = hall.take()
    page = new_page()
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    expect(page.locator("#service")).to_have_text("Renew")
    hall.house.press(1, "call_next")
    hall.house.press(1, "start_serving")
    hall.house.press(1, "transfer", to_service="test")
    expect(page.locator("#service")).to_have_text("Test")


def test_the_sound_is_a_wish_of_its_own(hall: FollowedHall, new_page: NewPage) -> None:
    (identity,) = hall.take()
    page = new_page()
    page.goto(f"{hall.url}/T/{identity}?lang=en")
    sound = page.locator("#sound")
    expect(sound).to_have_text("Turn the alert sound on")
    sound.tap()
    expect(sound).to_have_text("The alert sound is on")


@pytest.mark.parametrize(
    ("phone", "language", "theme"), [(0, "ar", "light"), (0, "en", "dark"), (1, "en", "light"), (1, "ar", "dark")]
)
def test_nothing_runs_out_of_the_page_and_axe_finds_no_fault(
    hall: FollowedHall, new_page: NewPage, phone: int, language: str, theme: str
) -> None:
    viewport = PHONES[phone]
    hall.open()
    tickets = hall.take(6)
    hall.house.press(1, "call_next")
    hall.wish(tickets[1], "leave")
    hall.wish(tickets[2], "out")
    hall.told(tickets[0], "called")
    page = new_page(viewport=viewport, color_scheme=theme, bypass_csp=True)
    for identity, more in [(ticket, "") for ticket in tickets[:4]] + [(tickets[4], "&ask=leave"), ("A" * 16, "")]:
        page.goto(f"{hall.url}/T/{identity}?lang={language}{more}")
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], identity
        found = axe_faults(page)
        assert found == [], identity


@pytest.mark.parametrize("path", [LOOK / "page.js", SHARED / RING, PAGES / "turn.js"], ids=lambda path: path.name)
def test_the_scripts_are_es5(path: Path) -> None:
    done = subprocess.run(
        ["node", str(PACKAGES / "acorn" / "bin" / "acorn"), "--ecma5", "--silent", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    script = path.read_text(encoding="utf-8")
    # Of the browser's own: nothing that came after 2016, or asked for first.
    for word in ("fetch(", "Promise", "closest(", "append(", "IntersectionObserver", "localStorage", "cookie"):
        assert word not in script, word


def test_the_style_asks_nothing_newer_than_2016() -> None:
    style = re.sub(r"/\*.*?\*/", "", whole_style(LOOK), flags=re.S)
    for word in (
        "grid",
        "gap:",
        "inset",
        "-inline",
        "-block-",
        "clamp(",
        "min(",
        "max(",
        ":is(",
        ":focus-visible",
        "dvh",
    ):
        assert word not in style, word


def test_every_colour_stands_there_for_browsers_without_variables_too(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    path = re.search(r'href="(/follow/[^"]+page\.css)"', hall.get(f"/t/{identity}").text)
    assert path is not None
    style = hall.get(path[1]).text
    own = style[style.index("*{box-sizing") :]
    used = re.findall(r"([a-z-]+):[^;{}]*var\(--[a-z-]+\)", own)
    plain = re.findall(r"([a-z-]+):[^;{}]*#[0-9A-F]{6}[^;{}]*;\1:[^;{}]*var\(", own)
    assert used and len(plain) == len(used), json.dumps([used, plain])
