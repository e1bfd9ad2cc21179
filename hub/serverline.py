"""How the line to the central server stands, as the supervisor is told: nothing while it is well.

The hall works on without it. Nothing here decides anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from queueing.wire import Json, instant_to_wire
from sync.clock import Clock
from sync.link import LinkStatus

CUT_AFTER = timedelta(seconds=60)
"""A server that starts anew, or a cable that is moved, is no news."""


class ServerLine:
    """The link's newest word and since when it is as it is. `heard` is the link's; the rest may be any thread's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._status: LinkStatus | None = None
        self._cut_since: datetime | None = None

    def heard(self, status: LinkStatus) -> None:
        """Take the link's news."""
        if status.answers:
            self._cut_since = None
        elif self._cut_since is None:
            self._cut_since = self._clock.now()
        self._status = status

    def trouble(self, now: datetime) -> Json:
        """Return {what, since, behind} for the alarm (`late`) or a line that is cut for a while (`cut`), else None."""
        status, cut_since = self._status, self._cut_since
        if status is None:
            return None
        if status.late:
            return _told("late", status.behind_since, status.behind)
        if cut_since is not None and now - cut_since >= CUT_AFTER:
            return _told("cut", cut_since, status.behind)
        return None


def _told(what: str, since: datetime | None, behind: int) -> Json:
    return {"what": what, "since": None if since is None else instant_to_wire(since), "behind": behind}
