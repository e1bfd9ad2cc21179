"""Which day of the free ones a page shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.booking.answers import FreeDay, FreeSlot
from server.pages.times import choice

HOUR = timedelta(hours=1)
FULL, FREE, LATER = (datetime(2026, 11, 22 + n, 6, tzinfo=UTC) for n in range(3))
WEEK = [
    FreeDay(at.date(), (FreeSlot(at, at + HOUR, 2, 0), FreeSlot(at + HOUR, at + 2 * HOUR, 2, left)))
    for at, left in ((FULL, 0), (FREE, 2), (LATER, 1))
]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [("", FREE), ("2026-11-24", LATER), ("2026-11-22", FREE), ("2027-01-01", FREE), ("x", FREE)],
    ids=["the first with a free slot", "the day asked for", "one that is full by now", "no day of these", "no day"],
)
def test_the_day_that_is_asked_for_is_shown_while_it_has_a_free_slot(wanted: str, shown: datetime) -> None:
    found = choice(WEEK, wanted)
    assert found.days == ((FULL.date(), 0), (FREE.date(), 2), (LATER.date(), 1))
    assert found.shown == shown.date()
    assert [slot.at for slot in found.slots] == [shown + HOUR]


def test_without_any_free_slot_no_day_is_shown() -> None:
    found = choice(WEEK[:1], "2026-11-22")
    assert (found.days, found.shown, found.slots) == (((FULL.date(), 0),), None, ())
