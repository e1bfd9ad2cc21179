"""When an event happened by its receiver's clock: by its age, whatever its device's clock said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from queueing.dating import TOLERANCE, Age, Arrival, happened_at
from queueing.facts import TicketDated, TicketTaken
from queueing.state import replay
from queueing.wire import GENESIS, Event
from tests.queueing.hall import DAY, NINE
from tests.queueing.test_state import Writer

DAY_OFF = timedelta(days=1)


def event(at: datetime, mono: float, boot: str = "b") -> Event:
    body = TicketTaken("A101", "renew", DAY, "ar").to_body()
    return Event("kiosk-1", 1, 1, "TicketTaken", 1, at, boot, mono, GENESIS, body)


@pytest.mark.parametrize("off", [DAY_OFF, -DAY_OFF, timedelta(seconds=31), timedelta(seconds=-31)])
def test_an_event_of_this_boot_is_dated_by_its_age(off: timedelta) -> None:
    taken = event(NINE + off, 1000.0)
    arrival = Arrival(Age("b", 1000.0 + 8 * 3600), NINE + timedelta(hours=8))
    assert happened_at(taken, arrival) == NINE


@pytest.mark.parametrize("off", [timedelta(), TOLERANCE, -TOLERANCE])
def test_a_clock_that_is_right_enough_is_believed(off: timedelta) -> None:
    assert happened_at(event(NINE + off, 5.0), Arrival(Age("b", 65.0), NINE + timedelta(minutes=1))) is None


@pytest.mark.parametrize("age", [Age("other", 10.0), Age("b", 4.0), Age("b", 1e300), None])
def test_what_has_no_known_age_is_never_still_to_come(age: Age | None) -> None:
    assert happened_at(event(NINE + DAY_OFF, 5.0), Arrival(age, NINE)) == NINE
    assert happened_at(event(NINE - DAY_OFF, 5.0), Arrival(age, NINE)) is None


@pytest.mark.parametrize("said", [None, [], {}, {"boot": "b"}, {"boot": 1, "mono": 2.0}, {"boot": "b", "mono": True},
                                  {"boot": "b", "mono": float("nan")}, {"boot": "b", "mono": 10**400}])  # fmt: skip
def test_a_sender_that_says_nothing_of_its_age_is_an_older_one(said: object) -> None:
    assert Age.from_wire(said) is None


def test_what_is_said_is_read() -> None:
    assert Age.from_wire(Age("b", 12.5).to_wire()) == Age("b", 12.5)


def test_a_ticket_s_wait_begins_when_the_hub_says_whatever_comes_first() -> None:
    kiosk, hub = Writer("kiosk-1"), Writer("hub")
    taken = kiosk.write(TicketTaken("A101", "renew", DAY, "ar"), NINE - DAY_OFF)
    dated = [hub.write(TicketDated(taken.id, at), NINE) for at in (NINE - timedelta(minutes=5), NINE)]
    for order in ([taken, *dated], [*dated, taken], [dated[1], taken, dated[0]]):
        state = replay(order)
        assert state.tickets[taken.id].taken_at == NINE, "the newest word"
        assert state.hash() == replay([taken, *dated]).hash()
