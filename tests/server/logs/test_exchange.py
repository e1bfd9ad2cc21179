"""A hub that comes now by one server, now by another: one log, and who waits at one hears of what came by the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from queueing.wire import Event, Stream
from sync.commit import Commit
from tests.clusters import fresh_database
from tests.server.site import CENTRE, Client, Site
from tests.sync.fakes import chain
from tests.waiting import until

STREAM = Stream("kiosk-1", 1)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Client]]:
    """Serve one site from two data folders with the same keys."""
    url, site = fresh_database("exchange"), Site(tmp_path_factory.mktemp("site"))
    with site.served(database=url) as one:
        again = site.folder / "again"
        shutil.copytree(site.data / "keys", again / "keys")
        site.data = again
        with site.served(database=url) as two:
            yield one, two


def push(client: Client, events: list[Event]) -> tuple[int, dict[str, object]]:
    first = events[0]
    body = {"dev": first.device, "inc": 1, "first_seq": first.seq, "events": [event.to_wire() for event in events]}
    answer = client.send("hub-1", "POST", "/v1/events", body)
    return answer.status_code, answer.json()


def test_what_came_by_one_is_known_to_the_other(both: tuple[Client, Client]) -> None:
    one, two = both
    events = chain(STREAM, 9)
    assert push(one, events[:4]) == (200, {"ack_seq": 4})
    assert push(two, events[:4]) == (200, {"ack_seq": 4})
    assert push(two, events[2:6]) == (200, {"ack_seq": 6})
    status, said = push(one, events[7:])
    assert (status, said["code"], said["expect_seq"]) == (409, "GAP", 7)
    status, said = push(one, chain(STREAM, 3, start=events[4], salt="restored "))
    assert (status, said["code"]) == (409, "FORK")
    hello = {"dev": "kiosk-1", "inc": 1, "next_seq": 10, "head_hash": events[-1].hash, "schema": 1}
    assert one.send("hub-1", "POST", "/v1/hello", hello).json()["expect_seq"] == 7
    read = [client.send("hub-1", "GET", "/v1/events").json() for client in both]
    assert read[0] == read[1] and [each["seq"] for each in read[0]["events"]] == [1, 2, 3, 4, 5, 6]


def test_who_waits_at_one_hears_of_what_came_by_the_other(
    both: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = both
    writer, looks = two.service.writer, []
    run = writer.run

    def look(job: Callable[[Commit], object], **more: bool) -> Coroutine[None, None, object]:
        looks.append(job)
        return run(job, **more)

    monkeypatch.setattr(writer, "run", look)
    cursor = two.send("hub-1", "GET", "/v1/events").json()["next"]
    with ThreadPoolExecutor(1) as hub:
        began = time.monotonic()
        waits = hub.submit(two.send, "hub-1", "GET", f"/v1/events?after={cursor}&wait=25")
        until(lambda: len(looks) > 1, "the question")
        assert push(one, chain(Stream("hub-1", 1), 1)) == (200, {"ack_seq": 1})
        assert [each["dev"] for each in waits.result(30).json()["events"]] == ["hub-1"]
    assert time.monotonic() - began < 20


def test_a_centre_that_is_heard_by_one_is_heard_by_both(both: tuple[Client, Client]) -> None:
    one, two = both
    halls, clock = two.service.followed._halls, two.site.clock
    clock.pass_time(3600)
    now = clock.now()
    assert halls.news_at(CENTRE, now) is not None
    assert push(one, chain(Stream("hub-1", 1), 2)[1:]) == (200, {"ack_seq": 2})
    until(lambda: halls.news_at(CENTRE, now) is None, "the news of the other's commit")
