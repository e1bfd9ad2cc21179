"""A clerk's day at the work page: every verb by its one key, and what may not happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.counter.clerk import Clerk, shown
from tests.counter.fake_hub import FakeHub, iso


def verbs(hub: FakeHub) -> list[str]:
    return [claim["what"]["verb"] for claim in hub.claims_received]


def test_a_visit_from_opening_to_closing_by_keys_alone(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called", "A047").is_told("A047 is called to counter 3")
    clerk.press("r").is_told("called again")
    clerk.press("s").sees("serving", "A047")
    clerk.press("f").sees("open")
    clerk.press("c").sees("closed")
    assert verbs(hub) == ["open", "call_next", "recall", "start_serving", "finish", "close"]


def test_one_who_did_not_come_can_still_be_called_by_number(clerk: Clerk, hub: FakeHub) -> None:
    ticket = hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("a").sees("open")
    assert hub.hall.cards[ticket]["status"] == "no_show"
    clerk.press("g").is_asked("Call a given number")
    clerk.page.keyboard.type("a047")
    clerk.press("Enter").sees("called", "A047")
    assert hub.claims_received[-1]["what"] == {"verb": "call", "number": "A047"}


def test_a_number_is_found_by_its_end_in_either_digits(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    ticket = hub.take("B112", "vehicle")
    clerk.open().press("g").is_asked("Call a given number")
    clerk.page.locator("dialog input").fill("١٢")
    clerk.press("Enter").sees("called", "B112")
    assert hub.claims_received[-1]["what"]["ticket"] == ticket


def test_a_number_that_may_mean_two_tickets_calls_nobody_yet(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    hub.take("B047", "vehicle")
    clerk.open().press("g").is_asked("Call a given number")
    clerk.page.keyboard.type("47")
    clerk.press("Enter")
    expect(clerk.page.locator("dialog .choice")).to_have_count(2)
    clerk.page.locator("dialog .choice", has_text="B047").click()
    clerk.sees("called", "B047")
    assert verbs(hub) == ["open", "call"]


def test_park_with_a_reason_then_resume(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("s").sees("serving")
    clerk.press("p").is_asked("A047").press("2").sees("open")
    assert hub.claims_received[-1]["what"] == {"verb": "park", "reason": "form"}
    expect(clerk.page.locator("#parked [data-number=A047]")).to_be_visible()
    clerk.press("u").sees("called", "A047")


def test_of_two_parked_the_clerk_says_which(clerk: Clerk, hub: FakeHub) -> None:
    clerk.open()
    for number in ("A047", "A048"):
        hub.take(number, "renewal")
        clerk.press("n").sees("called", number).press("p").is_asked(number).press("1").sees("open")
    clerk.press("u").is_asked("resume").press("2").sees("called", "A048")


@pytest.mark.parametrize(
    ("key", "to"), [("B", {"to_service": "vehicle"}), ("4", {"to_counter": "4"})], ids=["service", "counter"]
)
def test_transfer_by_the_services_letter_or_the_counters_number(
    clerk: Clerk, hub: FakeHub, key: str, to: dict[str, str]
) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("t").is_asked("A047").press(key).sees("open")
    assert hub.claims_received[-1]["what"] == {"verb": "transfer", **to}


def test_pause_with_one_of_the_centres_reasons_then_open_again(clerk: Clerk, hub: FakeHub) -> None:
    clerk.open().press("b").is_asked("pause").press("1").sees("paused")
    assert hub.claims_received[-1]["what"] == {"verb": "pause", "reason": "prayer"}
    expect(clerk.page.locator("#current")).to_contain_text("Prayer")
    clerk.open()


@pytest.mark.parametrize("key", ["f", "a", "p", "t"])
def test_every_end_of_a_turn_can_be_undone_and_shows_for_how_long(clerk: Clerk, hub: FakeHub, key: str) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called")
    before = "called"
    if key == "f":
        clerk.press("s").sees("serving")
        before = "serving"
    clerk.press(key)
    if key in "pt":
        clerk.is_asked("A047").press({"p": "1", "t": "B"}[key])
    expect(clerk.page.locator("#verb-undo")).to_contain_text(shown("Undo A047 (5 s)"))
    clerk.press("z").sees(before, "A047")
    expect(clerk.page.locator("#verb-undo")).to_be_hidden()


def test_the_undo_counts_down_and_goes(timed_clerk: Clerk, hub: FakeHub) -> None:
    clerk = timed_clerk
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("a").sees("open")
    clerk.page.clock.run_for(2000)
    expect(clerk.page.locator("#verb-undo")).to_contain_text(shown("(3 s)"))
    clerk.page.clock.run_for(3100)
    expect(clerk.page.locator("#verb-undo")).to_be_hidden()
    clerk.press("z").is_told("not possible now")
    assert verbs(hub)[-1] == "mark_no_show"


def test_a_key_that_does_not_fit_does_nothing_and_says_so(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.press("n").is_told("Open the counter first").open().press("n").sees("called").press("s").sees("serving")
    for key in "nsraucob":
        clerk.press(key).is_told("not possible now")
    clerk.sees("serving", "A047")
    assert verbs(hub) == ["open", "call_next", "start_serving"]


def test_nobody_waits_is_a_plain_sentence(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("D001", "fines")  # not a service of counter 3
    clerk.open().press("n").is_told("Nobody is waiting for your services.")


def test_a_refusal_says_what_to_do(clerk: Clerk, hub: FakeHub, new_page: Callable[..., Page]) -> None:
    hub.take("A047", "renewal")
    other = Clerk(new_page()).comes_to("2", "ali", "4321").open()
    clerk.open().press("g").is_asked("Call a given number")
    other.press("n").sees("called", "A047")
    clerk.page.keyboard.type("A047")
    clerk.press("Enter").is_told("Another counter has already called A047. Call the next one.")


def test_two_clerks_get_two_tickets(clerk: Clerk, hub: FakeHub, new_page: Callable[..., Page]) -> None:
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    other = Clerk(new_page()).comes_to("2", "ali", "4321").open()
    clerk.open()
    for one in (clerk, other):
        one.page.evaluate("dispatchEvent(new Event('x')); document.body.focus()")
        one.press("n")
    numbers = set()
    for one in (clerk, other):
        one.sees("called")
        numbers.add(one.page.locator("#current .plate").inner_text().replace("\n", ""))
    assert numbers == {"A047", "A048"}


def test_what_is_next_and_why_in_one_line(clerk: Clerk, hub: FakeHub) -> None:
    line = clerk.page.locator("#next")
    expect(line).to_contain_text("Nobody waits")
    hub.take("A047", "renewal", 300)
    expect(line).to_contain_text("Driving licence renewal")
    expect(line).to_contain_text(shown("waiting 5 min"))
    hub.take("B001", "vehicle", 290, **{"class": "appointment", "slot_at": "2026-11-22T07:15:00Z"})
    expect(line).to_contain_text(shown("appointment at 10:15"))


def test_the_clock_runs_against_the_services_target(clerk: Clerk, hub: FakeHub) -> None:
    ticket = hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("s").sees("serving")
    clock = clerk.page.locator(".clock")
    expect(clock).to_have_attribute("data-stand", "ok")
    expect(clock).to_contain_text(shown("Target 7 min"))
    with hub.changed:
        started = hub.hall.cards[ticket]["serving_at"]
        hub.hall.cards[ticket]["serving_at"] = started.replace(started[:4], "2020", 1)
        hub.publish()
    expect(clock).to_have_attribute("data-stand", "over")
    expect(clock).to_contain_text("over the")


def test_a_ticket_without_paper_is_to_be_called_by_number(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal", **{"print": "not printed"})
    expect(clerk.page.locator("#queue .row")).to_contain_text("no printed ticket")
    clerk.open().press("n").sees("called")
    expect(clerk.page.locator("#current")).to_contain_text("Ticket not printed: call by number")


def test_a_customer_whom_no_message_reached_is_to_be_called_by_voice(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal", 120, message="failed")
    hub.take("A048", "renewal", message="delivered")
    rows = clerk.page.locator("#queue .row")
    expect(rows.nth(0)).to_contain_text("not told by SMS")
    expect(rows.nth(1)).not_to_contain_text("SMS")
    clerk.open().press("n").sees("called")
    expect(clerk.page.locator("#current")).to_contain_text("did not reach the phone: call by voice")


def test_a_customer_who_stepped_out_is_marked_until_the_time_is_over(clerk: Clerk, hub: FakeHub) -> None:
    now = datetime.now(UTC)
    hub.take("A047", "renewal", away_until=iso(now + timedelta(minutes=20)))
    hub.take("A048", "renewal", away_until=iso(now - timedelta(seconds=1)))
    rows = clerk.open().page.locator("#queue .row")
    expect(rows.nth(0)).not_to_contain_text("Out until")
    expect(rows.nth(1)).to_contain_text("Out until")
    for tab in ("mine", "all"):
        expect(clerk.page.locator(f"[data-tab={tab}]")).to_contain_text("1")
    expect(clerk.page.locator("#current")).to_contain_text(shown("Waiting for your services: 1"))


def test_the_queue_shows_mine_or_all_and_a_tapped_row_asks_before_it_calls(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    hub.take("D001", "fines")
    clerk.open()
    rows = clerk.page.locator("#queue .row")
    expect(rows).to_have_count(1)
    clerk.page.locator("[data-tab=all]").click()
    expect(rows).to_have_count(2)
    clerk.page.locator("#queue [data-number=A047]").click()
    clerk.is_asked("Call a given number")
    assert verbs(hub) == ["open"]
    clerk.press("Enter").sees("called", "A047")


def test_other_counters_are_seen_at_work(clerk: Clerk, hub: FakeHub, new_page: Callable[..., Page]) -> None:
    hub.take("A047", "renewal")
    Clerk(new_page()).comes_to("2", "ali", "4321").open().press("n").sees("called")
    expect(clerk.page.locator("#counters")).to_contain_text(shown("calling A047"))


def test_buttons_do_what_keys_do_and_keep_the_focus(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.page.locator("#verb-open").click()
    clerk.sees("open").page.locator("#verb-call-next").click()
    clerk.sees("called", "A047")
    expect(clerk.page.locator("#verb-call-next")).to_be_focused()
    expect(clerk.page.locator("#verb-call-next")).to_have_attribute("aria-disabled", "true")
    clerk.press("Enter").is_told("not possible now")
