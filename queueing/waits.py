"""The expected wait, as a range: what a new ticket of each service would wait, from the durations seen today.

First form: the work that waits before a new ticket, shared out over the open counters that can do it. Each waiting
ticket counts with its service's duration, on those counters in proportion; the low end takes the middle duration, the
high end the upper one (the 50th and 80th percentile of those seen). Who stepped out is nobody's work until back.
Source of the idea: the queue-length predictor QL, Ibrahim and Whitt, "Real-time delay estimation based on delay
history" (2009); the people ahead alone mislead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from queueing.centre import Centre
from queueing.state import State

_LEAST_SEEN = 5
"""Fewer durations than these say less than the centre's own estimate."""
_LATELY = 50
_HIGH_OVER_LOW = 1.5


@dataclass(frozen=True, slots=True)
class Wait:
    """What a new ticket would wait: people ahead, and seconds from `low_s` to `high_s`, None if no counter is open."""

    ahead: int
    low_s: int | None
    high_s: int | None

    @property
    def minutes(self) -> tuple[int, int] | None:
        """The range in whole minutes for people: rounded up to fives beyond ten, never a single point."""
        if self.low_s is None or self.high_s is None:
            return None
        low, high = _rounded(self.low_s / 60), _rounded(self.high_s / 60)
        return low, max(high, low + (1 if low < 10 else 5))


@dataclass(frozen=True, slots=True)
class Duration:
    """How long serving takes, in seconds: the middle, and the upper end that is still usual."""

    low_s: float
    high_s: float


def forecast(state: State, centre: Centre, now: datetime) -> dict[str, Wait]:
    """Return each service's expected wait for a ticket that is taken now."""
    durations = durations_of(state, centre)
    serving = [counter for counter in state.counters.values() if counter.status == "open"]
    able = {
        service.id: frozenset(counter.id for counter in serving if service.id in counter.services)
        for service in centre.services
    }
    waiting = {service.id: state.waiting_count(service.id, now) for service in centre.services}
    return {service.id: _wait(service.id, waiting, able, durations, state, now) for service in centre.services}


def _wait(
    service: str,
    waiting: Mapping[str, int],
    able: Mapping[str, frozenset[str]],
    durations: Mapping[str, Duration],
    state: State,
    now: datetime,
) -> Wait:
    mine = able[service]
    ahead = waiting[service]
    if not mine:
        return Wait(ahead, None, None)
    low = high = 0.0
    for other, count in waiting.items():
        others = able.get(other, frozenset())
        shared = len(mine & others) / len(others) if others else 0.0
        if shared:
            low += count * shared * durations[other].low_s
            high += count * shared * durations[other].high_s
    idle = False
    for counter in mine:
        ticket = state.current(counter)
        if ticket is None:
            idle = True
            continue
        duration = durations.get(ticket.service)
        if duration is not None:
            spent = (now - (ticket.serving_at or ticket.called_at or now)).total_seconds()
            low += max(0.0, duration.low_s - spent)
            high += max(0.2 * duration.high_s, duration.high_s - spent)
    if idle and not any(count for other, count in waiting.items() if able.get(other, frozenset()) & mine):
        return Wait(ahead, 0, 60)
    return Wait(ahead, round(low / len(mine)), round(max(high, low * 1.2) / len(mine)))


def durations_of(state: State, centre: Centre) -> dict[str, Duration]:
    """Return how long each service takes, as seen today or, while too little was seen, as the centre says."""
    seen: dict[str, list[tuple[datetime, float]]] = {}
    for ticket in state.finished():
        if ticket.serving_at is not None and ticket.ended_at is not None:
            took = (ticket.ended_at - ticket.serving_at).total_seconds()
            seen.setdefault(ticket.service, []).append((ticket.ended_at, took))
    found = {}
    for service in centre.services:
        took_s = [took for _, took in sorted(seen.get(service.id, []))[-_LATELY:]]
        if len(took_s) >= _LEAST_SEEN:
            found[service.id] = Duration(_percentile(took_s, 0.5), _percentile(took_s, 0.8))
        else:
            found[service.id] = Duration(service.typical_serving_s, service.typical_serving_s * _HIGH_OVER_LOW)
    return found


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _rounded(minutes: float) -> int:
    if minutes <= 10:
        return max(0, -int(-minutes // 1))
    return 5 * -int(-minutes // 5)
