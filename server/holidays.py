"""Public holidays from a calendar file (.ics), for one centre or for all: `python -m server holidays FILE.ics ...`.

They lie beside the centres' own settings and join them when the registers are read, so that no seed takes them away. A
file speaks for the days from its first to its last: what was imported before in that span and is not in it is taken
back, for the moon moves holidays. It decides nothing about hours.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar
from sqlmodel import Session, col, select

from queueing.centre import Centre, Holiday
from server.seed import SeedError
from server.tables import CentreRow, HolidayRow

EVERY_CENTRE = ""
"""What stands for a centre where a holiday is for all, also for those that are still to come."""
_BYTES_MAX = 2 << 20
_DAYS_MAX = 60
"""A longer event is no holiday but somebody's mistake."""
_MOST = 1000
"""More days are no calendar of holidays but a diary."""
_YEARS = range(2000, 2101)
"""Days beyond are slips of the fingers, and the last one that there is has no day after it."""
_FOLDED = re.compile(rb"\r?\n[ \t]")
"""A line goes on; where it was cut may be within a letter, so it is mended before it is read (RFC 5545, 3.1)."""
_EACH_YEAR = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"})


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing holidays has changed, and at which centres something is different now."""

    added: int
    renamed: int
    removed: int
    touched: frozenset[str]


def read(path: Path, languages: Sequence[str], today: date) -> dict[date, dict[str, str]]:
    """Return a calendar's whole days with their names by language. Raises SeedError with every fault.

    A SUMMARY with a LANGUAGE is the name in that language, one without in all that have none. What comes every year
    (RRULE) is told for the year of `today` and the next; what repeats otherwise has to stand there with each of its
    days, for holidays that the moon moves follow no rule.
    """
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise SeedError([f"{path}: too large for a calendar of holidays"])
        content = path.read_bytes()
    except OSError as error:
        raise SeedError([f"{path}: {error.strerror}"]) from error
    return parse(content, languages, today, str(path))


def parse(content: bytes, languages: Sequence[str], today: date, where: str = "calendar") -> dict[date, dict[str, str]]:
    """Return what `read` does, of a calendar's text. Raises SeedError with every fault."""
    if len(content) > _BYTES_MAX:
        raise SeedError([f"{where}: too large for a calendar of holidays"])
    try:
        text = _FOLDED.sub(b"", content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SeedError([f"{where}: is not in UTF-8"]) from error
    try:
        # Several in one file: programs put them one after another.
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError as error:
        raise SeedError([f"{where}: is no calendar (RFC 5545)"]) from error
    faults: list[str] = []
    found: dict[date, list[dict[str, str]]] = {}
    events = (event for calendar in calendars for event in calendar.walk("VEVENT"))
    for at, event in enumerate(events, 1):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        names, place = _names(event, languages), f"{where}: event {at}"
        if not names:
            faults.append(f"{place}: no SUMMARY")
        try:
            for day in _days(event, today):
                found.setdefault(day, []).append(names)
        except ValueError as error:
            faults.append(f"{place}: {error}")
    if not found and not faults:
        faults.append(f"{where}: has no holiday")
    if len(found) > _MOST:
        faults.append(f"{where}: has more than {_MOST} days")
    if faults:
        raise SeedError(faults)
    # Two that meet on one day are both named.
    return {
        day: {name: " – ".join(dict.fromkeys(names[name] for names in all_names)) for name in languages}
        for day, all_names in found.items()
    }


def put(session: Session, days: Mapping[date, Mapping[str, str]], centres: Sequence[str]) -> Stored:
    """Store holidays for centres, or for all (`EVERY_CENTRE`). Raises SeedError.

    It tells nobody: the caller raises the revision and the edition of the centres that are touched.
    """
    known = set(session.exec(select(CentreRow.id)))
    missing = [name for name in centres if name not in known and name != EVERY_CENTRE]
    if missing:
        raise SeedError([f"no such centre: {name}" for name in missing])
    added = renamed = removed = 0
    touched: set[str] = set()
    first, last = min(days), max(days)
    for centre in centres:
        in_span = (col(HolidayRow.centre) == centre, col(HolidayRow.day) >= first, col(HolidayRow.day) <= last)
        stored = {row.day: row for row in session.exec(select(HolidayRow).where(*in_span))}
        before = (added, renamed, removed)
        for day, row in stored.items():
            if day not in days:
                session.delete(row)
                removed += 1
            elif row.name != dict(days[day]):
                row.name = dict(days[day])
                renamed += 1
        for day in days.keys() - stored.keys():
            session.add(HolidayRow(centre=centre, day=day, name=dict(days[day])))
            added += 1
        if (added, renamed, removed) != before:
            touched |= known if centre == EVERY_CENTRE else {centre}
    session.flush()
    return Stored(added, renamed, removed, frozenset(touched))


def joined(session: Session, centres: Mapping[str, Centre]) -> dict[str, Centre]:
    """Return centres with what was imported for them; on a day that has a name of the centre's own, that one stays."""
    of_these = select(HolidayRow).where(col(HolidayRow.centre).in_([*centres, EVERY_CENTRE]))
    rows = session.exec(of_these.order_by(col(HolidayRow.day), col(HolidayRow.centre).desc())).all()
    return {
        name: _with(centre, [row for row in rows if row.centre in (name, EVERY_CENTRE)])
        for name, centre in centres.items()
    }


def _with(centre: Centre, rows: Sequence[HolidayRow]) -> Centre:
    days = {holiday.date: holiday for holiday in centre.holidays}
    for row in rows:
        days.setdefault(row.day, Holiday(row.day, row.name))
    return replace(centre, holidays=tuple(days[day] for day in sorted(days))) if rows else centre


def _names(event: Any, languages: Sequence[str]) -> dict[str, str]:
    said = event.get("SUMMARY", [])
    texts = {
        str(each.params.get("LANGUAGE", "")).lower().partition("-")[0]: _printable(str(each))
        for each in (said if isinstance(said, list) else [said])
    }
    any_text = texts.get("") or next(iter(texts.values()), "")
    return {name: texts.get(name) or any_text for name in languages} if any_text else {}


def _printable(text: str) -> str:
    """Return a name on one line."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _days(event: Any, today: date) -> Iterator[date]:
    """Give the days of an event, in the years that count if it comes every year. Raises ValueError."""
    first, length = _span(event)
    for begins in _each_year(event, first, today):
        for ahead in range(length):
            yield begins + timedelta(days=ahead)


def _span(event: Any) -> tuple[date, int]:
    """Return an event's first day and how many there are; the end is the day after the last. Source: RFC 5545, 3.6.1.

    From a midnight to a midnight of the place's own are whole days, too: some calendars have no others. Raises
    ValueError.
    """
    if event.errors or "DTSTART" not in event or isinstance(event["DTSTART"], list):
        raise ValueError("no day that can be read")
    begins = event.decoded("DTSTART")
    if begins.year not in _YEARS:
        raise ValueError(f"not in {_YEARS[0]} to {_YEARS[-1]}")
    ends = event.decoded("DTEND") if "DTEND" in event else begins + event.decoded("DURATION", timedelta(days=1))
    first, after = _midnight(begins), _midnight(ends)
    if first is None or after is None:
        raise ValueError("has hours; a holiday is whole days (VALUE=DATE)")
    if not 1 <= (after - first).days <= _DAYS_MAX:
        raise ValueError(f"1 to {_DAYS_MAX} days, its DTEND the day after the last")
    return first, (after - first).days


def _midnight(at: object) -> date | None:
    """Return the day that begins at a moment, None when none does; of UTC nobody knows where it would be midnight."""
    if isinstance(at, datetime):
        is_one = at.timetz().replace(tzinfo=None) == time.min and at.tzname() != "UTC"
        return at.date() if is_one else None
    return at if isinstance(at, date) else None


def _each_year(event: Any, first: date, today: date) -> Iterator[date]:
    """Give an event's first days: one, or those of this year and the next if it comes every year. Raises ValueError."""
    if "RRULE" not in event and "RDATE" not in event:
        yield first
        return
    rule = event.get("RRULE")
    if "RDATE" in event or "EXDATE" in event or isinstance(rule, list):
        raise ValueError("repeats by more than a rule; a holiday stands there with each of its days")
    is_yearly = rule.get("FREQ") == ["YEARLY"] and _EACH_YEAR.issuperset(rule)
    is_same_day = (rule.get("BYMONTH", [first.month]), rule.get("BYMONTHDAY", [first.day])) == (
        [first.month],
        [first.day],
    )
    interval, until = rule.get("INTERVAL", [1])[0], rule.get("UNTIL", [date.max])[0]
    if not is_yearly or not is_same_day or interval < 1:
        raise ValueError("repeats, but not once a year; a holiday stands there with each of its days")
    last = until.date() if isinstance(until, datetime) else until
    for year in (today.year, today.year + 1):
        turn, rest = divmod(year - first.year, interval)
        is_leap_day = (first.month, first.day) == (2, 29) and not isleap(year)
        if turn < 0 or rest or is_leap_day or turn >= rule.get("COUNT", [turn + 1])[0]:
            continue
        if (day := first.replace(year=year)) <= last:
            yield day
