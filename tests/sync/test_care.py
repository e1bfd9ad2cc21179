"""A store is looked at before it is used and copied at night; a broken one is kept and nothing goes on in its name."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queueing.wire import Stream
from sync import care
from sync.care import Keeper, copied, due_at, open_log
from sync.log import DeviceLog
from sync.storage import StorageReason, StorageUnavailable
from tests.sync.fakes import BOOT, HUB, KIOSK, FakeClock, chain, ticket


def opened(path: Path, stream: Stream = KIOSK, *, begins_anew: bool = False) -> DeviceLog:
    return open_log(path, stream, FakeClock(), BOOT, begins_anew=begins_anew)


def filled(path: Path, tickets: int = 400) -> None:
    log = opened(path)
    with log.transaction() as tx:
        tx.append([ticket(n) for n in range(tickets)])
        tx.store(chain(HUB, 3))
        tx.connection.execute("CREATE TABLE contact (phone)")
        tx.connection.execute("CREATE TABLE claim (id)")
        tx.connection.execute("INSERT INTO contact VALUES ('+97336001234')")
        tx.connection.execute("INSERT INTO claim VALUES ('c1')")
    log.close()


def spoil(path: Path, page: int = 5) -> None:
    """Do what a dying card does: a page in the middle comes back as something else."""
    with path.open("r+b") as file:
        file.seek(4096 * page)
        file.write(bytes(range(256)) * 16)


def asides(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.broken-*"))


# --- at the start


def test_a_whole_store_opens_as_ever(tmp_path: Path) -> None:
    filled(tmp_path / "log.db")
    log = opened(tmp_path / "log.db")
    assert log.head(KIOSK).seq == 400
    log.close()
    assert asides(tmp_path) == []


@pytest.mark.parametrize("how", ["a page", "the header", "all of it"])
def test_a_broken_store_is_set_aside_and_its_device_may_not_go_on_in_its_name(tmp_path: Path, how: str) -> None:
    path = tmp_path / "log.db"
    filled(path)
    if how == "a page":
        spoil(path)
    else:
        path.write_bytes(b"a photo of a cat" * 300 + (path.read_bytes()[4800:] if how == "the header" else b""))
    content = path.read_bytes()
    for _ in range(3):
        with pytest.raises(StorageUnavailable) as error:
            opened(path)
        assert error.value.reason is StorageReason.CORRUPT
    (aside,) = asides(tmp_path)
    assert aside == "log.db.broken-20261122T040000-1" and "incarnation over 1" in str(error.value)
    assert (tmp_path / aside).read_bytes() == content, "what can be read of it may still be needed"
    assert not path.exists()

    log = opened(path, KIOSK._replace(incarnation=2))
    with log.transaction() as tx:
        assert tx.append([ticket(1)])[0].id == "kiosk-1.2.1"
    log.close()
    spoil(path, page=1)
    with pytest.raises(StorageUnavailable):
        opened(path, KIOSK._replace(incarnation=2))
    assert len(asides(tmp_path)) == 2, "two broken ones within a second are two"
    with pytest.raises(StorageUnavailable):
        opened(path, KIOSK._replace(incarnation=2))
    opened(path, KIOSK._replace(incarnation=3)).close()


def test_who_only_receives_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    filled(path)
    spoil(path)
    log = opened(path, HUB, begins_anew=True)
    assert log.streams() == {}
    log.close()
    assert len(asides(tmp_path)) == 1
    opened(path, HUB).close()  # the file is there: nothing to refuse


def test_power_lost_between_two_renamings_leaves_nothing_to_the_new_store(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = opened(path)
    with log.transaction() as tx:
        tx.append([ticket(n) for n in range(50)])
    shutil.copy(tmp_path / "log.db-wal", tmp_path / "wal")
    log.close()
    path.rename(tmp_path / "log.db.broken-20261122T040000-1")
    (tmp_path / "wal").rename(tmp_path / "log.db-wal")
    again = opened(path, KIOSK._replace(incarnation=2))
    assert again.streams() == {}
    again.close()
    assert asides(tmp_path) == ["log.db.broken-20261122T040000-1", "log.db.broken-20261122T040000-1-wal"]


def test_other_troubles_set_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "log.db").mkdir()
    with pytest.raises(StorageUnavailable) as error:
        opened(tmp_path / "log.db")
    assert error.value.reason is StorageReason.IO
    assert asides(tmp_path) == []


# --- at night

STORES = {"log.db": care.OF_LOG | {"claim"}}


def test_a_copy_is_whole_and_holds_nothing_personal(tmp_path: Path) -> None:
    filled(tmp_path / "log.db")
    running = opened(tmp_path / "log.db")
    with running.transaction() as tx:
        tx.append([ticket(1)])  # still in the WAL
    # A page that is free, and was not wiped: there are SQLites that are built so.
    running._connection.execute("PRAGMA secure_delete = OFF")
    running._connection.execute("CREATE TABLE gone AS SELECT '+97336005678' AS phone")
    running._connection.execute("DROP TABLE gone")
    assert Keeper(tmp_path, STORES, FakeClock()).look_after()
    (copy,) = (tmp_path / "backup").iterdir()
    assert copy.name == "log-20261122T040000Z.db"
    assert copy.stat().st_mode & 0o077 == 0 and copy.parent.stat().st_mode & 0o077 == 0
    assert b"97336001234" not in copy.read_bytes() and b"97336005678" not in copy.read_bytes()
    left = (tmp_path / "log.db").read_bytes() + (tmp_path / "log.db-wal").read_bytes()
    assert b"97336001234" in left and b"97336005678" in left
    log = DeviceLog.open(copy, KIOSK, FakeClock(), BOOT)
    assert log.streams() == running.streams() and log.head(KIOSK).seq == 401
    log.verify()
    assert log._connection.execute("SELECT id FROM claim").fetchall() == [("c1",)]
    log.close()
    running.close()


def test_the_writer_goes_on_while_a_copy_is_made(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    filled(path, tickets=3000)
    running = opened(path)
    ended = threading.Event()
    copying = threading.Thread(
        target=lambda: (copied(path, tmp_path / "backup", None, FakeClock()), ended.set()), daemon=True
    )
    copying.start()
    commits = 0
    while not ended.is_set() and commits < 5000:
        with running.transaction() as tx:
            tx.append([ticket(1)])
        commits += 1
    copying.join(20)
    assert ended.is_set() and commits > 3
    running.verify()
    running.close()


def test_a_store_found_broken_at_night_is_told_and_older_copies_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path / "log.db")
    clock = FakeClock()
    keeper = Keeper(tmp_path, STORES, clock)
    assert keeper.look_after()
    connection = sqlite3.connect(tmp_path / "log.db")
    connection.execute("UPDATE event SET wire = replace(wire, 'A007', 'A008') WHERE seq = 8")
    connection.commit()
    connection.close()
    clock.pass_time(86_400)
    assert not keeper.look_after()
    assert "copy_failed store=log.db" in caplog.text
    spoil(tmp_path / "log.db")
    assert not keeper.look_after()
    assert [copy.name for copy in (tmp_path / "backup").glob("*.db")] == ["log-20261122T040000Z.db"]


def test_an_index_that_does_not_tell_what_its_table_holds_is_found(tmp_path: Path) -> None:
    store = tmp_path / "some.db"
    with closing(sqlite3.connect(store)) as connection:
        for name in ("one", "two"):
            connection.execute(f"CREATE TABLE {name} (x)")
            connection.execute(f"CREATE INDEX of_{name} ON {name} (x)")
            connection.execute(f"INSERT INTO {name} VALUES (?)", (name,))  # noqa: S608
        connection.commit()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT sum(rootpage) FROM sqlite_master WHERE type = 'index')"
            " - rootpage WHERE type = 'index'"
        )
        connection.commit()
    with pytest.raises(StorageUnavailable) as error:
        copied(store, tmp_path / "backup", None, FakeClock())
    assert error.value.reason is StorageReason.CORRUPT


def test_an_unfinished_copy_does_not_stay(tmp_path: Path) -> None:
    filled(tmp_path / "log.db", 5)
    left = tmp_path / "backup" / "log.part"
    left.parent.mkdir()
    left.write_bytes(b"+97336001234")
    keeper = Keeper(tmp_path, STORES, FakeClock())
    keeper.start()
    keeper.close()
    assert not left.exists()
    spoil(tmp_path / "log.db", page=2)
    assert not Keeper(tmp_path, STORES, FakeClock()).look_after()
    assert list(left.parent.iterdir()) == []


def test_as_many_copies_are_kept_as_nights_of_a_week(tmp_path: Path) -> None:
    filled(tmp_path / "log.db", 5)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "log-of-somebody.db").touch()
    clock = FakeClock()
    for _ in range(care.KEPT + 3):
        assert Keeper(tmp_path, STORES | {"none.db": None}, clock).look_after()
        clock.pass_time(86_400)
    names = sorted(path.name for path in (tmp_path / "backup").iterdir())
    assert len(names) == care.KEPT + 1
    assert names[0] == "log-20261125T040000Z.db" and names[-1] == "log-of-somebody.db"


def test_when_the_next_copy_is_due() -> None:
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert due_at(None, at) == at
    assert due_at(at + timedelta(days=400), at) == at, "the clock was wrong then"
    due = due_at(at, at)
    assert due.astimezone().hour == care.NIGHT_HOUR and timedelta(0) < due - at <= timedelta(days=1)
    assert due_at(due, due) == due + timedelta(days=1)
    long_off = at + timedelta(days=5)
    assert due_at(at, long_off) < long_off


def test_a_machine_that_was_off_at_night_does_it_when_it_has_been_on_for_a_while(tmp_path: Path) -> None:
    filled(tmp_path / "log.db", 5)
    clock = FakeClock()
    keeper = Keeper(tmp_path, STORES, clock)
    assert keeper._wait_s() == 600
    clock.pass_time(600)
    keeper.start()
    copies = tmp_path / "backup"
    for _ in range(1000):
        if copies.exists() and list(copies.glob("*.db")):
            break
        threading.Event().wait(0.01)
    keeper.close()
    assert len(list(copies.glob("*.db"))) == 1
