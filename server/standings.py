"""How far the server is behind each centre, since when, and whether that is an alarm: what headquarters looks at.

A hub says it with whatever it sends. In memory only: a server that starts anew is told again within half a minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from queueing.wire import Json, instant_to_wire
from sync.clock import Clock
from sync.lateness import Behind

SILENT_AFTER = timedelta(seconds=60)
"""A hub says hello every 20 seconds at least: one that was not heard for so long is cut off."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A centre as its hub told of it last; `behind` is None before the first word, and of an older hub."""

    centre: str
    state: str
    """`fine`, `behind` (it is being sent), `late` (the alarm), `cut off` (since `heard_at`), `never heard`."""
    heard_at: datetime | None = None
    behind: Behind | None = None

    def to_json(self) -> dict[str, Json]:
        """Return it for programs."""
        behind = self.behind or Behind()
        return {
            "centre": self.centre,
            "state": self.state,
            "heard_at": _instant(self.heard_at),
            "behind": None if self.behind is None else behind.events,
            "behind_since": _instant(behind.since),
        }


class Standings:
    """The newest word of each centre's hub. Any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: dict[str, tuple[datetime, Behind]] = {}

    def hear(self, centre: str, behind: Behind) -> None:
        """Take a hub's word. The alarm's beginning and its end are a line of the log each."""
        with self._lock:
            _, before = self._heard.get(centre, (None, Behind()))
            self._heard[centre] = self._clock.now(), behind
        if behind.late and not before.late:
            _log.error("centre_late centre=%s behind=%d since=%s", centre, behind.events, _instant(behind.since))
        elif before.late and not behind.late:
            _log.info("centre_late_over centre=%s behind=%d", centre, behind.events)

    def all(self, centres: Iterable[str]) -> list[Standing]:
        """Return how each centre stands now."""
        now = self._clock.now()
        with self._lock:
            heard = dict(self._heard)
        return [_standing(centre, heard.get(centre), now) for centre in centres]


def _standing(centre: str, heard: tuple[datetime, Behind] | None, now: datetime) -> Standing:
    if heard is None:
        return Standing(centre, "never heard")
    at, behind = heard
    if now - at > SILENT_AFTER:
        state = "cut off"
    elif behind.late:
        state = "late"
    else:
        state = "behind" if behind.events else "fine"
    return Standing(centre, state, at, behind)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_to_wire(at)
