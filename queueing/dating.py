"""When an event happened, by its receiver's clock: a device's may be wrong, and its customers get nothing out of that.

An event carries its device's wall time, its boot and the seconds of that boot; who sends events says how many seconds
there are by now. The difference is the event's age, whatever the wall clock said meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from queueing.wire import Event, Json, seconds_of

TOLERANCE = timedelta(seconds=30)
"""So far a device's own time is taken as it is: a slow line may take as long, and staff are told of more."""

LONGEST = timedelta(days=3660)
"""No machine runs longer since it was started: who says so counts its seconds wrongly."""


class Age(NamedTuple):
    """A device's boot, and its seconds since then, as it sent something."""

    boot: str
    mono: float

    def to_wire(self) -> dict[str, Json]:
        """Return it as a sender says it with events."""
        return {"boot": self.boot, "mono": self.mono}

    @classmethod
    def from_wire(cls, said: object) -> Age | None:
        """Return what a sender said; None when it said nothing of the kind, as an older one does not."""
        if not isinstance(said, dict):
            return None
        boot, mono = said.get("boot"), seconds_of(said.get("mono"))
        return cls(boot, mono) if isinstance(boot, str) and mono is not None else None


class Arrival(NamedTuple):
    """How old the sender was as it sent, and when that came, by the receiver's wall clock (aware)."""

    age: Age | None
    at: datetime


def happened_at(event: Event, arrival: Arrival) -> datetime | None:
    """Return when an event happened by the receiver's clock; None when the event's own time is near enough.

    Of an event of an earlier boot, or one older than machines run, the age is not known: its own time is taken, but
    never one that is still to come.
    """
    age = arrival.age
    if age is not None and age.boot == event.boot and 0 <= age.mono - event.mono <= LONGEST.total_seconds():
        at = arrival.at - timedelta(seconds=age.mono - event.mono)
    else:
        at = min(event.at, arrival.at)
    return at if abs(at - event.at) > TOLERANCE else None
