"""What is told of a turn in each phase of it, folded from the log as the hub's events bring it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from follow.line import Line
from follow.turn import Phase, Turn, Wish
from follow.words import Words
from queueing.centre import Centre
from queueing.commands import (
    CallNext,
    CancelTicket,
    Finish,
    MarkNoShow,
    OpenDay,
    Park,
    Recall,
    Rejoin,
    Resume,
    StartServing,
    StepOut,
    Transfer,
)
from queueing.decide import REJOIN_WITHIN
from queueing.following import follow_id
from queueing.ticket import Ticket
from queueing.wire import Event
from tests.queueing.hall import Hall, centre_json


class Followed:
    """A hall of the rules' tests and the line that follows it."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.line = Line("")
        self.told = 0

    def follow(self, identity: str) -> Turn | None:
        for event in self.events()[self.told :]:
            self.line.fold(event, self.hall.centre, self.hall.now)
        self.told = len(self.events())
        self.line.reckon(self.hall.centre, self.hall.now)
        return self.line.turn(identity, self.hall.centre, self.hall.now)

    def turn(self, ticket: Ticket) -> Turn:
        turn = self.follow(self.identity(ticket))
        assert turn is not None
        return turn

    def identity(self, ticket: Ticket) -> str:
        return follow_id(next(event for event in self.hall.kiosk.log if event.id == ticket.id))

    def events(self) -> list[Event]:
        return sorted([*self.hall.kiosk.log, *self.hall.hub.log], key=lambda event: (event.at, event.device == "hub"))


@pytest.fixture
def followed() -> Followed:
    hall = Hall(Centre.from_json(centre_json()))
    hall.open()
    hall.later(seconds=1)
    return Followed(hall)


def take(followed: Followed, number: str = "A101", **more: object) -> Ticket:
    ticket = followed.hall.take(number, **more)  # type: ignore[arg-type]
    followed.hall.later(seconds=1)
    return ticket


def test_waiting_tells_who_is_ahead_and_the_range(followed: Followed) -> None:
    take(followed)
    ticket = take(followed, "A102")
    turn = followed.turn(ticket)
    assert (turn.phase, turn.number, turn.ahead) == ("waiting", "A102", 1)
    assert turn.minutes is not None and turn.minutes[0] < turn.minutes[1]
    assert turn.may == (Wish.OUT, Wish.LEAVE)


def test_an_appointments_time_is_told_until_it_has_come(followed: Followed) -> None:
    slot = followed.hall.now + timedelta(minutes=20)
    ticket = take(followed, appointment="x", slot_at=slot)
    assert followed.turn(ticket).slot_at == slot
    followed.hall.later(minutes=21)
    assert followed.turn(ticket).slot_at is None


def test_the_way_through_the_hall(followed: Followed) -> None:
    hall, ticket = followed.hall, take(followed)
    hall.press(CallNext)
    turn = followed.turn(ticket)
    assert (turn.phase, turn.counter, turn.rings, turn.may) == ("called", "1", 1, ())
    hall.press(Recall)
    assert followed.turn(ticket).rings == 2
    hall.press(StartServing)
    assert followed.turn(ticket).phase == "serving"
    hall.press(Park)
    turn = followed.turn(ticket)
    assert (turn.phase, turn.counter, turn.may) == ("parked", "1", (Wish.LEAVE,))
    hall.press(Resume, ticket=ticket.id)
    turn = followed.turn(ticket)
    assert (turn.phase, turn.rings) == ("called", 3)
    hall.press(StartServing)
    hall.press(Transfer, to_service="test")
    turn = followed.turn(ticket)
    assert (turn.phase, turn.service_name["en"]) == ("waiting", "Test")
    hall.press(CallNext)
    hall.press(StartServing)
    hall.press(Finish)
    assert followed.turn(ticket).phase == "finished"


def test_not_there_when_called(followed: Followed) -> None:
    ticket = take(followed)
    followed.hall.press(CallNext)
    called_at = followed.hall.now
    followed.hall.later(minutes=1)
    followed.hall.press(MarkNoShow)
    turn = followed.turn(ticket)
    assert (turn.phase, turn.at, turn.counter) == ("no_show", called_at, "1")


def test_out_and_by_itself_back(followed: Followed) -> None:
    hall, ticket = followed.hall, take(followed)
    hall.do(StepOut(ticket.id))
    turn = followed.turn(ticket)
    assert (turn.phase, turn.until) == ("away", hall.now + timedelta(minutes=30))
    assert turn.may == (Wish.BACK, Wish.LEAVE)
    hall.later(minutes=30)
    assert followed.turn(ticket).phase == "waiting"


def test_left_and_for_a_moment_to_be_undone(followed: Followed) -> None:
    hall, ticket = followed.hall, take(followed)
    hall.do(CancelTicket(ticket.id))
    turn = followed.turn(ticket)
    assert (turn.phase, turn.may) == ("left", (Wish.REJOIN,))
    hall.later(seconds=REJOIN_WITHIN.total_seconds() - 5)
    assert followed.turn(ticket).may == ()  # what is offered still has to travel
    hall.do(Rejoin(ticket.id))
    assert followed.turn(ticket).phase == "waiting"
    hall.do(CancelTicket(ticket.id, by_customer=False))
    assert (followed.turn(ticket).phase, followed.turn(ticket).may) == ("cancelled", ())


def test_a_new_day_keeps_only_who_the_tickets_were(followed: Followed) -> None:
    hall = followed.hall
    served, waits = take(followed), take(followed, "A102")
    hall.press(CallNext)
    hall.press(StartServing)
    hall.press(Finish)
    hall.later(hours=20)
    hall.do(OpenDay("2026-11-23"))
    assert (followed.turn(served).phase, followed.turn(waits).phase) == ("finished", "past")
    assert followed.turn(waits).may == ()
    assert followed.line._state.tickets == {}
    hall.later(hours=24)
    hall.do(OpenDay("2026-11-24"))
    assert followed.follow(followed.identity(waits)) is None
    assert len(followed.line) == 0


def test_what_another_device_says_of_a_call_is_not_told(followed: Followed) -> None:
    followed.line = Line("another-hub")
    ticket = take(followed)
    followed.hall.press(CallNext)
    turn = followed.turn(ticket)
    assert (turn.phase, turn.rings) == ("waiting", 0)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_phase_has_words_in_both_languages_and_nothing_is_left_open(followed: Followed, language: str) -> None:
    words = Words.load()
    turn = followed.turn(take(followed))
    at = followed.hall.now
    for phase in ("waiting", "away", "called", "serving", "parked", "finished", "no_show", "left", "cancelled", "past"):
        told = turn._replace(phase=phase, at=at, until=at, counter="7", news_at=at)  # type: ignore[arg-type]
        said = words.say(told, language)
        text = said.title + said.turn + said.acts
        assert "{" not in text and "None" not in text, phase
        assert said.turn.count("<p") == said.turn.count("</p>") >= 1


@pytest.mark.parametrize("phase", ["called", "serving", "parked", "no_show"])
def test_what_comes_from_outside_is_escaped(followed: Followed, phase: Phase) -> None:
    turn = followed.turn(take(followed))._replace(phase=phase, counter='<b>"&', at=followed.hall.now)
    said = Words.load().say(turn, "en")
    assert "<b>&quot;" not in said.turn and "&lt;b&gt;&quot;&amp;" in said.turn


def test_arabic_digits_where_the_centre_wants_them(followed: Followed) -> None:
    take(followed)
    turn = followed.turn(take(followed, "A102"))._replace(digits="arab", ahead=12)
    words = Words.load()
    assert "١٢" in words.say(turn, "ar").turn and "12" not in words.say(turn, "ar").turn
    assert "12" in words.say(turn, "en").turn


def test_alike_turns_are_said_once(followed: Followed) -> None:
    words = Words.load()
    turn = followed.turn(take(followed))
    assert words.say(turn, "ar") is words.say(turn._replace(identity="B" * 16, number="A999"), "ar")
    assert b'"number":"A999"' in words.line(turn._replace(number="A999"), "ar")
    assert words.say(turn, "ar") is not words.say(turn._replace(ahead=9), "ar")
