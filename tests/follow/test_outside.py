"""Following from outside the hall: by the server, whose news come from the hub and whose wishes go to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from follow.turn import Wish
from queueing.commands import CallNext
from server.halls import OLD_AFTER
from server.wishes import LAPSES_AFTER
from tests.follow.outside import Outside
from tests.waiting import until


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with Outside(tmp_path).server() as outside:
        yield outside


def test_the_server_tells_what_the_hub_has_forwarded(outside: Outside) -> None:
    with outside.centre():
        outside.open()
        first, second = outside.take(2)
        html = outside.told(second, "1 person ahead of you")
        assert "Latest news" not in html
        outside.do(CallNext("1", "call-1"))
        outside.told(first, "Please go to counter")
        outside.told(second, "Nobody ahead of you")


def test_a_wish_is_decided_by_the_hub_and_comes_back_as_an_event(outside: Outside) -> None:
    with outside.centre():
        first, second = outside.take(2)
        outside.told(second, "1 person ahead of you")
        assert outside.wish(first, "out").status_code == 303
        outside.told(first, "You have stepped out")
        outside.told(second, "Nobody ahead of you")
        assert outside.wish(first, "back").status_code == 303
        outside.told(second, "1 person ahead of you")
        assert outside.wish(first, "leave").status_code == 303
        outside.told(first, "You have left the queue")
        kinds = [type_ for type_ in _events(outside) if type_.startswith(("TicketS", "TicketC"))]
        assert kinds == ["TicketSteppedOut", "TicketSteppedBack", "TicketCancelled"]


def _events(outside: Outside) -> list[str]:
    arbiter = outside.hub.arbiter
    return arbiter.writer.submit(lambda tx: [event.type for event in tx.log.read().events]).result()


def test_with_the_hub_cut_off_the_page_says_how_old_it_is_and_the_wish_waits(outside: Outside) -> None:
    with outside.centre():
        (identity,) = outside.take()
        outside.told(identity, "Nobody ahead")
    outside.clock.pass_time(OLD_AFTER.total_seconds() + 20)
    outside.told(identity, "Latest news from the centre: 09:00")
    assert outside.wish(identity, "leave").status_code == 303
    html = outside.told(identity, "Your request waits until")
    assert 'value="out"' not in html  # one wish at a time
    with outside.centre():
        html = outside.told(identity, "You have left the queue")
        assert "Latest news" not in html


def test_a_second_page_is_never_told_what_is_older_than_itself(outside: Outside) -> None:
    with outside.centre():
        (identity,) = outside.take()
        outside.told(identity, "Nobody ahead")
    with outside.live(identity) as first:
        assert "Nobody ahead" in next(first)
        outside.clock.pass_time(OLD_AFTER.total_seconds() + 20)
        outside.told(identity, "Latest news from the centre: 09:00")
        with outside.live(identity) as second:
            assert "Latest news from the centre" in next(second)


def test_a_wish_lapses_and_is_not_decided_afterwards(outside: Outside) -> None:
    with outside.centre():
        (identity,) = outside.take()
        outside.told(identity, "Nobody ahead")
    outside.clock.pass_time(OLD_AFTER.total_seconds() + 1)
    outside.wish(identity, "leave")
    outside.clock.pass_time(LAPSES_AFTER.total_seconds() + 1)
    html = outside.told(identity, "did not reach the centre")
    assert 'value="out"' in html  # it may be wished again
    with outside.centre():
        (other,) = outside.take()
        outside.told(other, "1 person ahead of you")
        assert "TicketCancelled" not in _events(outside)


def test_a_restarted_server_knows_the_tickets_and_the_wishes_that_wait(tmp_path: Path) -> None:
    outside = Outside(tmp_path)
    with outside.server():
        with outside.centre():
            (identity,) = outside.take()
            outside.told(identity, "Nobody ahead")
        outside.wish(identity, "leave")
        outside.told(identity, "has been sent")
    with outside.server():
        outside.told(identity, "has been sent")
        with outside.centre():
            outside.told(identity, "You have left the queue")


def test_each_centre_hears_its_own_wishes_only(outside: Outside) -> None:
    with outside.centre():
        (identity,) = outside.take()
        outside.told(identity, "Nobody ahead")
    outside.wish(identity, "leave")
    assert outside.client.send("hub-2", "GET", "/v1/wishes?after=0").json()["wishes"] == []
    (wish,) = outside.client.send("hub-1", "GET", "/v1/wishes?after=0").json()["wishes"]
    assert (wish["ticket"], wish["what"]) == ("kiosk-1.1.1", "leave")
    assert outside.client.send("hub-1", "GET", f"/v1/wishes?after={wish['id']}").json()["wishes"] == []
    until(lambda: 'value="out"' in outside.page(identity).text or outside.clock.pass_time(1), "taken as refused")


def test_a_repeated_wish_of_the_same_id_is_decided_once(outside: Outside) -> None:
    with outside.centre():
        first, second = outside.take(2)
        outside.told(second, "1 person ahead")
        wishes = outside.hub._wishes
        assert wishes is not None
        for _ in range(2):
            outside.hub.arbiter.writer.submit(lambda tx: wishes._decide(7, "kiosk-1.1.1", Wish.OUT, tx)).result()
            outside.hub.arbiter.writer.submit(lambda tx: wishes._decide(8, "kiosk-1.1.1", Wish.BACK, tx)).result()
        outside.told(first, "Nobody ahead")
        assert _events(outside).count("TicketSteppedOut") == 1
        assert _events(outside).count("TicketSteppedBack") == 1
