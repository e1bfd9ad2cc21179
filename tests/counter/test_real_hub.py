"""The counter page at the real hub and at the fake one of its other tests: what a clerk sees is alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assets.texts import compile_all
from tests.counter.clerk import Clerk, lose_replies, shown
from tests.counter.fake_hub import FakeHub
from tests.counter.real_hub import RealHub


@pytest.fixture(params=["real", "fake"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealHub | FakeHub]:
    if request.param == "fake":
        fake: FakeHub = request.getfixturevalue("_hub")
        fake.reset()
        yield fake
        return
    compile_all()
    real = RealHub(tmp_path)
    yield real
    real.close()


def test_a_day_at_the_counter(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    hub.take("A047", "renewal", 300)
    hub.take("B012", "vehicle", 200)
    clerk = Clerk(new_page()).sign_in().sit("3").open()
    expect(clerk.page.locator("#next")).to_contain_text("Driving licence renewal")
    clerk.press("n").sees("called", "A047").is_told("A047 is called to counter 3")
    clerk.press("r").is_told("called again")
    clerk.press("s").sees("serving", "A047")
    expect(clerk.page.locator(".clock")).to_contain_text(shown("Target 7 min"))
    clerk.press("f").sees("open")
    expect(clerk.page.locator("#verb-undo")).to_contain_text("A047")
    clerk.press("z").sees("serving", "A047").press("f").sees("open")
    clerk.press("n").sees("called", "B012").press("p").is_asked("B012").press("1").sees("open")
    clerk.press("u").sees("called", "B012").press("t").is_asked("B012").press("C").sees("open")
    clerk.press("n").sees("called", "B012").press("a").sees("open")
    clerk.press("n").is_told("Nobody is waiting for your services.")
    clerk.press("g").is_asked("Call a given number").page.keyboard.type("b012")
    clerk.press("Enter").sees("called", "B012").press("a").sees("open")
    clerk.press("b").is_asked("pause").press("1").sees("paused")
    clerk.open().press("c").sees("closed")


def test_a_lost_reply_calls_once(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk = Clerk(new_page(tapped=True)).comes_to("3").open()
    lose_replies(clerk.page, times=2)
    clerk.press("n").sees("called", "A047").is_told("A047 is called to counter 3")
    expect(clerk.page.locator("#queue .row")).to_have_count(1)


def test_two_clerks_and_one_ticket(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    hub.take("A047", "renewal")
    one = Clerk(new_page()).comes_to("3").open()
    other = Clerk(new_page()).comes_to("2", "ali", "4321").open()
    one.press("g").is_asked("Call a given number")
    other.press("n").sees("called", "A047")
    one.page.keyboard.type("A047")
    one.press("Enter").is_told("Another counter has already called A047. Call the next one.")
    one.press("g").is_asked("Call a given number").page.keyboard.type("Z999")
    one.press("Enter").is_told("There is no such number today.")


@pytest.mark.long
def test_another_clerks_counter_is_not_opened(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    Clerk(new_page()).comes_to("3").open().press("b").is_asked("pause").press("1").sees("paused")
    other = Clerk(new_page()).sign_in("ali", "4321").sit("3")
    other.press("o").is_told("Another clerk works at this counter.")


@pytest.mark.long
def test_a_wrong_pin_and_signing_out(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    page = new_page()
    page.goto(hub.url)
    page.locator("[data-clerk=fatima]").click()
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-message")).to_contain_text("does not match")
    Clerk(page).sign_in().page.locator("#sign-out").click()
    expect(page.locator(".sign-in")).to_be_visible()
    page.reload()
    expect(page.locator(".sign-in")).to_be_visible()


@pytest.mark.long
def test_in_arabic_and_another_theme(new_page: Callable[..., Page], hub: RealHub | FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk = Clerk(new_page(language="ar", theme="dark")).sign_in().sit("3").open().press("n").sees("called", "A047")
    expect(clerk.page.locator("#verb-start-serving")).to_contain_text("بدء الخدمة")
    assert clerk.page.evaluate("document.documentElement.dir") == "rtl"
