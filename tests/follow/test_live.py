"""Open pages: the newest and never a backlog, one beat when nothing is new, and an end to all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from follow.live import BEAT, RETRY, SLICE, FullError, Key, Streams

KEY = Key("A" * 16, "ar")


def make(**more: float) -> tuple[Streams, list[tuple[Key, bool]]]:
    watched: list[tuple[Key, bool]] = []
    streams = Streams(lambda key, is_open: watched.append((key, is_open)), **more)  # type: ignore[arg-type]
    return streams, watched


async def first(page: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(page), 5)


def test_a_page_gets_what_comes_and_each_that_opens_is_told_of() -> None:
    async def story() -> None:
        streams, watched = make()
        one = streams.follow(KEY)
        assert await first(one) == RETRY
        assert watched == [(KEY, True)]
        streams.publish({KEY: b"1"})
        assert await first(one) == b"data: 1\n\n"
        two = streams.follow(KEY)
        assert await first(two) == RETRY
        assert watched == [(KEY, True)] * 2
        streams.publish({KEY: b"2", Key("B" * 16, "ar"): b"x"})
        assert [await first(one), await first(two)] == [b"data: 2\n\n"] * 2
        await one.aclose()  # type: ignore[attr-defined]  # a generator
        assert (streams.count, watched) == (1, [(KEY, True)] * 2)
        await two.aclose()  # type: ignore[attr-defined]
        assert (streams.count, watched) == (0, [(KEY, True), (KEY, True), (KEY, False)])

    asyncio.run(story())


def test_a_slow_phone_gets_the_newest_alone() -> None:
    async def story() -> None:
        streams, _ = make()
        page = streams.follow(KEY)
        await first(page)
        for n in range(100):
            streams.publish({KEY: b"%d" % n})
        await asyncio.sleep(0)  # let the loop deliver all of them
        assert await first(page) == b"data: 99\n\n"

    asyncio.run(story())


def test_later_news_overtake_what_is_still_on_its_way_and_nothing_older_follows() -> None:
    async def story() -> None:
        streams, _ = make()
        keys = [Key(f"{n:016}", "ar") for n in range(2 * SLICE + 1)]
        pages = {key: streams.follow(key) for key in keys}
        for page in pages.values():
            await first(page)
        came: list[Key] = []

        async def take(key: Key) -> bytes:
            frame = await anext(pages[key])
            came.append(key)
            return frame

        taking = asyncio.gather(*map(take, keys))
        await asyncio.sleep(0)  # let each page wait for its news
        streams.publish(dict.fromkeys(keys, b"moved up"))
        streams.publish({keys[-1]: b"called"})
        frames = await asyncio.wait_for(taking, 5)
        assert frames == [b"data: moved up\n\n"] * (len(keys) - 1) + [b"data: called\n\n"]
        assert came == [*keys[:SLICE], keys[-1], *keys[SLICE:-1]]
        streams.publish({keys[-1]: b"served"})
        assert await first(pages[keys[-1]]) == b"data: served\n\n"

    asyncio.run(story())


def test_a_beat_comes_when_there_is_no_news() -> None:
    async def story() -> None:
        streams, _ = make(beat_s=0.01)
        page = streams.follow(KEY)
        assert [await first(page) for _ in range(3)] == [RETRY, BEAT, BEAT]

    asyncio.run(story())


def test_no_more_pages_than_the_hub_can_bear() -> None:
    async def story() -> None:
        streams, _ = make(most=3, most_each=2)
        pages = [streams.follow(KEY), streams.follow(KEY)]
        for page in pages:
            await first(page)
        with pytest.raises(FullError):
            streams.follow(KEY)  # room there is, but not for one turn alone
        pages.append(streams.follow(Key("B" * 16, "ar")))
        await first(pages[-1])
        for key in (KEY, Key("C" * 16, "ar")):
            with pytest.raises(FullError):
                streams.follow(key)
        await pages[0].aclose()  # type: ignore[attr-defined]
        streams.follow(KEY)

    asyncio.run(story())


def test_closing_ends_every_stream_and_takes_no_more() -> None:
    async def story() -> None:
        streams, _ = make()
        page = streams.follow(KEY)
        await first(page)
        streams.close()
        with pytest.raises(StopAsyncIteration):
            await first(page)
        with pytest.raises(FullError):
            streams.follow(KEY)

    asyncio.run(story())


def test_publishing_with_no_loop_is_harmless() -> None:
    streams, _ = make()
    streams.publish({KEY: b"1"})

    async def story() -> None:
        await first(streams.follow(KEY))

    asyncio.run(story())
    streams.publish({KEY: b"2"})
    streams.close()
