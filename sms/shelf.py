"""Where an outbox keeps its rows: what it asks of any place, and the file that is the usual one. It knows no life."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from sms.message import Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL UNIQUE,
    number TEXT,
    text TEXT,
    lang TEXT NOT NULL,
    kind TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    taken_at REAL NOT NULL,
    stage TEXT NOT NULL,
    due_at REAL NOT NULL,
    until REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    sent_at REAL,
    why TEXT NOT NULL DEFAULT '',
    foreign_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS open_messages ON message (stage, urgent DESC, row)
    WHERE stage IN ('queued', 'sending', 'sent');
CREATE INDEX IF NOT EXISTS message_of_number ON message (number, taken_at) WHERE number IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_by_time ON message (taken_at);
"""


class Rows(Protocol):
    """What a statement gave."""

    def fetchone(self) -> Sequence[Any] | None:
        """Return the next row."""
        ...

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """Return the rest."""
        ...


class Shelf(Protocol):
    """Where an outbox keeps its rows; its methods raise what its kind of storage does. Not for two threads at once."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement with `?` for each value."""
        ...

    def transaction(self) -> AbstractContextManager[object]:
        """Make what is run within it one change, and the only one: it waits for others that use the same rows."""
        ...

    def turn(self) -> int:
        """Return 0 while another process sends what is here, else a number that is new each time it begins to be us."""
        ...

    def hidden(self, number: str) -> str:
        """Return what is kept of a number to count by."""
        ...

    def kept(self, message: Message) -> tuple[str, str]:
        """Return what is kept as number and text of a message."""
        ...

    def opened(self, identity: str, number: str, text: str) -> tuple[str, str]:
        """Return number and text of what was kept."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class FileShelf:
    """A SQLite file: one connection, WAL, synchronous=FULL; what is erased is overwritten.

    SQLite before 3.51.3 can corrupt a WAL that two connections checkpoint at once, so nobody else opens the file.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode.
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA secure_delete=ON")
        self._connection.executescript(_SCHEMA)

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement."""
        return cast(Rows, self._connection.execute(statement, values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is run within it one change."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def turn(self) -> int:
        """Return 1: nobody else has the file."""
        return 1

    def hidden(self, number: str) -> str:
        """Return the number: the file is its owner's alone."""
        return number

    def kept(self, message: Message) -> tuple[str, str]:
        """Return number and text."""
        return message.to, message.text

    def opened(self, identity: str, number: str, text: str) -> tuple[str, str]:
        """Return them as they are."""
        return number, text

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
