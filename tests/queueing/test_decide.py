"""What may happen at a counter: each verb, and each refusal by its reason."""

from datetime import timedelta

import pytest

from queueing import facts
from queueing.commands import (
    Call,
    CallNext,
    CancelTicket,
    CloseCounter,
    CloseService,
    Command,
    Finish,
    MarkNoShow,
    MatchAppointment,
    OpenCounter,
    OpenDay,
    OpenService,
    Park,
    PauseCounter,
    Recall,
    Resume,
    StartServing,
    Transfer,
    Undo,
)
from queueing.decide import Reason, Refused
from queueing.priority import next_for
from tests.queueing.hall import DAY, Hall


def refused(hall: Hall, command: type[Command], counter: str = "1", **more: object) -> Reason:
    before = hall.state.hash()
    with pytest.raises(Refused) as no:
        hall.press(command, counter, **more)
    assert hall.state.hash() == before
    return no.value.reason


def serving(hall: Hall, number: str = "A101") -> None:
    hall.take(number)
    hall.press(CallNext)
    hall.press(StartServing)


def test_the_life_of_a_ticket(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    called = open_hall.press(CallNext)
    assert called is not None and (called.id, called.status, called.turn, called.why) == (
        ticket.id,
        "called",
        1,
        "walk_in",
    )
    open_hall.later(seconds=20)
    started = open_hall.press(StartServing)
    assert started is not None and started.serving_at == open_hall.now
    open_hall.later(minutes=4)
    assert open_hall.press(Finish) is None
    assert open_hall.fresh(ticket).ended_at == open_hall.now


def test_two_counters_never_hold_one_ticket(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    open_hall.press(CallNext, "1")
    assert refused(open_hall, CallNext, "2") == Reason.NOBODY_WAITS
    assert refused(open_hall, Call, "2", ticket=ticket.id) == Reason.TAKEN


def test_one_counter_never_holds_two_tickets(open_hall: Hall) -> None:
    serving(open_hall)
    other = open_hall.take("A102")
    assert refused(open_hall, CallNext) == Reason.COUNTER_BUSY
    assert refused(open_hall, Call, ticket=other.id) == Reason.COUNTER_BUSY


def test_a_counter_calls_only_what_it_serves(open_hall: Hall) -> None:
    ticket = open_hall.take("B101", "test")
    assert refused(open_hall, CallNext, "2") == Reason.NOBODY_WAITS
    assert refused(open_hall, Call, "2", ticket=ticket.id) == Reason.NOT_SERVED_HERE
    assert open_hall.press(CallNext, "1") is not None


def test_recall_start_finish_want_their_state(open_hall: Hall) -> None:
    for verb in (Recall, StartServing, Finish, MarkNoShow, Park):
        assert refused(open_hall, verb) == Reason.NO_CURRENT_TICKET
    assert refused(open_hall, Transfer, to_service="test") == Reason.NO_CURRENT_TICKET
    open_hall.take("A101")
    open_hall.press(CallNext)
    assert refused(open_hall, Finish) == Reason.WRONG_STATE  # a wrong key does not end what has not begun
    open_hall.press(Recall)
    open_hall.press(StartServing)
    for verb in (Recall, StartServing, MarkNoShow):
        assert refused(open_hall, verb) == Reason.WRONG_STATE


def test_no_show_can_be_called_again(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    open_hall.press(CallNext)
    open_hall.press(MarkNoShow)
    assert refused(open_hall, CallNext) == Reason.NOBODY_WAITS
    again = open_hall.press(Call, "2", ticket=ticket.id)
    assert again is not None and (again.turn, again.why) == (2, "called_by_number")


def test_park_and_resume(open_hall: Hall) -> None:
    serving(open_hall)
    began = open_hall.now
    open_hall.press(Park, reason="document")
    (parked,) = open_hall.state.parked("1")
    assert parked.park_reason == "document"
    assert refused(open_hall, Resume, "2", ticket=parked.id) == Reason.NOT_PARKED
    assert refused(open_hall, Resume, ticket="none") == Reason.TICKET_UNKNOWN
    open_hall.later(minutes=5)
    resumed = open_hall.press(Resume, ticket=parked.id)
    assert resumed is not None and (resumed.status, resumed.turn) == ("called", 2)
    again = open_hall.press(StartServing)
    assert again is not None and again.serving_at == began  # its clock went on


def test_transfer_keeps_the_place(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    open_hall.later(minutes=10)
    open_hall.take("B102", "test")
    open_hall.press(CallNext, "2")
    open_hall.press(Transfer, "2", to_service="test")
    found = next_for(open_hall.state, open_hall.centre, "1", ("test",), open_hall.now)
    assert found is not None and found.ticket.id == ticket.id
    assert (open_hall.fresh(ticket).service, open_hall.fresh(ticket).taken_service) == ("test", "renew")


def test_transfer_to_a_counter_waits_for_that_one_alone(open_hall: Hall) -> None:
    serving(open_hall)
    open_hall.press(Transfer, to_counter="3")
    assert refused(open_hall, CallNext, "1") == Reason.NOBODY_WAITS
    open_hall.press(OpenCounter, "3", clerk="sara")
    assert open_hall.press(CallNext, "3") is not None


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ({}, Reason.TRANSFER_TO_NOTHING),
        ({"to_counter": "1"}, Reason.TRANSFER_TO_NOTHING),
        ({"to_counter": "99"}, Reason.COUNTER_UNKNOWN),
        ({"to_service": "nothing"}, Reason.SERVICE_UNKNOWN),
    ],
)
def test_transfers_to_nowhere_are_refused(open_hall: Hall, where: dict[str, str], reason: Reason) -> None:
    serving(open_hall)
    assert refused(open_hall, Transfer, **where) == reason


def test_undo_within_its_time(open_hall: Hall) -> None:
    serving(open_hall)
    open_hall.press(Finish)
    open_hall.later(seconds=6)
    restored = open_hall.press(Undo)
    assert restored is not None and restored.status == "serving"
    assert refused(open_hall, Undo) == Reason.COUNTER_BUSY
    open_hall.press(Finish)
    open_hall.later(seconds=8)
    assert refused(open_hall, Undo) == Reason.UNDO_TOO_LATE


def test_undo_of_what_another_has_taken_on_is_refused(open_hall: Hall) -> None:
    serving(open_hall)
    open_hall.press(Transfer, to_counter="2")
    open_hall.press(CallNext, "2")
    assert refused(open_hall, Undo, "1") == Reason.NOTHING_TO_UNDO


def test_undo_of_a_no_show_rings_back(open_hall: Hall) -> None:
    open_hall.take("A101")
    called = open_hall.press(CallNext)
    open_hall.press(MarkNoShow)
    assert open_hall.press(Undo) == called
    assert refused(open_hall, Undo, "2") == Reason.NOTHING_TO_UNDO


def test_counters_open_pause_and_close(hall: Hall) -> None:
    hall.do(OpenDay(DAY))
    assert refused(hall, CallNext) == Reason.COUNTER_CLOSED
    assert refused(hall, CloseCounter) == Reason.COUNTER_CLOSED
    assert refused(hall, OpenCounter, "99", clerk="amal") == Reason.COUNTER_UNKNOWN
    assert refused(hall, OpenCounter, clerk="amal", services=("nothing",)) == Reason.SERVICE_UNKNOWN
    hall.press(OpenCounter, clerk="amal")
    assert hall.state.counters["1"].services == ("renew", "test")
    assert refused(hall, OpenCounter, clerk="amal") == Reason.ALREADY
    assert refused(hall, OpenCounter, clerk="yusuf") == Reason.COUNTER_OF_ANOTHER
    assert refused(hall, OpenCounter, "2", clerk="amal") == Reason.CLERK_ELSEWHERE
    assert refused(hall, PauseCounter, reason="boredom") == Reason.PAUSE_REASON_UNKNOWN
    hall.press(PauseCounter, reason="prayer")
    assert refused(hall, CallNext) == Reason.COUNTER_PAUSED
    hall.press(OpenCounter, clerk="amal", services=("renew",))
    assert hall.state.counters["1"].services == ("renew",)


def test_a_counter_with_a_customer_neither_pauses_nor_closes(open_hall: Hall) -> None:
    serving(open_hall)
    assert refused(open_hall, PauseCounter, reason="prayer") == Reason.COUNTER_BUSY
    assert refused(open_hall, CloseCounter) == Reason.COUNTER_BUSY


def test_closing_sends_the_parked_back_to_the_line(open_hall: Hall) -> None:
    serving(open_hall)
    open_hall.press(Park)
    open_hall.press(CloseCounter)
    called = open_hall.press(CallNext, "2")
    assert called is not None and called.number == "A101"


def test_cancelled_by_the_customer(open_hall: Hall) -> None:
    ticket = open_hall.take("A101")
    open_hall.do(CancelTicket(ticket.id))
    assert open_hall.fresh(ticket).status == "cancelled"
    assert refused(open_hall, CallNext) == Reason.NOBODY_WAITS
    with pytest.raises(Refused) as no:
        open_hall.do(CancelTicket(ticket.id))
    assert no.value.reason == Reason.TICKET_NOT_WAITING
    assert refused(open_hall, Call, ticket=ticket.id) == Reason.TICKET_NOT_WAITING


def test_a_booking_is_matched_once(open_hall: Hall) -> None:
    first, second = open_hall.take("A101", says_booked=True), open_hall.take("A102", says_booked=True)
    slot = open_hall.now + timedelta(minutes=2)
    open_hall.do(MatchAppointment(first.id, "apt-1", slot))
    assert (open_hall.fresh(first).appointment, open_hall.fresh(first).slot_at) == ("apt-1", slot)
    for ticket, appointment in ((first, "apt-2"), (second, "apt-1")):
        with pytest.raises(Refused) as no:
            open_hall.do(MatchAppointment(ticket.id, appointment, slot))
        assert no.value.reason == Reason.ALREADY


def test_services_close_and_open(open_hall: Hall) -> None:
    open_hall.do(CloseService("renew", "fatima"))
    assert open_hall.state.closed_services == {"renew"}
    for command, reason in (
        (CloseService("renew", "f"), Reason.ALREADY),
        (OpenService("test", "f"), Reason.ALREADY),
        (OpenService("nothing", "f"), Reason.SERVICE_UNKNOWN),
    ):
        with pytest.raises(Refused) as no:
            open_hall.do(command)
        assert no.value.reason == reason
    open_hall.do(OpenService("renew", "fatima"))
    assert open_hall.state.closed_services == frozenset()


def test_a_new_day_ends_what_the_old_one_left(open_hall: Hall) -> None:
    serving(open_hall)
    open_hall.take("A102")
    open_hall.press(CallNext, "2")
    with pytest.raises(Refused) as no:
        open_hall.do(OpenDay(DAY))
    assert no.value.reason == Reason.DAY_NOT_LATER
    made = open_hall.do(OpenDay("2026-11-23"))
    assert [type(fact) for fact in made] == [
        facts.TicketFinished,
        facts.NoShowMarked,
        facts.CounterClosed,
        facts.CounterClosed,
        facts.DayOpened,
    ]
    assert open_hall.state.at_counter == {}
