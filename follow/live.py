"""Open pages: each gets the newest news of its turn as server-sent events, made once a turn and language.

A slow phone gets the newest when it can take it, never a backlog. It renders nothing and knows no turn.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import islice
from typing import NamedTuple

BEAT_S = 15.0
BEAT = b"event: beat\ndata:\n\n"
SLICE = 50
"""So many pages get their news in one turn of the loop."""
RETRY = b"retry: 3000\n\n"
"""How soon a browser whose stream broke tries again, milliseconds."""


class Key(NamedTuple):
    """What a page follows: a follow id, in a language."""

    identity: str
    language: str


class FullError(Exception):
    """No further page can be kept open; it can still ask from time to time."""


class _Page:
    """One open page: what it has yet to be sent, who waits for that, and its beat."""

    __slots__ = ("_beat_s", "_timer", "frame", "waiter")

    def __init__(self, loop: asyncio.AbstractEventLoop, beat_s: float) -> None:
        self.frame: bytes | None = None
        self.waiter: asyncio.Future[None] | None = None
        self._beat_s = beat_s
        self._timer = loop.call_later(beat_s, self._beat, loop)

    def give(self, frame: bytes | None) -> None:
        if frame is not None:
            self.frame = frame
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def close(self) -> None:
        self._timer.cancel()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.frame is None:
            self.give(BEAT)
        self._timer = loop.call_later(self._beat_s, self._beat, loop)


class Streams:
    """The open pages of one event loop. `watch(key, is_open)` is told of each that opens and of a key's last that ends.

    Whoever is told of one that opens has to publish its news, however old they are: what was sent to others last may be
    older than what the new page shows already.
    """

    def __init__(
        self, watch: Callable[[Key, bool], None], *, most: int = 4000, most_each: int = 8, beat_s: float = BEAT_S
    ) -> None:
        self._watch = watch
        self._most = most
        self._most_each = most_each
        self._beat_s = beat_s
        self._pages: dict[Key, set[_Page]] = {}
        self._due: dict[Key, bytes] = {}
        self._count = 0
        self._door = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def count(self) -> int:
        """How many pages are open."""
        return self._count

    def follow(self, key: Key) -> AsyncIterator[bytes]:
        """Return a page's stream: each newer frame, a beat when there is nothing. Raises FullError."""
        if self._closed or self._count >= self._most or len(self._pages.get(key, ())) >= self._most_each:
            raise FullError
        return self._frames(key)

    def publish(self, frames: Mapping[Key, bytes]) -> None:
        """Send news: one line of JSON a key, in the order of their haste. Any thread."""
        with self._door:
            loop = None if self._closed else self._loop
        if loop is None:
            return
        made = {key: b"data: " + line + b"\n\n" for key, line in frames.items()}
        try:
            loop.call_soon_threadsafe(self._deliver, made, loop)
        except RuntimeError:
            return  # The loop was closed: nobody waits there any more.

    def close(self) -> None:
        """End every stream, so that the server can stop in peace. Any thread."""
        with self._door:
            self._closed = True
            loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._end)
            except RuntimeError:
                return

    async def _frames(self, key: Key) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        page = self._open(key, loop)
        try:
            yield RETRY  # Something at once, so that the phone knows that it is connected.
            while not self._closed:
                if page.frame is None:
                    page.waiter = loop.create_future()
                    await page.waiter
                    page.waiter = None
                else:
                    frame, page.frame = page.frame, None
                    yield frame
        finally:
            self._leave(key, page)

    def _open(self, key: Key, loop: asyncio.AbstractEventLoop) -> _Page:
        with self._door:
            self._loop = loop
        page = _Page(loop, self._beat_s)
        self._pages.setdefault(key, set()).add(page)
        self._count += 1
        self._watch(key, True)
        return page

    def _leave(self, key: Key, page: _Page) -> None:
        page.close()
        pages = self._pages[key]
        pages.remove(page)
        self._count -= 1
        if not pages:
            del self._pages[key]
            self._watch(key, False)

    def _deliver(self, made: Mapping[Key, bytes], loop: asyncio.AbstractEventLoop) -> None:
        """Hand news out, before what of an earlier change is still on its way."""
        is_under_way = bool(self._due)
        self._due = {**made, **{key: frame for key, frame in self._due.items() if key not in made}}
        if not is_under_way:
            self._deliver_some(loop)

    def _deliver_some(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand out some and leave the rest to the loop's next turn: these are written first, and a clerk's key too."""
        for key in list(islice(self._due, SLICE)):
            frame = self._due.pop(key)
            for page in self._pages.get(key, ()):
                page.give(frame)
        if self._due:
            loop.call_soon(self._deliver_some, loop)

    def _end(self) -> None:
        for pages in self._pages.values():
            for page in pages:
                page.give(None)
