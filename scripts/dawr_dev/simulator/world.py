"""Time, chance and the script of the simulation. Everything that happens follows from the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import inf
from random import Random

MORNING = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Eight o'clock in Bahrain, a Sunday."""

BEFORE_MIDNIGHT = datetime(2026, 11, 22, 20, 58, 40, tzinfo=UTC)
"""Eighty seconds before the day turns in Bahrain."""

Note = tuple[float, str, tuple[object, ...]]
"""A line of the script that is not put into words yet: its second, its form, what belongs into it."""


class World:
    """The clock that everybody's timers hang on, the dice, and what happened (for a violation's script)."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.random = self.dice.random
        self.begin = MORNING
        self.now = 0.0
        self.script: list[Note] = []
        self.met: Counter[str] = Counter()
        """How often each kind of trouble or work was met, by its word."""
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self.at(self.now + seconds, do)

    def at(self, second: float, do: Callable[[], None]) -> None:
        """Do something at a second of the schedule."""
        self._count = count = self._count + 1
        heappush(self._queue, (second, count, do))

    def run(self, until: float) -> None:
        """Let time pass."""
        queue = self._queue
        self.at(until, _stop)
        while True:
            self.now, _, do = heappop(queue)
            if do is _stop:
                return
            do()

    def note(self, what: str, *values: object) -> None:
        """Write a line of the script; it is put into words only when somebody reads it."""
        self.script.append((self.now, what, values))

    def wall(self, offset_s: float = 0.0) -> datetime:
        """Return the wall time of a clock that is so many seconds off."""
        return self.begin + timedelta(seconds=self.now + offset_s)


def _stop() -> None:
    """Mark the second up to which time is let pass."""


class Alarm:
    """One timer that is put off and brought forward at will: most are, before they ring."""

    def __init__(self, world: World, ring: Callable[[], None]) -> None:
        self._world, self._ring = world, ring
        self._due = inf
        self._armed = inf

    def set(self, seconds: float) -> None:
        """Ring so many seconds from now, and no more when it was to ring before."""
        self._due = due = self._world.now + seconds
        if due < self._armed:
            self._armed = due
            self._world.at(due, self._fire)

    def stop(self) -> None:
        """Do not ring."""
        self._due = inf

    def _fire(self) -> None:
        now = self._world.now
        if now < self._armed:
            return  # It was brought forward and has rung; the one that it was put off to is still to come.
        if now < self._due:
            self._armed = self._due
            if self._due < inf:
                self._world.at(self._due, self._fire)
            return
        self._armed = self._due = inf
        self._ring()
