"""Tickets by video: the hub takes them itself, each at its booking's time, and gives up those whose booking is gone.

Pure: the day's bookings by video and the state come in, the facts that are due go out. The same bookings asked about
again come to nothing more, so asking may be repeated at any moment, after any restart. Why the hub: see decision 0021.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from queueing.centre import Centre
from queueing.facts import Fact, TicketCancelled, TicketTaken
from queueing.hours import Open, opening
from queueing.numbers import virtual_number
from queueing.state import State


@dataclass(frozen=True, slots=True)
class Expected:
    """A booking by video for the running day. `is_over`: the server knows how it ended, so it needs no ticket here."""

    id: str
    service: str
    slot_at: datetime
    lang: str
    is_over: bool = False


def due(
    state: State,
    centre: Centre,
    expected: Iterable[Expected],
    tickets: Mapping[str, str],
    incarnation: int,
    now: datetime,
) -> list[Fact]:
    """Return what is due at an instant (aware): tickets of bookings whose time has come, and those that are given up.

    `expected` are all of the running day's bookings by video, `tickets` the tickets by video that were taken, by
    booking. None is taken while the centre is closed: a hub that comes back in the evening asks nobody to wait.
    """
    bookings = {each.id: each for each in expected}
    facts: list[Fact] = []
    for booking, ticket_id in tickets.items():
        ticket = state.tickets.get(ticket_id)
        if ticket is not None and ticket.status == "waiting" and state.is_today(ticket) and booking not in bookings:
            facts.append(TicketCancelled(ticket_id, "staff"))
    coming = [each for each in bookings.values() if each.slot_at <= now and not each.is_over and each.id not in tickets]
    if not coming or not isinstance(opening(centre, now), Open):
        return facts
    known = (state.tickets.get(each) for each in tickets.values())
    given = [ticket.number for ticket in known if ticket is not None and state.is_today(ticket)]
    for each in sorted(coming, key=lambda each: (each.slot_at, each.id)):
        service = centre.service(each.service)
        if service is None:
            continue  # The centre has it no more; the server excuses its customer.
        number = virtual_number(service.letter, incarnation, given)
        given.append(number)
        facts.append(
            TicketTaken(
                number,
                each.service,
                state.day,
                each.lang,
                appointment=each.id,
                slot_at=each.slot_at,
                delivery="screen",
                channel="virtual",
            )
        )
    return facts
