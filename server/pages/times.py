"""A slot in an address, and free slots as a page offers them: by day, the full ones left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from queueing.centre import Centre
from server.booking.answers import FreeDay, FreeSlot

_FORM = "%Y%m%dT%H%MZ"


@dataclass(frozen=True, slots=True)
class Choice:
    """The days that a page offers, and the one that it shows with its slots, None when nothing is free."""

    days: tuple[tuple[date, int], ...]
    shown: date | None
    slots: tuple[FreeSlot, ...]


def choice(free: Sequence[FreeDay], wanted: str) -> Choice:
    """Return what to offer; the day shown is `wanted`, as an address says it, if it has a free slot, else the first."""
    open_slots = {each.day: tuple(slot for slot in each.slots if slot.left) for each in free if each.slots}
    days = tuple((day, sum(slot.left for slot in slots)) for day, slots in open_slots.items())
    free_days = [day for day, left in days if left]
    shown = next((day for day in free_days if day.isoformat() == wanted), next(iter(free_days), None))
    return Choice(days, shown, open_slots[shown] if shown is not None else ())


def to_text(at: datetime) -> str:
    """Return a slot as it stands in an address."""
    return at.astimezone(UTC).strftime(_FORM)


def from_text(text: str) -> datetime | None:
    """Return the slot that an address names, None when it names none."""
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def day_of(at: datetime, centre: Centre) -> str:
    """Return the day of a slot at its centre, as it stands in an address."""
    return at.astimezone(centre.zone).date().isoformat()


def late_from(slot_at: datetime, late_cancel_s: int) -> datetime:
    """Return the instant from which on a cancellation is late."""
    return slot_at - timedelta(seconds=late_cancel_s)
