"""What may happen: a command and a state come to facts, or to a refusal by reason.

This is the whole of the arbiter's judgement; the hub carries it (storage, network, who may ask). It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from queueing import commands, facts
from queueing.centre import Centre
from queueing.commands import Command
from queueing.facts import Fact
from queueing.priority import may_call, next_for
from queueing.state import Counter, LastStep, State
from queueing.ticket import Ticket

UNDO_WITHIN = timedelta(seconds=7)
"""Five seconds are shown to the clerk; two more let a press at the last moment travel."""

BY_DAY = "day-"
"""So the claim of what the new day ends begins: no clerk did it."""

REJOIN_WITHIN = timedelta(seconds=120)
"""So long a customer who gave the ticket up may take it back: a wrong tap is seen by then."""

_UNDONE: dict[str, facts.Undone] = {
    "TicketFinished": "TicketFinished",
    "NoShowMarked": "NoShowMarked",
    "TicketParked": "TicketParked",
    "TicketTransferred": "TicketTransferred",
}


class Reason(StrEnum):
    """Why a rule says no. Each has a sentence for the person who asked, in the texts of the page that asks."""

    NOBODY_WAITS = "nobody_waits"
    TAKEN = "taken"
    TICKET_UNKNOWN = "ticket_unknown"
    TICKET_NOT_WAITING = "ticket_not_waiting"
    NOT_SERVED_HERE = "not_served_here"
    COUNTER_UNKNOWN = "counter_unknown"
    COUNTER_CLOSED = "counter_closed"
    COUNTER_PAUSED = "counter_paused"
    COUNTER_BUSY = "counter_busy"
    COUNTER_OF_ANOTHER = "counter_of_another"
    CLERK_ELSEWHERE = "clerk_elsewhere"
    NO_CURRENT_TICKET = "no_current_ticket"
    WRONG_STATE = "wrong_state"
    SERVICE_UNKNOWN = "service_unknown"
    TRANSFER_TO_NOTHING = "transfer_to_nothing"
    NOT_PARKED = "not_parked"
    NOTHING_TO_UNDO = "nothing_to_undo"
    UNDO_TOO_LATE = "undo_too_late"
    PAUSE_REASON_UNKNOWN = "pause_reason_unknown"
    ALREADY = "already"
    STEP_OUTS_USED = "step_outs_used"
    NOT_AWAY = "not_away"
    REJOIN_TOO_LATE = "rejoin_too_late"
    DAY_NOT_LATER = "day_not_later"


class Refused(Exception):  # noqa: N818  # no error: a rule's answer, in the house's own word
    """A rule says no. `context` holds what the sentence needs: a counter, a number; nothing personal."""

    def __init__(self, reason: Reason, **context: str) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.context = context


def decide(state: State, command: Command, centre: Centre, now: datetime) -> list[Fact]:
    """Return the facts that a command comes to at an instant (aware). Raises Refused."""
    return _DECIDERS[type(command)](state, command, centre, now)


def _open_counter(state: State, command: commands.OpenCounter, centre: Centre, now: datetime) -> list[Fact]:
    place = centre.counter(command.counter)
    if place is None:
        raise Refused(Reason.COUNTER_UNKNOWN, counter=command.counter)
    counter = state.counters.get(command.counter)
    if counter is not None and counter.status != "closed" and counter.clerk != command.clerk:
        raise Refused(Reason.COUNTER_OF_ANOTHER, counter=command.counter)
    for other in state.counters.values():
        if other.id != command.counter and other.clerk == command.clerk and other.status != "closed":
            raise Refused(Reason.CLERK_ELSEWHERE, counter=other.id)
    services = command.services or place.services
    if any(centre.service(service) is None for service in services):
        raise Refused(Reason.SERVICE_UNKNOWN)
    if counter is not None and counter.status == "open" and counter.services == services:
        raise Refused(Reason.ALREADY, counter=command.counter)
    return [facts.CounterOpened(command.counter, command.clerk, services, command.claim)]


def _pause_counter(state: State, command: commands.PauseCounter, centre: Centre, now: datetime) -> list[Fact]:
    _on_duty(state, command.counter)
    if centre.pause_reasons and all(reason.id != command.reason for reason in centre.pause_reasons):
        raise Refused(Reason.PAUSE_REASON_UNKNOWN)
    _free(state, command.counter)
    return [facts.CounterPaused(command.counter, command.reason, command.claim)]


def _close_counter(state: State, command: commands.CloseCounter, centre: Centre, now: datetime) -> list[Fact]:
    counter = state.counters.get(command.counter)
    if counter is None or counter.status == "closed":
        raise Refused(Reason.COUNTER_CLOSED, counter=command.counter)
    _free(state, command.counter)
    # What it had parked waits again, at any counter: nobody stays behind at a closed one.
    back: list[Fact] = [
        facts.TicketTransferred(ticket.id, command.counter, command.claim, to_service=ticket.service)
        for ticket in state.parked(command.counter)
    ]
    return [*back, facts.CounterClosed(command.counter, command.claim)]


def _call_next(state: State, command: commands.CallNext, centre: Centre, now: datetime) -> list[Fact]:
    counter = _on_duty(state, command.counter)
    _free(state, command.counter)
    found = next_for(state, centre, counter.id, counter.services, now)
    if found is None:
        raise Refused(Reason.NOBODY_WAITS)
    ticket = found.ticket
    return [facts.TicketCalled(ticket.id, command.counter, command.claim, ticket.turn + 1, found.why)]


def _call(state: State, command: commands.Call, centre: Centre, now: datetime) -> list[Fact]:
    counter = _on_duty(state, command.counter)
    _free(state, command.counter)
    ticket = state.tickets.get(command.ticket)
    if ticket is None or not state.is_today(ticket):
        raise Refused(Reason.TICKET_UNKNOWN)
    if ticket.status in ("called", "serving"):
        raise Refused(Reason.TAKEN, number=ticket.number, counter=ticket.counter or "")
    # One who was marked absent and then stands at the counter is still a customer; so is one whom another
    # counter has parked.
    if ticket.status not in ("waiting", "no_show", "parked"):
        raise Refused(Reason.TICKET_NOT_WAITING, number=ticket.number)
    if not may_call(ticket, counter.id, counter.services):
        raise Refused(Reason.NOT_SERVED_HERE, number=ticket.number)
    return [facts.TicketCalled(ticket.id, command.counter, command.claim, ticket.turn + 1, "called_by_number")]


def _recall(state: State, command: commands.Recall, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter, "called")
    return [facts.TicketRecalled(ticket.id, command.counter, command.claim)]


def _start(state: State, command: commands.StartServing, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter, "called")
    return [facts.ServingStarted(ticket.id, command.counter, command.claim)]


def _finish(state: State, command: commands.Finish, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter, "serving")
    return [facts.TicketFinished(ticket.id, command.counter, command.claim)]


def _no_show(state: State, command: commands.MarkNoShow, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter, "called")
    return [facts.NoShowMarked(ticket.id, command.counter, command.claim)]


def _park(state: State, command: commands.Park, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter)
    return [facts.TicketParked(ticket.id, command.counter, command.claim, command.reason)]


def _resume(state: State, command: commands.Resume, centre: Centre, now: datetime) -> list[Fact]:
    _on_duty(state, command.counter)
    _free(state, command.counter)
    ticket = state.tickets.get(command.ticket)
    if ticket is None:
        raise Refused(Reason.TICKET_UNKNOWN)
    if ticket.status != "parked" or ticket.counter != command.counter or not state.is_today(ticket):
        raise Refused(Reason.NOT_PARKED, number=ticket.number)
    return [facts.TicketResumed(ticket.id, command.counter, command.claim, ticket.turn + 1)]


def _transfer(state: State, command: commands.Transfer, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _current(state, command.counter)
    if command.to_service is None and command.to_counter is None:
        raise Refused(Reason.TRANSFER_TO_NOTHING)
    if command.to_service is not None and centre.service(command.to_service) is None:
        raise Refused(Reason.SERVICE_UNKNOWN)
    if command.to_counter is not None and centre.counter(command.to_counter) is None:
        raise Refused(Reason.COUNTER_UNKNOWN, counter=command.to_counter)
    if command.to_counter == command.counter:
        raise Refused(Reason.TRANSFER_TO_NOTHING)
    return [facts.TicketTransferred(ticket.id, command.counter, command.claim, command.to_service, command.to_counter)]


def _undo(state: State, command: commands.Undo, centre: Centre, now: datetime) -> list[Fact]:
    _on_duty(state, command.counter)
    _free(state, command.counter)
    step = undoable(state, command.counter)
    if step is None:
        raise Refused(Reason.NOTHING_TO_UNDO)
    if now - step.at > UNDO_WITHIN:
        raise Refused(Reason.UNDO_TOO_LATE)
    return [facts.TurnRestored(step.ticket, command.counter, command.claim, _UNDONE[step.type])]


def undoable(state: State, counter: str) -> LastStep | None:
    """Return a counter's last step with a ticket when it is of a kind that can be taken back, whenever it was."""
    step = state.last_step(counter)
    return step if step is not None and step.type in _UNDONE else None


def _cancel(state: State, command: commands.CancelTicket, centre: Centre, now: datetime) -> list[Fact]:
    ticket = state.tickets.get(command.ticket)
    if ticket is None:
        raise Refused(Reason.TICKET_UNKNOWN)
    if ticket.status not in ("waiting", "parked"):
        raise Refused(Reason.TICKET_NOT_WAITING, number=ticket.number)
    return [facts.TicketCancelled(ticket.id, "customer" if command.by_customer else "staff")]


def _step_out(state: State, command: commands.StepOut, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _waiting(state, command.ticket)
    if ticket.is_away(now):
        raise Refused(Reason.ALREADY, number=ticket.number)
    if ticket.outs >= centre.step_out.times:
        raise Refused(Reason.STEP_OUTS_USED, number=ticket.number)
    return [facts.TicketSteppedOut(ticket.id, now + timedelta(seconds=centre.step_out.max_s))]


def _step_back(state: State, command: commands.StepBack, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _waiting(state, command.ticket)
    if not ticket.is_away(now):
        raise Refused(Reason.NOT_AWAY, number=ticket.number)
    return [facts.TicketSteppedBack(ticket.id)]


def _rejoin(state: State, command: commands.Rejoin, centre: Centre, now: datetime) -> list[Fact]:
    ticket = _known_ticket(state, command.ticket)
    if not may_rejoin(ticket, now):
        raise Refused(Reason.REJOIN_TOO_LATE, number=ticket.number)
    return [facts.TicketRejoined(ticket.id)]


def may_rejoin(ticket: Ticket, now: datetime) -> bool:
    """Say whether a customer may still take back that the ticket was given up; what staff gave up stays so."""
    if ticket.status != "cancelled" or ticket.cancelled_by != "customer" or ticket.ended_at is None:
        return False
    return now - ticket.ended_at <= REJOIN_WITHIN


def _match(state: State, command: commands.MatchAppointment, centre: Centre, now: datetime) -> list[Fact]:
    ticket = state.tickets.get(command.ticket)
    if ticket is None:
        raise Refused(Reason.TICKET_UNKNOWN)
    if ticket.slot_at is not None or any(t.appointment == command.appointment for t in state.tickets.values()):
        raise Refused(Reason.ALREADY, number=ticket.number)
    return [facts.AppointmentMatched(ticket.id, command.appointment, command.slot_at)]


def _close_service(state: State, command: commands.CloseService, centre: Centre, now: datetime) -> list[Fact]:
    _known_service(state, centre, command.service, closed=True)
    return [facts.ServiceClosed(command.service, command.by)]


def _open_service(state: State, command: commands.OpenService, centre: Centre, now: datetime) -> list[Fact]:
    _known_service(state, centre, command.service, closed=False)
    return [facts.ServiceOpened(command.service, command.by)]


def _open_day(state: State, command: commands.OpenDay, centre: Centre, now: datetime) -> list[Fact]:
    if command.day <= state.day:
        raise Refused(Reason.DAY_NOT_LATER)
    claim = f"{BY_DAY}{command.day}"
    ends: list[Fact] = []
    for counter_id in sorted(state.at_counter):
        ticket = state.current(counter_id)
        if ticket is not None and ticket.day < command.day:
            end = facts.TicketFinished if ticket.status == "serving" else facts.NoShowMarked
            ends.append(end(ticket.id, counter_id, claim))
    ends += [
        facts.CounterClosed(counter.id, claim)
        for counter in sorted(state.counters.values(), key=lambda counter: counter.id)
        if counter.status != "closed"
    ]
    return [*ends, facts.DayOpened(command.day)]


def _on_duty(state: State, counter_id: str) -> Counter:
    counter = state.counters.get(counter_id)
    if counter is None or counter.status == "closed":
        raise Refused(Reason.COUNTER_CLOSED, counter=counter_id)
    if counter.status == "paused":
        raise Refused(Reason.COUNTER_PAUSED, counter=counter_id)
    return counter


def _free(state: State, counter_id: str) -> None:
    ticket = state.current(counter_id)
    if ticket is not None:
        raise Refused(Reason.COUNTER_BUSY, counter=counter_id, number=ticket.number)


def _current(state: State, counter_id: str, status: str | None = None) -> Ticket:
    ticket = state.current(counter_id)
    if ticket is None:
        raise Refused(Reason.NO_CURRENT_TICKET, counter=counter_id)
    if status is not None and ticket.status != status:
        raise Refused(Reason.WRONG_STATE, number=ticket.number)
    return ticket


def _known_ticket(state: State, ticket_id: str) -> Ticket:
    ticket = state.tickets.get(ticket_id)
    if ticket is None or not state.is_today(ticket):
        raise Refused(Reason.TICKET_UNKNOWN)
    return ticket


def _waiting(state: State, ticket_id: str) -> Ticket:
    ticket = _known_ticket(state, ticket_id)
    if ticket.status != "waiting":
        raise Refused(Reason.TICKET_NOT_WAITING, number=ticket.number)
    return ticket


def _known_service(state: State, centre: Centre, service: str, *, closed: bool) -> None:
    if centre.service(service) is None:
        raise Refused(Reason.SERVICE_UNKNOWN)
    if (service in state.closed_services) == closed:
        raise Refused(Reason.ALREADY)


_DECIDERS: dict[type[Command], Callable[[State, Any, Centre, datetime], list[Fact]]] = {
    commands.OpenCounter: _open_counter,
    commands.PauseCounter: _pause_counter,
    commands.CloseCounter: _close_counter,
    commands.CallNext: _call_next,
    commands.Call: _call,
    commands.Recall: _recall,
    commands.StartServing: _start,
    commands.Finish: _finish,
    commands.MarkNoShow: _no_show,
    commands.Park: _park,
    commands.Resume: _resume,
    commands.Transfer: _transfer,
    commands.Undo: _undo,
    commands.CancelTicket: _cancel,
    commands.StepOut: _step_out,
    commands.StepBack: _step_back,
    commands.Rejoin: _rejoin,
    commands.MatchAppointment: _match,
    commands.CloseService: _close_service,
    commands.OpenService: _open_service,
    commands.OpenDay: _open_day,
}
