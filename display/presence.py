"""Whether the source of the board is there: what the mark and the sentence for staff go by.

Pure: it is told what happened and when, in seconds of one monotonic clock.
"""

from __future__ import annotations

from enum import Enum

# A hub that restarts is back before anybody needs to know.
GRACE_S = 3.0
# The hub is heard every 5 s at least; one heartbeat may be lost.
SILENT_S = 11.0
LONG_S = 60.0


class Link(Enum):
    """How long the source has been away; `REVOKED`: it is there and shows this device nothing any more."""

    LIVE = "live"
    LOST = "lost"
    LONG_LOST = "long lost"
    REVOKED = "revoked"


class Presence:
    """Follows the source. It starts as broken at `at`, and shows so only after the grace."""

    def __init__(self, at: float, *, is_revoked: bool = False) -> None:
        self.is_revoked = is_revoked
        self._heard = at
        self._broken: float | None = at

    def heard(self, at: float) -> None:
        """Note that something came from the source."""
        self._heard = at
        self._broken = None
        self.is_revoked = False

    def revoked(self) -> None:
        """Note that the source refuses this device for good, until it is heard again."""
        self.is_revoked = True

    def broke(self, at: float) -> None:
        """Note that the connection ended or could not be made."""
        if self._broken is None:
            self._broken = at

    def link(self, at: float) -> Link:
        """Say how things stand."""
        if self.is_revoked:
            return Link.REVOKED
        if at >= self._marked_from + LONG_S - GRACE_S:
            return Link.LONG_LOST
        return Link.LOST if at >= self._marked_from else Link.LIVE

    def due(self, at: float) -> float | None:
        """When `link` will answer differently if nothing is heard; None when it never will."""
        changes = (self._marked_from, self._marked_from + LONG_S - GRACE_S)
        return min((each for each in changes if each > at), default=None)

    @property
    def _marked_from(self) -> float:
        silent = self._heard + SILENT_S
        return silent if self._broken is None else min(silent, self._broken + GRACE_S)
