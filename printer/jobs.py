"""The spool's memory: which tickets were to be printed and what became of each, in a SQLite file of its own.

One connection, WAL, synchronous=FULL: what a method has done is on the disk when it returns. SQLite before 3.51.3 can
corrupt a WAL that two connections checkpoint at once, so nobody else opens the file. No printing and no threads here,
but any thread may call.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from printer.outcome import Outcome, PaperLeft, State, Why

JobId = str

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    copy INTEGER NOT NULL,
    paper TEXT NOT NULL,
    submitted_at REAL NOT NULL,
    stage TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    paper_left TEXT NOT NULL DEFAULT 'unknown',
    told INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS one_original ON job (id) WHERE copy = 0;
CREATE INDEX IF NOT EXISTS open_jobs ON job (row) WHERE told = 0;
"""
_QUEUED, _PRINTING = "queued", "printing"


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket that waits. `row` is its order in the spool, `submitted_at` wall-clock seconds."""

    row: int
    id: JobId
    copy: bool
    paper: str
    submitted_at: float


@dataclass(frozen=True, slots=True)
class SettledJob:
    """A ticket whose outcome was not told to the end yet."""

    row: int
    id: JobId
    outcome: Outcome


class Jobs:
    """The open file. Raises sqlite3.Error where the disk fails (unavailable) or the file is another's (bug)."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        # In KiB: it is appended to, and SQLite's own choice of 2 MB would fill with tickets long printed.
        self._connection.execute("PRAGMA cache_size=-256")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def submit(self, job: JobId, paper: str, *, copy: bool, at: float) -> bool:
        """Write a ticket down; return whether it is new. An original's id is taken once and for all."""
        with self._transaction():
            added = self._connection.execute(
                "INSERT OR IGNORE INTO job (id, copy, paper, submitted_at, stage) VALUES (?, ?, ?, ?, ?)",
                (job, int(copy), paper, at, _QUEUED),
            )
            return added.rowcount > 0

    def next(self) -> Job | None:
        """Return the ticket that has waited longest."""
        with self._lock:
            found = self._connection.execute(
                "SELECT row, id, copy, paper, submitted_at FROM job WHERE stage = ? AND told = 0 ORDER BY row LIMIT 1",
                (_QUEUED,),
            ).fetchone()
        return found and Job(found[0], found[1], bool(found[2]), found[3], found[4])

    def open(self) -> int:
        """Return how many are not settled and told."""
        with self._lock:
            return int(self._connection.execute("SELECT COUNT(*) FROM job WHERE told = 0").fetchone()[0])

    def begin(self, row: int) -> None:
        """Note that a ticket's first byte goes out next: from here on it is never begun again."""
        with self._transaction():
            self._connection.execute("UPDATE job SET stage = ? WHERE row = ?", (_PRINTING, row))

    def settle(self, row: int, outcome: Outcome) -> None:
        """Write down how a ticket ended, and forget what stood on it."""
        with self._transaction():
            self._settle("row = ?", (row,), outcome)

    def settle_interrupted(self) -> int:
        """Settle as unknown what was being printed when the last process ended; return how many there were."""
        with self._transaction():
            return self._settle("stage = ?", (_PRINTING,), Outcome(State.UNKNOWN, Why.INTERRUPTED))

    def _settle(self, where: str, values: tuple[object, ...], outcome: Outcome) -> int:
        done = self._connection.execute(
            f"UPDATE job SET stage = ?, why = ?, paper_left = ?, paper = '' WHERE {where}",  # noqa: S608  # ours
            (outcome.state, outcome.why, outcome.paper, *values),
        )
        return done.rowcount

    def untold(self) -> list[SettledJob]:
        """Return the settled tickets whose outcome may not have been told, oldest first."""
        with self._lock:
            found = self._connection.execute(
                "SELECT row, id, stage, why, paper_left, copy FROM job"
                " WHERE told = 0 AND stage NOT IN (?, ?) ORDER BY row",
                (_QUEUED, _PRINTING),
            ).fetchall()
        return [
            SettledJob(row, job, Outcome(State(stage), Why(why), PaperLeft(left), bool(copy)))
            for row, job, stage, why, left, copy in found
        ]

    def told(self, row: int) -> None:
        """Note that an outcome was told."""
        with self._transaction():
            self._connection.execute("UPDATE job SET told = 1 WHERE row = ?", (row,))

    def forget(self, before: float) -> int:
        """Delete the told tickets from before a wall-clock second; return how many."""
        with self._transaction():
            done = self._connection.execute("DELETE FROM job WHERE told = 1 AND submitted_at < ?", (before,))
            return done.rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
