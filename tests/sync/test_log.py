"""The log: chained, durable, idempotent, one commit for everything."""

from __future__ import annotations

import random
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from queueing.wire import GENESIS, Event, Stream
from sync.log import DeviceLog, ForkError, GapError, Head, StorageReason, StorageUnavailable, UnknownCursorError
from tests.sync.fakes import BOOT, HUB, KIOSK, FakeClock, chain, open_log, ticket

OTHER = Stream("kiosk-2", 1)


def store(log: DeviceLog, events: list[Event]) -> list[Event]:
    with log.transaction() as tx:
        return tx.store(events)


def test_append_stamps_and_chains(tmp_path: Path) -> None:
    clock = FakeClock()
    log = DeviceLog.open(tmp_path / "log.db", KIOSK, clock, BOOT)
    with log.transaction() as tx:
        first, second = tx.append([ticket(1), ticket(2)])
    clock.pass_time(2.5)
    with log.transaction() as tx:
        (third,) = tx.append([ticket(3)])
    assert (first.id, second.id, third.id) == ("kiosk-1.1.1", "kiosk-1.1.2", "kiosk-1.1.3")
    assert (first.prev, second.prev, third.prev) == (GENESIS, first.hash, second.hash)
    assert third.boot == BOOT and third.mono == first.mono + 2.5
    assert (third.at - first.at).total_seconds() == 2.5
    assert log.head(KIOSK) == Head(3, third.hash)
    log.close()


def test_reopened_log_goes_on_where_it_was(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1)])
        tx.store(chain(OTHER, 3) + chain(Stream("kiosk-2", 2), 2) + chain(Stream("a", 1), 1))
    before = log.streams()
    log.close()
    again = open_log(tmp_path / "log.db")
    assert again.streams() == before and len(before) == 4
    with again.transaction() as tx:
        (event,) = tx.append([ticket(2)])
    assert event.seq == 2
    again.verify()
    again.close()


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        appended = tx.append([ticket(1), ticket(2)])
    stored = store(log, chain(OTHER, 2))
    assert list(log.events()) == appended + stored
    assert log.read_stream(OTHER, 1) == stored[1:]
    assert log.read_stream(KIOSK, 0, limit=1) == appended[:1]
    log.close()


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


def test_a_savepoint_undoes_only_its_own(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1)])
        with pytest.raises(RuntimeError), tx.savepoint():
            tx.append([ticket(2)])
            raise RuntimeError
        tx.append([ticket(3)])
        assert [event.seq for event in tx.events] == [1, 2]
    assert [event.body["number"] for event in log.events()] == ["A001", "A003"]
    log.verify()
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


def test_storing_twice_is_storing_once(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    events = chain(KIOSK, 5)
    assert store(log, events[:3]) == events[:3]
    assert store(log, events) == events[3:]
    assert store(log, events) == []
    assert list(log.events()) == events
    log.close()


def test_a_gap_names_what_is_expected_and_keeps_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    events = chain(KIOSK, 5)
    store(log, events[:2])
    with pytest.raises(GapError) as gap:
        store(log, events[3:])
    assert gap.value.expect_seq == 3 and gap.value.stream == KIOSK
    with pytest.raises(GapError):
        store(log, [events[2], events[4]])
    assert log.head(KIOSK) == Head(2, events[1].hash)
    log.close()


@pytest.mark.parametrize("known", [3, 5])
def test_another_history_is_a_fork(tmp_path: Path, known: int) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    events = chain(KIOSK, 3)
    other = events[:2] + chain(KIOSK, 3, start=events[1], salt="restored ")
    store(log, events[:known])
    with pytest.raises(ForkError) as fork:
        store(log, other)
    assert fork.value.seq == 3
    with pytest.raises(ForkError) as fork:
        store(log, other[3:])
    assert fork.value.seq == 4
    assert log.head(KIOSK) == Head(3, events[2].hash)
    log.close()


def test_ones_own_future_from_another_is_a_fork(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db", KIOSK)
    with pytest.raises(ForkError):
        store(log, chain(KIOSK, 1))
    log.close()


def test_any_order_and_repetition_of_delivery_is_stored_equal(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    streams = {stream: chain(stream, 12) for stream in (KIOSK, OTHER, Stream("kiosk-3", 2))}
    wanted = {stream: Head(12, events[-1].hash) for stream, events in streams.items()}
    for round_ in range(20):
        log = open_log(tmp_path / f"{round_}.db", HUB)
        while dict(log.streams()) != wanted:
            events = streams[chance.choice(list(streams))]
            first = chance.randrange(12)
            try:
                store(log, events[first : first + chance.randrange(1, 6)])
            except GapError as gap:
                assert gap.expect_seq <= first
        assert {stream: log.read_stream(stream, 0) for stream in wanted} == streams
        log.verify()
        log.close()


def test_what_is_not_understood_is_kept_flagged_and_passed_on(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    base = chain(KIOSK, 3)
    first = Event(**{**vars_of(base[0]), "type": "RobotGreeted", "version": 9, "body": {"مرحبا": [1, {"x": None}]}})
    second = Event(**{**vars_of(base[1]), "prev": first.hash, "body": {"no": "day"}})
    third = Event(**{**vars_of(base[2]), "prev": second.hash})
    assert store(log, [first, second, third]) == [first, second, third]
    assert log.unknown() == 2
    assert log.read_stream(KIOSK, 0) == [first, second, third]
    assert [event.hash for event in log.read().events] == [first.hash, second.hash, third.hash]
    log.close()


def vars_of(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__dataclass_fields__}


# --- reading on


def test_reading_in_pages_in_order_of_arrival(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    events = chain(KIOSK, 3) + chain(OTHER, 3)
    store(log, events)
    page = log.read(limit=4)
    assert (list(page.events), page.more) == (events[:4], True)
    rest = log.read(page.cursor, limit=4)
    assert (list(rest.events), rest.more) == (events[4:], False)
    assert rest.cursor == log.cursor()
    assert log.read(rest.cursor) == type(rest)((), rest.cursor, False)
    log.close()


@pytest.mark.parametrize("cursor", ["x", "0123:1", ":1", "{id}:7", "{id}:-1", "{id}:١", "{id}:" + "9" * 30, "{id}:"])
def test_a_cursor_of_another_log_is_found_out(tmp_path: Path, cursor: str) -> None:
    log = open_log(tmp_path / "log.db", HUB)
    store(log, chain(KIOSK, 6))
    with pytest.raises(UnknownCursorError):
        log.read(cursor.format(id=log.cursor().partition(":")[0]))
    log.close()


def test_the_cursor_at_a_moment_is_before_what_was_stored_then(tmp_path: Path) -> None:
    clock = FakeClock()
    log = DeviceLog.open(tmp_path / "log.db", HUB, clock, BOOT)
    assert log.cursor_at(clock.now()) == ""
    events, moments = chain(KIOSK, 12), []
    for first in range(0, 12, 2):
        moments.append(clock.now())
        store(log, events[first : first + 2])
        clock.pass_time(60)
    for n, moment in enumerate(moments):
        assert list(log.read(log.cursor_at(moment)).events) == events[2 * n :]
        assert list(log.read(log.cursor_at(moment + timedelta(seconds=1))).events) == events[2 * n + 2 :]
    assert log.cursor_at(moments[0]) == "" and log.cursor_at(clock.now()) == log.cursor()
    log.close()


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


def test_verify_finds_a_changed_event(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2), ticket(3)])
    log.verify()
    log._connection.execute("UPDATE event SET wire = replace(wire, 'A002', 'A009') WHERE seq = 2")
    with pytest.raises(ForkError) as fork:
        log.verify()
    assert fork.value.seq == 2
    log._connection.execute("DELETE FROM event WHERE seq = 2")
    with pytest.raises(GapError):
        log.verify()
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
