"""The centres' halls at the server: what a start reads again, whose events are whose, and how old news is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queueing.wire import Stream
from server.halls import FOLLOWED, OLD_AFTER, Halls
from tests.server.site import CENTRE, OTHER, Client, Site
from tests.sync.fakes import chain
from tests.waiting import until


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    site = Site(tmp_path)
    with site.served() as client:
        yield client


def halls_of(client: Client) -> Halls:
    return client.service.followed._halls


def push(client: Client, sender: str, stream: Stream, how_many: int = 1) -> None:
    events = chain(stream, how_many)
    body = {"dev": stream.device, "inc": 1, "first_seq": 1, "events": [event.to_wire() for event in events]}
    assert client.send(sender, "POST", "/v1/events", body).status_code == 200
    # The commit is answered before it is told: the next job comes after.
    client.service.writer.submit(lambda tx: None).result()


def test_an_event_belongs_to_its_devices_centre_also_when_that_was_revoked(client: Client) -> None:
    halls = halls_of(client)
    for device, centre in (("kiosk-1", CENTRE), ("kiosk-old", CENTRE), ("kiosk-2", OTHER), ("nobody", None)):
        (event,) = chain(Stream(device, 1), 1)
        assert halls.centre_of(event) == centre
    assert (halls.arbiter(CENTRE), halls.arbiter(OTHER)) == ("hub-1", "hub-2")


def test_news_is_old_when_the_hub_was_silent_and_new_when_it_asks(client: Client) -> None:
    clock, halls = client.site.clock, halls_of(client)
    push(client, "hub-1", Stream("kiosk-1", 1))
    heard_at = clock.now()
    assert halls.news_at(CENTRE, clock.now()) is None
    clock.pass_time(OLD_AFTER.total_seconds() + 1)
    assert halls.news_at(CENTRE, clock.now()) == heard_at
    assert client.send("hub-1", "GET", "/v1/wishes?after=0").status_code == 200
    assert halls.news_at(CENTRE, clock.now()) is None


def test_a_server_that_has_just_started_tells_how_old_news_is_by_its_log(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with site.served() as client:
        push(client, "hub-1", Stream("kiosk-1", 1), 2)
        newest = chain(Stream("kiosk-1", 1), 2)[-1].at
    with site.served() as client:
        halls = halls_of(client)
        assert halls.news_at(CENTRE, site.clock.now()) is None  # its hub has yet to come back
        site.clock.pass_time(OLD_AFTER.total_seconds() + 1)
        until(lambda: halls.news_at(CENTRE, site.clock.now()) is not None, "the log is read")
        until(lambda: halls.news_at(CENTRE, site.clock.now()) == newest, "its newest event")


def test_a_start_reads_two_days_and_not_the_whole_log(client: Client) -> None:
    clock, halls = client.site.clock, halls_of(client)
    push(client, "hub-1", Stream("kiosk-1", 1), 3)
    assert halls.first_cursor() == ""  # the log is younger
    clock.pass_time(24 * 3600)
    push(client, "hub-1", Stream("hub-1", 1))
    clock.pass_time(FOLLOWED.total_seconds() + 1)
    push(client, "hub-1", Stream("kiosk-old", 1))
    assert [event.device for event in halls.read(halls.first_cursor()).events] == ["kiosk-old"]
