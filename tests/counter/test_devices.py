"""What the page says of the ticket kiosks: what is wrong, what to do, since when; and nothing when all is well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from printer.outcome import Why
from tests.counter.clerk import Clerk, shown
from tests.counter.fake_hub import FakeHub

NINE_TWELVE = "2026-11-22T06:12:00Z"
UNTOLD = (Why.NONE, Why.NO_PRINTER, Why.NOT_ASKED)


def test_trouble_is_told_with_what_to_do_and_goes_by_itself(clerk: Clerk, hub: FakeHub) -> None:
    line = clerk.page.locator("#devices li")
    expect(line).to_have_count(0)
    expect(clerk.page.locator("#devices")).to_be_hidden()
    hub.kiosk(trouble="paper out", paper="out")
    expect(line).to_contain_text(shown("Kiosk 1"))
    expect(line).to_contain_text("since")
    expect(line).to_contain_text("09:12")
    expect(line).to_have_attribute("data-tone", "alert")
    hub.kiosk()
    expect(clerk.page.locator("#devices")).to_be_hidden()


def test_a_roll_near_its_end_is_told_until_staff_have_seen_to_it(clerk: Clerk, hub: FakeHub) -> None:
    hub.kiosk(paper="near end")
    expect(clerk.page.locator("#devices li")).to_have_attribute("data-tone", "wait")
    hub.kiosk(paper="near end", seen_to=True)
    expect(clerk.page.locator("#devices")).to_be_hidden()


@pytest.mark.parametrize(
    ("row", "words", "tone"),
    [
        ({"silent_since": NINE_TWELVE, "trouble": "paper out"}, "No sign of it", "alert"),
        ({"stuck_since": NINE_TWELVE}, "not accepted", "alert"),
        ({"disk_low": True}, "disk is almost full", "wait"),
        ({"clock_off_minutes": -7}, "7 min behind", "wait"),
        ({"closed": True, "closed_since": NINE_TWELVE}, "Closed by staff", "info"),
        ({"trouble": "eaten by a camel"}, "Something is wrong", "alert"),
    ],
)
def test_each_notice_is_one_line(clerk: Clerk, hub: FakeHub, row: dict[str, Any], words: str, tone: str) -> None:
    hub.kiosk(**row)
    line = clerk.page.locator("#devices li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(shown(words))
    expect(line).to_have_attribute("data-tone", tone)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_word_of_a_printer_has_its_sentence(
    modules: Callable[[str, str], Any], hub: FakeHub, language: str
) -> None:
    texts = hub.texts[language]
    told = [word.value for word in Why if word not in UNTOLD and word is not Why.TOO_LATE] + ["near end"]
    rows = [{"device": "kiosk-1", "trouble": "" if word == "near end" else word, "paper": word} for word in told]
    notices = modules("devices.js", f"return {rows!r}.map((row) => m.noticesOf([row])[0])")
    assert len(notices) == len(told)
    for word, notice in zip(told, notices, strict=True):
        assert texts.t(notice["key"]) and texts.t(notice["advice"]), word


def test_what_leaves_customers_without_stands_first(modules: Callable[[str, str], Any]) -> None:
    rows = [{"device": "kiosk-1", "closed": "yes"}, {"device": "kiosk-2", "trouble": "paper out"}]
    assert modules("devices.js", f"return m.noticesOf({rows!r}).map((each) => each.what)") == ["printer", "closed"]


def test_many_notices_leave_the_queue_its_room(new_page: Callable[..., Page], hub: FakeHub) -> None:
    hub.kiosk()
    hub.hall.devices = [
        {**hub.hall.devices[0], "device": f"kiosk-{n}", "trouble": "paper out", "disk_low": True} for n in range(1, 9)
    ]
    clerk = Clerk(new_page(1024, 690)).comes_to("3")
    expect(clerk.page.locator("#devices li")).to_have_count(16)
    hub.take("A047", "renewal")
    expect(clerk.page.locator("#queue .row")).to_be_in_viewport()
