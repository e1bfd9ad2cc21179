"""When the centre is open: week, weekend, holiday, extra day."""

from datetime import UTC, datetime

from queueing.centre import Centre
from queueing.hours import Closed, Open, opening


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_open_until_the_end_of_the_span_and_not_at_it(centre: Centre) -> None:
    assert opening(centre, at(22, 4)) == Open(at(22, 11, 15))  # seven o'clock in Bahrain
    assert opening(centre, at(22, 11, 14)) == Open(at(22, 11, 15))
    assert opening(centre, at(22, 11, 15)) == Closed("hours", at(23, 4))
    assert opening(centre, at(22, 3, 59)) == Closed("hours", at(22, 4))


def test_weekend_leads_to_the_next_open_day(centre: Centre) -> None:
    assert opening(centre, at(27, 6)) == Closed("hours", at(28, 5))  # a Friday; the Saturday is an extra day


def test_extra_day_runs_to_midnight(centre: Centre) -> None:
    assert opening(centre, at(28, 20, 59)) == Open(at(28, 21))


def test_holiday(centre: Centre) -> None:
    assert opening(centre, at(16, 6, month=12)) == Closed("holiday", at(17, 4, month=12))


def test_a_centre_without_hours_never_opens(centre: Centre) -> None:
    bare = Centre.from_json(centre.to_json() | {"hours": {}, "extra_days": []})
    assert opening(bare, at(22, 6)) == Closed("hours", None)
