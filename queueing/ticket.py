"""A ticket as it stands, and what each step makes of it.

One ticket alone: who is next and what a counter holds is the state's and the rules' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from queueing import facts
from queueing.facts import Fact

Status = Literal["waiting", "called", "serving", "parked", "finished", "no_show", "cancelled"]
AT_COUNTER: frozenset[Status] = frozenset({"called", "serving"})


class Ticket(NamedTuple):
    """A ticket as it stands. `service` is what it waits for now, `taken_service` what it was taken for.

    A named tuple, since a day's replay makes tens of thousands: it is replaced four times as fast as a dataclass.
    """

    id: str
    number: str
    service: str
    taken_service: str
    day: str
    lang: str
    taken_at: datetime
    delivery: facts.Delivery
    priority: facts.Priority | None = None
    customer: str | None = None
    says_booked: bool = False
    appointment: str | None = None
    slot_at: datetime | None = None
    status: Status = "waiting"
    counter: str | None = None
    turn: int = 0
    why: str = ""
    called_at: datetime | None = None
    serving_at: datetime | None = None
    ended_at: datetime | None = None
    to_counter: str | None = None
    park_reason: str = ""
    print_outcome: facts.PrintOutcome | None = None
    print_why: str = ""
    messages: tuple[tuple[facts.MessageKind, facts.MessageOutcome], ...] = ()
    away_until: datetime | None = None
    outs: int = 0
    cancelled_by: Literal["customer", "staff"] | None = None
    channel: facts.Channel = "counter"

    @property
    def is_virtual(self) -> bool:
        """Whether its customer is served by video: in no hall, on no paper, spoken by no voice."""
        return self.channel == "virtual"

    def is_away(self, now: datetime) -> bool:
        """Say whether its customer has stepped out: it waits, and is passed over until then."""
        return self.away_until is not None and now < self.away_until


def taken_ticket(ticket_id: str, taken: facts.TicketTaken, at: datetime) -> Ticket:
    """Return a ticket as it was taken."""
    return Ticket(
        id=ticket_id,
        number=taken.number,
        service=taken.service,
        taken_service=taken.service,
        day=taken.day,
        lang=taken.lang,
        taken_at=at,
        delivery=taken.delivery,
        priority=taken.priority,
        customer=taken.customer,
        says_booked=taken.says_booked,
        appointment=taken.appointment,
        slot_at=taken.slot_at,
        channel=taken.channel,
    )


def after(ticket: Ticket, before: Ticket | None, at: datetime, fact: Fact) -> Ticket:
    """Return what a ticket is after a step; `before` is what it was before its last one."""
    step = _STEPS.get(type(fact))
    return ticket if step is None else step(ticket, before, at, fact)


def _called(ticket: Ticket, before: Ticket | None, at: datetime, fact: facts.TicketCalled) -> Ticket:
    return ticket._replace(
        status="called",
        counter=fact.counter,
        turn=fact.turn,
        why=fact.why,
        called_at=at,
        serving_at=None,
        away_until=None,
    )


def _transferred(ticket: Ticket, before: Ticket | None, at: datetime, fact: facts.TicketTransferred) -> Ticket:
    return ticket._replace(
        status="waiting",
        counter=None,
        service=fact.to_service or ticket.service,
        to_counter=fact.to_counter,
        serving_at=None,
    )


# By type and not by `match`, which asks one class after another: a day's tickets take tens of thousands of steps.
_STEPS: Mapping[type[Fact], Callable[[Ticket, Ticket | None, datetime, Any], Ticket]] = {
    facts.TicketCalled: _called,
    facts.TicketResumed: lambda ticket, before, at, fact: ticket._replace(
        status="called", counter=fact.counter, turn=fact.turn, called_at=at, park_reason=""
    ),
    # After a pause at the desk the clock of the service goes on.
    facts.ServingStarted: lambda ticket, before, at, fact: ticket._replace(
        status="serving", serving_at=ticket.serving_at or at
    ),
    facts.TicketFinished: lambda ticket, before, at, fact: ticket._replace(status="finished", ended_at=at),
    facts.NoShowMarked: lambda ticket, before, at, fact: ticket._replace(status="no_show", ended_at=at),
    facts.TicketParked: lambda ticket, before, at, fact: ticket._replace(
        status="parked", counter=fact.counter, park_reason=fact.reason
    ),
    facts.TicketTransferred: _transferred,
    facts.TurnRestored: lambda ticket, before, at, fact: ticket if before is None else before,
    facts.TicketCancelled: lambda ticket, before, at, fact: ticket._replace(
        status="cancelled", ended_at=at, cancelled_by=fact.by, away_until=None
    ),
    facts.TicketSteppedOut: lambda ticket, before, at, fact: ticket._replace(
        away_until=fact.until, outs=ticket.outs + 1
    ),
    facts.TicketSteppedBack: lambda ticket, before, at, fact: ticket._replace(away_until=None),
    facts.TicketRejoined: lambda ticket, before, at, fact: ticket._replace(
        status="waiting", counter=None, ended_at=None, cancelled_by=None
    ),
    facts.AppointmentMatched: lambda ticket, before, at, fact: ticket._replace(
        appointment=fact.appointment, slot_at=fact.slot_at
    ),
}
