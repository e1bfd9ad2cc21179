"""A device's durable log: its own events and those received from others, in one SQLite file, by one thread.

Event, projection and outbox are committed together; nothing is ever trimmed or changed. It does not know what the
facts mean and takes no decision.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from queueing.dating import Age
from queueing.wire import GENESIS, Event, Stream, instant_to_wire
from sync.chains import verify_chains
from sync.clock import Clock
from sync.commit import Commit
from sync.receiving import NO_HEAD, ForkError, GapError, Head, LogError
from sync.storage import StorageReason, StorageUnavailable, connect, known_failures
from sync.transaction import Transaction

__all__ = [
    "DeviceLog",
    "ForkError",
    "GapError",
    "Head",
    "Log",
    "LogError",
    "Page",
    "StorageReason",
    "StorageUnavailable",
    "TextPage",
    "Transaction",
    "UnknownCursorError",
]

_log = logging.getLogger(__name__)

_SCHEMA = Path(__file__).with_name("schema.sql")

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


class UnknownCursorError(LogError):
    """The cursor is not of this log (it was replaced or restored): take a snapshot."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in local arrival order; `cursor` continues after the last one."""

    events: tuple[Event, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class TextPage:
    """Some events' canonical JSON with the stream of each, otherwise as `Page`."""

    texts: tuple[tuple[Stream, str], ...]
    cursor: str
    more: bool


Row = tuple[int, str, int, str]
"""An event as a log keeps it: position, device, incarnation, canonical JSON."""

Which = Callable[[Stream], bool]
"""Says whether a stream is wanted; in the log's own thread."""


class Log(Protocol):
    """What is asked of a log, whatever keeps it. Use one in the thread that opened it; all raise StorageUnavailable."""

    stream: Stream

    def transaction(self) -> AbstractContextManager[Commit]:
        """Begin, and commit at the end of the block; an exception rolls all of it back."""
        ...

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        ...

    def streams(self) -> Mapping[Stream, Head]:
        """Return every stream of which an event is kept; a copy, good in any thread."""
        ...

    def cursor(self) -> str:
        """Return the cursor after the newest event."""
        ...

    def cursor_at(self, moment: datetime) -> str:
        """Return the cursor before the first event that was stored then or later; "" when that is the first of all."""
        ...

    def read(self, after: str = "", limit: int = 500) -> Page:
        """Return events in local arrival order after a cursor ("" is the beginning). Raises UnknownCursorError."""
        ...

    def read_page(self, after: str = "", limit: int = 500, of: Which | None = None) -> TextPage:
        """Return what `read` does as texts, for who hands events on as they are. Raises UnknownCursorError.

        `of` says of which streams; what the others hold costs nothing then.
        """
        ...

    def read_stream(self, stream: Stream, after_seq: int, limit: int = 500) -> list[Event]:
        """Return events of one stream with seq > after_seq, in order."""
        ...

    def events(self) -> Iterator[Event]:
        """Give every event in local arrival order."""
        ...

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, GENESIS for seq 0, None when it is not kept."""
        ...

    def unknown(self) -> int:
        """Return how many events this version does not understand."""
        ...

    def verify(self) -> None:
        """Read everything back and check every chain. Raises GapError or ForkError at the first bad event."""
        ...

    def close(self) -> None:
        """Let go of what keeps it."""
        ...


class DeviceLog:
    """The log file of one device. Use it in the thread that opened it, and nowhere else (sqlite3 refuses others)."""

    def __init__(self, connection: sqlite3.Connection, stream: Stream, clock: Clock, boot: str) -> None:
        self.stream = stream
        self._connection = connection
        self._clock = clock
        self._boot = boot
        self._file_id = str(connection.execute("SELECT id FROM file").fetchone()[0])
        self._tx: Transaction | None = None
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
        connection = self._connection
        with known_failures():
            connection.execute("BEGIN IMMEDIATE")
            tx = self._tx = Transaction(self, connection, dict(self._heads), self._clock, self._boot)
            try:
                yield tx
                tx.flush()
                if not connection.in_transaction:
                    # SQLite rolls back by itself on a full disk; somebody swallowed the error that said so.
                    raise StorageUnavailable(StorageReason.IO, "the transaction was rolled back under way")
                connection.execute("COMMIT")
                self._heads = tx.heads
                if tx.leaves_no_trace:
                    self._empty_wal()
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._tx = None

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        return self._known_heads().get(stream, NO_HEAD)

    def streams(self) -> Mapping[Stream, Head]:
        """Return every stream of which an event is kept; a copy, good in any thread."""
        return MappingProxyType(dict(self._known_heads()))

    def cursor(self) -> str:
        """Return the cursor after the newest event."""
        return f"{self._file_id}:{self._newest()}"

    def cursor_at(self, moment: datetime) -> str:
        """Return the cursor before the first event that was stored then or later; "" when that is the first of all.

        By halving: positions and their moments rise together, but for a clock that was put back meanwhile.
        """
        statement = "SELECT stored_at FROM event WHERE position > ? ORDER BY position LIMIT 1"

        def stored_after(position: int) -> str:
            return str(self._reading().execute(statement, (position,)).fetchone()[0])

        with known_failures():
            position = bisect_left(range(self._newest()), instant_to_wire(moment), key=stored_after)
        return f"{self._file_id}:{position}" if position else ""

    def read(self, after: str = "", limit: int = 500) -> Page:
        """Return events in local arrival order after a cursor ("" is the beginning). Raises UnknownCursorError."""
        position = self._position(after)
        rows = self._rows("WHERE position > ? ORDER BY position LIMIT ?", position, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        last = rows[-1][0] if rows else position
        return Page(tuple(event_of(wire) for _, wire in rows), f"{self._file_id}:{last}", more)

    def read_page(self, after: str = "", limit: int = 500, of: Which | None = None) -> TextPage:
        """Return what `read` does as texts, for who hands events on as they are. Raises UnknownCursorError.

        `of` says of which streams; what the others hold costs nothing then.
        """
        position, newest = self._position(after), self._newest()
        with known_failures():
            heads = self._known_heads()
            if of is None or all(map(of, heads)):
                statement = (
                    "SELECT position, device, incarnation, wire FROM event WHERE position > ? ORDER BY position LIMIT ?"
                )
                rows = self._reading().execute(statement, (position, limit + 1)).fetchall()
            else:
                wanted = [(stream, head.seq) for stream, head in heads.items() if of(stream)]
                pieces = [self._rows_of(stream, seq, position, limit + 1) for stream, seq in wanted]
                rows = sorted(row for piece in pieces for row in piece)[: limit + 1]
        return text_page(rows, limit, self._file_id, newest)

    def events(self) -> Iterator[Event]:
        """Give every event in local arrival order, for a fold at start."""
        with known_failures():
            for (wire,) in self._reading().execute("SELECT wire FROM event ORDER BY position"):
                yield event_of(wire)

    def read_stream(self, stream: Stream, after_seq: int, limit: int = 500) -> list[Event]:
        """Return events of one stream with seq > after_seq, in order."""
        where = "WHERE device = ? AND incarnation = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [event_of(wire) for _, wire in self._rows(where, *stream, after_seq, limit)]

    def read_texts(self, stream: Stream, after_seq: int, limit: int = 500) -> list[tuple[str, str]]:
        """Return (canonical JSON, hash) of one stream's events with seq > after_seq, in order, as the disk has them.

        For who passes them on as they are. What the disk has changed no longer fits its hash; that is not looked at
        here.
        """
        where = "device = ? AND incarnation = ? AND seq > ? ORDER BY seq LIMIT ?"
        with known_failures():
            rows: list[tuple[str, str]] = (
                self._reading()
                .execute(f"SELECT wire, hash FROM event WHERE {where}", (*stream, after_seq, limit))  # noqa: S608  # a literal
                .fetchall()
            )
        return rows

    def age(self) -> Age:
        """Return the device's boot and how old it is now, as events are stamped with it."""
        return Age(self._boot, round(self._clock.monotonic(), 6))

    def hash_at(self, stream: Stream, seq: int) -> str | None:
        """Return the hash of a stream's event, GENESIS for seq 0, None when it is not kept."""
        if seq == 0:
            return GENESIS
        with known_failures():
            row = (
                self._reading()
                .execute("SELECT hash FROM event WHERE device = ? AND incarnation = ? AND seq = ?", (*stream, seq))
                .fetchone()
            )
        return None if row is None else str(row[0])

    def unknown(self) -> int:
        """Return how many events this version does not understand."""
        with known_failures():
            return int(self._reading().execute("SELECT count(*) FROM event WHERE known = 0").fetchone()[0])

    def acked(self, peer: str, stream: Stream) -> int:
        """Return the last seq of the stream that the peer has said is safe with it, 0 when there is none."""
        with known_failures():
            row = self._connection.execute(
                "SELECT seq FROM ack WHERE peer = ? AND device = ? AND incarnation = ?", (peer, *stream)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def check(self) -> None:
        """Look through the file's pages, not its events (`verify` does). Raises StorageUnavailable (CORRUPT)."""
        with known_failures():
            (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StorageUnavailable(StorageReason.CORRUPT, str(found))

    def verify(self) -> None:
        """Read everything back and check every chain. Raises GapError or ForkError at the first bad event."""
        with known_failures():
            verify_chains(self._reading().execute("SELECT wire, hash FROM event ORDER BY device, incarnation, seq"))

    def close(self) -> None:
        """Close the file."""
        with known_failures():
            self._connection.close()

    def _empty_wal(self) -> None:
        """Bring what was written ahead into the file and cut it off, so that what was erased is nowhere."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            # What was committed stays committed; the next one tries again.
            _log.warning("wal_not_emptied error=%s", type(error).__name__)

    def _known_heads(self) -> Mapping[Stream, Head]:
        return self._heads if self._tx is None else self._tx.heads

    def _reading(self) -> sqlite3.Connection:
        """Return the connection for a look at the events, those of the transaction in hand among them."""
        if self._tx is not None:
            self._tx.flush()
        return self._connection

    def _newest(self) -> int:
        with known_failures():
            return int(self._reading().execute("SELECT coalesce(max(position), 0) FROM event").fetchone()[0])

    def _position(self, cursor: str) -> int:
        return position_of(cursor, self._file_id, lambda position: position <= self._newest())

    def _rows_of(self, stream: Stream, newest: int, position: int, limit: int) -> list[Row]:
        """Return a stream's events after a position; by halving, for its numbers and their positions rise together."""
        at = "SELECT position FROM event WHERE device = ? AND incarnation = ? AND seq = ?"

        def position_of_seq(seq: int) -> int:
            return int(self._reading().execute(at, (*stream, seq)).fetchone()[0])

        if position_of_seq(newest) <= position:
            return []  # As of most streams, most of the time.
        after = bisect_right(range(1, newest + 1), position, key=position_of_seq)
        where = "device = ? AND incarnation = ? AND seq > ? ORDER BY seq LIMIT ?"
        statement = f"SELECT position, device, incarnation, wire FROM event WHERE {where}"  # noqa: S608  # a literal
        return self._reading().execute(statement, (*stream, after, limit)).fetchall()

    def _rows(self, where: str, *arguments: str | int) -> list[tuple[int, str]]:
        with known_failures():
            # `where` is one of this class's own literals, never anything that came from outside.
            return self._reading().execute(f"SELECT position, wire FROM event {where}", arguments).fetchall()  # noqa: S608


def text_page(rows: Sequence[Row], limit: int, log_id: str, newest: int) -> TextPage:
    """Return a page of rows, one more than its `limit` if there are more; at its end the cursor is after `newest`."""
    more = len(rows) > limit
    texts = tuple((Stream(device, incarnation), wire) for _, device, incarnation, wire in rows[:limit])
    return TextPage(texts, f"{log_id}:{rows[limit - 1][0] if more else newest}", more)


def event_of(wire: str) -> Event:
    """Return the event that a log keeps as this text. Raises StorageUnavailable (CORRUPT)."""
    try:
        return Event.from_wire(json.loads(wire))
    except (ValueError, TypeError) as error:
        # Only what Event.text gave is ever written: the disk has changed it.
        raise StorageUnavailable(StorageReason.CORRUPT, "an event's text cannot be read") from error


def position_of(cursor: str, log_id: str, reaches: Callable[[int], bool]) -> int:
    """Return after which position a cursor goes on, in the log with that id that reaches so far.

    Raises UnknownCursorError.
    """
    if not cursor:
        return 0
    named, _, position = cursor.rpartition(":")
    if named != log_id or not (position.isascii() and position.isdecimal()) or len(position) > 18:
        raise UnknownCursorError(cursor)
    # A restored copy has this log's id but fewer events: a cursor from its lost future is unknown, too.
    if not reaches(int(position)):
        raise UnknownCursorError(cursor)
    return int(position)


def _migrate(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file. Existing files cost one PRAGMA."""
    if connection.execute("PRAGMA user_version").fetchone()[0]:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # One by one: executescript would end the transaction. The version is the last of them.
        for statement in _SCHEMA.read_text(encoding="ascii").split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO file (id) VALUES (lower(hex(randomblob(8))))")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
