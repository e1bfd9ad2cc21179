"""What a customer is told of one turn, as one frozen record; pure, and nothing personal is in it.

It says facts; `words` says them to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from queueing.centre import Centre
from queueing.decide import REJOIN_WITHIN, may_rejoin
from queueing.ticket import Status, Ticket
from queueing.waits import Wait
from queueing.words import Words

Phase = Literal["waiting", "away", "called", "serving", "parked", "finished", "no_show", "left", "cancelled", "past"]
"""A ticket's status as its customer sees it: `left` was given up by the customer, `past` waits from an earlier day."""

OVER: frozenset[Phase] = frozenset({"finished", "no_show", "left", "cancelled", "past"})

_PHASES: dict[Status, Phase] = {
    "called": "called",
    "serving": "serving",
    "parked": "parked",
    "finished": "finished",
    "no_show": "no_show",
}


class Wish(StrEnum):
    """What a customer may ask for; the hub alone decides."""

    LEAVE = "leave"
    REJOIN = "rejoin"
    OUT = "out"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish that has no answer yet: under way, waiting for a line that is cut (`is_cut_off`), or lapsed unheard."""

    wish: Wish
    until: datetime
    is_cut_off: bool = False
    is_lapsed: bool = False


class Turn(NamedTuple):
    """A turn as it is told; a named tuple, since a call makes one for each open page.

    `identity` is the follow id, `ticket` the ticket's own. `rings` counts calls and recalls. `ahead` and `minutes` (a
    range) are None where they mean nothing or cannot be told. `at` is when the phase began, `until` how long it lasts
    (stepped out) or can be taken back (left). `news_at` is set when the centre was heard last too long ago.
    """

    identity: str
    ticket: str
    centre: str
    centre_name: Words
    service_name: Words
    timezone: str
    digits: str
    languages: tuple[str, ...]
    number: str
    lang: str
    rings: int
    phase: Phase
    ahead: int | None = None
    minutes: tuple[int, int] | None = None
    slot_at: datetime | None = None
    counter: str = ""
    at: datetime | None = None
    until: datetime | None = None
    may: tuple[Wish, ...] = ()
    outs_left: int = 0
    out_for_s: int = 0
    asked: Asked | None = None
    news_at: datetime | None = None
    service: str = ""


def turn_of(
    identity: str, ticket: Ticket, centre: Centre, now: datetime, *, is_today: bool, wait: Wait | None, rings: int
) -> Turn:
    """Return what is told of a ticket at an instant; `wait` is what it may expect while it waits."""
    phase = _phase(ticket, now, is_today=is_today)
    service = centre.service(ticket.service)
    place = centre.counter(ticket.counter) if ticket.counter else None
    is_waiting = phase == "waiting" and wait is not None
    return Turn(
        identity=identity,
        ticket=ticket.id,
        centre=centre.id,
        centre_name=centre.name,
        service_name={} if service is None else service.name,
        timezone=centre.timezone,
        digits=centre.digits,
        languages=centre.languages,
        number=ticket.number,
        lang=ticket.lang,
        phase=phase,
        ahead=wait.ahead if is_waiting and wait is not None else None,
        minutes=wait.minutes if is_waiting and wait is not None else None,
        slot_at=_slot_to_come(ticket, now) if phase == "waiting" else None,
        counter=(ticket.counter or "") if place is None else place.label,
        rings=rings,
        at={"called": ticket.called_at, "no_show": ticket.called_at, "finished": ticket.ended_at}.get(phase),
        until=_until(ticket, phase),
        may=_may(ticket, phase, centre, now) if is_today else (),
        outs_left=max(0, centre.step_out.times - ticket.outs),
        out_for_s=centre.step_out.max_s,
        service=ticket.service,
    )


def _phase(ticket: Ticket, now: datetime, *, is_today: bool) -> Phase:
    if ticket.status == "cancelled":
        return "left" if ticket.cancelled_by == "customer" else "cancelled"
    if ticket.status in ("waiting", "parked") and not is_today:
        return "past"
    if ticket.status == "waiting":
        return "away" if ticket.is_away(now) else "waiting"
    return _PHASES[ticket.status]


def _slot_to_come(ticket: Ticket, now: datetime) -> datetime | None:
    return ticket.slot_at if ticket.slot_at is not None and now < ticket.slot_at else None


def _until(ticket: Ticket, phase: Phase) -> datetime | None:
    if phase == "away":
        return ticket.away_until
    if phase == "left" and ticket.ended_at is not None:
        return ticket.ended_at + REJOIN_WITHIN
    return None


def _may(ticket: Ticket, phase: Phase, centre: Centre, now: datetime) -> tuple[Wish, ...]:
    if phase == "waiting":
        return (Wish.OUT, Wish.LEAVE) if ticket.outs < centre.step_out.times else (Wish.LEAVE,)
    if phase == "away":
        return Wish.BACK, Wish.LEAVE
    if phase == "parked":
        return (Wish.LEAVE,)
    # A moment less than the rule: what is offered still has to travel.
    if phase == "left" and may_rejoin(ticket, now + _TRAVEL):
        return (Wish.REJOIN,)
    return ()


_TRAVEL = timedelta(seconds=10)
