"""Whether appointments are kept: when a no-show is certain, and when so many are wasted that booking is blocked.

Pure: what the centre's logs say and what was settled before comes in, a verdict goes out. Nobody is punished for an
outage of ours: as long as a log is missing nothing is certain, and where a centre gave no sign that people could check
in nobody missed anything. The reasons are in docs/decisions/0014-booking.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from queueing.centre import Centre
from queueing.decide import REJOIN_WITHIN, UNDO_WITHIN
from queueing.slots import is_served

Ending = Literal["kept", "no_show", "cancelled", "excused"]
"""How an appointment ended. One that was moved did not end; one that the centre itself called off is excused."""

WITNESS = timedelta(hours=1)
"""Tickets that anybody took so long before one could come and so long after the grace show that one could come."""
GIVEN_UP = timedelta(days=7)
"""A log that has not come by then is not waited for."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An appointment that has ended: how, and when. A no-show happens at its slot, a cancellation when it is made.

    `late`: the cancellation came later than the centre allows.
    """

    ending: Ending
    at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a centre's logs: the newest event of its hub and of each kiosk that may still have some.

    `tickets` are instants at which somebody took a ticket there, all of them or one in each quarter of an hour.
    """

    hub_at: datetime | None
    kiosks_at: Mapping[str, datetime]
    tickets: tuple[datetime, ...] = ()


Verdict = Literal["wait", "no_show", "excused"]


def verdict(centre: Centre, service: str, slot_at: datetime, heard: Heard, now: datetime) -> Verdict:
    """Say what becomes of a service's booked slot (aware) for which the logs show no check-in.

    Certain it is when the grace has passed, the hub's log reaches beyond it, and so does each kiosk's, for a kiosk may
    have been cut off from the hub; a kiosk that stays silent is waited for until its centre's day is over. And the
    customer has to have been able to come: somebody took a ticket in that time, or both before and after it.
    """
    deadline = slot_at + timedelta(seconds=centre.appointments.grace_s)
    if now < deadline:
        return "wait"
    if not is_served(centre, service, slot_at):
        return "excused"  # Closed, or given up, since it was booked.
    hub_at = heard.hub_at
    if (
        hub_at is None
        or hub_at < deadline
        or (hub_at < _next_day(centre, slot_at) and any(at < deadline for at in heard.kiosks_at.values()))
    ):
        return "excused" if now >= deadline + GIVEN_UP else "wait"
    from_at = slot_at - timedelta(seconds=centre.appointments.early_lead_s)
    if any(from_at <= at <= deadline for at in heard.tickets):
        return "no_show"
    # A ticket from before alone says nothing: the power may have gone since.
    if any(from_at - WITNESS <= at < from_at for at in heard.tickets) and any(
        deadline < at <= deadline + WITNESS for at in heard.tickets
    ):
        return "no_show"
    # The next customer may be the witness.
    return "excused" if hub_at >= deadline + WITNESS else "wait"


Phase = Literal["waiting", "called", "serving", "parked", "finished", "no_show", "left", "cancelled"]
"""How a ticket by video stands; `left` its customer gave up, `cancelled` was called off."""


@dataclass(frozen=True, slots=True)
class Stood:
    """How the ticket of an appointment by video stood last, and since when.

    `by_day`: the day's end did it, no clerk. `came`: its customer was served at some time.
    """

    phase: Phase
    at: datetime
    by_day: bool = False
    came: bool = False


def verdict_by_video(
    centre: Centre, service: str, slot_at: datetime, stood: Stood | None, hub_at: datetime | None, now: datetime
) -> Verdict | Literal["kept"]:
    """Say what becomes of an appointment by video, from its ticket alone: nobody checks in.

    A no-show is what a clerk has marked, once that can be taken back no more. Who was not called on the day, or has no
    ticket since the hub was out of service, missed nothing. Who left the queue while waiting is not blamed, for the
    wait may have been ours; a visit that was kept it is not either, or leaving would pay for what was missed before.
    `hub_at` is the hub's newest event that is known.
    """
    if stood is not None and (stood.came or stood.phase in THERE):
        return "kept"
    if stood is not None and stood.phase == "cancelled":
        return "excused"
    if stood is not None and stood.phase == "left":
        return "excused" if now - stood.at >= REJOIN_WITHIN + _TRAVELS else "wait"
    if stood is not None and stood.phase == "no_show" and not stood.by_day:
        return "no_show" if now - stood.at >= UNDO_WITHIN + _TRAVELS else "wait"
    if now < slot_at:
        return "wait"
    is_over = hub_at is not None and hub_at >= _next_day(centre, slot_at)
    if is_over or now >= slot_at + GIVEN_UP:
        return "excused"
    if stood is None and not is_served(centre, service, slot_at):
        return "excused"  # Closed, or given up, since it was booked.
    return "wait"


THERE: frozenset[Phase] = frozenset({"serving", "finished"})
"""Who is so far by video was there."""
_TRAVELS = timedelta(seconds=23)
"""So much longer than a step can be taken back it is waited for: the news of that has to travel."""


def is_late(centre: Centre, slot_at: datetime, at: datetime) -> bool:
    """Say whether a cancellation comes later than the centre allows; at the limit itself it is in time."""
    return slot_at - at < timedelta(seconds=centre.booking.late_cancel_s)


def is_miss(centre: Centre, settled: Settled) -> bool:
    """Say whether an ending counts against the customer by a centre's rule."""
    if settled.ending == "cancelled":
        return settled.late or centre.booking.early_cancels_count
    return settled.ending == "no_show"


def misses_in_row(centre: Centre, settled: Iterable[Settled]) -> list[Settled]:
    """Return a customer's misses since the last visit that was kept, oldest first, in whatever order they are told."""
    row: list[Settled] = []
    # At one instant what speaks for the customer comes last.
    for each in sorted(settled, key=lambda each: (each.at, each.ending == "kept")):
        if each.ending == "kept":
            row.clear()
        elif is_miss(centre, each):
            row.append(each)
    return row


def is_too_many(centre: Centre, settled: Iterable[Settled]) -> bool:
    """Say whether a customer has so many misses in a row, near enough to each other, that booking is blocked.

    `settled` is all since the last block: what led to that one is paid for. The days are the centre's own; the first
    and the last miss may be `within_days` days apart, both counted.
    """
    rule = centre.booking
    days = [each.at.astimezone(centre.zone).date() for each in misses_in_row(centre, settled)]
    return any(
        last - first < timedelta(days=rule.within_days) for first, last in zip(days, days[rule.misses :], strict=False)
    )


def blocked_until(centre: Centre, now: datetime) -> datetime:
    """Return when a block that begins now ends: with the day before the one on which one can book again."""
    return _midnight(centre, now.astimezone(centre.zone).date() + timedelta(days=centre.booking.block_days))


def _next_day(centre: Centre, at: datetime) -> datetime:
    return _midnight(centre, at.astimezone(centre.zone).date() + timedelta(days=1))


def _midnight(centre: Centre, day: date) -> datetime:
    return datetime.combine(day, time.min, centre.zone)
