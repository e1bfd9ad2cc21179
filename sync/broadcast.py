"""The newest snapshot of each view, as bytes made once, to any number of listeners (server-sent events).

A slow listener gets the newest snapshot when it can take one, never a backlog. It does not make snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.clock import Clock


class Broadcast:
    """Snapshots by view. `publish` may be called from any thread, before or while a loop serves."""

    def __init__(self, views: Iterable[str], clock: Clock, *, heartbeat_s: float = 5.0) -> None:
        raise NotImplementedError

    def publish(self, view: str, snapshot: bytes) -> None:
        """Replace a view's snapshot: one line of JSON, {"state": ..., "cursor": ..., "state_hash": ...}."""
        raise NotImplementedError

    def latest(self, view: str) -> bytes | None:
        """Return the view's snapshot, None before the first. Raises KeyError for a view that does not exist."""
        raise NotImplementedError
