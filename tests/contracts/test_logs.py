"""A log keeps the same promises, whatever keeps it: a device's file, and the server's tables in PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from queueing.wire import GENESIS, Event, Stream
from server.logs.log import CentresLog
from sync.clock import Clock
from sync.log import DeviceLog, ForkError, GapError, Head, Log, StorageReason, StorageUnavailable, UnknownCursorError
from tests.clusters import fresh_database
from tests.server.logs.tables import Database
from tests.sync.fakes import BOOT, HUB, KIOSK, FakeClock, chain, ticket
from tests.sync.nesting import walk

OTHER = Stream("kiosk-2", 1)


class Place(Protocol):
    """Where a log is kept."""

    def open(self, stream: Stream = KIOSK, clock: Clock | None = None) -> Log: ...

    def empty(self) -> None: ...

    def spoil(self, verb: str, what: str) -> None:
        """Do to the events what no program of ours does."""


class File:
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, stream: Stream = KIOSK, clock: Clock | None = None) -> Log:
        self._log = DeviceLog.open(self._path, stream, clock or FakeClock(), BOOT)
        return self._log

    def empty(self) -> None:
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    def spoil(self, verb: str, what: str) -> None:
        self._log._connection.execute(f"{verb} event {what}")


class Tables:
    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, stream: Stream = KIOSK, clock: Clock | None = None) -> Log:
        return CentresLog(self._database.url, stream, lambda device: f"centre of {device}", clock or FakeClock(), BOOT)

    def empty(self) -> None:
        self._database.empty()

    def spoil(self, verb: str, what: str) -> None:
        self._database.execute(f"{verb} log_event {what}")


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database(fresh_database("log_contract"))
    yield database
    database.close()


@pytest.fixture(params=["file", "tables"])
def place(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Place:
    if request.param == "file":
        return File(tmp_path / "log.db")
    database.empty()
    return Tables(database)


def store(log: Log, events: list[Event]) -> list[Event]:
    with log.transaction() as tx:
        return tx.store(events)


def test_append_stamps_and_chains(place: Place) -> None:
    clock = FakeClock()
    log = place.open(KIOSK, clock)
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


def test_reopened_log_goes_on_where_it_was(place: Place) -> None:
    log = place.open()
    with log.transaction() as tx:
        tx.append([ticket(1)])
        tx.store(chain(OTHER, 3) + chain(Stream("kiosk-2", 2), 2) + chain(Stream("a", 1), 1))
    before = log.streams()
    log.close()
    again = place.open()
    assert again.streams() == before and len(before) == 4
    with again.transaction() as tx:
        (event,) = tx.append([ticket(2)])
    assert event.seq == 2
    again.verify()
    again.close()


def test_events_come_back_as_they_were(place: Place) -> None:
    log = place.open()
    with log.transaction() as tx:
        appended = tx.append([ticket(1), ticket(2)])
    stored = store(log, chain(OTHER, 2))
    assert list(log.events()) == appended + stored
    assert log.read_stream(OTHER, 1) == stored[1:]
    assert log.read_stream(KIOSK, 0, limit=1) == appended[:1]
    log.close()


def test_who_asks_for_some_streams_is_given_these_alone_and_waits_for_no_others(place: Place) -> None:
    log, again = place.open(HUB), Stream("kiosk-2", 2)
    every = {stream: chain(stream, 9) for stream in (KIOSK, OTHER, again, Stream("kiosk-9", 1))}
    for begin in range(0, 9, 3):
        for events in every.values():
            store(log, events[begin : begin + 3])
    mine = [event.text for event in log.events() if event.stream in (KIOSK, again)]
    found, after, more = [], "", True
    while more:
        page = log.read_page(after, 4, lambda stream: stream in (KIOSK, again))
        found += [text for _, text in page.texts]
        assert all(stream in (KIOSK, again) for stream, _ in page.texts) and len(page.texts) <= 4
        after, more = page.cursor, page.more
    assert found == mine and len(mine) == 18
    assert after == log.cursor(), "what comes of others meanwhile is not looked at again"
    store(log, chain(OTHER, 12)[9:])
    assert log.read_page(after, 4, lambda stream: stream == KIOSK).texts == ()
    assert log.read_page("", 4, lambda stream: False).cursor == log.cursor()
    log.close()


def test_a_savepoint_undoes_only_its_own(place: Place) -> None:
    log = place.open()
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


def test_any_nesting_equals_the_model(place: Place) -> None:
    for seed in range(12):
        place.empty()
        log = place.open()
        walk(log, seed)
        log.close()


def test_storing_twice_is_storing_once(place: Place) -> None:
    log = place.open(HUB)
    events = chain(KIOSK, 5)
    assert store(log, events[:3]) == events[:3]
    assert store(log, events) == events[3:]
    assert store(log, events) == []
    assert list(log.events()) == events
    log.close()


def test_a_gap_names_what_is_expected_and_keeps_nothing(place: Place) -> None:
    log = place.open(HUB)
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
def test_another_history_is_a_fork(place: Place, known: int) -> None:
    log = place.open(HUB)
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


def test_ones_own_future_from_another_is_a_fork(place: Place) -> None:
    log = place.open()
    with pytest.raises(ForkError):
        store(log, chain(KIOSK, 1))
    log.close()


def test_any_order_and_repetition_of_delivery_is_stored_equal(place: Place) -> None:
    chance = random.Random(20261122)
    streams = {stream: chain(stream, 12) for stream in (KIOSK, OTHER, Stream("kiosk-3", 2))}
    wanted = {stream: Head(12, events[-1].hash) for stream, events in streams.items()}
    for _ in range(8):
        place.empty()
        log = place.open(HUB)
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


def test_what_is_not_understood_is_kept_flagged_and_passed_on(place: Place) -> None:
    log = place.open(HUB)
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


def test_reading_in_pages_in_order_of_arrival(place: Place) -> None:
    log = place.open(HUB)
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
def test_a_cursor_of_another_log_is_found_out(place: Place, cursor: str) -> None:
    log = place.open(HUB)
    store(log, chain(KIOSK, 6))
    with pytest.raises(UnknownCursorError):
        log.read(cursor.format(id=log.cursor().partition(":")[0]))
    log.close()


def test_the_cursor_at_a_moment_is_before_what_was_stored_then(place: Place) -> None:
    clock = FakeClock()
    log = place.open(HUB, clock)
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


def test_verify_finds_a_changed_event(place: Place) -> None:
    log = place.open()
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2), ticket(3)])
    log.verify()
    place.spoil("UPDATE", "SET wire = replace(wire, 'A002', 'A009') WHERE seq = 2")
    with pytest.raises(ForkError) as fork:
        log.verify()
    assert fork.value.seq == 2
    place.spoil("DELETE FROM", "WHERE seq = 2")
    with pytest.raises(GapError):
        log.verify()
    log.close()


def test_a_raise_keeps_nothing_of_the_transaction(place: Place) -> None:
    log = place.open()
    with pytest.raises(RuntimeError), log.transaction() as tx:
        tx.append([ticket(1)])
        tx.store(chain(OTHER, 2))
        assert len(list(log.events())) == 3
        raise RuntimeError
    assert (log.head(KIOSK), log.head(OTHER)) == (Head(0, GENESIS), Head(0, GENESIS))
    assert list(log.events()) == []
    with log.transaction() as tx:
        assert tx.append([ticket(1)])[0].seq == 1
    log.close()


def test_an_event_that_the_disk_has_spoiled_is_told_as_such(place: Place) -> None:
    log = place.open()
    with log.transaction() as tx:
        tx.append([ticket(1), ticket(2)])
    for spoiled in ("replace(wire, '\"seq\":2', '\"seq\":null')", "substr(wire, 1, 40)"):
        place.spoil("UPDATE", f"SET wire = {spoiled} WHERE seq = 2")
        for read in (log.verify, lambda: list(log.events()), lambda: log.read_stream(KIOSK, 0)):
            with pytest.raises(StorageUnavailable) as error:
                read()
            assert error.value.reason is StorageReason.CORRUPT
    log.close()
