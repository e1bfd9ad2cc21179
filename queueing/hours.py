"""When a centre is open: its week, its holidays, its extra days. Times are the centre's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from queueing.centre import DAYS, Centre

_HORIZON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Open:
    """The centre is open until an instant (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """The centre is closed: by the hour, the weekday or a holiday. It opens next at an instant (UTC), if known."""

    why: Literal["hours", "holiday"]
    next_opens_at: datetime | None


def opening(centre: Centre, at: datetime) -> Open | Closed:
    """Say whether a centre is open at an instant (aware)."""
    here = at.astimezone(centre.zone)
    for begins, ends in spans(centre, here.date()):
        if begins <= at < ends:
            return Open(ends)
    coming = (
        begins
        for ahead in range(_HORIZON_DAYS)
        for begins, _ in spans(centre, here.date() + timedelta(days=ahead))
        if begins > at
    )
    holiday = any(day.date == here.date() for day in centre.holidays)
    return Closed("holiday" if holiday else "hours", next(coming, None))


def spans(centre: Centre, day: date) -> list[tuple[datetime, datetime]]:
    """Return when a centre is open on one of its days, each from and until (UTC), in order."""
    extra = next((extra.hours for extra in centre.extra_days if extra.date == day), None)
    if extra is None:
        if any(holiday.date == day for holiday in centre.holidays):
            return []
        extra = centre.hours.get(DAYS[day.weekday()], ())

    def instant(moment: time) -> datetime:
        if moment == time.max:
            return datetime.combine(day + timedelta(days=1), time.min, centre.zone).astimezone(UTC)
        return datetime.combine(day, moment, centre.zone).astimezone(UTC)

    return sorted((instant(begins), instant(ends)) for begins, ends in extra)
