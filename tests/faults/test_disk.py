"""The disk says no: full, read-only, failing. The caller is told which, nothing acknowledged is lost, and it heals.

Each operation of a commit is refused in turn, once and for a while; then a real file system is filled up.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sync.log import DeviceLog, Transaction
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import LogWriter
from tests.faults.vfs import OK, Cut, Made, Op, Removed, Said, Synced, Witness, Wrote, witnessed
from tests.sync.fakes import KIOSK, open_log, ticket

CODES = {
    Wrote: (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE),
    Synced: (sqlite3.SQLITE_IOERR_FSYNC,),
    Cut: (sqlite3.SQLITE_IOERR_TRUNCATE,),
    Made: (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY),
    Removed: (sqlite3.SQLITE_IOERR_DELETE,),
}
"""What a disk may answer to which operation."""


def _append(tx: Transaction) -> int:
    return tx.append([ticket(n) for n in range(3)])[-1].seq


def _opened(path: Path) -> DeviceLog:
    log = open_log(path)
    log._connection.execute("PRAGMA wal_autocheckpoint = 8")
    return log


class Answers:
    """What became of jobs: the seqs that were promised, and the reasons why others were not."""

    def __init__(self) -> None:
        self.safe = 0
        self.reasons: set[StorageReason] = set()

    def take(self, future: Future[int]) -> bool:
        try:
            seq = future.result(10)
        except StorageUnavailable as error:
            self.reasons.add(error.reason)
            return False
        assert seq == self.safe + 3, "what was refused has left no trace"
        self.safe = seq
        return True


class Trouble:
    """Refuses from the `first`th operation on, `times` of them, each with the `code`th answer that it may give."""

    def __init__(self, first: int, times: int, code: int) -> None:
        self._first, self._times, self._code = first, times, code
        self.seen = 0

    def __call__(self, op: Op) -> int:
        self.seen += 1
        if isinstance(op, Said) or not self._first <= self.seen < self._first + self._times:
            return OK
        codes = CODES[type(op)]
        return codes[self._code % len(codes)]


def _lives_through(path: Path, witness: Witness, trouble: Trouble) -> Answers:
    writer = LogWriter(lambda: _opened(path))
    writer.start()
    answers = Answers()
    witness.refuse = trouble
    for _ in range(6):
        answers.take(writer.submit(_append))
    witness.refuse = lambda _: OK
    assert answers.take(writer.submit(_append)), "it heals by itself"
    assert writer.alive
    writer.close()
    log = open_log(path)
    assert log.head(KIOSK).seq == answers.safe
    log.verify()
    log.close()
    return answers


@pytest.mark.survives("a disk that refuses an operation", 60)
@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("times", [1, 12])
def test_any_operation_is_refused(tmp_path: Path, times: int, code: int) -> None:
    told = set()
    with witnessed() as witness:
        for first in range(1, 200):
            path = tmp_path / f"{first}.db"
            trouble = Trouble(first, times, code)
            told |= _lives_through(path, witness, trouble).reasons
            if trouble.seen < first:
                break
    assert first > 60, "six commits do more to their disk than that"
    assert told >= {StorageReason.IO, [StorageReason.FULL, StorageReason.IO][code]}


def test_a_disk_that_refuses_a_new_log_is_told_and_makes_it_later(tmp_path: Path) -> None:
    with witnessed() as witness:
        for first in range(1, 40):
            path = tmp_path / f"{first}.db"
            trouble = Trouble(first, 1000, 0)
            witness.refuse = trouble
            with suppress(StorageUnavailable):
                open_log(path).close()
            witness.refuse = lambda _: OK
            log = open_log(path)
            with log.transaction() as tx:
                tx.append([ticket(1)])
            log.verify()
            log.close()
            if trouble.seen < first:
                break
    assert first > 10


# --- a file system of its own; only root may mount one

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")


@contextmanager
def _small_disk(at: Path, kilobytes: int) -> Iterator[Path]:
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "dawr-test", str(at)], check=True, timeout=10)
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True, timeout=10)


def _until_refused(writer: LogWriter, answers: Answers) -> None:
    for _ in range(2000):
        if not answers.take(writer.submit(_append)):
            return
    pytest.fail("the disk never said no")


@pytest.mark.survives("a full file system", 2)
@needs_root
def test_a_full_disk_says_so_loses_nothing_and_heals(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk", 512) as disk:
        (disk / "somebody's").write_bytes(bytes(64 * 1024))
        writer = LogWriter(lambda: open_log(disk / "log.db"))
        writer.start()
        answers = Answers()
        for _ in range(2):  # full, freed, full again: what is left over of the first time must not be in the way
            _until_refused(writer, answers)
            assert not answers.take(writer.submit(_append)), "still full"
            assert answers.reasons <= {StorageReason.FULL, StorageReason.IO}
            assert StorageReason.FULL in answers.reasons
            freed = next(disk.glob("somebody*"), None)
            if freed is not None:
                freed.unlink()
                assert answers.take(writer.submit(_append)), "it heals by itself"
        writer.close()
        log = open_log(disk / "log.db")
        assert log.head(KIOSK).seq == answers.safe > 100
        log.verify()
        log.close()


@pytest.mark.survives("a read-only file system", 1)
@needs_root
def test_a_read_only_disk_says_so_loses_nothing_and_heals(tmp_path: Path) -> None:
    def remount(mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True, timeout=10)

    with _small_disk(tmp_path / "disk", 2048) as disk:
        log = open_log(disk / "log.db")
        with log.transaction() as tx:
            safe = _append(tx)
        log.close()  # The kernel remounts a failing disk beneath open files, too; by hand there must be none.
        remount("ro")
        with pytest.raises(StorageUnavailable) as error:
            open_log(disk / "log.db")
        assert error.value.reason in (StorageReason.READ_ONLY, StorageReason.IO)
        remount("rw")
        log = open_log(disk / "log.db")
        assert log.head(KIOSK).seq == safe
        log.close()
