"""The times at which a service can be booked at a centre, and how many customers each of them takes.

They follow from the centre's data alone: its hours, holidays and extra days, the service's slots, the counters that
serve it, the share that is kept for those who walk in, and what somebody said of a single day. What is taken of them
the server knows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from queueing.centre import Centre, Service
from queueing.day_slots import places_said
from queueing.hours import spans


@dataclass(frozen=True, slots=True)
class Slot:
    """A bookable time from `at` until `until` (UTC), for so many customers."""

    at: datetime
    until: datetime
    places: int


def bookable_days(centre: Centre, now: datetime) -> list[date]:
    """Return the centre's days that can be booked at an instant (aware): today and those up to the horizon."""
    today = now.astimezone(centre.zone).date()
    return [today + timedelta(days=ahead) for ahead in range(centre.booking.horizon_days + 1)]


def slots_of(centre: Centre, service: Service, day: date) -> list[Slot]:
    """Return a day's slots in order, past ones too; those that take nobody are left out.

    Of a service with a daily limit no more is booked than that limit less the walk-ins' share, evenly over the day.
    """
    if not service.appointments:
        return []
    length = timedelta(seconds=service.slot_s)
    times = [
        begins + length * step for begins, ends in spans(centre, day) for step in range(int((ends - begins) / length))
    ]
    places = [places_of(centre, service)] * len(times)
    if service.daily_limit is not None:
        most = math.floor(service.daily_limit * (1 - centre.booking.walk_in_share))
        # What the first n slots may take of it, rounded down: the differences are even and sum up to it.
        upto = [most * n // len(times) for n in range(len(times) + 1)] if times else []
        places = [min(each, upto[n + 1] - upto[n]) for n, each in enumerate(places)]
    if centre.day_slots:
        # What is said of a day comes after the daily limit: who opens more places means it.
        said = [places_said(centre.day_slots, service.id, at.astimezone(centre.zone)) for at in times]
        places = [usual if more is None else more for usual, more in zip(places, said, strict=True)]
    return [Slot(at, at + length, each) for at, each in zip(times, places, strict=True) if each]


def slot_at(centre: Centre, service: Service, at: datetime) -> Slot | None:
    """Return the slot that begins at an instant (aware), None when none does."""
    day = at.astimezone(centre.zone).date()
    return next((slot for slot in slots_of(centre, service, day) if slot.at == at), None)


def is_served(centre: Centre, service_id: str, at: datetime) -> bool:
    """Say whether who has booked a service for an instant (aware) would find it open, whatever the slots are by now."""
    service = centre.service(service_id)
    here = at.astimezone(centre.zone)
    if service is None or not service.appointments or places_said(centre.day_slots, service.id, here) == 0:
        return False
    return any(begins <= at < ends for begins, ends in spans(centre, here.date()))


def is_bookable(centre: Centre, slot: Slot, now: datetime) -> bool:
    """Say whether a slot's time has not come and is within the horizon; not whether a place is left."""
    day = slot.at.astimezone(centre.zone).date()
    return slot.at > now and day <= bookable_days(centre, now)[-1]


def places_of(centre: Centre, service: Service) -> int:
    """Return how many customers one slot of a service takes.

    A counter's time is shared evenly by the services that it can serve. A service that is booked and has a counter
    takes at least one, unless all is kept for those who walk in.
    """
    if service.places is not None:
        return service.places
    counters = sum(1 / len(set(each.services)) for each in centre.counters if service.id in each.services)
    booked = counters * (1 - centre.booking.walk_in_share)
    if not booked:
        return 0
    # A hair more: three thirds of a counter are one.
    return max(1, math.floor(booked * service.slot_s / service.typical_serving_s + 1e-9))
