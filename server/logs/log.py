"""The centres' logs in PostgreSQL, as one process has them: `sync.log.Log` over a connection of its own.

Other processes write the same log. It holds in memory the heads of all streams, which every commit with events takes
hold of the log to renew; a connection that broke is made anew with the next transaction.
"""

from __future__ import annotations

import logging
import secrets
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import psycopg

from queueing.wire import GENESIS, Event, Stream
from server import postgres
from server.logs.commit import CentresCommit
from server.postgres import known_failures
from sync.chains import verify_chains
from sync.clock import Clock
from sync.log import Page, TextPage, Which, event_of, position_of, text_page
from sync.receiving import NO_HEAD, GapError, Head
from sync.storage import StorageReason, StorageUnavailable

HELD_S = 10
"""A process that stands still while it holds the log is thrown out after so long; the others wait no longer for it."""

_PAGE = 500
_STREAMS = "SELECT centre, device, incarnation, seq, hash, position FROM log_stream WHERE position > %s"

_IS_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Others:
    """What other processes committed, up to a position of the log."""

    events: tuple[Event, ...]
    upto: int
    more: bool


class CentresLog:
    """The log. Use it in the thread that opened it. `centre` names the centre of a device, "" when nobody knows it."""

    def __init__(self, url: str, stream: Stream, centre: Callable[[str], str], clock: Clock, boot: str) -> None:
        """Connect. Raises StorageUnavailable."""
        self.stream = stream
        self._url = url
        self._centre = centre
        self._clock = clock
        self._boot = boot
        self._tx: CentresCommit | None = None
        self._name = ""
        self._position = 0
        self._heads: dict[Stream, Head] = {}
        self._centres: dict[Stream, str] = {}
        self._own: deque[tuple[int, int]] = deque()
        with known_failures():
            self._connection = self._connected()
        self.opened_at = self._position
        """The log's position when it was opened."""

    @contextmanager
    def transaction(self) -> Iterator[CentresCommit]:
        """Begin, and commit at the end of the block; an exception rolls all of it back. Raises StorageUnavailable.

        When the connection breaks at the commit nobody knows what was kept: that is unavailable too, and who asks again
        finds out.
        """
        with known_failures():
            self._begin()
            connection = self._connection
            tx = self._tx = CentresCommit(self, connection, dict(self._heads), self._clock, self._boot)
            try:
                yield tx
                tx.finish()
                connection.execute("COMMIT")
                self._take(tx)
            except BaseException:
                if not connection.closed:
                    with suppress(psycopg.Error):  # What broke it is told already.
                        connection.execute("ROLLBACK")
                raise
            finally:
                self._tx = None

    def held(self, tx: CentresCommit) -> int:
        """Take hold of the log until the transaction ends, and return its position. For the transaction alone."""
        row = self._connection.execute("SELECT position FROM log WHERE id = 1 FOR UPDATE").fetchone()
        if row is None:
            raise StorageUnavailable(StorageReason.CORRUPT, "the log has lost its row")
        position = int(row[0])
        if position != self._position:
            self._renew(tx)
        if position != self._position:
            raise StorageUnavailable(StorageReason.CORRUPT, f"the log is at {position}, its streams differ")
        return position

    def centre_of(self, stream: Stream) -> str:
        """Return the centre that a stream is kept with: its device's when its first event came."""
        found = self._centres.get(stream)
        if not found:
            found = self._centres[stream] = self._centre(stream.device)
        return found

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        return self._known_heads().get(stream, NO_HEAD)

    def streams(self) -> Mapping[Stream, Head]:
        """Return every stream of which an event is kept; a copy, good in any thread."""
        return MappingProxyType(dict(self._known_heads()))

    def cursor(self) -> str:
        """Return the cursor after the newest event."""
        return f"{self._name}:{self._newest()}"

    def cursor_at(self, moment: datetime) -> str:
        """Return the cursor before the first event that was stored then or later; "" when that is the first of all."""

        def stored_after(position: int) -> datetime:
            statement = "SELECT stored_at FROM log_event WHERE position > %s ORDER BY position LIMIT 1"
            found: datetime = self._all(statement, position)[0][0]
            return found

        with known_failures():
            position = bisect_left(range(self._newest()), moment, key=stored_after)
        return f"{self._name}:{position}" if position else ""

    def read(self, after: str = "", limit: int = _PAGE) -> Page:
        """Return events in local arrival order after a cursor ("" is the beginning). Raises UnknownCursorError."""
        page = self.read_page(after, limit)
        return Page(tuple(event_of(wire) for _, wire in page.texts), page.cursor, page.more)

    def read_page(self, after: str = "", limit: int = _PAGE, of: Which | None = None) -> TextPage:
        """Return what `read` does as texts, for who hands events on as they are. Raises UnknownCursorError.

        `of` says of which streams; what other centres' hold costs nothing then.
        """
        position, newest = position_of(after, self._name, self._reaches), self._newest()
        statement = (
            "SELECT position, device, incarnation, wire FROM log_event"
            " WHERE {} position > %s AND position <= %s ORDER BY position LIMIT %s"
        )
        if of is None:
            rows = self._all(statement.format(""), position, newest, limit + 1)
            return text_page(rows, limit, self._name, newest)
        # Each centre by itself, in the order of its index; who asks for some streams mostly asks for one centre's.
        devices: dict[str, set[str]] = {}
        for stream in filter(of, self._known_heads()):
            devices.setdefault(self.centre_of(stream), set()).add(stream.device)
        one = statement.format("centre = %s AND device = ANY(%s) AND")
        found = [self._all(one, name, sorted(of_it), position, newest, limit + 1) for name, of_it in devices.items()]
        page = text_page(sorted(row for rows in found for row in rows)[: limit + 1], limit, self._name, newest)
        return replace(page, texts=tuple(each for each in page.texts if of(each[0])))

    def events(self) -> Iterator[Event]:
        """Give every event in local arrival order."""
        after, more = "", True
        while more:
            page = self.read(after)
            yield from page.events
            after, more = page.cursor, page.more

    def read_stream(self, stream: Stream, after_seq: int, limit: int = _PAGE) -> list[Event]:
        """Return events of one stream with seq > after_seq, in order."""
        return [event_of(wire) for wire, _ in self._texts(stream, after_seq, limit)]

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, GENESIS for seq 0, None when it is not kept."""
        if seq == 0:
            return GENESIS
        if stream not in self._known_heads():
            return None
        statement = "SELECT hash FROM log_event WHERE centre = %s AND device = %s AND incarnation = %s AND seq = %s"
        found = self._all(statement, self.centre_of(stream), *stream, seq)
        return str(found[0][0]) if found else None

    def unknown(self) -> int:
        """Return how many events this version did not understand when they came."""
        return int(self._all("SELECT count(*) FROM log_event WHERE NOT known")[0][0])

    def verify(self) -> None:
        """Read everything back and check every chain. Raises GapError or ForkError at the first bad event."""
        for stream, head in sorted(self.streams().items()):
            last = verify_chains(self._texts_of(stream, head.seq))
            if last != head:
                raise GapError(stream, last.seq + 1)

    def of_others(self, after: int, limit: int = _PAGE) -> Others:
        """Return what other processes committed after a position; what this one did was told when it was committed."""
        while self._own and self._own[0][1] <= after:
            self._own.popleft()
        for first, last in self._own:
            if first == after:
                after = last
        newest = self._newest() if self._tx is None or self._tx.base is None else self._tx.base
        if after >= newest:
            return Others((), newest, False)  # Less is there than was: an older copy was put back.
        statement = (
            "SELECT position, wire FROM log_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
        )
        rows = self._all(statement, after, newest, limit)
        own = list(self._own)
        events = tuple(
            event_of(wire) for position, wire in rows if not any(first < position <= last for first, last in own)
        )
        upto = rows[-1][0] if rows else newest
        return Others(events, upto, upto < newest)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _connected(self) -> psycopg.Connection:
        """Connect, and read how the log stands."""
        connection = postgres.connect(self._url)
        try:
            connection.execute(f"SET idle_in_transaction_session_timeout = '{HELD_S:d}s'".encode())
            # What is acknowledged is on the disk, whatever the database is set to; stronger settings stay.
            connection.execute(_IS_DURABLE)
            connection.execute(
                "INSERT INTO log (id, name, position) VALUES (1, %s, 0) ON CONFLICT (id) DO NOTHING",
                (secrets.token_hex(8),),
            )
            row = connection.execute("SELECT name, current_setting('fsync') FROM log WHERE id = 1").fetchone()
            assert row is not None
            self._name = row[0]
            if row[1] == "off":
                _log.warning("log_not_durable fsync=off")
            self._connection = connection
            self._position, self._heads, self._centres = 0, {}, {}
            self._renew(None)
        except BaseException:
            connection.close()
            raise
        _log.info("log_connected position=%d streams=%d", self._position, len(self._heads))
        return connection

    def _begin(self) -> None:
        if not self._connection.closed:
            try:
                self._connection.execute("BEGIN")
                return
            except psycopg.OperationalError as error:
                # It died since it was used last: PostgreSQL was started anew.
                _log.warning("log_connection_lost error=%s", type(error).__name__)
        self._connection.close()
        self._connection = self._connected()
        self._connection.execute("BEGIN")

    def _reading(self) -> psycopg.Connection:
        """Return the connection for a look; between transactions one that broke is made anew."""
        if self._tx is None and self._connection.closed:
            self._connection = self._connected()
        return self._connection

    def _renew(self, tx: CentresCommit | None) -> None:
        """Read the heads that were committed since."""
        fresh: dict[Stream, Head] = {}
        for centre, device, incarnation, seq, hash_, position in self._connection.execute(_STREAMS, (self._position,)):
            stream = Stream(device, incarnation)
            fresh[stream] = Head(seq, hash_)
            self._centres[stream] = centre
            self._position = max(self._position, position)
        self._heads.update(fresh)
        if tx is not None:
            tx.renew(fresh)

    def _take(self, tx: CentresCommit) -> None:
        if tx.base is None or not tx.events:
            return
        self._heads = tx.heads
        self._position = tx.base + len(tx.events)
        if self._own and self._own[-1][1] == tx.base:
            self._own[-1] = (self._own[-1][0], self._position)
        else:
            self._own.append((tx.base, self._position))

    def _known_heads(self) -> Mapping[Stream, Head]:
        tx = self._tx
        if tx is None or tx.base is None:
            with known_failures():
                self._reading()
                self._renew(tx)
        return self._heads if tx is None else tx.heads

    def _newest(self) -> int:
        tx = self._tx
        if tx is not None and tx.base is not None:
            return tx.base + len(tx.events)
        return int(self._all("SELECT position FROM log WHERE id = 1")[0][0])

    def _reaches(self, position: int) -> bool:
        return position <= self._position or position <= self._newest()

    def _texts(self, stream: Stream, after_seq: int, limit: int) -> list[tuple[str, str]]:
        if stream not in self._centres:
            self._known_heads()
        statement = (
            "SELECT wire, hash FROM log_event WHERE centre = %s AND device = %s AND incarnation = %s AND seq > %s"
            " ORDER BY seq LIMIT %s"
        )
        return [(str(w), str(h)) for w, h in self._all(statement, self.centre_of(stream), *stream, after_seq, limit)]

    def _texts_of(self, stream: Stream, upto: int) -> Iterator[tuple[str, str]]:
        """Give a stream's events up to one: others may commit meanwhile. One of each number, so none is passed over."""
        for after in range(0, upto, _PAGE):
            yield from self._texts(stream, after, min(_PAGE, upto - after))

    def _all(self, statement: str, *values: str | int | list[str]) -> list[tuple]:  # type: ignore[type-arg]
        """Return what a statement finds, among it the events of the transaction in hand."""
        with known_failures():
            if self._tx is not None:
                self._tx.flush()
            return self._reading().execute(statement.encode(), values).fetchall()
