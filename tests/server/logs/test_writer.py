"""The writers of two processes: what is stored is told in both, once; a database that goes and comes back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from queueing.wire import Event, Stream
from scripts.dawr_dev.cluster import Cluster
from server.logs.commit import CentresCommit
from server.logs.writer import CentresWriter
from server.news import News, SharedNews
from sync.log import GapError
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import Committed
from tests.clusters import own_cluster
from tests.server.logs.tables import Database
from tests.sync.fakes import BOOT, KIOSK, FakeClock, chain
from tests.waiting import until

OTHER = Stream("kiosk-2", 1)


@dataclass
class Process:
    """A process' writer and what its listeners were told."""

    writer: CentresWriter
    news: News
    told: list[Event] = field(default_factory=list)

    def store(self, events: list[Event]) -> list[Event]:
        return self.writer.submit(lambda tx: tx.store(events)).result(20)


@contextmanager
def process(url: str, news: News | None = None) -> Iterator[Process]:
    """Begin as a server's process does."""
    heard = news or SharedNews(url)
    writer = CentresWriter(url, lambda device: "centre", heard, FakeClock(), BOOT)
    made = Process(writer, heard)
    writer.start()
    writer.listen(lambda committed: made.told.extend(committed.events))
    heard.start()
    yield made
    writer.close()
    heard.close()


def test_each_process_is_told_of_each_event_once(database: Database) -> None:
    before, ones, others = chain(KIOSK, 2), chain(OTHER, 30), chain(KIOSK, 32)[2:]
    with process(database.url, News()) as first:
        first.store(before)
    with process(database.url) as one, process(database.url) as two:
        for n in range(10):
            one.store(ones[3 * n : 3 * n + 3])
            two.store(others[3 * n : 3 * n + 3])
        wanted = sorted(event.id for event in ones + others)
        for each in (one, two):
            until(lambda each=each: len(each.told) >= len(wanted), "what both have stored")  # type: ignore[misc]
            each.writer.hear()
            assert sorted(event.id for event in each.told) == wanted
        assert one.store(ones) == [] and one.store(before) == []


def test_what_was_told_with_a_batch_that_failed_is_told_again(database: Database) -> None:
    with process(database.url, News()) as one, process(database.url, News()) as two:
        one.writer.hear()
        two.store(chain(KIOSK, 3))
        pause, go = threading.Event(), threading.Event()

        def wait(tx: CentresCommit) -> None:
            pause.set()
            assert go.wait(10)

        held = one.writer.submit(wait)
        assert pause.wait(10)

        def hear() -> None:
            with pytest.raises(StorageUnavailable):
                one.writer.hear()

        hearing = threading.Thread(target=hear)
        hearing.start()
        until(lambda: one.writer._queue.qsize() > 0, "the hearing is queued")
        broken = one.writer.submit(lambda tx: database.end_others())
        go.set()
        for future in (held, broken):
            assert isinstance(future.exception(10), StorageUnavailable | type(None))
        hearing.join(10)
        one.writer.hear()
        assert [event.seq for event in one.told] == [1, 2, 3]


def test_a_failing_job_takes_nothing_of_its_neighbours(database: Database) -> None:
    with process(database.url, News()) as one:
        events = chain(KIOSK, 5)

        async def three() -> list[object]:
            batches = (events[:2], events[3:], events[2:3])
            jobs = (one.writer.run(lambda tx, part=part: tx.store(part)) for part in batches)  # type: ignore[misc]
            return await asyncio.gather(*jobs, return_exceptions=True)

        first, gap, third = asyncio.run(three())
        assert (first, third) == (events[:2], events[2:3]) and isinstance(gap, GapError)
        # Answers come before listeners are told; behind the next job they have been.
        one.writer.submit(lambda tx: tx.log.verify()).result(10)
        assert [event.seq for event in one.told] == [1, 2, 3]


def test_a_bug_of_a_job_is_its_own(database: Database) -> None:
    with process(database.url, News()) as one:

        def look_at_nothing(tx: CentresCommit) -> None:
            tx.store(chain(OTHER, 1))
            tx.flush()
            tx._execute("SELECT no_such_column")

        with pytest.raises(Exception, match="no_such_column"):
            one.writer.submit(look_at_nothing).result(10)
        assert len(one.store(chain(KIOSK, 2))) == 2 and one.writer.alive
        assert one.writer.submit(lambda tx: tx.log.head(OTHER).seq).result(10) == 0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Make a PostgreSQL of these tests' own, to be stopped."""
    with own_cluster(is_durable=True) as made:
        yield made


def test_what_was_acknowledged_outlives_postgresql_under_load(cluster: Cluster) -> None:
    database = Database(cluster.url())
    with process(database.url) as one, process(database.url) as two:
        acked = {KIOSK: 0, OTHER: 0}
        reasons: set[StorageReason] = set()
        ended = threading.Event()

        def load(each: Process, stream: Stream) -> None:
            events = chain(stream, 4000)
            while not ended.is_set():
                first = acked[stream]
                try:
                    each.store(events[first : first + 2])
                    acked[stream] = first + 2
                except StorageUnavailable as error:
                    reasons.add(error.reason)
                    ended.wait(0.05)  # as a hub would wait

        threads = [threading.Thread(target=load, args=args) for args in ((one, KIOSK), (two, OTHER))]
        for thread in threads:
            thread.start()
        for _ in range(2):
            now = dict(acked)
            until(lambda now=now: all(acked[stream] > now[stream] + 20 for stream in acked), "both store")  # type: ignore[misc]
            cluster.stop()
            cluster.start()
        now = dict(acked)
        until(lambda: all(acked[stream] > now[stream] for stream in acked), "both go on by themselves")
        ended.set()
        for thread in threads:
            thread.join(20)
        assert reasons == {StorageReason.GONE}
        heads = one.writer.submit(lambda tx: dict(tx.log.streams())).result(10)
        assert {stream: head.seq for stream, head in heads.items()} == acked
        one.writer.submit(lambda tx: tx.log.verify()).result(10)
        for each in (one, two):
            until(lambda each=each: len(each.told) >= sum(acked.values()), "all is told")  # type: ignore[misc]
            assert len({event.id for event in each.told}) == sum(acked.values())
    database.close()


def test_listeners_are_told_what_they_were_told_of_a_file(database: Database) -> None:
    commits: list[Committed] = []
    with process(database.url, News()) as one:
        one.writer.listen(commits.append)
        events = chain(KIOSK, 3)
        for _ in range(2):
            one.store(events)
        one.writer.hear()
    assert [commit.events for commit in commits] == [tuple(events)]
