"""The block rule and the no-show: its boundaries in one table, and that nobody is punished for an outage."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.centre import Centre, Holiday
from queueing.day_slots import DaySlots
from queueing.keeping import (
    Ending,
    Heard,
    Settled,
    blocked_until,
    is_late,
    is_miss,
    is_too_many,
    misses_in_row,
    verdict,
)
from tests.queueing.hall import NINE, centre_json

CENTRE = Centre.from_json(centre_json())
ZONE = CENTRE.zone


def day(number: int, clock: str = "09:00") -> datetime:
    """Return an instant of the table's days: day 1 is Sunday 22 November, at the centre."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 21, hour, minute, tzinfo=ZONE) + timedelta(days=number)


def no_show(number: int, clock: str = "09:00") -> Settled:
    return Settled("no_show", day(number, clock))


def cancelled(number: int, clock: str = "09:00", *, late: bool = False) -> Settled:
    return Settled("cancelled", day(number, clock), late)


def kept(number: int, clock: str = "09:00") -> Settled:
    return Settled("kept", day(number, clock))


def excused(number: int) -> Settled:
    return Settled("excused", day(number))


TABLE = [
    ("three are not more than three", [no_show(1), no_show(2), no_show(3)], False),
    ("the fourth blocks", [no_show(1), no_show(2), no_show(3), no_show(4)], True),
    ("cancellations alone", [cancelled(1), cancelled(1, "09:01"), cancelled(1, "09:02"), cancelled(1, "09:03")], True),
    ("both kinds are one row", [cancelled(1), no_show(2), cancelled(3, late=True), no_show(4)], True),
    ("the seventh day is within", [no_show(1), no_show(2), no_show(3), no_show(7, "23:59")], True),
    ("the eighth day is not", [no_show(1, "23:59"), no_show(2), no_show(3), no_show(8, "00:00")], False),
    ("days, not hours", [no_show(1, "00:00"), no_show(2), no_show(3), no_show(7, "23:59")], True),
    ("the eighth day with one of the second", [no_show(n) for n in (1, 2, 3, 4, 8)][1:], True),
    ("spread over two weeks", [no_show(n) for n in (1, 4, 7, 10, 13)], False),
    ("the nearest four of five count", [no_show(n) for n in (1, 9, 10, 11, 12)], True),
    ("a kept visit between", [no_show(1), no_show(2), kept(3), no_show(4), no_show(5)], False),
    ("a kept visit after all", [no_show(1), no_show(2), no_show(3), no_show(4), kept(5)], False),
    ("four after a kept visit", [kept(1), no_show(2), no_show(3), no_show(4), no_show(5)], True),
    ("a kept visit of the same moment", [kept(1), no_show(1), no_show(1), no_show(1), no_show(1)], False),
    ("excused is no miss", [no_show(1), no_show(2), no_show(3), excused(4)], False),
    ("excused breaks no row either", [no_show(1), no_show(2), excused(3), no_show(4), no_show(5)], True),
    ("nothing", [], False),
]


@pytest.mark.parametrize(("settled", "is_blocked"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_boundaries(settled: list[Settled], is_blocked: bool) -> None:
    for order in range(5):
        shuffled = random.Random(order).sample(settled, len(settled))
        assert is_too_many(CENTRE, shuffled) is is_blocked


def test_days_are_those_of_the_centres_zone() -> None:
    # Day 1, 00:30 in Bahrain is still the day before in UTC; day 8, 00:30 is the seventh day there.
    row = [no_show(1, "00:30"), no_show(2), no_show(3), no_show(8, "00:30")]
    assert not is_too_many(CENTRE, row)
    row = [no_show(1, "03:30"), no_show(2), no_show(3), no_show(8, "02:30")]
    assert not is_too_many(CENTRE, row)
    assert is_too_many(replace(CENTRE, timezone="UTC"), row)


def test_a_centre_may_have_other_numbers() -> None:
    strict = replace(CENTRE, booking=replace(CENTRE.booking, misses=1, within_days=2))
    assert is_too_many(strict, [no_show(1), no_show(2)])
    assert not is_too_many(strict, [no_show(1), no_show(3)])
    mild = replace(CENTRE, booking=replace(CENTRE.booking, early_cancels_count=False))
    early = [cancelled(1, f"09:0{n}") for n in range(9)]
    assert not is_too_many(mild, early)
    assert is_too_many(mild, [replace(each, late=True) for each in early])


@pytest.mark.parametrize(
    ("before", "late"), [(timedelta(hours=1), False), (timedelta(minutes=59, seconds=59), True), (timedelta(0), True)]
)
def test_late_is_nearer_than_the_limit(before: timedelta, late: bool) -> None:
    assert is_late(CENTRE, NINE, NINE - before) is late


def test_a_block_ends_with_a_day() -> None:
    assert blocked_until(CENTRE, day(1, "23:59")) == day(8, "00:00")
    assert blocked_until(CENTRE, day(2, "00:00").astimezone(UTC)) == day(9, "00:00")


endings = st.builds(
    Settled,
    st.sampled_from(list(Ending.__args__)),  # type: ignore[attr-defined]
    st.integers(0, 40 * 24 * 60).map(lambda minutes: day(1, "00:00") + timedelta(minutes=minutes)),
    st.booleans(),
)


@given(st.lists(endings, max_size=12), st.randoms())
def test_the_order_of_telling_changes_nothing(settled: list[Settled], chance: random.Random) -> None:
    shuffled = chance.sample(settled, len(settled))
    assert is_too_many(CENTRE, shuffled) is is_too_many(CENTRE, settled)


@given(st.lists(endings, max_size=12))
def test_who_is_blocked_missed_more_than_three_within_a_week(settled: list[Settled]) -> None:
    if is_too_many(CENTRE, settled):
        row = misses_in_row(CENTRE, settled)
        assert len(row) > CENTRE.booking.misses
        assert all(is_miss(CENTRE, each) for each in row)
        assert any(
            sum(first.at <= each.at < first.at + timedelta(days=7) for each in row) > CENTRE.booking.misses
            for first in row
        )


@given(st.lists(endings, max_size=12))
def test_a_visit_kept_after_all_of_it_clears_the_row(settled: list[Settled]) -> None:
    assert not is_too_many(CENTRE, [*settled, Settled("kept", day(60))])


@given(st.lists(endings, max_size=12), endings)
def test_excusing_never_blocks(settled: list[Settled], another: Settled) -> None:
    excused_too = [*settled, replace(another, ending="excused")]
    assert is_too_many(CENTRE, excused_too) is is_too_many(CENTRE, settled)


DEADLINE = NINE + timedelta(seconds=CENTRE.appointments.grace_s)
NEXT_DAY = day(2, "00:00")
OTHERS = (NINE - timedelta(minutes=5),)
SECOND = timedelta(seconds=1)
EARLY = NINE - timedelta(minutes=5) - SECOND
FIRST = NINE - timedelta(minutes=65)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("what", "heard", "now", "told"),
    [
        ("before the grace", Heard(NINE + minutes(14), {}, OTHERS), DEADLINE - minutes(1), "wait"),
        ("the grace has passed and the log is here", Heard(DEADLINE, {}, OTHERS), DEADLINE, "no_show"),
        ("the hub is cut off", Heard(DEADLINE - minutes(1), {}, OTHERS), DEADLINE + minutes(600), "wait"),
        ("nothing was ever heard", Heard(None, {}, OTHERS), DEADLINE + minutes(600), "wait"),
        ("cut off for a week", Heard(NINE, {}, OTHERS), DEADLINE + timedelta(days=7), "excused"),
        (
            "a kiosk is cut off from the hub",
            Heard(DEADLINE + minutes(60), {"kiosk-1": NINE}, OTHERS),
            DEADLINE + minutes(60),
            "wait",
        ),
        (
            "the kiosk is back",
            Heard(DEADLINE + minutes(60), {"kiosk-1": DEADLINE}, OTHERS),
            DEADLINE + minutes(60),
            "no_show",
        ),
        ("a kiosk silent for the day", Heard(NEXT_DAY, {"kiosk-1": NINE}, OTHERS), NEXT_DAY, "no_show"),
        ("nobody took a ticket yet", Heard(DEADLINE, {}), DEADLINE + minutes(30), "wait"),
        ("no kiosk worked", Heard(DEADLINE + minutes(60), {}), DEADLINE + minutes(61), "excused"),
        ("they worked long before", Heard(NEXT_DAY, {}, (NINE - minutes(61),)), NEXT_DAY, "excused"),
        ("they worked before, and may have died since", Heard(NEXT_DAY, {}, (EARLY,)), NEXT_DAY, "excused"),
        ("they worked before, somebody may come yet", Heard(DEADLINE, {}, (EARLY,)), DEADLINE, "wait"),
        ("they worked again an hour after", Heard(NEXT_DAY, {}, (DEADLINE + minutes(60),)), NEXT_DAY, "excused"),
        ("an hour before and after", Heard(NEXT_DAY, {}, (FIRST, DEADLINE + minutes(60))), NEXT_DAY, "no_show"),
        ("longer before", Heard(NEXT_DAY, {}, (FIRST - SECOND, DEADLINE + SECOND)), NEXT_DAY, "excused"),
        ("longer after", Heard(NEXT_DAY, {}, (EARLY, DEADLINE + minutes(60) + SECOND)), NEXT_DAY, "excused"),
        ("as early as one may come", Heard(NEXT_DAY, {}, (EARLY + SECOND,)), NEXT_DAY, "no_show"),
        ("as late as one may come", Heard(NEXT_DAY, {}, (DEADLINE,)), NEXT_DAY, "no_show"),
        ("the log's end is not the clock's", Heard(DEADLINE + minutes(59), {}), NEXT_DAY, "wait"),
    ],
)
def test_when_a_no_show_is_certain(what: str, heard: Heard, now: datetime, told: str) -> None:
    assert verdict(CENTRE, "renew", NINE, heard, now) == told, what


@pytest.mark.parametrize(
    "closed",
    [
        replace(CENTRE, hours={}),
        replace(CENTRE, holidays=(Holiday(NINE.date(), {"en": "Flood"}),)),
        replace(CENTRE, hours={"sun": ((time(9, 15), time(14)),)}),
        replace(CENTRE, day_slots=(DaySlots("renew", NINE.date(), 0, time(9), time(10)),)),
        replace(CENTRE, services=tuple(replace(each, appointments=False) for each in CENTRE.services)),
        replace(CENTRE, services=CENTRE.services[1:]),
    ],
    ids=["no hours", "a holiday", "opens later", "this service alone", "not booked any more", "no such service"],
)
def test_what_was_closed_since_it_was_booked_excuses(closed: Centre) -> None:
    heard = Heard(NEXT_DAY, {}, OTHERS)
    assert verdict(closed, "renew", NINE, heard, NEXT_DAY) == "excused"
    assert verdict(CENTRE, "renew", NINE, heard, NEXT_DAY) == "no_show"


LATE = datetime(2026, 11, 28, 23, 50, tzinfo=ZONE)
"""On a day that is open until midnight: the grace ends on the next one."""


@pytest.mark.parametrize(
    ("hub_at", "kiosk_at", "told"),
    [
        (LATE + minutes(14), LATE + minutes(14), "wait"),
        (LATE + minutes(15), LATE + minutes(15), "no_show"),
        (LATE + minutes(15), LATE, "no_show"),
        (LATE + minutes(10), LATE + minutes(15), "wait"),
    ],
    ids=["the grace", "it has passed", "a silent kiosk, its day is over", "the hub is cut off at midnight"],
)
def test_a_grace_over_midnight(hub_at: datetime, kiosk_at: datetime, told: str) -> None:
    heard = Heard(hub_at, {"kiosk-1": kiosk_at}, (LATE,))
    assert verdict(CENTRE, "renew", LATE, heard, LATE + timedelta(days=1)) == told
