"""What waits in memory and what SQLite has are one, whatever savepoints, looks and side tables come in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.commit import Commit
from sync.log import DeviceLog, Log
from sync.transaction import Transaction
from tests.sync.fakes import KIOSK, open_log, ticket
from tests.sync.nesting import walk


class SideTable:
    """An app's own table in the log's file."""

    def rows(self, log: Log) -> list[int]:
        assert isinstance(log, DeviceLog)
        return [row[0] for row in log._connection.execute("SELECT n FROM side ORDER BY n")]

    def add(self, tx: Commit, row: int) -> None:
        assert isinstance(tx, Transaction)
        tx.connection.execute("INSERT INTO side VALUES (?)", (row,))


@pytest.mark.parametrize("seed", range(60))
def test_any_nesting_equals_the_model(tmp_path: Path, seed: int) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.connection.execute("CREATE TABLE side (n INTEGER PRIMARY KEY)")
    walk(log, seed, SideTable())
    log.close()


def test_looking_is_no_writing(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1)])
        before = tx.writes
        assert len(log.read_stream(KIOSK, 0)) == 1
        assert tx.writes == before
        tx.append([ticket(2)])
        assert tx.writes != before
    log.close()
