"""The power goes in the middle of the day: nobody loses a place, no number and no call is given twice."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from scripts.dawr_dev.processes import wait_until
from tests.e2e.centre import Centre, Counter, centre

pytestmark = pytest.mark.timeout(240)


def numbers_of(the: Centre) -> list[str]:
    return [str(event.body["number"]) for event in the.kiosk_events() if event.type == "TicketTaken"]


def test_kiosk_and_hub_lose_their_power_and_nobody_loses_a_turn(tmp_path: Path) -> None:
    with centre(tmp_path) as the:
        shown = [the.take_ticket()]

        # The kiosk's power goes as soon as a number is on the glass: the customer has seen it, so it must stand.
        shown.append(the.visitor.take_ticket("en").texts["ticket-number"])
        the.kill("kiosk")
        the.back("kiosk")
        the.visitor.page("start")
        shown.append(the.take_ticket())
        assert numbers_of(the) == shown
        assert len(set(shown)) == 3

        # The hub's power goes: the kiosk gives tickets as before, and they arrive by themselves afterwards.
        the.taken_at_hub(3)
        the.kill("hub")
        shown.append(the.take_ticket_cut_off())
        the.back("hub")
        assert sorted(str(event.body["number"]) for event in the.taken_at_hub(4)) == sorted(shown)
        assert len(set(shown)) == 4

        # A clerk calls, the hub's power goes before the next key: the same claim has the same answer.
        clerks = the.demo.people.clerks
        claims = [str(uuid.uuid4()) for _ in range(2)]
        with Counter(the.demo, "6", clerks[0]) as counter:
            assert counter.claim(str(uuid.uuid4()), "open")[0] == 200
            first = counter.claim(claims[0], "call_next")
            assert first[0] == 200
            the.kill("hub")
            the.back("hub")
            assert counter.claim(claims[0], "call_next") == first
        with Counter(the.demo, "1", clerks[1]) as other:
            assert other.claim(str(uuid.uuid4()), "open")[0] == 200
            status, second = other.claim(claims[1], "call_next")
        assert status == 200
        called = [event.body["ticket"] for event in the.hub_events() if event.type == "TicketCalled"]
        assert called == [first[1]["ticket"]["ticket"], second["ticket"]["ticket"]]
        assert len(set(called)) == 2

        # What the printer did is known, or known to be unknown, for every ticket.
        tickets = {event.id for event in the.taken_at_hub(4)}

        def settled() -> bool | None:
            told = {event.body["ticket"] for event in the.hub_events() if event.type == "PrintSettled"}
            return True if told == tickets else None

        assert wait_until(settled, 20, "every ticket's paper to be settled")
