"""The real kiosk on its screen, killed at random moments of a visit: whatever came out of its printer stands."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random

import pytest

from queueing.following import follow_id
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import centre

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.mark.survives("a kiosk killed at its screen, in the middle of a visit", 20)
def test_a_kiosk_that_dies_again_and_again(tmp_path: Path) -> None:
    chance = Random(1)
    with centre(tmp_path) as the:
        for _ in range(20):
            the.visitor.ask_for_ticket("en")
            # From before the commit to after the cut of the paper.
            threading.Event().wait(chance.choice([0.05, 0.2, 0.5, 1.5]) * chance.random())
            the.kill("kiosk")
            the.back("kiosk")
            the.visitor.page("start")
        the.take_ticket()
        taken = [event for event in the.kiosk_events() if event.type == "TicketTaken"]
        numbers = [event.body["number"] for event in taken]
        assert len(set(numbers)) == len(numbers) > 6
        known = {follow_id(event) for event in taken}
        papers = [code for picture in the.demo.paper.glob("ticket-*.png") if (code := read_qr(picture)) is not None]
        assert len(papers) > 1
        assert {code.rpartition("/")[2] for code in papers} <= known, "what is on paper is in the log"
        assert len(set(papers)) == len(papers), "nothing is printed twice by itself"
        assert {event.id for event in the.taken_at_hub(len(taken))} == {event.id for event in taken}

        def settled() -> bool | None:
            told = {event.body["ticket"] for event in the.hub_events() if event.type == "PrintSettled"}
            return True if told == {event.id for event in taken} else None

        assert wait_until(settled, 30, "every ticket's paper to be settled")
