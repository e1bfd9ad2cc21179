"""The follower's thread: what it says while it still reads, and when its house has no storage."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime

import pytest

from follow.followers import READ_AGAIN_S, TICK_S, Followers, NotReadyError
from follow.live import Key
from follow.turn import Asked, Turn, Wish
from follow.words import Words
from queueing.centre import Centre
from queueing.following import follow_id
from queueing.wire import Event
from sync.log import Page
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import Committed
from tests.queueing.hall import Hall, centre_json
from tests.sync.fakes import FakeClock
from tests.waiting import until


class HouseOfPaper:
    """A house whose log is a list; reading it waits until the test allows it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = tuple(events)
        self.may_read = threading.Event()
        self.may_read.set()
        self.is_broken = False

    def first_cursor(self) -> str:
        return ""

    def read(self, after: str) -> Page:
        self.may_read.wait(10)
        if self.is_broken:
            raise StorageUnavailable(StorageReason.IO, "broken")
        at = int(after or 0)
        return Page(self.events[at : at + 2], str(at + 2), at + 2 < len(self.events))

    def centre_of(self, event: Event) -> str | None:
        return None if event.device == "stranger" else "test"

    def centre(self, centre: str) -> Centre | None:
        return Centre.from_json(centre_json())

    def arbiter(self, centre: str) -> str:
        return "hub"

    def news_at(self, centre: str, now: datetime) -> datetime | None:
        return None

    def asked(self, turn: Turn, now: datetime) -> Asked | None:
        return None

    async def ask(self, turn: Turn, wish: Wish) -> bool:
        return False


@pytest.fixture
def tickets() -> Hall:
    hall = Hall(Centre.from_json(centre_json()))
    hall.open()
    for number in range(5):
        hall.take(f"A10{number}")
        hall.later(seconds=1)
    return hall


def ask(followers: Followers, identity: str) -> Turn | None:
    return asyncio.run(followers.find(identity))


def is_read(followers: Followers) -> bool:
    try:
        return ask(followers, "A" * 16) is None
    except NotReadyError:
        return False


def test_it_reads_the_log_page_by_page_and_then_what_is_committed(tickets: Hall) -> None:
    *before, last = tickets.kiosk.log
    followers = Followers(HouseOfPaper([*tickets.hub.log, *before]), Words.load(), FakeClock(tickets.now))
    followers.start()
    until(lambda: is_read(followers), "the log is read")
    for event in before:
        turn = ask(followers, follow_id(event))
        assert turn is not None and turn.ahead == before.index(event)
    assert ask(followers, follow_id(last)) is None
    followers.heard(Committed((last,)))
    turn = ask(followers, follow_id(last))
    assert turn is not None and turn.phase == "waiting"
    followers.close()


def test_while_it_reads_an_unknown_id_may_still_exist(tickets: Hall) -> None:
    house = HouseOfPaper([*tickets.kiosk.log, *tickets.hub.log])
    followers = Followers(house, Words.load(), FakeClock(tickets.now))
    house.may_read.clear()

    async def story() -> None:
        followers.start()
        asked = asyncio.ensure_future(followers.find("A" * 16))
        await asyncio.sleep(0)
        house.may_read.set()
        with pytest.raises(NotReadyError):
            await asked

    asyncio.run(story())
    until(lambda: is_read(followers), "the log is read")
    assert ask(followers, follow_id(tickets.kiosk.log[-1])) is not None
    followers.close()


def test_with_the_log_unreadable_it_follows_what_comes(tickets: Hall) -> None:
    house = HouseOfPaper(())
    house.is_broken = True
    followers = Followers(house, Words.load(), FakeClock(tickets.now))
    followers.start()
    followers.heard(Committed(tuple(tickets.kiosk.log)))
    assert ask(followers, follow_id(tickets.kiosk.log[0])) is not None
    followers.close()


def test_a_log_that_can_be_read_again_is_read_from_where_it_broke_off(tickets: Hall) -> None:
    house, clock = HouseOfPaper(tickets.kiosk.log), FakeClock(tickets.now)
    house.is_broken = True
    followers = Followers(house, Words.load(), clock)
    followers.start()
    until(lambda: followers._read_at > 0, "the first look")
    last = follow_id(tickets.kiosk.log[-1])
    with pytest.raises(NotReadyError):
        ask(followers, last)
    house.is_broken = False
    with pytest.raises(NotReadyError):
        ask(followers, last)
    clock.pass_time(READ_AGAIN_S)
    followers.stir()
    until(lambda: is_read(followers), "the log is read")
    assert ask(followers, last) is not None
    followers.close()


def test_another_houses_events_and_the_end_of_the_thread(tickets: Hall) -> None:
    stranger = Event(
        "stranger",
        1,
        1,
        *[getattr(tickets.kiosk.log[0], name) for name in ("type", "version", "at")],
        "b",
        0.0,
        "0" * 64,
        dict(tickets.kiosk.log[0].body),
    )
    followers = Followers(HouseOfPaper([stranger]), Words.load(), FakeClock(tickets.now))
    followers.start()
    until(lambda: is_read(followers), "the log is read")
    assert ask(followers, follow_id(stranger)) is None
    followers.close()
    with pytest.raises(NotReadyError):
        ask(followers, "A" * 16)


def test_a_look_that_time_alone_brought_puts_no_call_off(tickets: Hall) -> None:
    clock = FakeClock(tickets.now)
    followers = Followers(HouseOfPaper([*tickets.hub.log, *tickets.kiosk.log]), Words.load(), clock)
    while followers._is_reading:
        followers._read_on()
    followers._watch_in_thread(Key(follow_id(tickets.kiosk.log[-1]), "ar"), True)
    followers._tell()
    centre = followers._centres["test"]
    assert centre.reckon_at > clock.monotonic()
    clock.pass_time(TICK_S)
    followers._tell()
    followers._stir(None)
    assert followers._due_at(centre) <= clock.monotonic()


def test_whose_turn_is_near_is_told_first(tickets: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    followers = Followers(HouseOfPaper([*tickets.hub.log, *tickets.kiosk.log]), Words.load(), FakeClock(tickets.now))
    told: list[Key] = []
    monkeypatch.setattr(followers.streams, "publish", told.extend)
    while followers._is_reading:
        followers._read_on()
    near_first = [Key(follow_id(event), "ar") for event in tickets.kiosk.log]
    for at in (3, 0, 4, 2, 1):
        followers._watch_in_thread(near_first[at], True)
    followers._tell()
    assert told == near_first
