"""Turns: in the order of arrival, never too much at once, and who is too many is sent away at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sync.intake import BusyError, Intake


def played(play: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(5):
            await play()

    asyncio.run(limited())


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_small_ones_go_together_and_a_large_one_alone() -> None:
    async def play() -> None:
        intake, inside = Intake(in_hand=100), list[int]()

        async def send(weight: int) -> None:
            await intake.enter(weight)
            inside.append(weight)

        tasks = [asyncio.create_task(send(weight)) for weight in (40, 60, 500, 1)]
        await settle()
        assert inside == [40, 60]
        intake.leave(40)
        await settle()
        assert inside == [40, 60], "the large one waits, and what came later waits behind it"
        intake.leave(60)
        await settle()
        assert inside == [40, 60, 500]
        intake.leave(500)
        await settle()
        assert inside == [40, 60, 500, 1]
        await asyncio.gather(*tasks)

    played(play)


def test_who_is_too_many_is_sent_away() -> None:
    async def play() -> None:
        intake = Intake(in_hand=10, waiting=1000, waiters=2)
        await intake.enter(10)
        tasks = [asyncio.create_task(intake.enter(10)) for _ in range(2)]
        await settle()
        assert intake.is_full
        with pytest.raises(BusyError):
            await intake.enter(1)
        for _ in range(3):
            intake.leave(10)
            await settle()
        assert not intake.is_full
        await asyncio.gather(*tasks)
        await intake.enter(10)

    played(play)


def test_what_waits_is_bounded_in_bytes() -> None:
    async def play() -> None:
        intake = Intake(in_hand=10, waiting=50, waiters=100)
        await intake.enter(10)
        task = asyncio.create_task(intake.enter(60))
        await settle()
        assert intake.is_full
        task.cancel()
        await settle()
        assert not intake.is_full

    played(play)


def test_who_gives_up_keeps_nobody_waiting() -> None:
    async def play() -> None:
        intake = Intake(in_hand=10)
        await intake.enter(10)
        first, second = (asyncio.create_task(intake.enter(10)) for _ in range(2))
        await settle()
        intake.leave(10)
        first.cancel()  # It was given its turn and has not woken yet.
        await settle()
        assert second.done() and not second.cancelled()
        third = asyncio.create_task(intake.enter(10))
        await settle()
        third.cancel()
        await settle()
        intake.leave(10)
        await intake.enter(10)

    played(play)


def test_a_turn_is_given_past_who_gave_up_in_that_very_moment() -> None:
    async def play() -> None:
        intake = Intake(in_hand=10)
        await intake.enter(10)
        first, second = (asyncio.create_task(intake.enter(10)) for _ in range(2))
        await settle()
        first.cancel()  # It has not woken to leave the queue.
        intake.leave(10)
        await settle()
        assert first.cancelled() and second.done()
        intake.leave(10)
        await intake.enter(10)

    played(play)
