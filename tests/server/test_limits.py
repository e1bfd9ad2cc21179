"""Limits by the minute."""

from __future__ import annotations

from server.limits import PerMinute
from tests.sync.fakes import FakeClock


def test_so_many_in_a_minute_and_anew_in_the_next() -> None:
    clock = FakeClock()
    clock.mono = 605.0
    limit = PerMinute(2, clock.monotonic)
    assert [limit.take("a"), limit.take("a"), limit.take("a")] == [0, 0, 55]
    assert limit.take("b") == 0
    clock.pass_time(54.9)
    assert limit.take("a") == 1
    clock.pass_time(0.1)
    assert limit.take("a") == 0


def test_a_refusal_does_not_prolong_itself() -> None:
    clock = FakeClock()
    limit = PerMinute(1, clock.monotonic)
    waits = {limit.take("a") for _ in range(50)}
    assert len(waits) == 2
    clock.pass_time(max(waits))
    assert limit.take("a") == 0
