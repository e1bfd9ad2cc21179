"""A device's durable log: its own events and those received from others, in one SQLite file, by one thread.

Event, projection and outbox are committed together; nothing is ever trimmed or changed. It does not know what the
facts mean and takes no decision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sync.clock import Clock
from sync.storage import StorageReason, StorageUnavailable

if TYPE_CHECKING:
    from queueing.facts import Fact
    from queueing.wire import Event, Stream

__all__ = [
    "DeviceLog",
    "ForkError",
    "GapError",
    "Head",
    "LogError",
    "StorageReason",
    "StorageUnavailable",
    "Transaction",
]


class LogError(Exception):
    """What was handed in does not continue the log."""


class GapError(LogError):
    """Events between the head and these are missing; send again from `expect_seq`."""

    def __init__(self, stream: Stream, expect_seq: int) -> None:
        super().__init__(f"{stream.device}.{stream.incarnation} continues at {expect_seq}")
        self.stream = stream
        self.expect_seq = expect_seq


class ForkError(LogError):
    """Another event is already known at `seq`: the sender was restored from an old image, or lies."""

    def __init__(self, stream: Stream, seq: int) -> None:
        super().__init__(f"{stream.device}.{stream.incarnation} forks at {seq}")
        self.stream = stream
        self.seq = seq


class UnknownCursor(LogError):
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


class DeviceLog:
    """The log file of one device. Use it in the thread that opened it, and nowhere else."""

    stream: Stream

    @classmethod
    def open(cls, path: Path, stream: Stream, clock: Clock, boot: str) -> DeviceLog:
        """Open or make the log at `path`; `stream` is what this device appends to, `boot` from `clock.boot_id()`.

        Raises StorageUnavailable.
        """
        raise NotImplementedError

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin, and commit at the end of the block; an exception rolls all of it back. Raises StorageUnavailable."""
        raise NotImplementedError

    def head(self, stream: Stream) -> Head:
        """Return the newest seq and hash of a stream."""
        raise NotImplementedError

    def streams(self) -> Mapping[Stream, Head]:
        """Return every stream of which an event is kept."""
        raise NotImplementedError

    def cursor(self) -> str:
        """Return the cursor after the newest event."""
        raise NotImplementedError

    def read(self, after: str = "", limit: int = 500) -> Page:
        """Return events in local arrival order after a cursor ("" is the beginning). Raises UnknownCursor."""
        raise NotImplementedError

    def events(self) -> Iterator[Event]:
        """Give every event in local arrival order, for a fold at start."""
        raise NotImplementedError

    def read_stream(self, stream: Stream, after_seq: int, limit: int = 500) -> list[Event]:
        """Return events of one stream with seq > after_seq, in order."""
        raise NotImplementedError

    def acked(self, peer: str, stream: Stream) -> int:
        """Return the last seq of the stream that the peer has said is safe with it."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError


class Transaction:
    """What one job may do; valid until its transaction ends."""

    log: DeviceLog
    connection: sqlite3.Connection
    """For an app's own side tables in the same commit."""

    def append(self, facts: Iterable[Fact]) -> list[Event]:
        """Stamp facts (seq, chain, at, boot, mono) and append them to the device's own stream."""
        raise NotImplementedError

    def store(self, events: Sequence[Event]) -> list[Event]:
        """Store received events and return those that were new. Repetition is harmless.

        Raises GapError, ForkError (nothing of `events` is then kept). Unknown types are stored and flagged.
        """
        raise NotImplementedError

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo only what the block wrote when it raises."""
        raise NotImplementedError

    def set_acked(self, peer: str, stream: Stream, seq: int) -> None:
        """Note that the peer has events up to seq. May go back when a peer lost its disk."""
        raise NotImplementedError
