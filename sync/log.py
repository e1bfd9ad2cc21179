"""A device's durable log: its own events and those received from others, in one SQLite file, by one thread.

Event, projection and outbox are committed together; nothing is ever trimmed or changed. It does not know what the
facts mean and takes no decision.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from queueing.facts import Fact, fact_of
from queueing.wire import GENESIS, Event, Stream, canonical, instant_to_wire
from sync.clock import Clock
from sync.storage import StorageReason, StorageUnavailable, connect, known_failures

__all__ = [
    "DeviceLog",
    "ForkError",
    "GapError",
    "Head",
    "LogError",
    "Page",
    "StorageReason",
    "StorageUnavailable",
    "Transaction",
    "UnknownCursorError",
]

# One row a stream without a scan: the recursion jumps along the unique index from stream to stream.
_HEADS = """
WITH RECURSIVE stream(device, incarnation) AS (
    SELECT * FROM (SELECT device, incarnation FROM event ORDER BY device, incarnation LIMIT 1)
    UNION ALL
    SELECT event.device, event.incarnation FROM stream JOIN event ON event.position = (
        SELECT position FROM event WHERE (device, incarnation) > (stream.device, stream.incarnation)
        ORDER BY device, incarnation LIMIT 1)
)
SELECT event.device, event.incarnation, event.seq, event.hash FROM stream JOIN event ON event.position = (
    SELECT position FROM event WHERE device = stream.device AND incarnation = stream.incarnation
    ORDER BY seq DESC LIMIT 1)
"""
_INSERT = """
INSERT INTO event (device, incarnation, seq, type, known, hash, stored_at, wire) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ACK = """
INSERT INTO ack (peer, device, incarnation, seq) VALUES (?, ?, ?, ?)
ON CONFLICT (peer, device, incarnation) DO UPDATE SET seq = excluded.seq
"""


class LogError(Exception):
    """What was handed in does not continue the log."""


class GapError(LogError):
    """Events between the head and these are missing; send again from `expect_seq`."""

    def __init__(self, stream: Stream, expect_seq: int) -> None:
        super().__init__(f"{stream} continues at {expect_seq}")
        self.stream = stream
        self.expect_seq = expect_seq


class ForkError(LogError):
    """Another event is already known at `seq`: the sender was restored from an old image, or lies."""

    def __init__(self, stream: Stream, seq: int) -> None:
        super().__init__(f"{stream} forks at {seq}")
        self.stream = stream
        self.seq = seq


class UnknownCursorError(LogError):
    """The cursor is not of this log (it was replaced or restored): take a snapshot."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a stream: its seq (0 when there is none) and hash (GENESIS when there is none)."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in local arrival order; `cursor` continues after the last one."""

    events: tuple[Event, ...]
    cursor: str
    more: bool


_NO_HEAD = Head(0, GENESIS)


class DeviceLog:
    """The log file of one device. Use it in the thread that opened it, and nowhere else (sqlite3 refuses others)."""

    def __init__(self, connection: sqlite3.Connection, stream: Stream, clock: Clock, boot: str) -> None:
        self.stream = stream
        self._connection = connection
        self._clock = clock
        self._boot = boot
        self._file_id = str(connection.execute("SELECT id FROM file").fetchone()[0])
        self._heads = {Stream(dev, inc): Head(seq, hash_) for dev, inc, seq, hash_ in connection.execute(_HEADS)}

    @classmethod
    def open(cls, path: Path, stream: Stream, clock: Clock, boot: str) -> DeviceLog:
        """Open or make the log at `path`; `stream` is what this device appends to, `boot` from `clock.boot_id()`.

        Raises StorageUnavailable.
        """
        with known_failures():
            connection = connect(path)
            try:
                _migrate(connection)
                return cls(connection, stream, clock, boot)
            except BaseException:
                connection.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin, and commit at the end of the block; an exception rolls all of it back. Raises StorageUnavailable."""
        heads = dict(self._heads)
        connection = self._connection
        with known_failures():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self, connection)
                if not connection.in_transaction:
                    # SQLite rolls back by itself on a full disk; somebody swallowed the error that said so.
                    raise StorageUnavailable(StorageReason.IO, "the transaction was rolled back under way")
                connection.execute("COMMIT")
            except BaseException:
                self._heads = heads
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        return self._heads.get(stream, _NO_HEAD)

    def streams(self) -> Mapping[Stream, Head]:
        """Return every stream of which an event is kept; a copy, good in any thread."""
        return MappingProxyType(dict(self._heads))

    def cursor(self) -> str:
        """Return the cursor after the newest event."""
        return f"{self._file_id}:{self._newest()}"

    def read(self, after: str = "", limit: int = 500) -> Page:
        """Return events in local arrival order after a cursor ("" is the beginning). Raises UnknownCursorError."""
        position = self._position(after)
        rows = self._rows("WHERE position > ? ORDER BY position LIMIT ?", position, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        last = rows[-1][0] if rows else position
        return Page(tuple(_event(wire) for _, wire in rows), f"{self._file_id}:{last}", more)

    def events(self) -> Iterator[Event]:
        """Give every event in local arrival order, for a fold at start."""
        with known_failures():
            for (wire,) in self._connection.execute("SELECT wire FROM event ORDER BY position"):
                yield _event(wire)

    def read_stream(self, stream: Stream, after_seq: int, limit: int = 500) -> list[Event]:
        """Return events of one stream with seq > after_seq, in order."""
        where = "WHERE device = ? AND incarnation = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [_event(wire) for _, wire in self._rows(where, *stream, after_seq, limit)]

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, GENESIS for seq 0, None when it is not kept."""
        if seq == 0:
            return GENESIS
        with known_failures():
            row = self._connection.execute(
                "SELECT hash FROM event WHERE device = ? AND incarnation = ? AND seq = ?", (*stream, seq)
            ).fetchone()
        return None if row is None else str(row[0])

    def unknown(self) -> int:
        """Return how many events this version does not understand."""
        with known_failures():
            return int(self._connection.execute("SELECT count(*) FROM event WHERE known = 0").fetchone()[0])

    def acked(self, peer: str, stream: Stream) -> int:
        """Return the last seq of the stream that the peer has said is safe with it, 0 when there is none."""
        with known_failures():
            row = self._connection.execute(
                "SELECT seq FROM ack WHERE peer = ? AND device = ? AND incarnation = ?", (peer, *stream)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def verify(self) -> None:
        """Read everything back and check every chain. Raises GapError or ForkError at the first bad event."""
        heads: dict[Stream, Head] = {}
        with known_failures():
            rows = self._connection.execute("SELECT wire, hash FROM event ORDER BY device, incarnation, seq")
            for wire, hash_ in rows:
                event = _event(wire)
                head = heads.get(event.stream, _NO_HEAD)
                if event.seq != head.seq + 1:
                    raise GapError(event.stream, head.seq + 1)
                if event.prev != head.hash or event.hash != hash_:
                    raise ForkError(event.stream, event.seq)
                heads[event.stream] = Head(event.seq, event.hash)

    def close(self) -> None:
        """Close the file."""
        with known_failures():
            self._connection.close()

    def _newest(self) -> int:
        with known_failures():
            return int(self._connection.execute("SELECT coalesce(max(position), 0) FROM event").fetchone()[0])

    def _position(self, cursor: str) -> int:
        if not cursor:
            return 0
        file_id, _, position = cursor.rpartition(":")
        # A restored copy has this file's id but fewer events: a cursor from its lost future is unknown, too.
        if file_id != self._file_id or not (position.isascii() and position.isdecimal()) or len(position) > 18:
            raise UnknownCursorError(cursor)
        if int(position) > self._newest():
            raise UnknownCursorError(cursor)
        return int(position)

    def _rows(self, where: str, *arguments: str | int) -> list[tuple[int, str]]:
        with known_failures():
            # `where` is one of this class's own literals, never anything that came from outside.
            return self._connection.execute(f"SELECT position, wire FROM event {where}", arguments).fetchall()  # noqa: S608


class Transaction:
    """What one job may do; valid until its transaction ends.

    `connection` is for an app's own side tables in the same commit, `events` what was kept so far, in order.
    """

    __slots__ = ("connection", "events", "log")

    def __init__(self, log: DeviceLog, connection: sqlite3.Connection) -> None:
        self.log = log
        self.connection = connection
        self.events: list[Event] = []

    def append(self, facts: Iterable[Fact]) -> list[Event]:
        """Stamp facts (seq, chain, at, boot, mono) and append them to the device's own stream."""
        log = self.log
        head = log.head(log.stream)
        appended = []
        for fact in facts:
            event = Event(
                device=log.stream.device,
                incarnation=log.stream.incarnation,
                seq=head.seq + 1,
                type=type(fact).__name__,
                version=fact.VERSION,
                at=log._clock.now(),
                boot=log._boot,
                mono=round(log._clock.monotonic(), 6),
                prev=head.hash,
                body=fact.to_body(),
            )
            head = self._keep(event, known=True)
            appended.append(event)
        return appended

    def store(self, events: Sequence[Event]) -> list[Event]:
        """Store received events and return those that were new. Repetition is harmless.

        Raises GapError, ForkError: roll the transaction or its savepoint back, some of `events` may be written.
        Unknown types are stored and flagged.
        """
        new = []
        for event in events:
            stream = event.stream
            head = self.log.head(stream)
            if event.seq <= head.seq:
                if event.hash != self.log.hash_at(stream, event.seq):
                    raise ForkError(stream, event.seq)
                continue
            if stream == self.log.stream:
                # Somebody knows a future of our own that we do not: this file was restored from an old image.
                raise ForkError(stream, event.seq)
            if event.seq > head.seq + 1:
                raise GapError(stream, head.seq + 1)
            if event.prev != head.hash:
                raise ForkError(stream, event.seq)
            self._keep(event, known=fact_of(event) is not None)
            new.append(event)
        return new

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what the block wrote when it raises. Raises StorageUnavailable."""
        connection = self.connection
        heads = dict(self.log._heads)
        kept = len(self.events)
        with known_failures():
            connection.execute("SAVEPOINT job")
            try:
                yield
                connection.execute("RELEASE job")
            except BaseException:
                self.log._heads = heads
                del self.events[kept:]
                if connection.in_transaction:
                    connection.execute("ROLLBACK TO job")
                    connection.execute("RELEASE job")
                raise

    def set_acked(self, peer: str, stream: Stream, seq: int) -> None:
        """Note that the peer has events up to seq. May go back when a peer lost its disk."""
        with known_failures():
            self.connection.execute(_ACK, (peer, *stream, seq))

    def _keep(self, event: Event, *, known: bool) -> Head:
        row = (
            event.device,
            event.incarnation,
            event.seq,
            event.type,
            known,
            event.hash,
            instant_to_wire(self.log._clock.now()),
            canonical(event.to_wire()).decode(),
        )
        with known_failures():
            self.connection.execute(_INSERT, row)
        head = self.log._heads[event.stream] = Head(event.seq, event.hash)
        self.events.append(event)
        return head


def _event(wire: str) -> Event:
    return Event.from_wire(json.loads(wire))


def _migrate(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file. Existing files cost one PRAGMA."""
    if connection.execute("PRAGMA user_version").fetchone()[0]:
        return
    # Half a second of SQLModel that only the first start of a device's life pays.
    from sync.tables import SCHEMA, LogRow, create_tables  # noqa: PLC0415

    connection.execute("BEGIN IMMEDIATE")
    try:
        create_tables(connection, LogRow.metadata)
        connection.execute("INSERT INTO file (id) VALUES (lower(hex(randomblob(8))))")
        connection.execute(f"PRAGMA user_version = {SCHEMA:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
