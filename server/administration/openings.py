"""What opening and closing a day does to a centre's settings. Pure: a centre and a wish go in, a centre comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from queueing.centre import DAYS, Centre, ExtraDay, Holiday, Notice
from queueing.day_slots import DaySlots
from queueing.words import Words
from server.administration.answers import Closing, Opening, RefusedError, Why

Hours = tuple[tuple[time, time], ...]
_MARK = "day:"
"""How the ids of announcements begin that are made here."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is announced to everybody, and the name of a closed day, by language."""

    notice: Words
    holiday: Words


def hours_on(centre: Centre, day: date) -> Hours:
    """Return a centre's hours of a day in its own time, whatever they follow from."""
    extra = next((each.hours for each in centre.extra_days if each.date == day), None)
    if extra is None and any(each.date == day for each in centre.holidays):
        return ()
    return tuple(sorted(extra if extra is not None else centre.hours.get(DAYS[day.weekday()], ())))


def check(centre: Centre, wish: Closing | Opening, now: datetime) -> None:
    """Refuse what makes no sense at a centre: INVALID, PAST."""
    errors = []
    services = [wish.service] if isinstance(wish, Closing) and wish.service else []
    services += list(wish.services) if isinstance(wish, Opening) else []
    for name in services:
        found = centre.service(name)
        if found is None or not found.appointments:
            errors.append(f"service: {name!r} is not booked here")
    begins, ends = wish.begins or time.min, wish.ends or time.max
    if begins >= ends:
        errors.append("ends: after it begins")
    if isinstance(wish, Opening) and wish.places is not None and not 1 <= wish.places <= 1000:
        errors.append("places: 1 to 1000, or null")
    if errors:
        raise RefusedError(Why.INVALID, errors=errors)
    if datetime.combine(wish.day, ends, centre.zone) <= now:
        raise RefusedError(Why.PAST)


def closed(centre: Centre, seen: Centre, closing: Closing, said: Said, now: datetime) -> Centre:
    """Return a centre's own settings with a closing; `seen` has imported holidays, too. Refused: NOTHING_THERE."""
    hours = hours_on(seen, closing.day)
    begins, ends = closing.begins or time.min, closing.ends or time.max
    if not any(since < ends and begins < until for since, until in hours):
        raise RefusedError(Why.NOTHING_THERE)
    if closing.service:
        entry = DaySlots(closing.service, closing.day, 0, begins, ends)
        changed = replace(centre, day_slots=(*centre.day_slots, entry))
    else:
        changed = _with_hours(centre, seen, closing.day, _without(hours, begins, ends), said.holiday)
    return _announced(changed, closing.day, f"{closing.service}{_span(closing.begins, closing.ends)}", said, now)


def opened(centre: Centre, seen: Centre, opening: Opening, said: Said, now: datetime) -> Centre:
    """Return a centre's own settings with an opening; `seen` has imported holidays, too."""
    hours = hours_on(seen, opening.day)
    wider = _union(hours, opening.begins, opening.ends)
    changed = _with_hours(centre, seen, opening.day, wider, said.holiday)
    new_spans = _left_of(((opening.begins, opening.ends),), hours)
    chosen = set(opening.services)
    entries = []
    for service in centre.services:
        if not service.appointments:
            continue
        if chosen and service.id not in chosen:
            # Open for some alone: the others stay as they were, so nobody books them in the hours that are new.
            entries += [DaySlots(service.id, opening.day, 0, begins, ends) for begins, ends in new_spans]
        elif opening.places is not None or any(
            (each.service, each.date) == (service.id, opening.day) for each in centre.day_slots
        ):
            entries.append(DaySlots(service.id, opening.day, opening.places, opening.begins, opening.ends))
    changed = replace(changed, day_slots=(*changed.day_slots, *entries))
    about = f"{'+'.join(opening.services) or '+'}{_span(opening.begins, opening.ends)}"
    return _announced(changed, opening.day, about, said, now)


def _with_hours(centre: Centre, seen: Centre, day: date, hours: Hours, holiday: Words) -> Centre:
    """Return a centre with the hours of one day: as its week, as a closed day, or as a day of its own."""
    extra = tuple(each for each in centre.extra_days if each.date != day)
    if not hours:
        holidays = (*(each for each in centre.holidays if each.date != day), Holiday(day, holiday))
        return replace(centre, extra_days=extra, holidays=tuple(sorted(holidays, key=lambda each: each.date)))
    if hours == hours_on(seen, day):
        return centre
    own_days = tuple(each for each in centre.holidays if each.date != day)
    extra = tuple(sorted((*extra, ExtraDay(day, hours)), key=lambda each: each.date))
    return replace(centre, extra_days=extra, holidays=own_days)


def _announced(centre: Centre, day: date, about: str, said: Said, now: datetime) -> Centre:
    """Return a centre that says so until the day is over.

    What was said of the same hours before is said no more; nothing of the day, where this is about all of it.
    """
    today = now.astimezone(centre.zone).date()
    over = datetime.combine(day + timedelta(days=1), time.min, centre.zone)
    mark = f"{_MARK}{day.isoformat()}:{about}"
    is_all = not about or about.startswith("+")
    kept = tuple(
        each
        for each in centre.notices
        if not (each.id == mark or (is_all and each.id.startswith(f"{_MARK}{day.isoformat()}:")))
        and not (each.id.startswith(_MARK) and each.until is not None and each.until <= now)
    )
    recent = tuple(each for each in centre.day_slots if each.date >= today)
    return replace(centre, notices=(*kept, Notice(said.notice, None, over, mark)), day_slots=recent)


def _span(begins: time | None, ends: time | None) -> str:
    return "" if begins is None and ends is None else f"{begins or time.min:%H%M}-{ends or time.max:%H%M}"


def _without(hours: Hours, begins: time, ends: time) -> Hours:
    return _left_of(hours, ((begins, ends),))


def _left_of(spans: Iterable[tuple[time, time]], taken: Sequence[tuple[time, time]]) -> Hours:
    """Return what is left of spans where others are taken out."""
    left = list(spans)
    for begins, ends in taken:
        pieces = [piece for since, until in left for piece in ((since, min(until, begins)), (max(since, ends), until))]
        left = [(since, until) for since, until in dict.fromkeys(pieces) if since < until]
    return tuple(sorted(left))


def _union(hours: Hours, begins: time, ends: time) -> Hours:
    joined = [(begins, ends)]
    for since, until in hours:
        if until < joined[0][0] or since > joined[0][1]:
            joined.append((since, until))
        else:
            joined[0] = (min(since, joined[0][0]), max(until, joined[0][1]))
    return tuple(sorted(joined))
