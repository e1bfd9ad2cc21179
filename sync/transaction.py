"""What may be done within one commit of a device's log: append, store what others sent, note acknowledgements.

A `sync.log.DeviceLog` begins and ends it. It decides nothing and has no commit of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from queueing.facts import Fact, fact_of, tell
from queueing.wire import Event, Stream, instant_to_wire
from sync.clock import Clock
from sync.receiving import NO_HEAD, Head, is_new
from sync.storage import known_failures

if TYPE_CHECKING:
    from sync.log import DeviceLog

_ROWS = 500
"""Rows of one INSERT at most; SQLite takes 32,766 values."""
_ACK = """
INSERT INTO ack (peer, device, incarnation, seq) VALUES (?, ?, ?, ?)
ON CONFLICT (peer, device, incarnation) DO UPDATE SET seq = excluded.seq
"""


Value = str | int | None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table that rows are added to: its name and the columns of a row, in their order."""

    name: str
    columns: tuple[str, ...]

    def insert(self, rows: int) -> str:
        """Return the statement that inserts so many rows."""
        row = f"({', '.join('?' * len(self.columns))})"
        # Names are an app's own literals, never anything that came from outside.
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES {', '.join([row] * rows)}"  # noqa: S608


_EVENT = Table("event", ("device", "incarnation", "seq", "type", "known", "hash", "stored_at", "wire"))


class Transaction:
    """What one job may do; valid until its transaction ends. `events` is what was kept so far, in order.

    Events and the rows of `add` wait in memory and reach SQLite as one statement a table when the transaction commits
    or `connection` is asked for. Each statement lets go of the interpreter's lock, and a busy event loop is slow to
    give it back: a few statements more for every job made a hub of twelve busy counters several times slower.
    """

    __slots__ = (
        *("_added", "_boot", "_clock", "_connection", "_flushed", "_marks", "_stored_at", "_waiting"),
        *("events", "heads", "leaves_no_trace", "log", "undone"),
    )

    def __init__(
        self, log: DeviceLog, connection: sqlite3.Connection, heads: dict[Stream, Head], clock: Clock, boot: str
    ) -> None:
        self.log = log
        self.heads = heads
        """The log's heads as this transaction has them; the log takes them over when it commits."""
        self.events: list[Event] = []
        self.undone = 0
        """How many savepoints took something back that was written."""
        self.leaves_no_trace = False
        """Set by who erases something that has to be gone from the disk when this is committed."""
        self._connection = connection
        self._clock = clock
        self._boot = boot
        self._stored_at = ""
        self._waiting: list[tuple[Table, tuple[Value, ...]]] = []
        self._added = 0
        self._flushed = 0
        self._marks: list[_Savepoint] = []

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for an app's own side tables in the same commit. It brings to SQLite what waits."""
        with known_failures():
            written = 0
            for mark in self._marks:
                if not mark.is_open:
                    self._insert(self._waiting[written : mark.waiting])
                    written = mark.waiting
                    self._connection.execute("SAVEPOINT job")
                    mark.is_open = True
            self._insert(self._waiting[written:])
            self._waiting.clear()
        return self._connection

    def flush(self) -> None:
        """Bring what waits to SQLite. Raises StorageUnavailable."""
        if self._waiting:
            _ = self.connection

    @property
    def writes(self) -> tuple[int, int]:
        """What tells whether something was written between two looks at it."""
        return self._added, self._connection.total_changes - self._flushed

    def add(self, table: Table, row: tuple[Value, ...]) -> None:
        """Add a row to a side table of an app's own, in the same commit. It waits as events do."""
        self._waiting.append((table, row))
        self._added += 1

    def look(self, statement: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return what an app's own tables hold, without the rows that wait since `add`. Raises StorageUnavailable."""
        with known_failures():
            return self._connection.execute(statement, values).fetchall()

    def append(self, facts: Iterable[Fact]) -> list[Event]:
        """Stamp facts (seq, chain, at, boot, mono) and append them to the device's own stream."""
        stream = self.log.stream
        head = self.heads.get(stream, NO_HEAD)
        appended = []
        for fact in facts:
            event = Event(
                device=stream.device,
                incarnation=stream.incarnation,
                seq=head.seq + 1,
                type=type(fact).__name__,
                version=fact.VERSION,
                at=self._clock.now(),
                boot=self._boot,
                mono=round(self._clock.monotonic(), 6),
                prev=head.hash,
                body=fact.to_body(),
            )
            tell(event, fact)
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
            head = self.heads.get(stream, NO_HEAD)
            if is_new(event, head, self.log.hash_at, is_own=stream == self.log.stream):
                self._keep(event, known=fact_of(event) is not None)
                new.append(event)
        return new

    def savepoint(self) -> _Savepoint:
        """Undo only what the block wrote when it raises. Raises StorageUnavailable."""
        return _Savepoint(self)

    def set_acked(self, peer: str, stream: Stream, seq: int) -> None:
        """Note that the peer has events up to seq. May go back when a peer lost its disk."""
        with known_failures():
            self.connection.execute(_ACK, (peer, *stream, seq))

    def _keep(self, event: Event, *, known: bool) -> Head:
        # One moment for all of a transaction: they are on the disk together.
        stored_at = self._stored_at = self._stored_at or instant_to_wire(self._clock.now())
        stream = event.stream
        row = (*stream, event.seq, event.type, known, event.hash, stored_at, event.text)
        self.add(_EVENT, row)
        head = self.heads[stream] = Head(event.seq, event.hash)
        self.events.append(event)
        return head

    def _insert(self, rows: Sequence[tuple[Table, tuple[Value, ...]]]) -> None:
        by_table: dict[Table, list[tuple[Value, ...]]] = {}
        for table, row in rows:
            by_table.setdefault(table, []).append(row)
        for table, values in by_table.items():
            for first in range(0, len(values), _ROWS):
                part = values[first : first + _ROWS]
                self._connection.execute(table.insert(len(part)), list(chain.from_iterable(part)))
                self._flushed += len(part)


class _Savepoint:
    """Where a job began. SQLite knows of it only when `is_open`; before that, undoing takes no statement."""

    __slots__ = ("_events", "_heads", "_tx", "_writes", "is_open", "waiting")

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._heads = dict(tx.heads)
        self._events = len(tx.events)
        self._writes = tx.writes
        self.waiting = len(tx._waiting)
        self.is_open = False

    def __enter__(self) -> None:
        self._tx._marks.append(self)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        is_kept = False
        try:
            with known_failures():
                if error is None:
                    if self.is_open:
                        self._tx._connection.execute("RELEASE job")
                    is_kept = True
                elif isinstance(error, sqlite3.Error):
                    raise error
        finally:
            if not is_kept:
                self._undo()
            self._tx._marks.pop()

    def _undo(self) -> None:
        tx = self._tx
        tx.undone += tx.writes != self._writes
        tx.heads = self._heads
        del tx.events[self._events :]
        del tx._waiting[0 if self.is_open else self.waiting :]
        if self.is_open and tx._connection.in_transaction:
            with known_failures():
                tx._connection.execute("ROLLBACK TO job")
                tx._connection.execute("RELEASE job")
