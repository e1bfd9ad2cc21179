"""The alarm, minute by minute: a line that stands and does not drain is one, a cut and a long way back are none."""

from __future__ import annotations

from queueing.wire import Stream
from sync.lateness import LATE_AFTER_S, Lateness

KIOSK, OTHER = Stream("kiosk-1", 1), Stream("kiosk-2", 1)


def test_an_event_that_waits_over_a_minute_with_the_line_up_is_an_alarm() -> None:
    late = Lateness()
    assert not late.look(0, {KIOSK: 5}, 1, answers=True)
    assert not late.look(LATE_AFTER_S, {KIOSK: 5}, 3, answers=True)
    assert late.look(LATE_AFTER_S + 1, {KIOSK: 5}, 3, answers=True)
    assert not late.look(LATE_AFTER_S + 2, {}, 0, answers=True)
    assert not late.look(LATE_AFTER_S + 3, {KIOSK: 9}, 1, answers=True), "another event begins anew"


def test_a_cut_line_is_none_and_its_hours_do_not_count() -> None:
    late = Lateness()
    for minute in range(480):
        assert not late.look(60.0 * minute, {KIOSK: 5}, minute, answers=False)
    assert not late.look(28_800, {KIOSK: 5}, 480, answers=True)
    assert not late.look(28_800 + LATE_AFTER_S, {KIOSK: 5}, 480, answers=True)
    assert late.look(28_801 + LATE_AFTER_S, {KIOSK: 5}, 480, answers=True)


def test_a_long_way_back_is_none_while_it_grows_less() -> None:
    late = Lateness()
    for second in range(300):
        # One stream after another: the last one's first event waits all the time.
        assert not late.look(second, {KIOSK: 1 + 100 * second, OTHER: 1}, 40_000 - 100 * second, answers=True)
    assert late.look(300 + LATE_AFTER_S, {KIOSK: 30_001, OTHER: 1}, 10_100, answers=True)


def test_a_busy_line_that_is_never_quite_empty_is_none() -> None:
    late = Lateness()
    for second in range(600):
        assert not late.look(second, {KIOSK: 1 + second}, 2, answers=True)


def test_one_stuck_stream_among_busy_ones_is_an_alarm() -> None:
    late = Lateness()
    found = [late.look(second, {KIOSK: 1 + second, OTHER: 7}, 1 + second % 2, answers=True) for second in range(100)]
    assert not any(found[:61]) and found[99]
