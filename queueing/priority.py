"""Who is next: accumulating priority, one rule for walk-ins, appointments and priority customers.

A waiting ticket's claim is its class's rate times the seconds since it was ready; the largest is next. Every claim
grows for ever, so nobody starves; a class of twice the rate waits about half as long. Source: Kleinrock, "A delay
dependent queue discipline" (1964); Stanford, Taylor and Ziedins, "Waiting time distributions in the accumulating
priority queue" (2014).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from queueing.centre import AppointmentRule, Centre, CounterPlace
from queueing.state import State
from queueing.ticket import Ticket

Class = Literal["walk_in", "appointment", "priority"]


class Standing(NamedTuple):
    """What a ticket's claim grows from: its class, and the instant since when it counts."""

    kind: Class
    ready_at: datetime


class Ranked(NamedTuple):
    """A waiting ticket with its claim (`score`, in rate-weighted seconds) and the class that the claim comes from."""

    ticket: Ticket
    score: float
    why: Class


def of_appointment(slot_at: datetime, taken_at: datetime, rule: AppointmentRule) -> Standing:
    """Return how an appointment's ticket stands.

    It counts from the later of check-in and a little before its slot; one that came more than the grace late has lost
    its slot and is a walk-in from its check-in.
    """
    if taken_at > slot_at + timedelta(seconds=rule.grace_s):
        return Standing("walk_in", taken_at)
    return Standing("appointment", max(taken_at, slot_at - timedelta(seconds=rule.early_lead_s)))


def standing(ticket: Ticket, centre: Centre, now: datetime) -> Standing:
    """Return how a ticket stands now: of the classes that it belongs to, the one with the larger claim."""
    best = Standing("walk_in", ticket.taken_at)
    if ticket.is_virtual and ticket.slot_at is not None:
        # The hub took it: that this was late is not its customer's doing.
        best = Standing("appointment", ticket.slot_at)
    elif ticket.slot_at is not None:
        best = of_appointment(ticket.slot_at, ticket.taken_at, centre.appointments)
    if ticket.priority is not None:
        with_priority = Standing("priority", ticket.taken_at)
        if claim(with_priority, centre, now) >= claim(best, centre, now):
            best = with_priority
    return best


def claim(of: Standing, centre: Centre, now: datetime) -> float:
    """Return a standing's claim to be next; under 0 while an appointment is not ready yet."""
    rate: float = getattr(centre.rates, of.kind)
    return rate * (now - of.ready_at).total_seconds()


def next_for(state: State, centre: Centre, counter: str, services: tuple[str, ...], now: datetime) -> Ranked | None:
    """Return the ticket that a counter calls next, or None when nobody waits for what it serves.

    Only the first of each lane is looked at, but all of the booked ones (those are ready by their slots) and of those
    who stepped out (each is passed over until its time).
    """
    served = frozenset(services)
    candidates = (
        _ranked(state.tickets[ticket_id], centre, now)
        for lane, waiting in state.todays_lanes()
        if (lane.to_counter == counter if lane.to_counter is not None else lane.service in served)
        for _, ticket_id in (waiting[:1] if lane.is_in_order else waiting)
        if not (lane.out and state.tickets[ticket_id].is_away(now))
    )
    return min(candidates, key=_order, default=None)


def ranking(state: State, centre: Centre, now: datetime, counter: CounterPlace | None = None) -> list[Ranked]:
    """Return all who wait and have not stepped out, first the next one; with a counter, those whom it may call."""
    return sorted(
        (_ranked(ticket, centre, now) for ticket in _callable(state, counter) if not ticket.is_away(now)),
        key=_order,
    )


def may_call(ticket: Ticket, counter: str, services: tuple[str, ...]) -> bool:
    """Say whether a counter that serves these services may call a ticket."""
    return ticket.to_counter == counter if ticket.to_counter is not None else ticket.service in services


def _callable(state: State, counter: CounterPlace | None) -> Iterator[Ticket]:
    for ticket in state.waiting():
        if counter is None or may_call(ticket, counter.id, counter.services):
            yield ticket


def _ranked(ticket: Ticket, centre: Centre, now: datetime) -> Ranked:
    stands = standing(ticket, centre, now)
    return Ranked(ticket, claim(stands, centre, now), stands.kind)


def _order(ranked: Ranked) -> tuple[float, datetime, str]:
    # Of equal claims the older ticket is next; the id settles what is left, as in a lane, so that every copy agrees.
    return -ranked.score, ranked.ticket.taken_at, ranked.ticket.id
