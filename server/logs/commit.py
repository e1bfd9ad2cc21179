"""One commit of the centres' logs in PostgreSQL: `sync.commit`, with the log held from the first event to the commit.

A `server.logs.log.CentresLog` begins and ends it. It decides nothing and has no commit of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar

import psycopg

from queueing.facts import Fact
from queueing.wire import Event, Stream
from server import postgres
from sync.clock import Clock
from sync.commit import Commit, Table, Value
from sync.receiving import Head
from sync.storage import StorageReason, StorageUnavailable

if TYPE_CHECKING:
    from server.logs.log import CentresLog

_EVENT = Table(
    "log_event", ("centre", "device", "incarnation", "seq", "position", "known", "hash", "stored_at", "wire")
)
_COPY = f"COPY {_EVENT.name} ({', '.join(_EVENT.columns)}) FROM STDIN"
_TYPES = ("text", "text", "int4", "int8", "int8", "bool", "text", "timestamptz", "text")
_STREAMS = """
INSERT INTO log_stream (centre, device, incarnation, seq, hash, position)
SELECT * FROM unnest(%s::text[], %s::text[], %s::int4[], %s::int8[], %s::text[], %s::int8[])
ON CONFLICT (centre, device, incarnation)
DO UPDATE SET seq = excluded.seq, hash = excluded.hash, position = excluded.position
"""


class CentresCommit(Commit):
    """What one job may do with the centres' logs.

    The first event takes hold of the log: every other process' commit with events waits for this one. So heads are the
    newest, and who reads up to a position has everything below it.
    """

    __slots__ = ("_base", "_connection", "_stored_at")

    driver_error: ClassVar[type[Exception]] = psycopg.Error
    log: CentresLog

    def __init__(
        self, log: CentresLog, connection: psycopg.Connection, heads: dict[Stream, Head], clock: Clock, boot: str
    ) -> None:
        super().__init__(log, heads, clock, boot)
        self._connection = connection
        self._base: int | None = None
        self._stored_at = ""

    @property
    def base(self) -> int | None:
        """The log's position before this commit, None while it does not hold the log."""
        return self._base

    def append(self, facts: Iterable[Fact]) -> list[Event]:
        """Stamp facts and append them to the log's own stream."""
        self._hold()
        return super().append(facts)

    def store(self, events: Sequence[Event]) -> list[Event]:
        """Store received events and return those that were new. Repetition is harmless. Raises GapError, ForkError."""
        self._hold()
        return super().store(events)

    def renew(self, heads: Mapping[Stream, Head]) -> None:
        """Take in what others have committed; before this commit has an event of its own."""
        self.heads.update(heads)
        for mark in self._marks:
            mark.heads.update(heads)

    def finish(self) -> None:
        """Bring everything to the database. Raises StorageUnavailable."""
        self.flush()
        if not self.events:
            return
        newest = {event.stream: (n, event) for n, event in enumerate(self.events, self._first)}
        rows = [
            (self.log.centre_of(stream), *stream, event.seq, event.hash, position)
            for stream, (position, event) in newest.items()
        ]
        moved = self._connection.execute(
            "UPDATE log SET position = %s WHERE id = 1 AND position = %s",
            (self._first + len(self.events) - 1, self._base),
        )
        if moved.rowcount != 1:
            # Its row was held all the time: somebody put another log in its place.
            raise StorageUnavailable(StorageReason.CORRUPT, "the log moved while it was held")
        self._connection.execute(_STREAMS, list(map(list, zip(*rows, strict=True))))

    @property
    def _first(self) -> int:
        assert self._base is not None
        return self._base + 1

    @property
    def _is_whole(self) -> bool:
        return self._connection.info.transaction_status in (
            psycopg.pq.TransactionStatus.INTRANS,
            psycopg.pq.TransactionStatus.INERROR,
        )

    def _hold(self) -> None:
        # Never within a savepoint that PostgreSQL knows of, with which the hold would go: one is told of with the first
        # row, and that comes after.
        if self._base is None:
            with self._known_failures():
                self._base = self.log.held(self)

    def _row(self, event: Event, *, known: bool) -> tuple[Table, tuple[Value, ...]]:
        # One moment for all of a transaction: they are on the disk together.
        stored_at = self._stored_at = self._stored_at or self._clock.now().isoformat()
        position = self._first + len(self.events)
        stream = event.stream
        centre = self.log.centre_of(stream)
        return _EVENT, (centre, *stream, event.seq, position, known, event.hash, stored_at, event.text)

    def _insert(self, rows: Sequence[tuple[Table, tuple[Value, ...]]]) -> None:
        if not rows:
            return
        with self._connection.cursor().copy(_COPY) as copy:
            for _, row in rows:
                copy.write_row(row)

    def _execute(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    @staticmethod
    def _known_failures() -> AbstractContextManager[None]:
        return postgres.known_failures()
