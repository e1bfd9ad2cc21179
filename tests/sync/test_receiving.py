"""What a receiver makes of a stream: new, known, a gap, another history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from queueing.wire import GENESIS, Event, Stream
from sync.receiving import NO_HEAD, ForkError, GapError, Head, goes_on_at, is_new

STREAM = Stream("kiosk-1", 1)


def _events(count: int, boot: str = "boot") -> list[Event]:
    events: list[Event] = []
    for seq in range(1, count + 1):
        prev = events[-1].hash if events else GENESIS
        at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
        events.append(Event(*STREAM, seq, "DayOpened", 1, at, boot, 0.0, prev, {"day": "2026-11-22"}))
    return events


KEPT = _events(3)
OTHERS = _events(5, boot="another")


def _hash_at(stream: Stream, seq: int) -> str | None:
    return GENESIS if seq == 0 else KEPT[seq - 1].hash if seq <= len(KEPT) else None


HEAD = Head(3, KEPT[-1].hash)


def _new(event: Event, head: Head = HEAD, *, is_own: bool = False) -> bool:
    return is_new(event, head, _hash_at, is_own=is_own)


def test_the_next_event_is_new_and_a_known_one_is_not() -> None:
    assert _new(_events(4)[-1])
    assert _new(_events(1)[0], NO_HEAD)
    assert not _new(KEPT[0])


def test_an_event_after_a_gap_is_asked_for_from_the_head() -> None:
    with pytest.raises(GapError) as gap:
        _new(_events(5)[-1])
    assert gap.value.expect_seq == 4


@pytest.mark.parametrize("event", [OTHERS[1], OTHERS[3]], ids=["known seq", "next seq"])
def test_another_history_is_a_fork(event: Event) -> None:
    with pytest.raises(ForkError):
        _new(event)


def test_a_future_of_ones_own_is_a_fork() -> None:
    with pytest.raises(ForkError):
        _new(_events(4)[-1], is_own=True)


def _goes_on(next_seq: int, head_hash: str, *, is_its_own_device: bool = True) -> int:
    return goes_on_at(STREAM, next_seq, head_hash, HEAD, _hash_at, is_its_own_device=is_its_own_device)


def test_a_sender_goes_on_where_the_receiver_ends() -> None:
    assert _goes_on(4, HEAD.hash) == 4
    assert _goes_on(9, "f" * 64) == 4


def test_a_device_that_knows_less_of_itself_than_others_is_an_old_image() -> None:
    with pytest.raises(ForkError):
        _goes_on(3, KEPT[1].hash)
    assert _goes_on(3, KEPT[1].hash, is_its_own_device=False) == 3


def test_another_hash_at_the_same_seq_is_a_fork() -> None:
    with pytest.raises(ForkError):
        _goes_on(4, OTHERS[2].hash, is_its_own_device=False)
