"""The expected wait: a range that follows the queue, the open counters and the durations seen."""

import pytest

from queueing.commands import CallNext, CloseCounter, Finish, StartServing
from queueing.waits import Wait, forecast
from tests.queueing.hall import Hall


def wait(hall: Hall, service: str = "renew") -> Wait:
    return forecast(hall.state, hall.centre, hall.now)[service]


def test_nobody_ahead_and_an_idle_counter(open_hall: Hall) -> None:
    assert wait(open_hall) == Wait(0, 0, 60)


def test_no_open_counter_gives_people_and_no_minutes(open_hall: Hall) -> None:
    open_hall.press(CloseCounter, "1")
    open_hall.take("B101", "test")
    assert wait(open_hall, "test") == Wait(1, None, None)
    assert wait(open_hall, "test").minutes is None


def test_more_people_wait_longer_and_more_counters_less(open_hall: Hall) -> None:
    for i in range(4):
        open_hall.take(f"A10{i}")
    with_two = wait(open_hall)
    assert with_two == Wait(4, 840, 1260)  # 4 x 420 s over two counters; half as much again at the high end
    open_hall.press(CloseCounter, "2")
    with_one = wait(open_hall)
    assert with_one.low_s == 1680


def test_durations_seen_replace_the_centres_estimate(open_hall: Hall) -> None:
    for i in range(6):
        open_hall.take(f"A10{i}")
        open_hall.press(CallNext)
        open_hall.press(StartServing)
        open_hall.later(seconds=60)
        open_hall.press(Finish)
    for i in range(4):
        open_hall.take(f"A11{i}")
    assert wait(open_hall) == Wait(4, 120, 144)


def test_who_is_served_counts_with_what_is_left(open_hall: Hall) -> None:
    for counter in ("1", "2"):
        open_hall.take(f"A10{counter}")
        open_hall.press(CallNext, counter)
        open_hall.press(StartServing, counter)
    open_hall.later(seconds=400)
    assert wait(open_hall).low_s == 20


@pytest.mark.parametrize(
    ("low", "high", "minutes"),
    [(0, 60, (0, 1)), (200, 400, (4, 7)), (660, 1000, (15, 20)), (660, 700, (15, 20)), (300, 300, (5, 6))],
)
def test_minutes_for_people_are_a_range(low: int, high: int, minutes: tuple[int, int]) -> None:
    assert Wait(3, low, high).minutes == minutes
