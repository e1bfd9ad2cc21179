"""One centre's line as it is followed: its state, folded from the log, and its tickets by their follow ids.

For one thread. Bounded: with a new day the days before it are forgotten, but for who they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from follow.turn import OVER, Turn, turn_of
from queueing.centre import Centre
from queueing.facts import DayOpened, TicketCalled, TicketRecalled, TicketResumed, fact_of
from queueing.following import follow_id
from queueing.outlook import outlook
from queueing.state import State, evolve
from queueing.waits import Wait
from queueing.wire import Event

_RINGS = (TicketCalled, TicketRecalled, TicketResumed)


class Line:
    """A centre's turns. `arbiter` is its hub's device: what another says of calls changes nothing."""

    def __init__(self, arbiter: str) -> None:
        self._state = State(arbiter)
        self._tickets: dict[str, str] = {}
        self._identities: dict[str, str] = {}
        self._rings: dict[str, int] = {}
        self._past: dict[str, Turn] = {}
        self._waits: Mapping[str, Wait] = {}

    def __contains__(self, identity: object) -> bool:
        return identity in self._tickets or identity in self._past

    def __len__(self) -> int:
        return len(self._tickets) + len(self._past)

    def fold(self, event: Event, centre: Centre, now: datetime) -> str | None:
        """Take one more event, in any order and again if need be; return the follow id that it is about, if any."""
        fact, before = fact_of(event), self._state.day
        is_new = event.id not in self._identities
        self._state = evolve(self._state, event)
        if isinstance(fact, DayOpened) and before < self._state.day:
            self._begin_day(centre, now)
            return None
        if event.type == "TicketTaken" and event.id in self._state.tickets and is_new:
            identity = follow_id(event)
            self._tickets[identity] = event.id
            self._identities[event.id] = identity
            self._past.pop(identity, None)
        ticket = event.id if event.type == "TicketTaken" else event.body.get("ticket")
        if isinstance(fact, _RINGS) and event.id not in self._state.unheeded:
            # More than one for a call that came twice rings once more than it has to: harmless.
            self._rings[fact.ticket] = self._rings.get(fact.ticket, 0) + 1
        return self._identities.get(ticket) if isinstance(ticket, str) else None

    def reckon(self, centre: Centre, now: datetime) -> None:
        """Reckon anew what those who wait may expect."""
        self._waits = outlook(self._state, centre, now)

    def turn(self, identity: str, centre: Centre, now: datetime) -> Turn | None:
        """Return what is told of a ticket, as reckoned last; None when there is no such follow id."""
        ticket = self._state.tickets.get(self._tickets.get(identity, ""))
        if ticket is None:
            return self._past.get(identity)
        return turn_of(
            identity,
            ticket,
            centre,
            now,
            is_today=self._state.is_today(ticket),
            wait=self._waits.get(ticket.id),
            rings=self._rings.get(ticket.id, 0),
        )

    def _begin_day(self, centre: Centre, now: datetime) -> None:
        """Let the days before the new one go; what became of their tickets is still told until the next."""
        ended = {identity: self.turn(identity, centre, now) for identity in self._tickets}
        gone = [identity for identity, turn in ended.items() if not self._is_today(identity)]
        self._past = {
            identity: turn._replace(phase=turn.phase if turn.phase in OVER else "past", may=())
            for identity in gone
            if (turn := ended[identity]) is not None
        }
        for identity in gone:
            ticket = self._tickets.pop(identity)
            self._identities.pop(ticket, None)
            self._rings.pop(ticket, None)
        self._state.forget(self._state.day)
        self._state.unknown.clear()
        self._state.unheeded.clear()

    def _is_today(self, identity: str) -> bool:
        ticket = self._state.tickets.get(self._tickets[identity])
        return ticket is not None and self._state.is_today(ticket)
