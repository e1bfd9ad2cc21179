"""Known failures of the disk, made by real means, become one error; a bug stays a bug."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sync.storage import StorageReason, StorageUnavailable, connect, known_failures
from tests.sync.fakes import open_log, ticket


def reason_of(error: pytest.ExceptionInfo[StorageUnavailable]) -> StorageReason:
    return error.value.reason


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable) as error:
        connect(tmp_path / "none" / "log.db")
    assert reason_of(error) is StorageReason.IO


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"a photo of a cat" * 300)
    with pytest.raises(StorageUnavailable) as error:
        open_log(tmp_path / "log.db")
    assert reason_of(error) is StorageReason.CORRUPT


def test_a_disk_without_room(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    log._connection.execute(f"PRAGMA max_page_count = {log._connection.execute('PRAGMA page_count').fetchone()[0] + 4}")
    kept = 0
    with pytest.raises(StorageUnavailable) as error:
        for n in range(1, 1000):
            with log.transaction() as tx:
                tx.append([ticket(n)])
            kept = n
    assert reason_of(error) is StorageReason.FULL
    assert 0 < kept == log.head(log.stream).seq
    log._connection.execute("PRAGMA max_page_count = 100000")
    with log.transaction() as tx:
        assert tx.append([ticket(0)])[0].seq == kept + 1
    log.verify()
    log.close()


def test_a_full_disk_that_a_job_swallowed_is_still_told(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    log._connection.execute(f"PRAGMA max_page_count = {log._connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StorageUnavailable), log.transaction() as tx:
        try:
            for n in range(1, 1000):
                tx.append([ticket(n)])
        except StorageUnavailable:
            pass
    assert log.head(log.stream).seq == 0
    log.close()


def test_a_file_that_another_holds(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    log._connection.execute("PRAGMA busy_timeout = 1")
    other = connect(tmp_path / "log.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable) as error, log.transaction():
        pass
    assert reason_of(error) is StorageReason.BUSY
    other.close()
    log.close()


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    log._connection.execute("PRAGMA query_only = ON")  # as root is let into any file, SQLite has to do the refusing
    with pytest.raises(StorageUnavailable) as error, log.transaction() as tx:
        tx.append([ticket(1)])
    assert reason_of(error) is StorageReason.READ_ONLY
    log.close()


def test_a_bug_stays_a_bug(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db")
    with pytest.raises(sqlite3.OperationalError), known_failures():
        connection.execute("SELEKT 1")
    connection.close()
