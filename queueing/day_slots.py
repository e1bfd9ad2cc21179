"""What one day's slots are by exception: a service that takes more than usual at some hours, or nobody.

Data only, part of a centre's settings; `slots` applies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class DaySlots:
    """On a day a service's slots that begin from `begins` until before `ends` take `places` each; 0: it is closed then.

    Null: as many as usual. Times are the centre's own. Where several speak of a slot, the last one counts.
    """

    service: str
    date: date
    places: int | None
    begins: time = time.min
    ends: time = time.max


def places_said(all_slots: Sequence[DaySlots], service: str, at: datetime) -> int | None:
    """Return how many a service's slot takes that begins at an instant (the centre's own time); None: as usual."""
    said = [
        each.places
        for each in all_slots
        if (each.service, each.date) == (service, at.date()) and each.begins <= at.time() < each.ends
    ]
    return said[-1] if said else None


def span_faults(hours: Sequence[tuple[time, time]], where: str) -> Iterable[str]:
    """Give what is wrong with a day's hours: spans that end before they begin, or that overlap."""
    for at, (begins, ends) in enumerate(hours):
        if begins >= ends:
            yield f"{where}[{at}]: ends after it begins"
    in_order = sorted(hours)
    if any(after[0] < before[1] for before, after in pairwise(in_order)):
        yield f"{where}: hours that overlap"


def slot_faults(all_slots: Sequence[DaySlots], services: Sequence[str], where: str) -> Iterable[str]:
    """Give what is wrong with exceptions."""
    for at, each in enumerate(all_slots):
        if each.service not in services:
            yield f"{where}[{at}].service: {each.service!r} is no service here"
        if each.places is not None and not 0 <= each.places <= 1000:
            yield f"{where}[{at}].places: 0 to 1000, or null"
        if each.begins >= each.ends:
            yield f"{where}[{at}]: ends after it begins"
