"""What each kind of screen may know of the hall: pure functions from the state to JSON.

The board and the kiosks' view hold nothing personal, the counters' view no more than a ticket says. No view has the
customer's keyed hash. Instants are ISO 8601 in UTC, durations seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

import orjson

from hub.hall import Hall
from hub.settings import Settings, StaffMember
from queueing.centre import Centre, CounterPlace, Service
from queueing.decide import undoable
from queueing.facts import MessageKind, MessageOutcome
from queueing.hours import Closed, opening
from queueing.priority import Standing, claim, next_for, standing
from queueing.state import Call, Counter, State
from queueing.taking import is_full
from queueing.ticket import Ticket
from queueing.waits import Wait
from queueing.wire import Json, instant_to_wire

ROWS = 8
"""Tickets on the board, of each zone."""
CALLS_LOOKED_AT = 200
"""Among so many of the newest calls the board looks for its rows."""
QUEUE_ROWS = 100
"""Who waits further back than this is no news for a clerk; a call by number finds everybody."""
ANNOUNCED = 20
"""Calls that a display may still have to speak."""
SHOWN_AFTER_END = timedelta(minutes=15)
"""A served or absent customer's row leaves the board after this, however quiet the hall is."""
UNDO_SHOWN = timedelta(seconds=5)

_UNDO_VERBS = {
    "TicketFinished": "finish",
    "NoShowMarked": "mark_no_show",
    "TicketParked": "park",
    "TicketTransferred": "transfer",
}

Row = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the views look at: the hall, the settings, the moment, the waits as they were last reckoned.

    `sms`: a message that is sent now can arrive. `is_forked`: the server knows another history of this hub.
    `server_line`: what is wrong with the line to it, None for nothing. `rooms`: the clerks' links to the video rooms,
    by booking.
    """

    hall: Hall
    settings: Settings
    now: datetime
    waits: Mapping[str, Wait] = field(default_factory=dict)
    sms: bool = False
    is_forked: bool = False
    server_line: Json = None
    rooms: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The hall's state."""
        return self.hall.state

    @property
    def centre(self) -> Centre:
        """The centre's settings."""
        return self.settings.centre


def board(sight: Sight) -> Row:
    """Return what the hall's displays show: calls newest first, calls to speak oldest first, who waits, notices."""
    centre, state = sight.centre, sight.state
    return {
        "centre": {"name": dict(centre.name), "timezone": centre.timezone},
        "day": state.day,
        "calls": [_call(call, sight) for call in _board_calls(sight)],
        "announce": [_call(call, sight) for call in _announced(state)],
        "waiting": [_waiting(service, sight) for service in centre.services],
        "notices": [
            {"text": dict(notice.text), "from": _instant(notice.since), "until": _instant(notice.until)}
            for notice in centre.notices
            if notice.until is None or sight.now < notice.until
        ],
        "voice": {"order": list(centre.voice.order)},
        "digits": centre.digits,
        "languages": list(centre.languages),
    }


def kiosk(sight: Sight) -> Row:
    """Return what a kiosk needs to know before it gives a ticket. It has no `now`: the publisher adds it."""
    hours = opening(sight.centre, sight.now)
    closed = sight.state.closed_services
    services: list[Json] = []
    for service in sight.centre.services:
        low_s, high_s = _range(sight.waits.get(service.id))
        services.append(
            {
                "id": service.id,
                "open": service.id not in closed,
                "full": is_full(service, sight.hall.taken_today(service.id)),
                "count": sight.state.waiting_count(service.id, sight.now),
                "low_s": low_s,
                "high_s": high_s,
            }
        )
    return {
        "day": sight.state.day,
        "open": not isinstance(hours, Closed),
        "next_opens_at": _instant(hours.next_opens_at) if isinstance(hours, Closed) else None,
        "services": services,
        "settings_version": sight.settings.version,
        "sms": sight.sms,
    }


def counter(sight: Sight) -> Row:
    """Return what the counters' pages show, all but `queue`. It has no `now`: the publisher adds it."""
    centre, state = sight.centre, sight.state
    closed = state.closed_services
    return {
        "day": state.day,
        "timezone": centre.timezone,
        "digits": centre.digits,
        "languages": list(centre.languages),
        "pause_reasons": [{"id": reason.id, "name": dict(reason.name)} for reason in centre.pause_reasons],
        "services": [
            {
                "id": service.id,
                "letter": service.letter,
                "name": dict(service.name),
                "open": service.id not in closed,
                "count": state.waiting_count(service.id, sight.now),
                "target_wait_s": service.target_wait_s,
                "typical_serving_s": service.typical_serving_s,
            }
            for service in centre.services
        ],
        "counters": [counter_row(place, sight) for place in centre.counters],
        "hub_forked": sight.is_forked,
        "server_line": sight.server_line,
        "devices": sight.hall.devices.rows(sight.settings.devices.values(), state.day, sight.now),
    }


def counter_row(place: CounterPlace, sight: Sight) -> Row:
    """Return one counter as its page and the answer to its claims show it."""
    state = sight.state
    found = state.counters.get(place.id) or Counter(place.id)
    current = state.current(place.id)
    return {
        "id": place.id,
        "label": place.label,
        "status": found.status,
        "clerk": _clerk(found.clerk, sight.settings.staff),
        "reason": found.reason or None,
        "services": list(found.services or place.services),
        "current": None if current is None else card(current, sight),
        "parked": [card(ticket, sight) for ticket in sight.hall.parked(place.id)],
        "next": _next(found, sight) if found.status == "open" else None,
        "undo": _undo(place.id, sight) if current is None and found.status == "open" else None,
    }


def card(ticket: Ticket, sight: Sight) -> Row:
    """Return a ticket as the counters see it."""
    stands = standing(ticket, sight.centre, sight.now)
    room = sight.rooms.get(ticket.appointment or "") if ticket.is_virtual else None
    return _card(ticket, stands.kind, stands.ready_at, room)


def _card(ticket: Ticket, kind: str, ready_at: datetime, room: str | None = None) -> Row:
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "status": ticket.status,
        "taken_at": _instant(ticket.taken_at),
        "ready_at": _instant(ready_at),
        "called_at": _instant(ticket.called_at),
        "serving_at": _instant(ticket.serving_at),
        "class": kind,
        "priority": ticket.priority,
        "slot_at": _instant(ticket.slot_at),
        "lang": ticket.lang,
        "turn": ticket.turn,
        "to_counter": ticket.to_counter,
        "print": ticket.print_outcome,
        "message": _last_message(ticket),
        "away_until": _instant(ticket.away_until),
        "channel": ticket.channel,
        "room": room,
    }


def _last_message(ticket: Ticket) -> MessageOutcome | None:
    """Return what became of the last message to a ticket's customer, of those that have come to an end."""
    outcomes = dict(ticket.messages)
    return next((outcomes[kind] for kind in _LAST_FIRST if kind in outcomes), None)


_LAST_FIRST: tuple[MessageKind, ...] = ("called", "near", "eticket")


def _ready_at(ticket: Ticket, sight: Sight) -> datetime:
    if ticket.slot_at is None:
        return ticket.taken_at
    return standing(ticket, sight.centre, sight.now).ready_at


class Queue:
    """The counters' queue as JSON, its cards kept from one time to the next: most of them stay the same."""

    def __init__(self) -> None:
        self._cards: dict[str, tuple[Ticket, str, str]] = {}

    def text(self, sight: Sight) -> str:
        """Return the JSON list of the first who wait."""
        before, self._cards = self._cards, {}
        for ticket, stands in queue(sight):
            known = before.get(ticket.id)
            if known is None or known[0] is not ticket or known[1] != stands.kind:
                known = (ticket, stands.kind, dumps(_card(ticket, stands.kind, stands.ready_at)))
            self._cards[ticket.id] = known
        return f"[{','.join(text for _, _, text in self._cards.values())}]"


def dumps(row: Row) -> str:
    """Return a row's JSON on one line."""
    return orjson.dumps(row).decode()


def queue(sight: Sight) -> list[tuple[Ticket, Standing]]:
    """Return the first of those who wait with how they stand, who is next first, who has stepped out last.

    `priority.ranking` looks at all; here no more than each lane's first few can be among the first few of all.
    """
    tickets = sight.state.tickets
    first = (
        tickets[ticket_id]
        for lane, waiting in sight.state.todays_lanes()
        for _, ticket_id in (waiting[:QUEUE_ROWS] if lane.is_in_order else waiting)
    )
    stood = [(ticket, standing(ticket, sight.centre, sight.now)) for ticket in first]
    stood.sort(
        key=lambda one: (
            one[0].is_away(sight.now),
            -claim(one[1], sight.centre, sight.now),
            one[0].taken_at,
            one[0].id,
        )
    )
    return stood[:QUEUE_ROWS]


def _clerk(clerk: str | None, staff: Mapping[str, StaffMember]) -> Row | None:
    if clerk is None:
        return None
    member = staff.get(clerk)
    return {"id": clerk, "name": dict(member.name) if member is not None else None}


def _next(counter: Counter, sight: Sight) -> Row | None:
    found = next_for(sight.state, sight.centre, counter.id, counter.services, sight.now)
    if found is None:
        return None
    ticket = found.ticket
    waited_s = max(0, round((sight.now - _ready_at(ticket, sight)).total_seconds()))
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        # The minute, not the second: the page counts on by itself, and the view changes only when the ticket does.
        "why": {"key": _WHY[found.why], "args": {"minutes": waited_s // 60}},
    }


_WHY = {
    "walk_in": "counter.why.walk_in",
    "appointment": "counter.why.appointment",
    "priority": "counter.why.priority",
}


def _undo(counter: str, sight: Sight) -> Row | None:
    step = undoable(sight.state, counter)
    if step is None or sight.now >= step.at + UNDO_SHOWN:
        return None
    number = sight.state.tickets[step.ticket].number
    return {"verb": _UNDO_VERBS[step.type], "number": number, "until": _instant(step.at + UNDO_SHOWN)}


def _board_calls(sight: Sight) -> list[Call]:
    """Return the newest call of each ticket that is at a counter or was lately; one that waits again would mislead."""
    state, seen = sight.state, set[str]()
    found: list[Call] = []
    rows: dict[str, int] = {}
    zones = {place.id: place.zone for place in sight.centre.counters}
    enough = ROWS * len(set(zones.values()))
    for call in islice(reversed(state.calls), CALLS_LOOKED_AT):
        if len(found) == enough:
            break
        zone = zones.get(call.counter, "")
        if call.ticket in seen or rows.get(zone, 0) == ROWS:
            continue
        seen.add(call.ticket)
        ticket = state.tickets.get(call.ticket)
        if ticket is None or not state.is_today(ticket) or ticket.status in ("waiting", "parked", "cancelled"):
            continue
        if ticket.is_virtual:
            continue  # Its customer is not in the hall.
        has_ended = ticket.ended_at is not None and ticket.status in ("finished", "no_show")
        if has_ended and sight.now - (ticket.ended_at or sight.now) > SHOWN_AFTER_END:
            continue
        found.append(call)
        rows[zone] = rows.get(zone, 0) + 1
    return found


def _announced(state: State) -> list[Call]:
    found: list[Call] = []
    for call in reversed(state.calls):
        ticket = state.tickets.get(call.ticket)
        if ticket is None or ticket.is_virtual:
            continue
        if not state.is_today(ticket) or len(found) == ANNOUNCED:
            break
        found.append(call)
    return found[::-1]


def _call(call: Call, sight: Sight) -> Row:
    place = sight.centre.counter(call.counter)
    return {
        "call_id": call.id,
        "seq": call.order[2],
        "number": sight.state.tickets[call.ticket].number,
        "counter": call.counter if place is None else place.label,
        "zone": "" if place is None else place.zone,
        "kind": call.kind,
        "at": _instant(call.at),
    }


def _waiting(service: Service, sight: Sight) -> Row:
    low_s, high_s = _range(sight.waits.get(service.id))
    return {
        "service": service.id,
        "letter": service.letter,
        "name": dict(service.name),
        "count": sight.state.waiting_count(service.id, sight.now),
        "low_s": low_s,
        "high_s": high_s,
    }


def _range(wait: Wait | None) -> tuple[int | None, int | None]:
    """Return a wait in seconds of whole minutes, as people are told it: else every second would be news."""
    minutes = wait.minutes if wait is not None else None
    return (None, None) if minutes is None else (minutes[0] * 60, minutes[1] * 60)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else _told(at)


@lru_cache(maxsize=2048)
def _told(at: datetime) -> str:
    # A ticket's instants are told again in every view.
    return instant_to_wire(at)
