"""The fold: any order and any repetition of delivery gives the same state, and a live state equals its replay."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing import facts
from queueing.centre import Centre
from queueing.commands import (
    Call,
    CallNext,
    CancelTicket,
    CloseCounter,
    CloseService,
    Finish,
    MarkNoShow,
    MatchAppointment,
    OpenCounter,
    OpenDay,
    Park,
    PauseCounter,
    Recall,
    Rejoin,
    Resume,
    StartServing,
    StepBack,
    StepOut,
    Transfer,
    Undo,
)
from queueing.state import State, evolve, replay
from queueing.wire import Event
from tests.queueing.hall import DAY, NINE, Hall, Writer, centre_json


def eventful() -> Hall:
    """Return a hall in which every kind of thing has happened."""
    hall = Hall(Centre.from_json(centre_json()))
    hall.open()
    tickets = [hall.take(f"A1{i:02d}", "renew" if i % 2 else "test") for i in range(1, 9)]
    hall.do(MatchAppointment(tickets[3].id, "apt-1", hall.now))
    hall.press(CallNext)
    hall.later(seconds=5)
    hall.press(Recall)
    hall.press(StartServing)
    hall.press(Finish)
    hall.press(Undo)
    hall.press(Transfer, to_counter="2")
    hall.press(CallNext, "2")
    hall.press(Park, "2", reason="document")
    parked = hall.state.parked("2")[0]
    hall.press(Resume, "2", ticket=parked.id)
    hall.press(MarkNoShow, "2")
    hall.press(Call, "2", ticket=parked.id)
    hall.do(CancelTicket(tickets[-1].id))
    hall.do(CancelTicket(tickets[-2].id))
    hall.do(Rejoin(tickets[-2].id))
    hall.do(StepOut(tickets[-2].id))
    hall.do(StepOut(tickets[-3].id))
    hall.do(StepBack(tickets[-3].id))
    hall.do(CloseService("test", "fatima"))
    hall.press(PauseCounter, "1", reason="prayer")
    hall.press(OpenCounter, "1", clerk="amal")
    hall.press(CallNext)
    evolve(hall.state, hall.kiosk.write(facts.PrintSettled(tickets[0].id, "unknown", "no answer"), hall.now))
    evolve(hall.state, hall.kiosk.write(facts.PrintSettled(tickets[0].id, "printed", copy=True), hall.now))
    for outcome in ("unknown", "delivered"):
        fact = facts.MessageSettled(tickets[0].id, "eticket", outcome)  # type: ignore[arg-type]  # one of its literals
        evolve(hall.state, hall.hub.write(fact, hall.now))
    evolve(hall.state, Event("hub", 1, 99, "FromTheFuture", 1, hall.now, "b", 0.0, "0" * 64, {}))
    return hall


def events(hall: Hall) -> list[Event]:
    future = Event("hub", 1, 99, "FromTheFuture", 1, hall.now, "b", 0.0, "0" * 64, {})
    return [*hall.kiosk.log, *hall.hub.log, future]


HALL = eventful()
EVENTS = events(HALL)


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, len(EVENTS) - 1), max_size=20))
def test_any_order_and_repetition_gives_the_same_state(rng: random.Random, again: list[int]) -> None:
    delivered = EVENTS + [EVENTS[i] for i in again]
    rng.shuffle(delivered)
    state = replay(delivered)
    assert state.hash() == HALL.state.hash()
    assert state.lanes == HALL.state.lanes
    assert state.at_counter == HALL.state.at_counter
    assert state.calls == HALL.state.calls
    assert {c: state.last_step(c) for c in "123"} == {c: HALL.state.last_step(c) for c in "123"}
    assert state.by_number("A101") == HALL.state.by_number("A101")


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, len(EVENTS) - 1)), st.randoms(use_true_random=False))
def test_a_part_of_the_events_gives_one_state_too(chosen: set[int], rng: random.Random) -> None:
    part = [EVENTS[i] for i in sorted(chosen)]
    shuffled = part.copy()
    rng.shuffle(shuffled)
    assert replay(part).hash() == replay(shuffled).hash()


def test_every_event_changes_the_hash() -> None:
    hashes = [replay(EVENTS[:n]).hash() for n in range(len(EVENTS) + 1)]
    assert all(before != after for before, after in pairwise(hashes))


def test_two_incarnations_of_the_hub_are_in_the_order_of_the_incarnations(hall: Hall) -> None:
    ticket = hall.take("A101")
    first, second = Writer("hub", 1), Writer("hub", 2)
    log = [
        hall.kiosk.log[0],
        first.write(facts.TicketCalled(ticket.id, "1", "c", 1, "walk_in"), NINE),
        second.write(facts.ServingStarted(ticket.id, "1", "d"), NINE),
        second.write(facts.TicketFinished(ticket.id, "1", "e"), NINE),
    ]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        state = replay([log[i] for i in order])
        assert state.tickets[ticket.id].status == "finished"
        assert state.tickets[ticket.id].called_at == NINE


def test_only_the_arbiters_word_counts_on_turns_counters_and_days(hall: Hall) -> None:
    hall.open()
    ticket = hall.take("A101")
    rogue = Writer("kiosk-2")
    said = [
        rogue.write(facts.TicketCalled(ticket.id, "1", "c", 1, "walk_in"), NINE),
        rogue.write(facts.CounterClosed("1", "c"), NINE),
        rogue.write(facts.DayOpened("2027-01-01"), NINE),
        rogue.write(facts.TicketCancelled(ticket.id, "staff"), NINE),
    ]
    state = State("hub")
    for event in [*said[:2], *hall.kiosk.log, *hall.hub.log, *said[2:]]:
        evolve(state, event)
    assert state.tickets == hall.state.tickets
    assert (state.counters, state.day, state.calls) == (hall.state.counters, DAY, [])
    assert state.unheeded == {event.id: event.type for event in said}


def test_undo_gives_back_what_was(open_hall: Hall) -> None:
    open_hall.take("A101")
    open_hall.press(CallNext)
    serving = open_hall.press(StartServing)
    open_hall.later(seconds=3)
    open_hall.press(Finish)
    assert open_hall.press(Undo) == serving


def test_yesterdays_tickets_wait_no_more_and_can_be_forgotten(open_hall: Hall) -> None:
    old = open_hall.take("A101")
    open_hall.do(OpenDay("2026-11-23"))
    new = open_hall.take("A101", day="2026-11-23")
    late = open_hall.take("A150")  # taken yesterday by a kiosk that was cut off
    ahead = open_hall.take("A160", day="2026-11-24")  # by one whose clock is a day ahead
    assert {t.number for t in open_hall.state.waiting()} == {"A101", "A160"}
    assert open_hall.state.waiting_count("renew", open_hall.now) == 2
    found = open_hall.state.by_number("A101")
    assert found is not None and found.id == new.id
    open_hall.state.forget("2026-11-23")
    assert old.id not in open_hall.state.tickets
    assert late.id not in open_hall.state.tickets
    assert set(open_hall.state.tickets) == {new.id, ahead.id}
    assert open_hall.state.by_number("A150") is None


def test_a_closed_counters_clerk_is_gone(open_hall: Hall) -> None:
    open_hall.press(CloseCounter, "1")
    assert open_hall.state.counters["1"].status == "closed"
    assert open_hall.state.counters["1"].clerk is None


def test_calls_and_recalls_are_told_in_order() -> None:
    kinds = [call.kind for call in HALL.state.calls]
    assert kinds == ["call", "recall", "call", "call", "call", "call"]
    assert [call.order for call in HALL.state.calls] == sorted(call.order for call in HALL.state.calls)


def test_the_last_print_counts() -> None:
    ticket = next(t for t in HALL.state.tickets.values() if t.number == "A101")
    assert (ticket.print_outcome, ticket.print_why) == ("printed", "")


@pytest.mark.parametrize(
    ("original", "copy", "comes_to"),
    [
        ("printed", "not printed", "printed"),
        ("unknown", "not printed", "unknown"),
        ("not printed", "unknown", "not printed"),
        ("not printed", "printed", "printed"),
    ],
)
def test_a_copy_counts_only_when_it_is_out(
    original: facts.PrintOutcome, copy: facts.PrintOutcome, comes_to: facts.PrintOutcome
) -> None:
    kiosk = Writer("kiosk-1")
    taken = kiosk.write(facts.TicketTaken("A101", "renew", DAY, "ar"), NINE)
    prints = [facts.PrintSettled(taken.id, original), facts.PrintSettled(taken.id, copy, copy=True)]
    state = replay([taken, *(kiosk.write(fact, NINE) for fact in prints)])
    assert state.tickets[taken.id].print_outcome == comes_to


def test_day_is_the_latest_opened() -> None:
    state = State()
    writer = Writer("hub")
    for day in ("2026-11-23", DAY):
        evolve(state, writer.write(facts.DayOpened(day), NINE))
    assert state.day == "2026-11-23"


@pytest.mark.parametrize("lost", ["tickets", "counters"])
def test_breaking_the_fold_is_seen(lost: str) -> None:
    """The hash is no constant: a state without its tickets or counters has another."""
    state = replay(EVENTS)
    getattr(state, lost).clear()
    assert state.hash() != HALL.state.hash()


def test_a_message_that_arrives_does_not_stand_between_a_step_and_its_undoing() -> None:
    hall = Hall(Centre.from_json(centre_json()))
    hall.open()
    ticket = hall.take("A101", "renew")
    hall.press(CallNext)
    hall.press(StartServing)
    hall.press(Finish)
    evolve(hall.state, hall.hub.write(facts.MessageSettled(ticket.id, "called", "delivered"), hall.now))
    hall.press(Undo)
    found = hall.state.tickets[ticket.id]
    assert (found.status, found.messages) == ("serving", (("called", "delivered"),))
