"""The writer: one thread, one commit a batch, failures where they belong, nothing told before it is durable."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from queueing.wire import Event
from sync.log import DeviceLog, StorageUnavailable, Transaction
from sync.writer import Committed, LogWriter, WriterClosedError
from tests.sync.fakes import KIOSK, chain, open_log, ticket


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def writer(path: Path) -> Iterator[LogWriter]:
    writer = LogWriter(lambda: open_log(path))
    writer.start()
    yield writer
    writer.close()


def append(tx: Transaction) -> int:
    return tx.append([ticket(1)])[0].seq


def refuse(tx: Transaction) -> None:
    raise ValueError("refused")


class Pause:
    """A job that holds the writer until it is let go, so that what is queued meanwhile makes one batch."""

    def __init__(self, writer: LogWriter) -> None:
        self._reached, self._go = threading.Event(), threading.Event()
        self.future = writer.submit(self._job)
        assert self._reached.wait(5)

    def _job(self, tx: Transaction) -> None:
        self._reached.set()
        assert self._go.wait(5)

    def end(self) -> None:
        self._go.set()
        self.future.result(5)


def test_a_job_has_its_result_when_it_is_durable(writer: LogWriter, path: Path) -> None:
    assert writer.submit(append).result(5) == 1
    other = sqlite3.connect(path)
    assert other.execute("SELECT count(*) FROM event").fetchone() == (1,)
    other.close()


def test_what_waits_becomes_one_commit(writer: LogWriter) -> None:
    commits: list[Committed] = []
    writer.listen(commits.append)
    pause = Pause(writer)
    futures = [writer.submit(append) for _ in range(20)]
    pause.end()
    assert [future.result(5) for future in futures] == list(range(1, 21))
    writer.submit(lambda tx: None).result(5)  # The listeners are told after the futures; behind this they have been.
    assert [len(commit.events) for commit in commits] == [20]


def test_a_batch_is_told_before_its_first_job_runs(path: Path) -> None:
    told: list[int] = []
    writer = LogWriter(lambda: open_log(path), on_batch=lambda tx, jobs: told.append(len(jobs) + len(tx.events)))
    writer.start()
    pause = Pause(writer)
    futures = [writer.submit(append) for _ in range(3)]
    pause.end()
    assert [future.result(5) for future in futures] == [1, 2, 3]
    writer.close()
    assert told == [1, 3]


def test_a_failing_job_takes_nothing_of_its_neighbours(writer: LogWriter) -> None:
    def write_and_fail(tx: Transaction) -> None:
        append(tx)
        raise ValueError("after writing")

    pause = Pause(writer)
    jobs = [append, write_and_fail, refuse, append]
    futures = [writer.submit(job) for job in jobs]
    pause.end()
    assert [futures[0].result(5), futures[3].result(5)] == [1, 2]
    for bad in futures[1:3]:
        with pytest.raises(ValueError):
            bad.result(5)
    writer.submit(lambda tx: tx.log.verify()).result(5)


def test_rollback_is_told_when_something_was_undone_and_shows_what_is_kept(path: Path) -> None:
    seen: list[list[Event]] = []
    writer = LogWriter(lambda: open_log(path), on_rollback=lambda log: seen.append(list(log.events())))
    writer.start()
    pause = Pause(writer)
    first = writer.submit(append)

    def write_and_fail(tx: Transaction) -> None:
        append(tx)
        raise ValueError

    second = writer.submit(write_and_fail)
    third = writer.submit(refuse)
    pause.end()
    assert first.result(5) == 1
    for bad in (second, third):
        with pytest.raises(ValueError):
            bad.result(5)
    # Once, for the job that wrote; with the batch's earlier event, which the later jobs build upon.
    assert [[event.seq for event in events] for events in seen] == [[1]]
    writer.close()


def test_a_failed_commit_fails_everybody_and_tells_nobody(path: Path) -> None:
    told: list[Committed] = []
    rebuilt: list[int] = []

    def log_without_room() -> DeviceLog:
        log = open_log(path)
        pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
        log._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        return log

    writer = LogWriter(
        log_without_room, on_commit=told.append, on_rollback=lambda log: rebuilt.append(log.head(KIOSK).seq)
    )
    writer.start()
    pause = Pause(writer)
    small = writer.submit(append)
    refused = writer.submit(refuse)
    large = writer.submit(lambda tx: [append(tx) for _ in range(200)])
    pause.end()
    for future in (small, refused, large):
        with pytest.raises(StorageUnavailable):
            future.result(5)
    assert rebuilt == [0] and told == []
    assert writer.submit(append).result(5) == 1
    writer.close()


def test_from_an_event_loop(writer: LogWriter) -> None:
    async def many() -> list[int]:
        return await asyncio.gather(*(writer.run(append) for _ in range(50)))

    assert sorted(asyncio.run(many())) == list(range(1, 51))

    async def bad() -> None:
        await writer.run(refuse)

    with pytest.raises(ValueError):
        asyncio.run(bad())


def test_a_cancelled_waiter_does_not_cancel_the_job(writer: LogWriter) -> None:
    async def impatient() -> None:
        pause = Pause(writer)
        task = asyncio.create_task(writer.run(append))
        await asyncio.sleep(0)  # lets the task queue its job
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        pause.end()

    asyncio.run(impatient())
    assert writer.submit(lambda tx: tx.log.head(KIOSK).seq).result(5) == 1


def test_waiters_of_a_closed_loop_are_let_go(writer: LogWriter) -> None:
    loop = asyncio.new_event_loop()
    pause = Pause(writer)
    task = loop.create_task(writer.run(append))
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
    pause.end()
    assert writer.submit(append).result(5) == 2


def test_nothing_is_told_before_it_is_durable(path: Path) -> None:
    durable: list[int] = []
    other = sqlite3.connect(path, check_same_thread=False)

    def tell(commit: Committed) -> None:
        durable.append(other.execute("SELECT count(*) FROM event").fetchone()[0])

    writer = LogWriter(lambda: open_log(path), on_commit=tell)
    writer.start()
    for _ in range(5):
        writer.submit(append).result(5)
    writer.close()
    assert durable == [1, 2, 3, 4, 5]
    other.close()


def test_received_events_are_told_once(writer: LogWriter) -> None:
    told: list[Event] = []
    writer.listen(lambda commit: told.extend(commit.events))
    events = chain(KIOSK._replace(device="kiosk-2"), 3)
    for _ in range(2):
        writer.submit(lambda tx: tx.store(events)).result(5)
    writer.close()
    assert told == events


def test_closing_finishes_what_is_queued_and_refuses_the_rest(path: Path) -> None:
    writer = LogWriter(lambda: open_log(path))
    writer.start()
    pause = Pause(writer)
    futures = [writer.submit(append) for _ in range(200)]
    closing = threading.Thread(target=writer.close)
    closing.start()
    pause.end()
    closing.join(10)
    assert [future.result(0) for future in futures] == list(range(1, 201))
    with pytest.raises(WriterClosedError):
        writer.submit(append)
    assert not writer.alive


def test_a_log_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    writer = LogWriter(lambda: open_log(tmp_path / "none" / "log.db"))
    with pytest.raises(StorageUnavailable):
        writer.start()
    with pytest.raises(WriterClosedError):
        writer.submit(append)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_a_listener_ends_the_writer_and_leaves_nobody_waiting(path: Path) -> None:
    def bug(commit: Committed) -> None:
        raise ZeroDivisionError

    writer = LogWriter(lambda: open_log(path), on_commit=bug)
    writer.start()
    pause = Pause(writer)
    futures = [writer.submit(append) for _ in range(100)]
    pause.end()
    outcomes = [type(future.exception(5)) for future in futures]
    assert outcomes[0] is type(None) and outcomes[-1] is WriterClosedError
    writer._thread.join(5)
    with pytest.raises(WriterClosedError):
        writer.submit(append)


def test_a_promise_to_raise_before_writing_is_held_to(path: Path) -> None:
    writer = LogWriter(lambda: open_log(path))
    writer.start()
    pause = Pause(writer)
    first = writer.submit(append, raises_before_writing=True)

    def look_and_refuse(tx: Transaction) -> None:
        assert (
            len(tx.log.read_stream(KIOSK, 0)) == 1
        )  # brings the first job's event to SQLite: that is no write of its own
        raise ValueError

    refused = writer.submit(look_and_refuse, raises_before_writing=True)
    second = writer.submit(append, raises_before_writing=True)
    pause.end()
    assert (first.result(5), second.result(5)) == (1, 2)
    with pytest.raises(ValueError):
        refused.result(5)
    writer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broken_promise_ends_the_writer_and_keeps_nothing(path: Path) -> None:
    def break_it(tx: Transaction) -> None:
        append(tx)
        raise ValueError

    writer = LogWriter(lambda: open_log(path))
    writer.start()
    pause = Pause(writer)
    futures = [writer.submit(append), writer.submit(break_it, raises_before_writing=True), writer.submit(append)]
    pause.end()
    assert {type(future.exception(5)) for future in futures} == {WriterClosedError}
    writer._thread.join(5)
    log = open_log(path)
    assert log.head(KIOSK).seq == 0
    log.close()
