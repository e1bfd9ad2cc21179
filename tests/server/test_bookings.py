"""What the registry tells of a customer: ages by the day, bookings by the centre's own day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from assets.paths import DEMO
from queueing.centre import Centre
from server.bookings import Booking, Registry, of_day
from server.planting import plant
from server.seed import AppointmentEntry, CustomerEntry, Seed
from server.storage import Store
from server.tables import AppointmentRow

CPR = "850000001"
CENTRE = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def put(store: Store, born: date, *slots: datetime) -> None:
    customer = CustomerEntry(cpr=CPR, name={"en": "Somebody"}, born=born)
    bookings = [
        AppointmentEntry(id=f"{n}", centre=CENTRE.id, service="licence-renewal", cpr=CPR, slot=slot)
        for n, slot in enumerate(slots)
    ]
    ids = iter(f"id-{n}" for n in range(100))
    seed = Seed(centres=[CENTRE], customers=[customer], appointments=bookings)
    store.call(lambda session: plant(session, seed, store.vault, NOON, lambda: next(ids)))


@pytest.mark.parametrize(
    ("born", "result", "priority"),
    [
        (date(2009, 11, 22), "none", None),
        (date(2009, 11, 23), "under_age", None),
        (date(1966, 11, 22), "none", "older"),
        (date(1966, 11, 23), "none", None),
        (date(2008, 2, 29), "none", None),
    ],
)
def test_age_is_counted_on_the_day_at_the_centre(store: Store, born: date, result: str, priority: str | None) -> None:
    put(store, born)
    registry = Registry(store.vault)
    found = store.call(lambda s: registry.look_up(s, CENTRE, store.vault.customer_hash(CPR), NOON))
    assert (found.result, found.priority, found.appointments) == (result, priority, ())


def test_the_birthday_begins_at_the_centres_midnight(store: Store) -> None:
    put(store, date(2009, 11, 23))
    registry, customer = Registry(store.vault), store.vault.customer_hash(CPR)
    midnight = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    before = store.call(lambda s: registry.look_up(s, CENTRE, customer, midnight - timedelta(seconds=1)))
    after = store.call(lambda s: registry.look_up(s, CENTRE, customer, midnight))
    assert (before.result, after.result) == ("under_age", "none")


def test_a_day_is_the_centres_own(store: Store) -> None:
    first, last, next_day = (
        datetime(2026, 11, 21, 21, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 20, 59, tzinfo=UTC),
        datetime(2026, 11, 22, 21, 0, tzinfo=UTC),
    )
    put(store, date(1990, 1, 1), last, next_day, first)
    found = store.call(lambda session: of_day(session, CENTRE, date(2026, 11, 22)))
    assert [each.slot_at for each in found] == [first, last]
    assert found[0] == Booking(found[0].id, store.vault.customer_hash(CPR), "licence-renewal", first)
    registry = Registry(store.vault)
    looked_up = store.call(lambda s: registry.look_up(s, CENTRE, store.vault.customer_hash(CPR), NOON))
    assert looked_up.appointments == tuple(found)


def test_a_cancelled_booking_is_told_no_more(store: Store) -> None:
    put(store, date(1990, 1, 1), NOON)

    def cancel(session: Session) -> None:
        session.exec(select(AppointmentRow)).one().status = "cancelled"

    store.call(cancel)
    assert store.call(lambda session: of_day(session, CENTRE, date(2026, 11, 22))) == []
    registry = Registry(store.vault)
    found = store.call(lambda s: registry.look_up(s, CENTRE, store.vault.customer_hash(CPR), NOON))
    assert found.result == "none"
