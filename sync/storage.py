"""How every durable SQLite file of the house is opened, and which of its failures are known.

A known failure (disk full, read-only, busy, corrupt) becomes `StorageUnavailable` here and nowhere else; any other
sqlite3 error is a bug and passes through.
"""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from pathlib import Path


class StorageReason(StrEnum):
    """Why the disk did not take or give what was asked."""

    FULL = "full"
    READ_ONLY = "read_only"
    BUSY = "busy"
    CORRUPT = "corrupt"
    IO = "io"
    GONE = "gone"


class StorageUnavailable(Exception):  # noqa: N818  # the house names failures by kind: unavailable
    """The storage cannot be used now: nothing of the transaction was kept. Retry, degrade, tell staff."""

    def __init__(self, reason: StorageReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


_REASONS = {
    sqlite3.SQLITE_FULL: StorageReason.FULL,
    sqlite3.SQLITE_READONLY: StorageReason.READ_ONLY,
    sqlite3.SQLITE_PERM: StorageReason.READ_ONLY,
    sqlite3.SQLITE_BUSY: StorageReason.BUSY,
    sqlite3.SQLITE_LOCKED: StorageReason.BUSY,
    sqlite3.SQLITE_CORRUPT: StorageReason.CORRUPT,
    sqlite3.SQLITE_NOTADB: StorageReason.CORRUPT,
    sqlite3.SQLITE_IOERR: StorageReason.IO,
    sqlite3.SQLITE_CANTOPEN: StorageReason.IO,
}


class _KnownFailures:
    """A class, not a generator: every look at a log comes through here."""

    __slots__ = ("_where",)

    def __init__(self, where: str = "") -> None:
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, sqlite3.Error):
            return
        # The low byte is the primary code; the rest says where it happened (SQLITE_IOERR_FSYNC and so on).
        reason = _REASONS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if reason is None and str(error).startswith("Could not decode to UTF-8"):
            reason = StorageReason.CORRUPT  # Python's own finding, without a code: nobody wrote such a text.
        if reason is not None:
            raise StorageUnavailable(reason, f"{self._where}{error}") from error


_CACHE_KIB = 512
_KNOWN_FAILURES = _KnownFailures()


def known_failures() -> _KnownFailures:
    """Turn SQLite's known failures within the block into `StorageUnavailable`; let bugs through."""
    return _KNOWN_FAILURES


def connect(path: Path, *, busy_timeout_ms: int = 2000) -> sqlite3.Connection:
    """Open the file's one connection: WAL, synchronous=FULL, foreign keys, explicit transactions.

    One connection for each file, ever: two that checkpoint at once can corrupt a WAL in SQLite 3.7.0 to 3.51.2
    (https://sqlite.org/wal.html#walresetbug), and Debian 12 ships 3.40.1. It belongs to the thread that calls this.
    """
    with _KnownFailures(f"{path}: "):
        connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in (
            f"busy_timeout = {busy_timeout_ms:d}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            # Logs are appended to and read in order: what is worth keeping are some inner pages, not SQLite's 2 MB.
            f"cache_size = -{_CACHE_KIB:d}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    return connection


def only_reading(path: Path) -> sqlite3.Connection:
    """Open a file that may have its one connection already. Raises StorageUnavailable, also when there is none.

    What can only read never makes a checkpoint, so it does not break the rule of `connect`.
    """
    with _KnownFailures(f"{path}: "):
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
