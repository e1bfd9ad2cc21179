"""The log: chained, durable, idempotent, one commit for everything."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from queueing.wire import GENESIS, Event, Stream
from sync.log import DeviceLog, Head, StorageReason, StorageUnavailable
from tests.sync.fakes import KIOSK, open_log, ticket

OTHER = Stream("kiosk-2", 1)


def store(log: DeviceLog, events: list[Event]) -> list[Event]:
    with log.transaction() as tx:
        return tx.store(events)


def test_a_raise_keeps_nothing_of_the_transaction(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with pytest.raises(RuntimeError), log.transaction() as tx:
        tx.append([ticket(1)])
        tx.connection.execute("CREATE TABLE side (x)")
        raise RuntimeError
    assert log.head(KIOSK) == Head(0, GENESIS)
    assert list(log.events()) == []
    assert not log._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'side'").fetchall()
    with log.transaction() as tx:
        assert tx.append([ticket(1)])[0].seq == 1
    log.close()


def test_side_tables_share_the_commit(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.connection.execute("CREATE TABLE claim (id TEXT PRIMARY KEY, ticket TEXT)")
        (event,) = tx.append([ticket(1)])
        tx.connection.execute("INSERT INTO claim VALUES ('c1', ?)", (event.id,))
    log.close()
    row = sqlite3.connect(tmp_path / "log.db")
    assert row.execute("SELECT ticket FROM claim").fetchall() == [("kiosk-1.1.1",)]
    row.close()


# --- what comes from others


def test_acknowledgements_are_kept_for_each_peer(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2)])
        tx.set_acked("hub", KIOSK, 2)
        tx.set_acked("hub", KIOSK, 1)
        tx.set_acked("standby", KIOSK, 2)
    log.close()
    log = open_log(tmp_path / "log.db")
    assert [log.acked(peer, KIOSK) for peer in ("hub", "standby", "server")] == [1, 2, 0]
    assert len(log.read_stream(KIOSK, 0)) == 2
    log.close()


def test_an_event_that_the_disk_has_spoiled_is_told_as_such(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2)])
    for spoiled in ("substr(wire, 1, 40)", "replace(wire, '\"seq\":2', '\"seq\":null')", "CAST(x'FF00' AS TEXT)"):
        log._connection.execute(f"UPDATE event SET wire = {spoiled} WHERE seq = 2")  # noqa: S608
        for read in (log.verify, lambda: list(log.events()), lambda: log.read_stream(KIOSK, 0)):
            with pytest.raises(StorageUnavailable) as error:
                read()
            assert error.value.reason is StorageReason.CORRUPT
    log.close()


def test_another_thread_may_not_use_it(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    errors: list[Exception] = []

    def read() -> None:
        try:
            log.read()
        except sqlite3.ProgrammingError as error:
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(errors) == 1
    log.close()


def test_the_file_is_durable_by_its_settings(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    pragma = {
        name: log._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    log.close()
