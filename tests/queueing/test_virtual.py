"""Tickets by video: when the hub takes one, what of it is given up, how it stands, and how its appointment ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import get_args

import pytest

from queueing import commands
from queueing.centre import Centre
from queueing.facts import Fact, TicketCancelled, TicketTaken
from queueing.keeping import GIVEN_UP, Phase, Stood, verdict_by_video
from queueing.numbers import number, virtual_number
from queueing.priority import next_for, standing
from queueing.shares import Share, shares
from queueing.state import evolve
from queueing.virtual import Expected, due
from tests.queueing.hall import NINE, Hall, centre_json

CENTRE = Centre.from_json(centre_json())
TEN = NINE + timedelta(hours=1)
AMNAS = Expected("amnas", "renew", TEN, "ar")
BADERS = Expected("baders", "test", TEN + timedelta(minutes=15), "en")


@dataclass
class Desk:
    """A hub that looks at its bookings by video whenever it is told."""

    hall: Hall = field(default_factory=lambda: Hall(CENTRE))
    tickets: dict[str, str] = field(default_factory=dict)
    incarnation: int = 1

    def look(self, *expected: Expected) -> list[Fact]:
        made = due(self.hall.state, CENTRE, expected, self.tickets, self.incarnation, self.hall.now)
        for fact in made:
            event = self.hall.hub.write(fact, self.hall.now)
            evolve(self.hall.state, event)
            if isinstance(fact, TicketTaken) and fact.appointment:
                self.tickets[fact.appointment] = event.id
        return made

    def taken(self, *expected: Expected) -> list[str]:
        return [fact.appointment or "" for fact in self.look(*expected) if isinstance(fact, TicketTaken)]


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.hall.open()
    return made


def test_it_is_taken_at_its_time_and_once(desk: Desk) -> None:
    desk.hall.now = TEN - timedelta(seconds=1)
    assert desk.look(AMNAS, BADERS) == []
    desk.hall.now = TEN
    assert desk.taken(AMNAS, BADERS) == ["amnas"]
    assert desk.look(AMNAS, BADERS) == []
    desk.hall.later(minutes=15)
    assert desk.taken(BADERS, AMNAS) == ["baders"]
    first = desk.hall.state.tickets[desk.tickets["amnas"]]
    assert (first.number, first.channel, first.slot_at, first.delivery) == ("VA001", "virtual", TEN, "screen")
    assert first.customer is None, "the booking names its customer"


def test_one_that_the_server_knows_the_end_of_is_not_taken(desk: Desk) -> None:
    desk.hall.now = TEN
    assert desk.look(replace(AMNAS, is_over=True)) == []


@pytest.mark.parametrize(("hours", "taken"), [(0.0, ["amnas"]), (4.0, ["amnas"]), (4.25, []), (12.0, [])])
def test_a_hub_that_was_out_takes_it_late_while_the_centre_is_open(desk: Desk, hours: float, taken: list[str]) -> None:
    desk.hall.now = TEN + timedelta(hours=hours)
    assert desk.taken(AMNAS) == taken


def test_late_or_not_it_stands_since_its_slot(desk: Desk) -> None:
    desk.hall.now = TEN + timedelta(hours=1)
    desk.look(AMNAS)
    ticket = desk.hall.state.tickets[desk.tickets["amnas"]]
    assert standing(ticket, CENTRE, desk.hall.now) == ("appointment", TEN), "no walk-in: the hub was late, not she"


def test_it_waits_among_the_others_by_the_same_rule(desk: Desk) -> None:
    desk.hall.now = TEN - timedelta(minutes=11)
    walk_in = desk.hall.take("A001")
    desk.hall.now = TEN
    desk.look(AMNAS)
    first = next_for(desk.hall.state, CENTRE, "1", ("renew",), desk.hall.now)
    assert first is not None and first.ticket.id == walk_in.id
    desk.hall.later(minutes=12)
    first = next_for(desk.hall.state, CENTRE, "1", ("renew",), desk.hall.now)
    assert first is not None and first.ticket.appointment == "amnas", "an appointment's claim grows twice as fast"


def test_a_booking_that_is_gone_takes_its_waiting_ticket_along(desk: Desk) -> None:
    desk.hall.now = TEN + timedelta(minutes=15)
    desk.look(AMNAS, BADERS)
    assert desk.look(BADERS) == [TicketCancelled(desk.tickets["amnas"], "staff")]
    assert desk.look(BADERS) == []
    assert desk.look(AMNAS, BADERS) == [], "it does not come again under the same id"


def test_one_at_the_counter_stays_there_whatever_becomes_of_its_booking(desk: Desk) -> None:
    desk.hall.now = TEN
    desk.look(AMNAS)
    desk.hall.press(commands.CallNext)
    assert desk.look() == []


def test_a_transferred_one_stays_what_it_is(desk: Desk) -> None:
    desk.hall.now = TEN
    desk.look(AMNAS)
    desk.hall.press(commands.CallNext)
    desk.hall.press(commands.Transfer, to_counter="2")
    ticket = desk.hall.state.tickets[desk.tickets["amnas"]]
    assert (ticket.status, ticket.channel, ticket.appointment) == ("waiting", "virtual", "amnas")


def test_its_number_is_nobody_elses() -> None:
    kiosks = [str(n) for n in range(9)] + [str(n) for n in range(90, 100)]
    printed = {number(letter, series, n) for letter in "AV" for series in kiosks for n in range(1, 200)}
    given: dict[int, list[str]] = {incarnation: [] for incarnation in (1, 2, 9, 10, 11, 18, 19)}
    for incarnation, own in given.items():
        for _ in range(120):
            own.append(virtual_number("A", incarnation, own))
    everything = [each for own in given.values() for each in own]
    assert len(set(everything)) == len(everything)
    assert printed.isdisjoint(everything)
    assert given[1][:2] + given[1][98:100] == ["VA001", "VA002", "VA099", "VA0100"]


def stood(phase: Phase, at_s: float = 0, **more: bool) -> Stood:
    return Stood(phase, TEN + timedelta(seconds=at_s), **more)


ENDS: Iterable[tuple[str, Stood | None, float | None, float, str]] = [
    # what, how the ticket stood, the hub was heard and it is now so many seconds after ten, verdict
    ("before its time", None, -60, -60, "wait"),
    ("the hub is cut off, or out", None, None, 7200, "wait"),
    ("the hub never took it", None, 50_400, 50_401, "excused"),
    ("the hub is never heard again", None, None, GIVEN_UP.total_seconds(), "excused"),
    ("it waits", stood("waiting"), 7200, 7200, "wait"),
    ("it was not called all day", stood("waiting"), 50_400, 50_400, "excused"),
    ("it was called, the clerk has said nothing", stood("called", 60), 7200, 7200, "wait"),
    ("put aside for ever", stood("parked", 60), 50_400, 50_400, "excused"),
    ("a clerk's no-show may be taken back", stood("no_show", 60), 60, 89, "wait"),
    ("a clerk's no-show", stood("no_show", 60), 60, 90, "no_show"),
    ("the day ended at the counter", stood("no_show", 60, by_day=True), 7200, 7200, "wait"),
    ("the day ended at the counter, and it is over", stood("no_show", 60, by_day=True), 50_400, 50_400, "excused"),
    ("served", stood("serving", 60), 60, 60, "kept"),
    ("served, and then absent at the next counter", stood("no_show", 600, came=True), 600, 900, "kept"),
    ("the customer left, and may take it back", stood("left", 60), 60, 202, "wait"),
    ("the customer left: no visit, no miss", stood("left", 60), 60, 203, "excused"),
    ("the customer left after having been served", stood("left", 60, came=True), 60, 60, "kept"),
    ("called off", stood("cancelled", 60), 60, 60, "excused"),
]


@pytest.mark.parametrize(("what", "ticket", "heard_s", "now_s", "verdict"), ENDS, ids=[each[0] for each in ENDS])
def test_how_an_appointment_by_video_ends(
    what: str, ticket: Stood | None, heard_s: float | None, now_s: float, verdict: str
) -> None:
    heard = None if heard_s is None else TEN + timedelta(seconds=heard_s)
    assert verdict_by_video(CENTRE, "renew", TEN, ticket, heard, TEN + timedelta(seconds=now_s)) == verdict


def test_a_centre_that_closed_since_excuses_at_once() -> None:
    closed = Centre.from_json(centre_json() | {"holidays": [{"date": "2026-11-22", "name": {"en": "x", "ar": "x"}}]})
    assert verdict_by_video(closed, "renew", TEN, None, TEN, TEN) == "excused"


def test_every_phase_comes_to_an_end() -> None:
    for phase in get_args(Phase):
        assert verdict_by_video(CENTRE, "renew", TEN, stood(phase), None, TEN + GIVEN_UP) != "wait"


def test_the_share_by_video_counts_who_was_served(desk: Desk) -> None:
    desk.hall.now = TEN
    desk.hall.take("A001")
    desk.hall.take("A002")
    desk.look(AMNAS)
    for verb in (commands.CallNext, commands.StartServing, commands.Finish) * 2:
        desk.hall.press(verb)
    desk.hall.press(commands.CallNext)
    desk.hall.press(commands.MarkNoShow)
    found = shares(desk.hall.state.tickets.values())
    assert sum(each.served for each in found.values()) == 2, "who did not come was not served"
    assert found == {"renew": Share(2, found["renew"].by_video)}
    assert Share(4, 1).plus(Share(0, 0)).share == 0.25
    assert Share().share is None
