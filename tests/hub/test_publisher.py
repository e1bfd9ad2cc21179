"""Publishing: the first news at once, the newest alone while busy, and never what is not durable."""

from __future__ import annotations

import hashlib
import json

import pytest

from hub.arbiter import Arbiter
from sync.log import Transaction
from sync.storage import StorageReason, StorageUnavailable
from tests.hub.house import House
from tests.sync.fakes import FakeClock


def _numbers(house: House) -> list[str]:
    board = json.loads(house.hub.broadcast.latest("board") or b"")["state"]
    return [call["number"] for call in board["announce"]]


def _clock(house: House) -> FakeClock:
    assert isinstance(house.clock, FakeClock)
    return house.clock


def _open(house: House) -> None:
    # Its seconds are the machine's: what it publishes by itself would come between.
    house.hub._ticker.close()
    house.take(9)
    for clerk in (1, 2, 3):
        house.press(clerk, "open")
    house.hub.arbiter.refresh().result()  # the commits' listeners are done, too
    _clock(house).pass_time(1)


def test_a_call_in_a_quiet_hall_is_published_at_once(house: House) -> None:
    _open(house)
    house.press(1, "call_next")
    house.hub.arbiter.catch_up().result()  # the listeners of a commit run after its answer: wait for the thread
    assert _numbers(house) == ["A0001"]


def test_calls_at_once_are_published_together_a_moment_later(house: House) -> None:
    _open(house)
    for clerk in (1, 2, 3):
        house.press(clerk, "call_next")
    house.hub.arbiter.catch_up().result()
    assert _numbers(house) == ["A0001"]
    _clock(house).pass_time(0.02)
    house.hub.arbiter.catch_up().result()
    assert _numbers(house) == ["A0001", "A0002", "A0003"]


def test_what_is_put_off_is_asked_for_again_by_the_ticker(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(house.hub.arbiter._publisher, "_ask_again", asked.append)
    _open(house)
    asked.clear()
    house.press(1, "call_next")
    house.press(2, "call_next")
    house.hub.arbiter.catch_up().result()
    assert asked[0] == pytest.approx(0.02)


def test_nothing_is_published_that_the_same_commit_may_yet_lose(house: House) -> None:
    """A job that publishes shares its transaction with a call that is not durable; then the commit fails."""
    _open(house)
    arbiter = house.hub.arbiter
    seen: list[list[str]] = []

    def call_and_look(tx: Transaction) -> None:
        _call_by_hand(arbiter, tx, house)
        arbiter._publisher.later(tx, arbiter._hall, arbiter.settings, all_views=True)
        seen.append(_numbers(house))
        raise StorageUnavailable(StorageReason.FULL)

    _clock(house).pass_time(1)
    with pytest.raises(StorageUnavailable):
        arbiter.writer.submit(call_and_look).result()
    assert seen == [[]]
    arbiter.refresh().result()
    assert _numbers(house) == []
    assert house.state.current("1") is None
    assert house.press(1, "call_next")[1]["ticket"]["number"] == "A0001"


def _call_by_hand(arbiter: Arbiter, tx: Transaction, house: House) -> None:
    from queueing.commands import CallNext  # noqa: PLC0415

    arbiter._decide(tx, CallNext("1", "claim-by-hand"))
    assert house.state.current("1") is not None


def test_a_snapshot_is_one_line_with_its_cursor_and_hash(house: House) -> None:
    for view in ("board", "kiosk", "counter"):
        snapshot = house.hub.broadcast.latest(view) or b""
        assert b"\n" not in snapshot
        told = json.loads(snapshot)
        text = json.dumps(told["state"], separators=(",", ":"), ensure_ascii=False)
        assert told["state_hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert told["cursor"]


def test_time_alone_is_no_news(house: House) -> None:
    before = house.hub.broadcast.latest("counter")
    _clock(house).pass_time(1)
    house.view("counter")
    assert house.hub.broadcast.latest("counter") is before
    house.take()
    assert house.view("counter")["now"] == "2026-11-22T06:00:01.000000Z"
