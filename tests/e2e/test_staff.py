"""Staff before the real kiosk: the sign, the PIN, the menu; and what the clerks at the counters are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from queueing.facts import KioskClosed, KioskOpened, PrintSettled, StaffActed, TicketTaken, fact_of
from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import PIXELS, Centre, centre


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Centre]:
    with centre(tmp_path) as place:
        yield place


def device(place: Centre, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    """Wait until the counters are told something of the kiosk."""
    clerk = place.demo.people.clerks[0]
    with requests.Session() as http:
        http.headers["Origin"] = place.demo.hub_url
        signed = http.post(
            f"{place.demo.hub_url}/v1/staff/sign-in", json={"clerk": clerk.id, "pin": clerk.pin}, timeout=10
        )
        signed.raise_for_status()

        def look() -> dict[str, Any] | None:
            rows = http.get(f"{place.demo.hub_url}/v1/snapshot?view=counter", timeout=10).json()["state"]["devices"]
            return next((row for row in rows if fits(row)), None)

        return wait_until(look, 30, what)


def test_staff_print_close_and_open_and_all_of_it_is_an_event(place: Centre) -> None:
    number = place.take_ticket()
    clerk = place.demo.people.clerks[0]
    visitor = place.visitor
    visitor.sign_in_as_staff(PIXELS, clerk.id, clerk.pin)

    visitor.tap("staff-printer")
    visitor.page("staff-printer")
    visitor.tap("staff-test_print")
    place.screen_map.wait(lambda shown: "Printed" in shown.texts.get("staff-line-1", ""), 20, "the test print")
    visitor.tap("staff-back")

    visitor.page("staff-menu")
    visitor.tap("staff-reprint")
    visitor.page("staff-reprint")
    # The page is there before its tickets are.
    shown = place.screen_map.wait(lambda shown: shown.first("staff-ticket-") is not None, 20, "a ticket to print again")
    ticket = shown.first("staff-ticket-")
    visitor.tap_first("staff-ticket-")
    place.screen_map.wait(lambda shown: "Printed" in shown.texts.get("staff-line-0", ""), 20, "the copy")
    visitor.tap("staff-back")

    visitor.page("staff-menu")
    visitor.tap("staff-closing")
    visitor.page("staff-closing")
    visitor.tap("staff-close")
    place.screen_map.wait(lambda shown: "staff-open" in shown.items, 10, "the closed kiosk")
    device(place, lambda row: row["closed"], "the closed kiosk at the counters")
    visitor.tap("staff-leave")
    visitor.page("closed")

    # With the hub gone too: the kiosk knows its staff by itself.
    place.kill("hub")
    visitor.sign_in_as_staff(PIXELS, clerk.id, clerk.pin)
    visitor.tap("staff-closing")
    visitor.tap("staff-open")
    visitor.tap("staff-leave")
    visitor.page("start")
    place.back("hub")
    device(place, lambda row: not row["closed"], "the open kiosk at the counters")

    facts = [fact for event in place.kiosk_events() if (fact := fact_of(event)) is not None]
    assert ticket is not None
    copies = [fact for fact in facts if isinstance(fact, PrintSettled) and fact.copy]
    assert [fact.outcome for fact in copies] == ["printed"] and ticket.endswith(copies[0].ticket)
    assert [type(fact) for fact in facts if isinstance(fact, KioskClosed | KioskOpened)] == [KioskClosed, KioskOpened]
    acted = [(fact.by, fact.act) for fact in facts if isinstance(fact, StaffActed)]
    acts = ("signed_in", "test_print", "reprint", "signed_out", "signed_in", "signed_out")
    assert acted == [(clerk.id, act) for act in acts]
    assert len(list(place.demo.paper.glob("ticket-*.png"))) == 3
    assert number


@pytest.mark.long
def test_a_printer_that_goes_is_told_at_the_counters_and_forgotten_when_it_is_back(place: Centre) -> None:
    device(place, lambda row: row["trouble"] == "" and row["paper"] == "ok", "a printer that is well")
    place.kill("paper")
    device(place, lambda row: row["trouble"] != "", "the printer's trouble")
    place.take_ticket()
    place.back("paper")
    device(place, lambda row: row["trouble"] == "", "the printer is well again")
    place.take_ticket()
    taken = [fact for event in place.kiosk_events() if isinstance(fact := fact_of(event), TicketTaken)]
    assert [fact.delivery for fact in taken] == ["screen", "paper"], "nobody is offered paper that cannot come"
