"""One commit of a device's log: `sync.commit` on SQLite, with an app's own side tables and the outbox in the same file.

A `sync.log.DeviceLog` begins and ends it. It decides nothing and has no commit of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from queueing.wire import Event, Stream, instant_to_wire
from sync.clock import Clock
from sync.commit import Commit, Table, Value
from sync.receiving import Head
from sync.storage import known_failures

if TYPE_CHECKING:
    from sync.log import DeviceLog

__all__ = ["Table", "Transaction", "Value"]

_ROWS = 500
"""Rows of one INSERT at most; SQLite takes 32,766 values."""
_ACK = """
INSERT INTO ack (peer, device, incarnation, seq) VALUES (?, ?, ?, ?)
ON CONFLICT (peer, device, incarnation) DO UPDATE SET seq = excluded.seq
"""
_EVENT = Table("event", ("device", "incarnation", "seq", "type", "known", "hash", "stored_at", "wire"))


class Transaction(Commit):
    """What one job may do with a device's log.

    What waits reaches SQLite as one statement a table. Each statement lets go of the interpreter's lock, and a busy
    event loop is slow to give it back: a few statements more for every job made a hub of twelve busy counters several
    times slower.
    """

    __slots__ = ("_connection", "_flushed", "_stored_at", "leaves_no_trace")

    driver_error: ClassVar[type[Exception]] = sqlite3.Error
    log: DeviceLog

    def __init__(
        self, log: DeviceLog, connection: sqlite3.Connection, heads: dict[Stream, Head], clock: Clock, boot: str
    ) -> None:
        super().__init__(log, heads, clock, boot)
        self.leaves_no_trace = False
        """Set by who erases something that has to be gone from the disk when this is committed."""
        self._connection = connection
        self._stored_at = ""
        self._flushed = 0

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for an app's own side tables in the same commit. It brings to SQLite what waits."""
        self._bring()
        return self._connection

    @property
    def writes(self) -> tuple[int, int]:
        """What tells whether something was written between two looks at it."""
        return self._added, self._connection.total_changes - self._flushed

    def look(self, statement: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return what an app's own tables hold, without the rows that wait since `add`. Raises StorageUnavailable."""
        with known_failures():
            return self._connection.execute(statement, values).fetchall()

    def set_acked(self, peer: str, stream: Stream, seq: int) -> None:
        """Note that the peer has events up to seq. May go back when a peer lost its disk."""
        with known_failures():
            self.connection.execute(_ACK, (peer, *stream, seq))

    @property
    def _is_whole(self) -> bool:
        return self._connection.in_transaction

    def _row(self, event: Event, *, known: bool) -> tuple[Table, tuple[Value, ...]]:
        # One moment for all of a transaction: they are on the disk together.
        stored_at = self._stored_at = self._stored_at or instant_to_wire(self._clock.now())
        return _EVENT, (*event.stream, event.seq, event.type, known, event.hash, stored_at, event.text)

    def _insert(self, rows: Sequence[tuple[Table, tuple[Value, ...]]]) -> None:
        by_table: dict[Table, list[tuple[Value, ...]]] = {}
        for table, row in rows:
            by_table.setdefault(table, []).append(row)
        for table, values in by_table.items():
            for first in range(0, len(values), _ROWS):
                part = values[first : first + _ROWS]
                self._connection.execute(table.insert(len(part)), list(chain.from_iterable(part)))
                self._flushed += len(part)

    def _execute(self, statement: str) -> None:
        self._connection.execute(statement)

    @staticmethod
    def _known_failures() -> AbstractContextManager[None]:
        return known_failures()
