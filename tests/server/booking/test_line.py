from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.booking.line import KEPT_AGAIN_S, KEPT_S, FullError, Line
from tests.sync.fakes import FakeClock


class Desk:
    """Deals with what comes when it is let, and remembers the order in which it began."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.go = asyncio.Event()

    def does(self, what: str) -> Callable[[], Awaitable[str]]:
        async def do() -> str:
            self.began.append(what)
            await self.go.wait()
            return what.upper()

        return do


def in_loop(story: Callable[[Line[str], Desk, FakeClock], Awaitable[Any]], **settings: int) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 4, tzinfo=UTC))

    async def tell() -> None:
        await story(Line(clock.monotonic, **settings), Desk(), clock)

    asyncio.run(tell())


def test_who_comes_first_is_dealt_with_first() -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        names = [f"p{n}" for n in range(50)]
        places = [line.enter(name.encode(), name.encode(), desk.does(name)) for name in names]
        await asyncio.sleep(0)
        assert (desk.began, [line.ahead(place) for place in places[:5]]) == (names[:2], [0, 0, 1, 2, 3])
        desk.go.set()
        for place in places:
            await place.done.wait()
        assert desk.began == names
        assert [place.answer for place in places] == [name.upper() for name in names]

    in_loop(story, at_once=2)


def test_asking_again_keeps_the_place_and_is_done_once() -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        first = line.enter(b"key", b"me", desk.does("a"))
        assert line.enter(b"key", b"me", desk.does("again")) is first
        desk.go.set()
        await first.done.wait()
        assert line.enter(b"key", b"me", desk.does("again")) is first and desk.began == ["a"]
        line.drop(first)
        assert line.enter(b"key", b"me", desk.does("again")) is not first

    in_loop(story)


def test_one_session_has_few_places_and_the_line_has_an_end() -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        mine = [line.enter(bytes([n]), b"me", desk.does("mine")) for n in range(2)]
        with pytest.raises(FullError) as caught:
            line.enter(b"more", b"me", desk.does("mine"))
        assert caught.value.of_one
        for n in range(2):
            line.enter(b"y%d" % n, b"you", desk.does("yours"))
        with pytest.raises(FullError) as caught:
            line.enter(b"more", b"they", desk.does("theirs"))
        assert not caught.value.of_one
        desk.go.set()
        for place in mine:
            await place.done.wait()
        line.enter(b"more", b"me", desk.does("mine"))

    in_loop(story, at_once=1, each=2, most=3)


def test_an_answer_waits_for_who_comes_for_it_and_not_for_ever() -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        desk.go.set()
        left, fetched = (line.enter(name, b"me", desk.does("a")) for name in (b"left", b"fetched"))
        for place in (left, fetched):
            await place.done.wait()
        line.fetched(fetched)
        assert line.find(fetched.name) is fetched and line.find("nobody") is None
        clock.pass_time(KEPT_AGAIN_S)
        assert line.find(fetched.name) is None and line.find(left.name) is left
        clock.pass_time(KEPT_S - KEPT_AGAIN_S)
        assert line.find(left.name) is None

    in_loop(story)


def test_what_fails_is_raised_to_who_asks_and_the_line_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        async def broken() -> str:
            raise ZeroDivisionError

        desk.go.set()
        failed, fine = line.enter(b"a", b"me", broken), line.enter(b"b", b"you", desk.does("b"))
        await fine.done.wait()
        assert isinstance(failed.error, ZeroDivisionError) and fine.answer == "B"
        assert "line_failed number=1" in caplog.text

    in_loop(story, at_once=1)


def test_the_wait_is_told_by_the_pace_of_the_last_seconds() -> None:
    async def story(line: Line[str], desk: Desk, clock: FakeClock) -> None:
        async def slow() -> str:
            clock.pass_time(0.1)
            await asyncio.sleep(0)
            return ""

        places = [line.enter(str(n).encode(), str(n).encode(), slow) for n in range(300)]
        await places[150].done.wait()
        told, began = line.wait_s(places[-1]), clock.monotonic()
        await places[-1].done.wait()
        assert told == pytest.approx(clock.monotonic() - began, rel=0.5)

    in_loop(story, at_once=1)
