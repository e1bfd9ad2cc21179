"""What follows from what happened: tickets, counters and the day, folded from events.

The same set of events gives the same state and the same hash, whatever the order and repetition of their delivery: each
ticket keeps its own steps in the order of the log that decided them, and what a late step changes is folded again.
Nothing is judged here; a fact is a fact (whether it may happen is `decide`'s).
"""

from __future__ import annotations

import hashlib
import typing
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Literal, NamedTuple

from queueing import facts
from queueing.facts import Fact, fact_of
from queueing.ticket import AT_COUNTER, Ticket, after, taken_ticket
from queueing.wire import Event, canonical, instant_to_wire

_Order = tuple[int, str, int]
"""Where an event stands among those of its kind: incarnation, device, seq. The arbiter's own log decides, no clock."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter as it stands: closed, open or paused (with its reason), and whose it is."""

    id: str
    status: Literal["closed", "open", "paused"] = "closed"
    clerk: str | None = None
    services: tuple[str, ...] = ()
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call or recall, as the board tells it; `order` counts within the arbiter's log."""

    id: str
    order: _Order
    ticket: str
    counter: str
    kind: Literal["call", "recall"]
    at: datetime


@dataclass(frozen=True, slots=True)
class LastStep:
    """The last step that a counter took with a ticket: its type, the ticket, and when it was."""

    order: _Order
    type: str
    ticket: str
    at: datetime


@dataclass(slots=True)
class _Line:
    """All that is known of one ticket, in order; `ticket` is what it comes to, None until its TicketTaken is known."""

    taken: tuple[facts.TicketTaken, datetime] | None = None
    steps: list[tuple[_Order, datetime, Fact]] = field(default_factory=list)
    dated: tuple[_Order, datetime] | None = None
    prints: list[tuple[_Order, facts.PrintSettled]] = field(default_factory=list)
    messages: tuple[tuple[_Order, facts.MessageSettled], ...] = ()
    ticket: Ticket | None = None
    before: Ticket | None = None


_Waiting = tuple[datetime, str]


class Lane(NamedTuple):
    """Those who wait for the same, in the order of taking: nobody in it is next before the lane's first.

    Of booked ones and of those that stepped out (`out`, also when their time is over) any may be next.
    """

    day: str
    service: str
    priority: bool
    booked: bool
    to_counter: str | None
    out: bool = False

    @property
    def is_in_order(self) -> bool:
        """Whether only its first can be next."""
        return not (self.booked or self.out)


@dataclass(slots=True)
class State:
    """A centre's state. Read `tickets`, `counters`, `calls`, `day`; change it by `evolve` alone.

    `arbiter` is the device whose word counts on calls, counters and the day; empty where nobody else can write (a test,
    one log). What another device says of them is kept in `unheeded` and changes nothing.

    `lanes` holds who waits: the rule needs only the first of most lanes, so a call costs the same with ten or a
    thousand waiting.
    """

    arbiter: str = ""
    day: str = ""
    tickets: dict[str, Ticket] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    at_counter: dict[str, list[str]] = field(default_factory=dict)
    lanes: dict[Lane, list[_Waiting]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    unheeded: dict[str, str] = field(default_factory=dict)
    _by_number: dict[str, str] = field(default_factory=dict)
    _last_steps: dict[str, LastStep] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _counter_steps: dict[str, dict[str, tuple[_Order, datetime, Fact]]] = field(default_factory=dict)
    _service_steps: dict[str, tuple[_Order, bool]] = field(default_factory=dict)

    @property
    def closed_services(self) -> frozenset[str]:
        """The services that take no tickets now."""
        return frozenset(service for service, (_, closed) in self._service_steps.items() if closed)

    def current(self, counter: str) -> Ticket | None:
        """Return the ticket that a counter has called or serves, or None."""
        held = self.at_counter.get(counter)
        return self.tickets[held[0]] if held else None

    def parked(self, counter: str) -> list[Ticket]:
        """Return the tickets that a counter has parked, oldest first."""
        mine = (t for t in self.tickets.values() if t.status == "parked" and t.counter == counter and self.is_today(t))
        return sorted(mine, key=lambda ticket: (ticket.taken_at, ticket.id))

    def by_number(self, number: str) -> Ticket | None:
        """Return today's ticket of a number, or None."""
        ticket = self.tickets.get(self._by_number.get(number, ""))
        return ticket if ticket is not None and self.is_today(ticket) else None

    def is_today(self, ticket: Ticket) -> bool:
        """Say whether a ticket belongs to the running day; a kiosk whose clock is ahead may have dated it later."""
        return ticket.day >= self.day

    def todays_lanes(self) -> Iterator[tuple[Lane, list[_Waiting]]]:
        """Return today's lanes, each a list of (taken at, ticket id) in order of taking."""
        return ((lane, waiting) for lane, waiting in self.lanes.items() if lane.day >= self.day)

    def waiting(self) -> Iterator[Ticket]:
        """Return today's waiting tickets, in no order."""
        return (self.tickets[ticket_id] for _, lane in self.todays_lanes() for _, ticket_id in lane)

    def waiting_count(self, service: str, now: datetime) -> int:
        """Return how many wait today for a service and can be called: who has stepped out is ahead of nobody."""
        return sum(
            sum(not self.tickets[ticket_id].is_away(now) for _, ticket_id in waiting) if lane.out else len(waiting)
            for lane, waiting in self.todays_lanes()
            if lane.service == service
        )

    def finished(self) -> Iterator[Ticket]:
        """Return today's tickets that were served, in no order."""
        return (ticket for ticket in self.tickets.values() if ticket.status == "finished" and self.is_today(ticket))

    def last_step(self, counter: str) -> LastStep | None:
        """Return the last step that a counter took with a ticket, or None when that ticket has gone on since."""
        last = self._last_steps.get(counter)
        if last is None or last.ticket not in self.tickets or self._lines[last.ticket].steps[-1][0] != last.order:
            return None
        return last

    def forget(self, before: str) -> None:
        """Forget the tickets of the days before one (YYYY-MM-DD), with all that hangs on them."""
        for ticket_id in [t.id for t in self.tickets.values() if t.day < before]:
            self._leave(self.tickets.pop(ticket_id))
            del self._lines[ticket_id]
        self.calls = [call for call in self.calls if call.ticket in self._lines]
        self._by_number = {number: at for number, at in self._by_number.items() if at in self.tickets}

    def hash(self) -> str:
        """Return the SHA-256 (hexadecimal) of all that the events came to."""
        told = {
            "day": self.day,
            "tickets": {t.id: _told(t) for t in self.tickets.values()},
            "counters": {c.id: _told(c) for c in self.counters.values()},
            "calls": [[call.id, call.ticket, call.counter, call.kind] for call in self.calls],
            "closed": sorted(self.closed_services),
            "unknown": self.unknown,
            "unheeded": self.unheeded,
            "early": {key: [list(o) for o, _, _ in line.steps] for key, line in self._lines.items() if not line.taken},
        }
        return hashlib.sha256(canonical(told)).hexdigest()

    # What follows keeps the indexes true; only `evolve` and `forget` come here.

    def _enter(self, ticket: Ticket) -> None:
        if ticket.status == "waiting":
            insort(self.lanes.setdefault(_lane(ticket), []), (ticket.taken_at, ticket.id))
        elif ticket.status in AT_COUNTER and ticket.counter is not None:
            insort(self.at_counter.setdefault(ticket.counter, []), ticket.id)

    def _leave(self, ticket: Ticket) -> None:
        if ticket.status == "waiting":
            lane = self.lanes[_lane(ticket)]
            del lane[bisect_left(lane, (ticket.taken_at, ticket.id))]
            if not lane:
                del self.lanes[_lane(ticket)]
        elif ticket.status in AT_COUNTER and ticket.counter is not None:
            held = self.at_counter[ticket.counter]
            held.remove(ticket.id)
            if not held:
                del self.at_counter[ticket.counter]

    def _settle(self, ticket_id: str, ticket: Ticket | None) -> None:
        old = self.tickets.get(ticket_id)
        if old is not None:
            self._leave(old)
        if ticket is not None:
            self.tickets[ticket_id] = ticket
            self._by_number_settle(ticket)
            self._enter(ticket)

    def _by_number_settle(self, ticket: Ticket) -> None:
        # The same number comes again on another day: the later day's ticket is the one that is meant.
        other = self.tickets.get(self._by_number.get(ticket.number, ""))
        if other is None or (other.day, other.id) <= (ticket.day, ticket.id):
            self._by_number[ticket.number] = ticket.id


def evolve(state: State, event: Event) -> State:
    """Fold an event into a state.

    The state is consumed: it is changed in place and returned, since a copy for each event would make a day's replay
    quadratic. An event that was folded before, or that is not understood, changes nothing but `unknown`.
    """
    fact = fact_of(event)
    if fact is None:
        state.unknown[event.id] = event.type
        return state
    kind = type(fact)
    if state.arbiter and event.device != state.arbiter and kind not in facts.OF_KIOSKS:
        state.unheeded[event.id] = event.type
        return state
    fold = _FOLDS.get(kind)
    if fold is not None:
        fold(state, event, fact, (event.incarnation, event.device, event.seq))
    return state


def replay(events: Iterable[Event]) -> State:
    """Return the state that a set of events comes to."""
    state = State()
    for event in events:
        state = evolve(state, event)
    return state


def _taken(state: State, event: Event, fact: facts.TicketTaken, order: _Order) -> None:
    line = state._lines.setdefault(event.id, _Line())
    if line.taken is None:
        line.taken = (fact, event.at)
        _refold(state, event.id, line)


def _dated(state: State, event: Event, fact: facts.TicketDated, order: _Order) -> None:
    line = state._lines.setdefault(fact.ticket, _Line())
    # The newest word counts: a hub that lost its store finds it anew.
    if line.dated is None or line.dated[0] < order:
        line.dated = (order, fact.taken_at)
        _refold(state, fact.ticket, line)


def _print_settled(state: State, event: Event, fact: facts.PrintSettled, order: _Order) -> None:
    line = state._lines.setdefault(fact.ticket, _Line())
    if all(known != order for known, _ in line.prints):
        insort(line.prints, (order, fact), key=_in_order)
        _refold(state, fact.ticket, line)


def _message_settled(state: State, event: Event, fact: facts.MessageSettled, order: _Order) -> None:
    # No step of the ticket's: a message that arrives must not stand between a step and its undoing.
    line = state._lines.setdefault(fact.ticket, _Line())
    if all(known != order for known, _ in line.messages):
        line.messages = tuple(sorted((*line.messages, (order, fact)), key=_in_order))
        _refold(state, fact.ticket, line)


def _step(state: State, event: Event, fact: _StepFact, order: _Order) -> None:
    ticket_id = fact.ticket
    line = state._lines.get(ticket_id)
    if line is None:
        line = state._lines[ticket_id] = _Line()
    entry = (order, event.at, fact)
    if not line.steps or line.steps[-1][0] < order:
        line.steps.append(entry)
        if line.ticket is not None:
            line.before, line.ticket = line.ticket, after(line.ticket, line.before, event.at, fact)
            state._settle(ticket_id, line.ticket)
    elif all(known != order for known, _, _ in line.steps):
        insort(line.steps, entry, key=_in_order)
        _refold(state, ticket_id, line)
    else:
        return
    if isinstance(fact, facts.OfTurn):
        last = state._last_steps.get(fact.counter)
        if last is None or last.order < order:
            state._last_steps[fact.counter] = LastStep(order, event.type, ticket_id, event.at)
        kind = _CALLS.get(type(fact))
        if kind is not None:
            call = Call(event.id, order, ticket_id, fact.counter, kind, event.at)
            if not state.calls or state.calls[-1].order < order:
                state.calls.append(call)
            else:
                insort(state.calls, call, key=lambda known: known.order)


def _refold(state: State, ticket_id: str, line: _Line) -> None:
    if line.taken is None:
        return
    taken, at = line.taken
    ticket = taken_ticket(ticket_id, taken, line.dated[1] if line.dated is not None else at)
    # Who has the paper has it, and a copy that did not come out says nothing of the ticket itself.
    prints = [settled for _, settled in line.prints if settled.outcome == "printed" or not settled.copy]
    if prints:
        told = next((settled for settled in prints if settled.outcome == "printed"), prints[-1])
        ticket = ticket._replace(print_outcome=told.outcome, print_why=told.why)
    if line.messages:
        outcomes = {settled.kind: settled.outcome for _, settled in line.messages}
        ticket = ticket._replace(messages=tuple(sorted(outcomes.items())))
    line.before = None
    for _, happened_at, fact in line.steps:
        line.before, ticket = ticket, after(ticket, line.before, happened_at, fact)
    line.ticket = ticket
    state._settle(ticket_id, ticket)


def _counter_step(state: State, event: Event, fact: _CounterFact, order: _Order) -> None:
    kinds = state._counter_steps.setdefault(fact.counter, {})
    known = kinds.get(event.type)
    if known is not None and known[0] >= order:
        return
    kinds[event.type] = (order, event.at, fact)
    opened = kinds.get("CounterOpened")
    _, at, last = max(kinds.values(), key=_in_order)
    counter = Counter(fact.counter, since=at)
    if opened is not None and isinstance(opened[2], facts.CounterOpened) and not isinstance(last, facts.CounterClosed):
        counter = replace(counter, status="open", clerk=opened[2].clerk, services=opened[2].services)
        if isinstance(last, facts.CounterPaused):
            counter = replace(counter, status="paused", reason=last.reason)
    state.counters[fact.counter] = counter


def _service_step(state: State, event: Event, fact: facts.ServiceClosed | facts.ServiceOpened, order: _Order) -> None:
    known = state._service_steps.get(fact.service)
    if known is None or known[0] < order:
        state._service_steps[fact.service] = (order, isinstance(fact, facts.ServiceClosed))


def _day_opened(state: State, event: Event, fact: facts.DayOpened, order: _Order) -> None:
    state.day = max(state.day, fact.day)


_in_order: Callable[[Any], _Order] = itemgetter(0)

_CALLS: Mapping[type[Fact], Literal["call", "recall"]] = {
    facts.TicketCalled: "call",
    facts.TicketResumed: "call",
    facts.TicketRecalled: "recall",
}

_StepFact = (
    facts.OfTurn
    | facts.TicketCancelled
    | facts.AppointmentMatched
    | facts.TicketSteppedOut
    | facts.TicketSteppedBack
    | facts.TicketRejoined
)
_CounterFact = facts.CounterOpened | facts.CounterPaused | facts.CounterClosed

# By type and not by `match`, which asks one class after another: a day is folded anew at every start.
_FOLDS: Mapping[type[Fact], Callable[[State, Event, Any, _Order], None]] = {
    facts.TicketTaken: _taken,
    facts.TicketDated: _dated,
    facts.PrintSettled: _print_settled,
    facts.MessageSettled: _message_settled,
    facts.DayOpened: _day_opened,
    facts.ServiceClosed: _service_step,
    facts.ServiceOpened: _service_step,
    **dict.fromkeys(typing.get_args(_CounterFact), _counter_step),
    **dict.fromkeys(typing.get_args(_StepFact), _step),
    **{kind: _step for kind in facts.FACTS.values() if issubclass(kind, facts.OfTurn)},
}


def _lane(ticket: Ticket) -> Lane:
    return Lane(
        ticket.day,
        ticket.service,
        ticket.priority is not None,
        ticket.slot_at is not None,
        ticket.to_counter,
        ticket.away_until is not None,
    )


def _told(record: Ticket | Counter) -> list[object]:
    values = record if isinstance(record, Ticket) else _told_of_counter(record)
    # Most are texts or nothing: those are asked for first.
    return [value if value is None or type(value) is str else _told_value(value) for value in values]


def _told_value(value: object) -> object:
    if isinstance(value, datetime):
        return instant_to_wire(value)
    return list(value) if isinstance(value, tuple) else value


# Not `astuple`: it copies every part of a part, and costs more than the rest of the hash.
_told_of_counter: Callable[[Counter], tuple[object, ...]] = attrgetter(*Counter.__dataclass_fields__)
