"""Several connections and processes on one log: nothing twice, nothing lost, and no cursor jumps over an event."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from queueing.wire import Event, Stream
from server.logs import log as logs
from server.logs.log import CentresLog
from sync.log import ForkError, GapError
from sync.storage import StorageUnavailable
from tests.server.logs.tables import Database
from tests.sync.fakes import BOOT, HUB, KIOSK, FakeClock, chain

STREAMS = {Stream(f"kiosk-{n}", 1): chain(Stream(f"kiosk-{n}", 1), 60) for n in range(4)}
ALL = sum(len(events) for events in STREAMS.values())
STORING = Path(__file__).with_name("storing.py")


def opened(database: Database) -> CentresLog:
    return CentresLog(database.url, HUB, lambda device: "centre", FakeClock(), BOOT)


def together(acts: list[Callable[[], object]]) -> None:
    """Do all in threads; raise what one raises."""
    broken: list[BaseException] = []

    def one(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001  # a thread's error is the test's
            broken.append(error)

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if broken:
        raise broken[0]


def send(database: Database, seed: int) -> None:
    """Hand in all streams as a hub would that comes by another process each time: batches overlap, out of turn."""
    log, chance = opened(database), random.Random(seed)
    while any(log.head(stream).seq < len(events) for stream, events in STREAMS.items()):
        batches = []
        for stream in chance.sample(list(STREAMS), 2):
            first = max(0, log.head(stream).seq - chance.randrange(4))
            batches.append(STREAMS[stream][first : first + chance.randrange(1, 9)])
        try:
            with log.transaction() as tx:
                for events in batches:
                    with tx.savepoint():
                        tx.store(events)
        except GapError:
            pass
    log.close()


def test_many_at_once_keep_each_event_once_and_a_reader_misses_none(database: Database) -> None:
    seen: list[str] = []

    def follow() -> None:
        log, cursor = opened(database), ""
        while len(seen) < ALL:
            page = log.read(cursor, limit=7)
            cursor = page.cursor
            seen.extend(event.id for event in page.events)
        log.close()

    together([follow, *(lambda seed=seed: send(database, seed) for seed in range(3))])  # type: ignore[misc]
    assert sorted(seen) == sorted(event.id for events in STREAMS.values() for event in events)
    log = opened(database)
    assert {stream: log.read_stream(stream, 0) for stream in STREAMS} == STREAMS
    log.verify()
    positions = [row[0] for row in database.execute("SELECT position FROM log_event ORDER BY position").fetchall()]
    assert positions == list(range(1, ALL + 1))
    log.close()


def test_the_same_batch_through_two_processes_is_the_same_answer(database: Database) -> None:
    one, other = opened(database), opened(database)
    events = chain(KIOSK, 6)
    kept: list[list[Event]] = []
    begun = threading.Event()

    def first() -> None:
        with one.transaction() as tx:
            kept.append(tx.store(events[:4]))
            begun.set()
            # The other waits for the row meanwhile; nothing shows when it has begun to.
            database.execute("SELECT pg_sleep(0.2)")

    def second() -> None:
        assert begun.wait(10)
        log = opened(database)
        with log.transaction() as tx:
            kept.append(tx.store(events))
        log.close()

    together([first, second])
    assert [[event.seq for event in each] for each in kept] == [[1, 2, 3, 4], [5, 6]]
    assert other.head(KIOSK).seq == 6
    with pytest.raises(ForkError), other.transaction() as tx:
        tx.store(chain(KIOSK, 3, start=events[3], salt="restored "))
    one.close()
    other.close()


def test_what_a_job_undoes_is_undone_with_what_others_committed_kept(database: Database) -> None:
    one, other = opened(database), opened(database)
    events = chain(KIOSK, 4)
    assert one.head(KIOSK).seq == 0
    with other.transaction() as tx:
        tx.store(events[:2])
    # The first job takes hold of the log and fails; the second builds on what the other process has committed.
    with one.transaction() as tx:
        with pytest.raises(GapError), tx.savepoint():
            tx.store(events[3:])
        with tx.savepoint():
            assert tx.store(events[2:]) == events[2:]
    assert other.head(KIOSK).seq == 4
    one.close()
    other.close()


def test_a_savepoint_that_postgres_knows_of_keeps_the_log_held(database: Database) -> None:
    one, other = opened(database), opened(database)
    events, more = chain(KIOSK, 4), chain(Stream("kiosk-2", 1), 3)
    with one.transaction() as tx:
        tx.store(events[:1])
        with pytest.raises(RuntimeError), tx.savepoint():
            tx.store(events[1:3])
            assert len(one.read_stream(KIOSK, 0)) == 3
            raise RuntimeError
        assert one.read_stream(KIOSK, 0) == events[:1]
        database.execute("SET lock_timeout = '50ms'")
        with pytest.raises(Exception, match="lock timeout"):
            database.execute("SELECT position FROM log FOR UPDATE")
        tx.store([*events[1:2], *more])
    database.execute("RESET lock_timeout")
    assert list(other.events()) == [*events[:2], *more]
    other.verify()
    one.close()
    other.close()


def test_an_event_is_kept_with_its_devices_centre_also_when_the_device_moves(database: Database) -> None:
    centres = {"kiosk-1": "muharraq"}
    log = CentresLog(database.url, HUB, lambda device: centres.get(device, ""), FakeClock(), BOOT)
    events = chain(KIOSK, 2)
    with log.transaction() as tx:
        tx.store(events[:1])
    centres["kiosk-1"] = "riffa"
    log.close()
    log = CentresLog(database.url, HUB, lambda device: centres.get(device, ""), FakeClock(), BOOT)
    with log.transaction() as tx:
        tx.store(events[1:])
        tx.store(chain(Stream("kiosk-1", 2), 1))
    rows = database.execute("SELECT DISTINCT centre, incarnation FROM log_event").fetchall()
    assert sorted(rows) == [("muharraq", 1), ("riffa", 2)]
    log.close()


def test_what_is_acknowledged_is_on_the_disk_whatever_the_database_says(database: Database) -> None:
    database.execute("ALTER DATABASE logs SET synchronous_commit = off")
    log = opened(database)
    assert log._all("SHOW synchronous_commit") == [("on",)]
    log.close()
    database.execute("ALTER DATABASE logs RESET synchronous_commit")


def test_killed_again_and_again_what_was_said_is_there(database: Database) -> None:
    last = 0
    for life in range(2):
        command = [sys.executable, str(STORING), database.url, "kiosk-1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(3 + 9 * life):
                last = int(child.stdout.readline())
            child.kill()
            rest = child.stdout.read().split()
        last = int(rest[-1]) if rest and rest[-1].isdecimal() else last
        log = opened(database)
        assert last <= log.head(KIOSK).seq <= last + 3
        log.verify()
        log.close()


def test_who_dies_with_the_log_in_hand_holds_up_nobody(database: Database) -> None:
    command = [sys.executable, str(STORING), database.url, "kiosk-1", "hold"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "holds\n"
        child.kill()
    log = opened(database)
    with log.transaction() as tx:
        tx.store(chain(Stream("kiosk-2", 1), 1))
    assert log.head(KIOSK).seq == 0 and log.cursor().endswith(":1")
    log.close()


def test_who_stands_still_with_the_log_in_hand_is_thrown_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "HELD_S", 1)
    still, other = opened(database), opened(database)
    events = chain(KIOSK, 2)
    with pytest.raises(StorageUnavailable), still.transaction() as tx:
        tx.store(events)
        with other.transaction() as quick:
            quick.store(events[:1])
    assert still.read().events == (events[0],)
    with still.transaction() as tx:
        assert tx.store(events) == events[1:]
    still.close()
    other.close()


def test_a_log_that_was_put_back_to_an_older_copy_is_read_anew(database: Database) -> None:
    log = opened(database)
    events = chain(KIOSK, 6)
    with log.transaction() as tx:
        tx.store(events[:2])
    database.execute("CREATE TABLE kept AS TABLE log_event; CREATE TABLE stood AS TABLE log_stream")
    with log.transaction() as tx:
        tx.store(events[2:])
    cursor = log.cursor()
    database.execute("UPDATE log SET position = 2; TRUNCATE log_event, log_stream")
    database.execute("INSERT INTO log_event TABLE kept; INSERT INTO log_stream TABLE stood; DROP TABLE kept, stood")
    database.end_others()  # as a restore does
    with log.transaction() as tx:
        assert log.head(KIOSK).seq == 2
        assert tx.store(events) == events[2:]
    assert log.cursor() == cursor  # The same events came again, in the same order.
    log.close()
