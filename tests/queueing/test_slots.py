"""What can be booked: the day's slots, their places, the horizon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.centre import Centre, CentreError, Service
from queueing.slots import bookable_days, is_bookable, is_served, places_of, slot_at, slots_of
from tests.queueing.hall import NINE, centre_json

SUNDAY = date(2026, 11, 22)
CENTRE = Centre.from_json(centre_json())


def service(centre: Centre = CENTRE, name: str = "test", **changes: Any) -> Service:
    found = centre.service(name)
    assert found is not None
    return replace(found, **changes)


def times(centre: Centre, which: Service, day: date = SUNDAY) -> list[str]:
    return [f"{slot.at.astimezone(centre.zone):%H:%M}" for slot in slots_of(centre, which, day)]


def test_slots_fill_the_opening_hours_and_end_with_them() -> None:
    told = times(CENTRE, service(slot_s=1800))
    assert (told[0], told[1], told[-1]) == ("07:00", "07:30", "13:30")  # 14:00 would end after 14:15
    assert times(CENTRE, service(slot_s=900))[-1] == "14:00"
    assert slots_of(CENTRE, service(), SUNDAY)[0].at == datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "first", "why"),
    [
        (date(2026, 11, 27), None, "a Friday"),
        (date(2026, 11, 28), "08:00", "an extra Saturday"),
        (date(2026, 12, 16), None, "a holiday"),
        (date(2026, 11, 26), "07:00", "a Thursday"),
    ],
)
def test_days(day: date, first: str | None, why: str) -> None:
    told = times(CENTRE, service(), day)
    assert (told[0] if told else None) == first, why


def test_two_spans_of_a_day_are_two_series_of_slots() -> None:
    hours = ((time(7), time(8)), (time(9, 10), time(10, 10)))
    centre = replace(CENTRE, hours={"sun": hours})
    assert times(centre, service(slot_s=1800)) == ["07:00", "07:30", "09:10", "09:40"]


def test_places_are_the_counters_time_less_the_walk_ins_share() -> None:
    # One counter for it alone and half of another, 10 minutes each: 4.5 customers in half an hour, half of them booked.
    assert places_of(CENTRE, service(slot_s=1800)) == 2
    all_booked = replace(CENTRE, booking=replace(CENTRE.booking, walk_in_share=0.0))
    assert places_of(all_booked, service(slot_s=1800)) == 4
    assert places_of(CENTRE, service(slot_s=300)) == 1, "a booked service takes at least one"
    none_booked = replace(CENTRE, booking=replace(CENTRE.booking, walk_in_share=1.0))
    assert places_of(none_booked, service()) == 0
    assert places_of(replace(CENTRE, counters=()), service()) == 0
    assert places_of(CENTRE, service(places=7)) == 7, "the centre's own word"
    assert slots_of(CENTRE, service(places=0), SUNDAY) == []
    assert slots_of(CENTRE, service(appointments=False), SUNDAY) == []


@given(limit=st.integers(0, 200), share=st.floats(0, 1), places=st.integers(1, 20))
def test_a_day_books_no_more_than_the_limit_leaves(limit: int, share: float, places: int) -> None:
    centre = replace(CENTRE, booking=replace(CENTRE.booking, walk_in_share=share))
    slots = slots_of(centre, service(daily_limit=limit, places=places), SUNDAY)
    assert sum(slot.places for slot in slots) <= limit * (1 - share)
    if slots and len(slots) == 29:
        assert max(slot.places for slot in slots) - min(slot.places for slot in slots) <= 1, "evenly over the day"


def test_the_horizon_is_today_and_a_week() -> None:
    days = bookable_days(CENTRE, NINE)
    assert (days[0], days[-1]) == (SUNDAY, date(2026, 11, 29))
    # Late in the evening in London it is tomorrow in Bahrain.
    assert bookable_days(CENTRE, datetime(2026, 11, 22, 21, tzinfo=UTC))[0] == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("after", "bookable"), [(timedelta(0), False), (timedelta(minutes=-1), True), (timedelta(days=-8), False)]
)
def test_a_slot_is_bookable_until_it_begins(after: timedelta, bookable: bool) -> None:
    slot = slot_at(CENTRE, service(), NINE)
    assert slot is not None
    assert is_bookable(CENTRE, slot, NINE + after) is bookable


def test_only_a_slots_own_time_is_one() -> None:
    assert slot_at(CENTRE, service(), NINE + timedelta(minutes=1)) is None
    assert slot_at(CENTRE, service(), NINE.replace(hour=22)) is None


def test_faults_of_booking_are_listed() -> None:
    data: dict[str, Any] = centre_json()
    data["services"][0] |= {"slot_s": 100, "places": -1, "typical_serving_s": 0}
    data["booking"] = {"walk_in_share": 1.5, "misses": 0, "late_cancel_s": -1, "horizon_days": 0}
    with pytest.raises(CentreError) as caught:
        Centre.from_json(data)
    told = "\n".join(caught.value.errors)
    for place in ("slot_s", "places", "typical_serving_s"):
        assert f"services[0].{place}" in told
    for place in ("walk_in_share", "misses", "late_cancel_s", "horizon_days"):
        assert f"booking.{place}" in told


def test_a_service_takes_more_or_nobody_at_some_hours_of_one_day() -> None:
    def said(places: int | None, begins: str = "00:00", ends: str = "24:00") -> dict[str, object]:
        return {"service": "test", "date": "2026-11-22", "places": places, "begins": begins, "ends": ends}

    def told(*exceptions: dict[str, object], day: date = SUNDAY) -> dict[str, int]:
        centre = Centre.from_json(centre_json() | {"day_slots": list(exceptions)})
        found = slots_of(centre, service(centre, slot_s=1800, daily_limit=20), day)
        return {f"{slot.at.astimezone(centre.zone):%H:%M}": slot.places for slot in found}

    usual = told()
    assert told(said(9, "08:00", "09:00")) == usual | {"08:00": 9, "08:30": 9}, "whatever the daily limit"
    assert "08:00" not in (closed := told(said(0, "08:00", "09:00"))) and "09:00" in closed
    assert told(said(0)) == {}
    assert told(said(0), said(None, "08:00", "08:30")) == {"08:00": usual["08:00"]}, "the last one counts"
    assert told(said(0), day=date(2026, 11, 23)) == told(day=date(2026, 11, 23)) != {}


def test_who_has_booked_is_served_unless_it_is_closed_then() -> None:
    at = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)  # no slot begins then
    closed = {"service": "test", "date": "2026-11-22", "places": 0}
    assert is_served(CENTRE, "test", at)
    assert not is_served(CENTRE, "gone", at)
    assert not is_served(CENTRE, "test", at + timedelta(hours=12))
    assert not is_served(Centre.from_json(centre_json() | {"day_slots": [closed]}), "test", at)
    assert is_served(Centre.from_json(centre_json() | {"day_slots": [closed]}), "renew", at)
    assert not is_served(replace(CENTRE, services=(service(appointments=False),)), "test", at)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("hours", {"sun": [["14:00", "07:00"]]}, "centre.hours.sun[0]: ends after it begins"),
        ("hours", {"sun": [["07:00", "12:00"], ["11:00", "14:00"]]}, "centre.hours.sun: hours that overlap"),
        ("extra_days", [{"date": "2026-11-28", "hours": [["8:00", "09:00"]]}], "a time in ISO 8601"),
        ("extra_days", [{"date": "2026-11-28", "hours": [["09:00", "09:00"]]}], "centre.extra_days[0].hours[0]"),
        ("day_slots", [{"service": "x", "date": "2026-11-22", "places": 1}], "centre.day_slots[0].service"),
        ("day_slots", [{"service": "test", "date": "2026-11-22", "places": -1}], "centre.day_slots[0].places"),
        ("day_slots", [{"service": "test", "date": "2026-11-22", "places": 1, "ends": "00:00"}], "centre.day_slots[0]"),
    ],
)
def test_hours_and_exceptions_that_make_no_sense(field: str, value: object, told: str) -> None:
    with pytest.raises(CentreError) as error:
        Centre.from_json(centre_json() | {field: value})
    assert len(error.value.errors) == 1 and told in error.value.errors[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"rates": {"walk_in": float("nan")}},
        {"rates": {"priority": float("inf")}},
        {"step_out": {"max_s": 10**12}},
        {"appointments": {"grace_s": 10**12}},
        {"appointments": {"early_lead_s": -1}},
        {"booking": {"late_cancel_s": 10**12}},
        {"booking": {"walk_in_share": float("nan")}},
    ],
)
def test_numbers_that_no_centre_means_are_refused_before_they_break_a_sum(changes: dict[str, object]) -> None:
    with pytest.raises(CentreError):
        Centre.from_json(centre_json() | changes)
