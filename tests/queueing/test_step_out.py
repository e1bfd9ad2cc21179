"""Stepping out keeps the place within the centre's rule; leaving can be taken back for a moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from queueing.centre import StepOutRule
from queueing.commands import (
    Call,
    CallNext,
    CancelTicket,
    Command,
    MarkNoShow,
    Park,
    Rejoin,
    StepBack,
    StepOut,
    Transfer,
    Undo,
)
from queueing.decide import REJOIN_WITHIN, Reason, Refused
from queueing.outlook import outlook
from queueing.priority import ranking
from queueing.ticket import Ticket
from queueing.waits import forecast
from tests.queueing.hall import Hall


def take(hall: Hall, number: str) -> Ticket:
    hall.later(seconds=1)
    return hall.take(number)


def refused(hall: Hall, command: Command) -> Reason:
    before = hall.state.hash()
    with pytest.raises(Refused) as no:
        hall.do(command)
    assert hall.state.hash() == before
    return no.value.reason


def next_number(hall: Hall) -> str | None:
    called = hall.press(CallNext)
    return called.number if called else None


def test_who_stepped_out_is_passed_over_and_keeps_the_place(open_hall: Hall) -> None:
    first, second, third = (take(open_hall, f"A10{n}") for n in (1, 2, 3))
    open_hall.do(StepOut(first.id))
    assert open_hall.fresh(first).away_until == open_hall.now + timedelta(minutes=30)
    assert [r.ticket.id for r in ranking(open_hall.state, open_hall.centre, open_hall.now)] == [second.id, third.id]
    assert next_number(open_hall) == "A102"
    open_hall.press(MarkNoShow)
    open_hall.do(StepBack(first.id))
    assert open_hall.fresh(first).away_until is None
    assert next_number(open_hall) == "A101"


def test_when_the_time_is_over_the_ticket_can_be_called_by_itself(open_hall: Hall) -> None:
    first, second = take(open_hall, "A101"), take(open_hall, "A102")
    open_hall.do(StepOut(first.id))
    open_hall.later(minutes=30, seconds=-1)
    assert [r.ticket.id for r in ranking(open_hall.state, open_hall.centre, open_hall.now)] == [second.id]
    open_hall.later(seconds=1)
    assert refused(open_hall, StepBack(first.id)) == Reason.NOT_AWAY
    assert next_number(open_hall) == "A101"


def test_all_who_stepped_out_are_looked_at_not_only_the_first(open_hall: Hall) -> None:
    first, second = take(open_hall, "A101"), take(open_hall, "A102")
    open_hall.do(StepOut(second.id))
    open_hall.later(minutes=20)
    open_hall.do(StepOut(first.id))
    open_hall.later(minutes=10)
    assert next_number(open_hall) == "A102"  # the first of their lane is still out


def test_nobody_is_called_while_all_are_out(open_hall: Hall) -> None:
    ticket = take(open_hall, "A101")
    open_hall.do(StepOut(ticket.id))
    with pytest.raises(Refused) as no:
        open_hall.press(CallNext)
    assert no.value.reason == Reason.NOBODY_WAITS


def test_who_is_out_is_ahead_of_nobody_until_back(open_hall: Hall) -> None:
    out, here = take(open_hall, "A101"), take(open_hall, "A102")
    open_hall.do(StepOut(out.id))

    def told() -> tuple[int, int, int]:
        """Return how many the hall, a new ticket and the one who stays are told of."""
        state, centre, now = open_hall.state, open_hall.centre, open_hall.now
        ahead = outlook(state, centre, now)[here.id].ahead
        return state.waiting_count("renew", now), forecast(state, centre, now)["renew"].ahead, ahead

    assert told() == (1, 1, 0)
    until = open_hall.fresh(out).away_until
    assert until is not None
    open_hall.later(seconds=(until - open_hall.now).total_seconds() - 1)
    assert told() == (1, 1, 0)
    open_hall.later(seconds=1)
    assert told() == (2, 2, 1)  # by time alone
    open_hall.do(StepOut(out.id))
    assert told() == (1, 1, 0)
    open_hall.do(StepBack(out.id))
    assert told() == (2, 2, 1)


def test_a_clerk_may_call_who_stands_there_though_stepped_out(open_hall: Hall) -> None:
    ticket = take(open_hall, "A101")
    open_hall.do(StepOut(ticket.id))
    open_hall.press(Call, ticket=ticket.id)
    assert open_hall.fresh(ticket).away_until is None
    open_hall.press(Transfer, to_counter="2")
    assert not open_hall.fresh(ticket).is_away(open_hall.now)


def test_the_rule_of_the_centre(open_hall: Hall) -> None:
    ticket = take(open_hall, "A101")
    for _ in range(2):
        open_hall.do(StepOut(ticket.id))
        assert refused(open_hall, StepOut(ticket.id)) == Reason.ALREADY
        open_hall.do(StepBack(ticket.id))
    assert refused(open_hall, StepOut(ticket.id)) == Reason.STEP_OUTS_USED
    open_hall.centre = replace(open_hall.centre, step_out=StepOutRule(max_s=60, times=0))
    other = take(open_hall, "A102")
    assert refused(open_hall, StepOut(other.id)) == Reason.STEP_OUTS_USED
    assert refused(open_hall, StepOut("nobody")) == Reason.TICKET_UNKNOWN


def test_only_who_waits_can_step_out(open_hall: Hall) -> None:
    ticket = take(open_hall, "A101")
    open_hall.press(CallNext)
    assert refused(open_hall, StepOut(ticket.id)) == Reason.TICKET_NOT_WAITING
    open_hall.press(Park)
    assert refused(open_hall, StepOut(ticket.id)) == Reason.TICKET_NOT_WAITING
    assert refused(open_hall, StepBack(ticket.id)) == Reason.TICKET_NOT_WAITING


def test_a_step_that_a_customer_answered_is_not_undone(open_hall: Hall) -> None:
    ticket = take(open_hall, "A101")
    open_hall.press(CallNext)
    open_hall.press(Transfer, to_service="test")
    open_hall.do(StepOut(ticket.id))
    with pytest.raises(Refused) as no:
        open_hall.press(Undo)
    assert no.value.reason == Reason.NOTHING_TO_UNDO
    assert open_hall.fresh(ticket).is_away(open_hall.now)


def test_leaving_is_taken_back_in_time_and_the_place_is_kept(open_hall: Hall) -> None:
    first, _ = take(open_hall, "A101"), take(open_hall, "A102")
    open_hall.do(CancelTicket(first.id))
    open_hall.now += REJOIN_WITHIN
    open_hall.do(Rejoin(first.id))
    assert open_hall.fresh(first).status == "waiting"
    assert next_number(open_hall) == "A101"
    assert refused(open_hall, Rejoin(first.id)) == Reason.REJOIN_TOO_LATE


def test_leaving_is_not_taken_back_too_late_nor_what_staff_gave_up(open_hall: Hall) -> None:
    first, second = take(open_hall, "A101"), take(open_hall, "A102")
    open_hall.do(CancelTicket(first.id))
    open_hall.do(CancelTicket(second.id, by_customer=False))
    assert refused(open_hall, Rejoin(second.id)) == Reason.REJOIN_TOO_LATE
    open_hall.now += REJOIN_WITHIN + timedelta(seconds=1)
    assert refused(open_hall, Rejoin(first.id)) == Reason.REJOIN_TOO_LATE
