"""The alarm of a line that stands and does not drain: a pure rule, with no clock and no socket of its own.

A line that is cut is no such alarm: nothing can be done about it here, and it heals by itself. Nor is one that catches
up after hours: its oldest event is old, and it grows less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from queueing.wire import Json, Stream, WireError, instant_from_wire, instant_to_wire

LATE_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Behind:
    """How far a peer is behind a sender: events that it does not have, the oldest from `since`, and the alarm."""

    events: int = 0
    since: datetime | None = None
    late: bool = False

    def to_wire(self) -> dict[str, Json]:
        """Return it as a sender says it with hello and with events."""
        since = None if self.since is None else instant_to_wire(self.since)
        return {"events": self.events, "since": since, "late": self.late}

    @classmethod
    def from_wire(cls, said: object) -> Behind | None:
        """Return what a sender said; None when it said nothing of the kind, as an older one does not."""
        if not isinstance(said, dict):
            return None
        events, since, late = said.get("events"), said.get("since"), said.get("late")
        if type(events) is not int or events < 0 or not isinstance(since, str | None):
            return None
        try:
            return cls(events, None if since is None else instant_from_wire(since), late is True)
        except WireError:
            return None


class Lateness:
    """Says whether the oldest unacknowledged event has waited over `LATE_AFTER_S` with the line up and no progress."""

    def __init__(self) -> None:
        self._since: dict[Stream, tuple[int, float]] = {}
        self._least: tuple[int, float] | None = None

    def look(self, now: float, oldest: Mapping[Stream, int], behind: int, *, answers: bool) -> bool:
        """Take how the line stands at a monotonic second: each stream's first unacknowledged seq, how many in all.

        `answers`: the peer has answered the last request, however it did.
        """
        if not answers or not behind:
            self._since, self._least = {}, None
            return False
        if self._least is None or behind < self._least[0]:
            self._least = behind, now
        before = self._since
        self._since = {
            stream: before[stream] if before.get(stream, (0,))[0] == seq else (seq, now)
            for stream, seq in oldest.items()
        }
        longest = now - min((at for _, at in self._since.values()), default=now)
        return longest > LATE_AFTER_S and now - self._least[1] > LATE_AFTER_S
