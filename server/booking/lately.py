"""What was lately known of slots: their times, and how many places were taken. To look at, never to decide by.

It costs a page nothing but memory, and is wrong for a second at most: another process, or an administrator, may have
changed a slot since. The places' own rows decide (`server.booking.places`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from queueing.centre import Centre, Service
from queueing.slots import Slot, bookable_days, slots_of
from server.booking.answers import FreeDay, FreeSlot

Days = tuple[tuple[date, tuple[Slot, ...]], ...]

HOLDS_S = 1.0
"""What was read is looked at for so long."""


@dataclass(slots=True)
class _Times:
    """The slots of a service's horizon, as a centre's settings have them."""

    centre: Centre
    today: date
    days: Days
    places: dict[datetime, int]


@dataclass(slots=True)
class _Counts:
    """The places that are taken, when that was read, and what was last made of it."""

    read_at: float
    taken: dict[datetime, int]
    free: tuple[FreeDay, ...] | None = None
    free_until: datetime | None = None


class Lately:
    """By centre and service. For any thread."""

    def __init__(self, monotonic: Callable[[], float], holds_s: float = HOLDS_S) -> None:
        self._monotonic = monotonic
        self._holds_s = holds_s
        self._times: dict[tuple[str, str], _Times] = {}
        self._counts: dict[tuple[str, str], _Counts] = {}
        self._full: dict[tuple[str, str], dict[datetime, float]] = {}
        self._lock = threading.Lock()

    def times(self, centre: Centre, service: Service, now: datetime) -> Days:
        """Return the days that can be booked with their slots, past ones too; made anew when the settings change."""
        key, today = (centre.id, service.id), now.astimezone(centre.zone).date()
        known = self._times.get(key)
        if known is None or known.centre is not centre or known.today != today:
            has_other_days = known is not None
            days = tuple((day, tuple(slots_of(centre, service, day))) for day in bookable_days(centre, now))
            places = {slot.at: slot.places for _, slots in days for slot in slots}
            known = self._times[key] = _Times(centre, today, days, places)
            if has_other_days:
                self.forget(*key)
        return known.days

    def read(self, centre: str, service: str, taken: dict[datetime, int]) -> None:
        """Keep what was read of the database just now."""
        with self._lock:
            self._counts[centre, service] = _Counts(self._monotonic(), taken)

    def full(self, centre: str, service: str, at: datetime) -> None:
        """Keep that a slot was found to be full just now."""
        with self._lock:
            self._full.setdefault((centre, service), {})[at] = self._monotonic()

    def booked(self, centre: str, service: str, at: datetime) -> None:
        """Count a place that was taken here."""
        with self._lock:
            counts = self._counts.get((centre, service))
            if counts is not None:
                counts.taken[at] = counts.taken.get(at, 0) + 1
                counts.free = None

    def forget(self, centre: str, service: str) -> None:
        """Look again: places were given back."""
        with self._lock:
            self._counts.pop((centre, service), None)
            self._full.pop((centre, service), None)

    def free(self, centre: Centre, service: Service, now: datetime) -> tuple[FreeDay, ...] | None:
        """Return the days with the slots that have not begun, full ones too; None when it is not known."""
        days = self.times(centre, service, now)
        with self._lock:
            counts = self._fresh(centre.id, service.id)
            if counts is None:
                return None
            if counts.free is None or (counts.free_until is not None and now >= counts.free_until):
                counts.free = free_of(days, counts.taken, now)
                counts.free_until = next((slot.at for day in counts.free for slot in day.slots), None)
            return counts.free

    def is_full(self, centre: Centre, service: Service, at: datetime, now: datetime) -> bool:
        """Say whether no place of a slot is left, as far as is known."""
        self.times(centre, service, now)
        key = (centre.id, service.id)
        with self._lock:
            found_at = self._full.get(key, {}).get(at)
            if found_at is not None and self._monotonic() - found_at < self._holds_s:
                return True
            counts, places = self._fresh(*key), self._times[key].places.get(at)
            return counts is not None and places is not None and counts.taken.get(at, 0) >= places

    def _fresh(self, centre: str, service: str) -> _Counts | None:
        counts = self._counts.get((centre, service))
        return counts if counts is not None and self._monotonic() - counts.read_at < self._holds_s else None


def free_of(days: Days, taken: Mapping[datetime, int], now: datetime) -> tuple[FreeDay, ...]:
    """Return the slots that have not begun, with what is left of each."""
    return tuple(
        FreeDay(
            day,
            tuple(
                FreeSlot(slot.at, slot.until, slot.places, max(0, slot.places - taken.get(slot.at, 0)))
                for slot in slots
                if slot.at > now
            ),
        )
        for day, slots in days
    )
