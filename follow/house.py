"""What a hub or a server hands in so that its customers can follow their turns: log, centres, a way of asking.

The log is read by the follower's thread; everything else here must be cheap and must not block.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from follow.turn import Asked, Turn, Wish
from queueing.centre import Centre
from queueing.wire import Event
from sync.log import Page


class NotHeardError(Exception):
    """A wish cannot be taken now: the storage does not answer."""


class House(Protocol):
    """A place whose log holds the centres' events. The first three are called in the follower's thread."""

    def first_cursor(self) -> str:
        """Return the cursor from which on the log still matters: two days; "" for all of it. May block."""
        ...

    def read(self, after: str) -> Page:
        """Return the log's next page. May block. Raises UnknownCursorError, StorageUnavailable, WriterClosedError."""
        ...

    def centre_of(self, event: Event) -> str | None:
        """Return the id of the centre that an event belongs to, None when nobody here may follow it."""
        ...

    def centre(self, centre: str) -> Centre | None:
        """Return a centre's settings now. Any thread."""
        ...

    def arbiter(self, centre: str) -> str:
        """Return the device whose word counts on a centre's calls. Any thread."""
        ...

    def news_at(self, centre: str, now: datetime) -> datetime | None:
        """Return when a centre was heard last if that is too long ago, None while its news is fresh. Any thread."""
        ...

    def asked(self, turn: Turn, now: datetime) -> Asked | None:
        """Return a ticket's wish that has no answer yet. Any thread."""
        ...

    async def ask(self, turn: Turn, wish: Wish) -> bool:
        """Take a wish; False when the centre's rule says no already. Raises NotHeardError."""
        ...
