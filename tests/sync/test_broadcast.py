"""The fan-out: the newest at once, each newer one, never a backlog, a heartbeat in between."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import pytest

from sync.broadcast import Broadcast, Signal
from tests.sync.fakes import FakeClock


def broadcast(heartbeat_s: float = 30.0) -> Broadcast:
    return Broadcast(["board", "kiosk"], FakeClock(), heartbeat_s=heartbeat_s)


async def take(events: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(5):
        return await anext(events)


def frame(document: bytes) -> bytes:
    return b"event: snapshot\ndata: " + document + b"\n\n"


def test_the_newest_comes_at_once_and_then_each_newer_one() -> None:
    async def scene() -> None:
        cast = broadcast()
        cast.publish("board", b'{"n":1}')
        cast.publish("board", b'{"n":2}')
        events = cast.follow("board")
        assert await take(events) == frame(b'{"n":2}')
        waiting = asyncio.create_task(take(events))
        await asyncio.sleep(0)  # lets it wait
        cast.publish("kiosk", b'{"other":1}')
        cast.publish("board", b'{"n":3}')
        assert await waiting == frame(b'{"n":3}')
        await events.aclose()

    asyncio.run(scene())


def test_before_the_first_snapshot_a_heartbeat_comes_at_once() -> None:
    async def scene() -> None:
        cast = broadcast()
        events = cast.follow("board")
        first = await take(events)
        name, data, retry, *_ = first.decode().split("\n")
        assert (name, retry) == ("event: heartbeat", "retry: 1000")
        assert json.loads(data.removeprefix("data: ")) == {"now": "2026-11-22T04:00:00.000000Z"}
        cast.publish("board", b"{}")
        assert await take(events) == frame(b"{}")
        await events.aclose()

    asyncio.run(scene())


def test_a_slow_taker_gets_the_newest_and_no_backlog() -> None:
    async def scene() -> None:
        cast = broadcast()
        cast.publish("board", b'{"n":0}')
        events = cast.follow("board")
        assert await take(events) == frame(b'{"n":0}')
        for n in range(1, 100):
            cast.publish("board", b'{"n":%d}' % n)
            await asyncio.sleep(0)  # the loop runs; the taker is busy
        assert await take(events) == frame(b'{"n":99}')
        waiting = asyncio.create_task(take(events))
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(scene())


def test_heartbeats_come_when_nothing_else_does() -> None:
    async def scene() -> None:
        cast = broadcast(heartbeat_s=0.01)
        cast.publish("board", b"{}")
        events = cast.follow("board")
        assert await take(events) == frame(b"{}")
        for _ in range(3):
            beat = await take(events)
            assert beat.startswith(b"event: heartbeat\n") and b"\nretry: 1000\n" in beat
        await events.aclose()

    asyncio.run(scene())


def test_publishing_from_other_threads_loses_no_last_word() -> None:
    async def scene(cast: Broadcast) -> bytes:
        newest = b""
        async with asyncio.timeout(20):
            async for event in cast.follow("board"):
                newest = event
                if b'"n":1999' in event:
                    break
        return newest

    cast = broadcast()

    def publish() -> None:
        for n in range(2000):
            cast.publish("board", b'{"n":%d}' % n)

    thread = threading.Thread(target=publish)
    thread.start()
    assert asyncio.run(scene(cast)) == frame(b'{"n":1999}')
    thread.join()


def test_after_its_loop_is_gone_publishing_still_works_and_a_new_loop_follows() -> None:
    cast = broadcast()

    async def one() -> bytes:
        events = cast.follow("board")
        first = await take(events)
        cast._changed["board"].moment()
        await events.aclose()
        return first

    asyncio.run(one())
    cast.publish("board", b'{"n":1}')
    assert asyncio.run(one()) == frame(b'{"n":1}')


def test_closing_ends_every_stream() -> None:
    async def scene() -> None:
        cast = broadcast()
        cast.publish("board", b"{}")
        streams = [cast.follow("board") for _ in range(5)]
        for events in streams:
            await take(events)
        waiting = [asyncio.create_task(take(events)) for events in streams]
        await asyncio.sleep(0)
        cast.close()
        for task in waiting:
            with pytest.raises(StopAsyncIteration):
                await task

    asyncio.run(scene())


def test_what_is_no_snapshot() -> None:
    cast = broadcast()
    with pytest.raises(KeyError):
        cast.publish("secret", b"{}")
    with pytest.raises(KeyError):
        cast.latest("secret")
    with pytest.raises(ValueError):
        cast.publish("board", b"{\n}")
    assert cast.latest("board") is None


def test_a_change_between_looking_and_waiting_is_not_missed() -> None:
    async def scene() -> None:
        signal = Signal()
        moment = signal.moment()
        signal.notify()
        signal.notify()
        async with asyncio.timeout(5):
            await moment.wait()
        assert signal.moment() is not moment

    asyncio.run(scene())
