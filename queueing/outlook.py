"""What each waiting customer may expect: how many are ahead, and the wait as a range, for all who wait in one pass.

The same reckoning as `waits` (which tells what a new ticket would wait), seen from the places in the line: the work of
those who are next before one, shared out over the open counters. Who stepped out is nobody's work until back.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from queueing.centre import Centre
from queueing.priority import ranking
from queueing.state import State
from queueing.waits import Duration, Wait, durations_of

_NO_TIME = (0, 60)
"""Seconds: a counter is free and nobody is ahead."""


@dataclass(slots=True)
class _Work:
    """What waits before the next ticket of a service, in seconds of its counters; `idle`: one of them is free."""

    low_s: float = 0.0
    high_s: float = 0.0
    idle: bool = False
    is_served: bool = False
    is_first: bool = True

    def wait(self, ahead: int) -> Wait:
        if not self.is_served:
            return Wait(ahead, None, None)
        if self.idle and self.is_first:
            return Wait(ahead, *_NO_TIME)
        return Wait(ahead, round(self.low_s), round(max(self.high_s, self.low_s * 1.2)))


def outlook(state: State, centre: Centre, now: datetime) -> dict[str, Wait]:
    """Return what each ticket that waits and has not stepped out may expect, by its id.

    `ahead` counts those of the same service. A ticket that waits for one counter is reckoned as its service's others.
    """
    durations = durations_of(state, centre)
    open_counters = [counter for counter in state.counters.values() if counter.status == "open"]
    able = {
        service.id: frozenset(counter.id for counter in open_counters if service.id in counter.services)
        for service in centre.services
    }
    work = {service: _under_way(counters, durations, state, now) for service, counters in able.items()}
    shares = {service: _shares(service, able, durations, work) for service in able}
    ahead: Tally[str] = Tally()
    found: dict[str, Wait] = {}
    for ranked in ranking(state, centre, now):
        ticket = ranked.ticket
        service = ticket.service
        of_service = work.get(service)
        found[ticket.id] = Wait(ahead[service], None, None) if of_service is None else of_service.wait(ahead[service])
        ahead[service] += 1
        for other, low_s, high_s in shares.get(service, ()):
            other.low_s += low_s
            other.high_s += high_s
            other.is_first = False
    return found


def _under_way(counters: frozenset[str], durations: Mapping[str, Duration], state: State, now: datetime) -> _Work:
    """Return what the counters of a service still have to do with those whom they serve now."""
    work = _Work(is_served=bool(counters))
    for counter in counters:
        ticket = state.current(counter)
        if ticket is None:
            work.idle = True
            continue
        duration = durations.get(ticket.service)
        if duration is not None:
            spent_s = (now - (ticket.serving_at or ticket.called_at or now)).total_seconds()
            work.low_s += max(0.0, duration.low_s - spent_s) / len(counters)
            work.high_s += max(0.2 * duration.high_s, duration.high_s - spent_s) / len(counters)
    return work


def _shares(
    service: str, able: Mapping[str, frozenset[str]], durations: Mapping[str, Duration], work: Mapping[str, _Work]
) -> list[tuple[_Work, float, float]]:
    """Return what one ticket of a service adds to the work of each service that shares counters with it."""
    mine, duration = able[service], durations[service]
    found = []
    for other, counters in able.items():
        shared = len(counters & mine) / (len(mine) * len(counters)) if mine and counters else 0.0
        if shared:
            found.append((work[other], duration.low_s * shared, duration.high_s * shared))
    return found
