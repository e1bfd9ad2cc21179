"""What happens in one process and others have to hear: over PostgreSQL's LISTEN and NOTIFY, on one channel.

Nothing may depend on a piece of news: it only makes somebody look sooner. Every few seconds, and after each break of
the connection, all who listen look at everything. What a key of a topic means is known to those who tell it.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import psycopg

from server import postgres
from sync.storage import StorageUnavailable

EVERYTHING_S = 4.0
"""So often all look at everything: that is how late what was not heard can be."""
PAUSE_S = 0.2
"""Between two hearings of a topic: in a rush those who listen look once for many pieces of news."""
_AGAIN_S = 1.0
_CHANNEL = "dawr"

Heard = Callable[[frozenset[str]], object]
"""Told the keys that were heard; none at all: anything may have happened. May raise StorageUnavailable."""

_log = logging.getLogger(__name__)


class News:
    """For a process that is alone: what it tells, nobody hears."""

    def tell(self, topic: str, key: str = "") -> None:
        """Tell the other processes, soon. Any thread; never fails."""

    def hear(self, topic: str, key: str = "") -> None:
        """Let this process itself look, as if another had told it. Any thread."""

    def listen(self, topic: str, heard: Heard) -> None:
        """Have what others tell; before the start. `heard` is called in a thread of the news."""

    def start(self) -> None:
        """Begin."""

    def close(self) -> None:
        """Tell what is to be told still, and end."""


class SharedNews(News):
    """For one of several processes: a connection of its own and a thread that tells and hears."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: dict[str, list[Heard]] = defaultdict(list)
        self._lock = threading.Lock()
        self._said: set[str] = set()
        self._heard: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._ended = False
        # Written to so that the thread wakes: it waits for the connection and for this.
        self._bell, self._woken = socket.socketpair()
        for end in (self._bell, self._woken):
            end.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="news", daemon=True)

    def tell(self, topic: str, key: str = "") -> None:
        """Tell the other processes, soon. Any thread; never fails."""
        self._note(self._said, topic, key)

    def hear(self, topic: str, key: str = "") -> None:
        """Let this process itself look, as if another had told it. Any thread."""
        self._note(self._heard, topic, key)

    def listen(self, topic: str, heard: Heard) -> None:
        """Have what others tell; before the start."""
        self._listeners[topic].append(heard)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """Tell what is to be told still, and end."""
        self._ended = True
        self._ring()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        elif self._said:
            # A command that never listened.
            with suppress(psycopg.Error), postgres.connect(self._url) as connection:
                self._tell_all(connection)
        if not self._thread.is_alive():
            self._bell.close()
            self._woken.close()

    def _note(self, where: set[str], topic: str, key: str) -> None:
        with self._lock:
            where.add(f"{topic} {key}")
        self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # It rings already, or has ended.
            self._bell.send(b"!")

    def _serve(self) -> None:
        while not self._ended:
            try:
                with postgres.connect(self._url) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    _log.info("news listening=True")
                    self._go_on(connection)
            except psycopg.Error as error:
                known = postgres.unavailable(error)
                if known is None:
                    raise
                _log.error("news listening=False reason=%s", known.reason)
                select.select([], [], [], 0.0 if self._ended else _AGAIN_S)

    def _go_on(self, connection: psycopg.Connection) -> None:
        own = connection.info.backend_pid
        everything_at = time.monotonic()  # At once: nobody knows what was said before.
        heard_s = 0.0
        while True:
            self._tell_all(connection)
            if self._ended:
                return
            # What came with the answer to what we told lies in memory already: the socket will not say so.
            for note in connection.notifies(timeout=heard_s):
                if note.pid != own:
                    self.hear(*note.payload.split(" ", 1))
            now = time.monotonic()
            if now >= everything_at:
                self._hand_over({topic: frozenset() for topic in self._listeners})
                everything_at = time.monotonic() + EVERYTHING_S
            due_at = min(everything_at, self._hand_over_due())
            wait_s = max(0.0, due_at - time.monotonic())
            ready, _, _ = select.select([connection.fileno(), self._woken.fileno()], [], [], wait_s)
            with suppress(BlockingIOError):
                self._woken.recv(4096)
            heard_s = 0.01 if connection.fileno() in ready else 0.0

    def _tell_all(self, connection: psycopg.Connection) -> None:
        with self._lock:
            said = sorted(self._said)
        if said:
            # In one transaction, after the ones that it is about and not in them: a NOTIFY makes commits queue up.
            connection.execute("SELECT pg_notify(%s, news) FROM unnest(%s::text[]) AS news", (_CHANNEL, said))
            with self._lock:
                self._said.difference_update(said)

    def _hand_over_due(self) -> float:
        """Hand over what was heard of topics that had their pause; return when the next one has."""
        now = time.monotonic()
        due: dict[str, set[str]] = defaultdict(set)
        next_at = now + EVERYTHING_S
        with self._lock:
            for news in list(self._heard):
                topic, _, key = news.partition(" ")
                if self._not_before.get(topic, now) <= now:
                    due[topic].add(key)
                    self._heard.discard(news)
                else:
                    next_at = min(next_at, self._not_before[topic])
        self._hand_over({topic: frozenset(keys) for topic, keys in due.items()})
        return next_at

    def _hand_over(self, heard: dict[str, frozenset[str]]) -> None:
        for topic, keys in heard.items():
            for listener in self._listeners.get(topic, ()):
                if self._ended:
                    return  # What it looks at may be closed by now.
                try:
                    listener(keys)
                except StorageUnavailable as error:
                    _log.warning("news_not_read topic=%s reason=%s", topic, error.reason)
            self._not_before[topic] = time.monotonic() + PAUSE_S
