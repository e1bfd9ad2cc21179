"""What may be done within one commit of any log, whatever keeps it: append, store what others sent, undo a part.

What is kept waits in memory until it is looked at or committed. A log begins and ends it; it decides nothing and has no
commit of its own. `sync.transaction` is the one of a device's file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from queueing.facts import Fact, fact_of, tell
from queueing.wire import Event, Stream
from sync.clock import Clock
from sync.receiving import NO_HEAD, Head, is_new

if TYPE_CHECKING:
    from sync.log import Log

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


class Commit(ABC):
    """What one job may do; valid until its transaction ends. `events` is what was kept so far, in order.

    Events and the rows of `add` wait in memory and reach the database when the transaction commits or is looked into.
    """

    __slots__ = ("_added", "_boot", "_clock", "_marks", "_waiting", "events", "heads", "log", "undone")

    driver_error: ClassVar[type[Exception]]
    """What the database's driver raises: a savepoint that it comes through cannot be gone back to by halves."""

    def __init__(self, log: Log, heads: dict[Stream, Head], clock: Clock, boot: str) -> None:
        self.log = log
        self.heads = heads
        """The log's heads as this transaction has them; the log takes them over when it commits."""
        self.events: list[Event] = []
        self.undone = 0
        """How many savepoints took something back that was written."""
        self._clock = clock
        self._boot = boot
        self._waiting: list[tuple[Table, tuple[Value, ...]]] = []
        self._added = 0
        self._marks: list[Savepoint] = []

    @property
    def writes(self) -> tuple[int, int]:
        """What tells whether something was written between two looks at it."""
        return self._added, 0

    def add(self, table: Table, row: tuple[Value, ...]) -> None:
        """Add a row to a side table of an app's own, in the same commit. It waits as events do."""
        self._waiting.append((table, row))
        self._added += 1

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

    def savepoint(self) -> Savepoint:
        """Undo only what the block wrote when it raises. Raises StorageUnavailable."""
        return Savepoint(self)

    def flush(self) -> None:
        """Bring what waits to the database. Raises StorageUnavailable."""
        if self._waiting:
            self._bring()

    def _bring(self) -> None:
        """Tell the database of the savepoints, and of what waits in each."""
        with self._known_failures():
            written = 0
            for mark in self._marks:
                if not mark.is_open:
                    self._insert(self._waiting[written : mark.waiting])
                    written = mark.waiting
                    self._execute("SAVEPOINT job")
                    mark.is_open = True
            self._insert(self._waiting[written:])
            self._waiting.clear()

    def _keep(self, event: Event, *, known: bool) -> Head:
        self.add(*self._row(event, known=known))
        head = self.heads[event.stream] = Head(event.seq, event.hash)
        self.events.append(event)
        return head

    @property
    @abstractmethod
    def _is_whole(self) -> bool:
        """Whether the database still has the transaction, so that a savepoint of it can be gone back to."""

    @abstractmethod
    def _row(self, event: Event, *, known: bool) -> tuple[Table, tuple[Value, ...]]:
        """Return how an event is kept."""

    @abstractmethod
    def _insert(self, rows: Sequence[tuple[Table, tuple[Value, ...]]]) -> None:
        """Bring rows to the database, in their order."""

    @abstractmethod
    def _execute(self, statement: str) -> None:
        """Run a statement that has no values."""

    @staticmethod
    @abstractmethod
    def _known_failures() -> AbstractContextManager[None]:
        """Turn the database's known failures within the block into StorageUnavailable."""


class Savepoint:
    """Where a job began. The database knows of it only when `is_open`; before that, undoing takes no statement."""

    __slots__ = ("_events", "_tx", "_writes", "heads", "is_open", "waiting")

    def __init__(self, tx: Commit) -> None:
        self._tx = tx
        self.heads = dict(tx.heads)
        self._events = len(tx.events)
        self._writes = tx.writes
        self.waiting = len(tx._waiting)
        self.is_open = False

    def __enter__(self) -> None:
        self._tx._marks.append(self)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        is_kept = False
        try:
            with self._tx._known_failures():
                if error is None:
                    if self.is_open:
                        self._tx._execute("RELEASE SAVEPOINT job")
                    is_kept = True
                elif isinstance(error, self._tx.driver_error):
                    raise error
        finally:
            if not is_kept:
                self._undo()
            self._tx._marks.pop()

    def _undo(self) -> None:
        tx = self._tx
        tx.undone += tx.writes != self._writes
        tx.heads = self.heads
        del tx.events[self._events :]
        del tx._waiting[0 if self.is_open else self.waiting :]
        if self.is_open and tx._is_whole:
            with tx._known_failures():
                tx._execute("ROLLBACK TO SAVEPOINT job")
                tx._execute("RELEASE SAVEPOINT job")
