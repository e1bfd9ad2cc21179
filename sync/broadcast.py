"""The newest snapshot of each view, as bytes made once, to any number of listeners (server-sent events).

A slow listener gets the newest snapshot when it can take one, never a backlog. It does not make snapshots.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from queueing.wire import instant_to_wire
from sync.clock import Clock

BROWSERS_RETRY_MS = 1000
"""How long a browser waits before it opens a lost stream again. Its own three seconds are long to look at."""

_log = logging.getLogger(__name__)


class Signal:
    """Tells the tasks of an event loop, from any thread, that something has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moment: asyncio.Event | None = None
        self._is_firing = False

    def moment(self) -> asyncio.Event:
        """Return what will be set at the next change. Take it first, look at the state second, wait third."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._moment is None or self._loop is not loop:
                self._loop, self._moment, self._is_firing = loop, asyncio.Event(), False
            return self._moment

    def notify(self) -> None:
        """Wake every waiter. Any thread; several calls before the loop gets to it are one."""
        with self._lock:
            if self._loop is None or self._moment is None or self._is_firing:
                return
            self._is_firing = True
            loop = self._loop
        try:
            loop.call_soon_threadsafe(self._fire)
        except RuntimeError:
            _log.info("listeners_gone")  # The loop was closed: the process is about to end.

    def _fire(self) -> None:
        with self._lock:
            moment, self._moment, self._is_firing = self._moment, None, False
        if moment is not None:
            moment.set()


async def came(moment: asyncio.Event, until: float) -> bool:
    """Wait for a signal's moment; False when the loop's clock reads `until` first."""
    try:
        async with asyncio.timeout_at(until):
            await moment.wait()
    except TimeoutError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Snapshot:
    version: int
    document: bytes
    frame: bytes


class Broadcast:
    """Snapshots by view. `publish` may be called from any thread, before or while a loop serves."""

    def __init__(self, views: Iterable[str], clock: Clock, *, heartbeat_s: float = 5.0) -> None:
        self._snapshots: dict[str, _Snapshot | None] = dict.fromkeys(views)
        self._changed = {view: Signal() for view in self._snapshots}
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._closed = False

    @property
    def views(self) -> frozenset[str]:
        """The views that there are."""
        return frozenset(self._snapshots)

    def publish(self, view: str, snapshot: bytes) -> None:
        """Replace a view's snapshot: one line of JSON, {"state": ..., "cursor": ..., "state_hash": ...}.

        Publish from one thread at a time for each view. Raises KeyError for a view that does not exist.
        """
        before = self._snapshots[view]
        if b"\n" in snapshot or b"\r" in snapshot:
            raise ValueError("a snapshot is one line")
        frame = b"event: snapshot\ndata: " + snapshot + b"\n\n"
        self._snapshots[view] = _Snapshot(1 if before is None else before.version + 1, snapshot, frame)
        self._changed[view].notify()

    def latest(self, view: str) -> bytes | None:
        """Return the view's snapshot, None before the first. Raises KeyError for a view that does not exist."""
        snapshot = self._snapshots[view]
        return None if snapshot is None else snapshot.document

    async def follow(self, view: str) -> AsyncIterator[bytes]:
        """Give server-sent events: the snapshot at once, each newer one, and a heartbeat every `heartbeat_s`.

        While the taker of one is slow the next ones replace each other. Ends when the broadcast is closed.
        """
        loop = asyncio.get_running_loop()
        seen = 0
        if self._snapshots[view] is None:
            yield self._heartbeat()  # Something at once, so that the other side knows that it is connected.
        beat_at = loop.time() + self._heartbeat_s
        while not self._closed:
            moment = self._changed[view].moment()
            snapshot = self._snapshots[view]
            if snapshot is not None and snapshot.version != seen:
                seen = snapshot.version
                yield snapshot.frame
                continue
            if not await came(moment, beat_at):
                yield self._heartbeat()
                beat_at = loop.time() + self._heartbeat_s

    def close(self) -> None:
        """End every listener's stream, so that the server can stop in peace. Any thread."""
        self._closed = True
        for signal in self._changed.values():
            signal.notify()

    def _heartbeat(self) -> bytes:
        now = json.dumps({"now": instant_to_wire(self._clock.now())}).encode()
        return b"event: heartbeat\ndata: %b\nretry: %d\n\n" % (now, BROWSERS_RETRY_MS)


@dataclass(frozen=True, slots=True)
class Watching:
    """Somebody's look at a view; `may` says whether it is still allowed."""

    view: str
    may: Callable[[], bool]


async def while_allowed(frames: AsyncIterator[bytes], may: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Give frames until one comes that its taker may no longer have: a stream that is open ends, too."""
    async for frame in frames:
        if not may():
            return
        yield frame
