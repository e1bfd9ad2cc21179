"""Limits: so many tries in a sliding time, for each key, in bounded memory."""

from hub.limits import Limit
from tests.sync.fakes import FakeClock


def test_tries_are_used_up_and_come_back() -> None:
    clock = FakeClock()
    limit = Limit(2, 60.0, clock.monotonic)
    assert limit.take("a") == 0
    clock.pass_time(20)
    assert limit.take("a") == 0
    assert limit.take("a") == 40
    assert limit.take("b") == 0
    clock.pass_time(40)
    assert limit.take("a") == 0
    assert limit.take("a") == 20


def test_a_refused_try_is_not_counted_and_looking_is_not_trying() -> None:
    clock = FakeClock()
    limit = Limit(1, 10.0, clock.monotonic)
    assert limit.wait_s("a") == 0
    assert limit.take("a") == 0
    for _ in range(5):
        assert limit.take("a") == 10
    clock.pass_time(10)
    assert limit.take("a") == 0


def test_it_remembers_no_more_keys_than_it_may() -> None:
    limit = Limit(1, 60.0, FakeClock().monotonic, keys=3)
    for key in "abcd":
        assert limit.take(key) == 0
    assert limit.take("a") == 0
    assert limit.take("d") == 60
