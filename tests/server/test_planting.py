"""Seeds in the registers: loading twice changes nothing, a change is told to its own centre, loose ends are refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from queueing.wire import Stream
from server.planting import PINS, plant
from server.registers import Registers
from server.seed import SeedError, read
from server.service import load_seeds
from server.storage import Store
from server.tables import AppointmentRow, CentreRow, CustomerRow, DeviceRow, StaffRow
from sync.rights import Role
from tests.server.site import CENTRE, OTHER, STAFF, Site

TABLES = (CentreRow, StaffRow, DeviceRow, CustomerRow, AppointmentRow)


class Ground:
    """A store into which a site's seeds are loaded."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.store = Store(site.folder)
        self._numbers = itertools.count(1)

    def load(self) -> bool:
        return load_seeds(self.store, self.site.write(), self.site.clock, lambda: f"id-{next(self._numbers)}")

    def refused(self) -> str:
        before = self.rows()
        with pytest.raises(SeedError) as caught:
            self.load()
        assert self.rows() == before, "a refused seed left something"
        return str(caught.value)

    def rows(self) -> list[dict[str, Any]]:
        def everything(session: Session) -> list[dict[str, Any]]:
            return [row.model_dump() for table in TABLES for row in session.exec(select(table)).all()]

        return self.store.call(everything)

    def bookings(self, reference: str) -> list[AppointmentRow]:
        def job(session: Session) -> list[AppointmentRow]:
            found = select(AppointmentRow).where(AppointmentRow.reference == reference)
            return list(session.exec(found.order_by(AppointmentRow.slot_at)))  # type: ignore[arg-type]

        return self.store.call(job)

    def registers(self) -> Registers:
        return self.store.call(Registers.read)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(Site(tmp_path))
    yield ground
    ground.store.close()


def test_loading_twice_changes_nothing(ground: Ground) -> None:
    assert ground.load() is True
    rows = ground.rows()
    assert ground.load() is False
    assert ground.rows() == rows
    assert len(rows) == 2 + STAFF + 6 + 30 + 15


def test_pins_are_kept_as_argon2id_alone(ground: Ground) -> None:
    ground.load()
    (member,) = [member for member in ground.registers().staff[CENTRE] if member.id == "c1"]
    assert member.pin_hash.startswith("$argon2id$")
    assert PINS.verify(member.pin_hash, "1234")


Change = Callable[[Site], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.overlay["centres"][0].update(digits="arab"),
        lambda site: site.overlay["devices"][4].update(incarnation=2),
        lambda site: site.overlay["devices"][5].update(revoked=True),
        lambda site: site.overlay["appointments"][0].update(service="driving-test"),
        lambda site: site.overlay.update(staff=[{"centre": OTHER, "id": "c1", "name": {"en": "New"}, "pin": "4711"}]),
    ],
    ids=["settings", "device", "revoked", "appointment", "staff"],
)
def test_a_change_raises_the_revision_of_its_centre_alone(ground: Ground, change: Change) -> None:
    ground.load()
    before = ground.registers().revisions
    change(ground.site)
    assert ground.load() is True
    after = ground.registers().revisions
    assert (after[CENTRE], after[OTHER]) == (before[CENTRE], before[OTHER] + 1)


def test_a_new_pin_replaces_the_old(ground: Ground) -> None:
    member = {"centre": OTHER, "id": "c1", "name": {"en": "Somebody"}, "pin": "4711"}
    ground.site.overlay["staff"] = [member]
    ground.load()
    ground.site.overlay["staff"] = [member | {"pin": "4712"}]
    assert ground.load() is True
    assert PINS.verify(ground.registers().staff[OTHER][0].pin_hash, "4712")


class TestRelativeBookings:
    def test_a_quick_restart_keeps_them(self, ground: Ground) -> None:
        ground.load()
        ground.site.clock.pass_time(20 * 60)
        assert ground.load() is False

    def test_a_later_one_makes_them_anew_and_takes_the_old_ones_back(self, ground: Ground) -> None:
        ground.load()
        ground.site.clock.pass_time(45 * 60)
        assert ground.load() is True
        old, new = ground.bookings("demo-05")
        assert (old.status, new.status) == ("cancelled", "booked")
        assert old.id != new.id
        assert (new.slot_at - old.slot_at).total_seconds() == 45 * 60

    def test_those_of_another_day_stay_as_they_were(self, ground: Ground) -> None:
        ground.load()
        ground.site.clock.pass_time(24 * 3600)
        ground.load()
        assert [booking.status for booking in ground.bookings("demo-05")] == ["booked", "booked"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda site: site.overlay["appointments"][0].update(cpr="990000999"), "no customer"),
        (lambda site: site.overlay["appointments"][0].update(service="shoe-shining"), "no service 'shoe-shining'"),
        (lambda site: site.overlay["appointments"][0].update(service="traffic-fines"), "is not booked"),
        (lambda site: site.overlay["appointments"][0].update(centre="elsewhere"), "no such centre"),
        (lambda site: site.overlay["devices"][0].update(centre="elsewhere"), "no such centre"),
        (lambda site: site.overlay["devices"][0].update(id="server"), "server's own log"),
        (lambda site: site.overlay["devices"][1].update(series="x"), "a series is one digit"),
        (lambda site: site.overlay["devices"][1].update(centre=OTHER), "series '0' is kiosk-1's"),
        (
            lambda site: site.overlay.update(staff=[{"centre": "elsewhere", "id": "c", "name": {}, "pin": "1234"}]),
            "staff elsewhere/c: no such centre",
        ),
    ],
)
def test_loose_ends_are_refused_and_leave_nothing(ground: Ground, change: Change, says: str) -> None:
    change(ground.site)
    assert says in ground.refused()


def test_all_loose_ends_are_told_at_once(ground: Ground) -> None:
    ground.site.overlay["appointments"][0].update(cpr="990000999", service="shoe-shining")
    ground.site.overlay["devices"][1].update(series="x")
    told = ground.refused()
    assert told.count("\n") == 2
    assert "990000999" not in told


def test_a_device_does_not_move_to_another_centre(ground: Ground) -> None:
    ground.load()
    ground.site.overlay["devices"][2].update(centre=OTHER)
    assert f"belongs to {CENTRE!r}" in ground.refused()


def test_a_revoked_kiosks_series_is_free_again(ground: Ground) -> None:
    ground.load()
    old = next(device for device in ground.site.overlay["devices"] if device["id"] == "kiosk-old")
    ground.site.overlay["devices"].append(old | {"id": "kiosk-new", "revoked": False})
    assert ground.load() is True
    ground.site.overlay["devices"].append(old | {"id": "kiosk-newest", "revoked": False})
    assert "series '8' is kiosk-new's" in ground.refused()


def test_registers_know_who_may_talk_and_for_whom(ground: Ground) -> None:
    ground.load()
    registers = ground.registers()
    assert registers.device("kiosk-old") is None
    assert registers.device("nobody") is None
    hub, kiosk = registers.device("hub-1"), registers.device("kiosk-1")
    assert hub is not None
    assert kiosk is not None
    assert (kiosk.role, kiosk.series, kiosk.centre) == (Role.KIOSK, "0", CENTRE)
    assert [registers.may_send(hub, Stream(name, 1)) for name in ("hub-1", "kiosk-1", "kiosk-old", "kiosk-2", "x")] == [
        *(True, True, True),
        *(False, False),
    ]
    assert [registers.may_send(kiosk, Stream(name, 1)) for name in ("kiosk-1", "hub-1", "kiosk-old")] == [
        *(True, False, False)
    ]


def test_customers_are_sealed_each_at_its_own_place(ground: Ground) -> None:
    ground.load()
    seed = read(ground.site.write(), ground.site.clock.now())
    vault = ground.store.vault

    def people(session: Session) -> list[CustomerRow]:
        return list(session.exec(select(CustomerRow)))

    rows = ground.store.call(people)
    opened = {vault.unseal(row.cpr, f"customer/{row.id}/cpr"): row for row in rows}
    assert set(opened) == {customer.cpr for customer in seed.customers}
    for customer in seed.customers:
        row = opened[customer.cpr]
        assert row.lookup == vault.customer_hash(customer.cpr)
        assert vault.unseal(row.born, f"customer/{row.id}/born") == customer.born.isoformat()


def test_a_change_of_a_customer_is_kept(ground: Ground) -> None:
    ground.load()
    seed = read(ground.site.write(), ground.site.clock.now())
    customer = seed.customers[0].model_copy(update={"name": {"en": "Married"}})
    seed.customers, seed.appointments, seed.staff = [customer], [], []
    vault, now = ground.store.vault, ground.site.clock.now()
    assert ground.store.call(lambda session: plant(session, seed, vault, now, lambda: "new")) is True
    assert ground.store.call(lambda session: plant(session, seed, vault, now, lambda: "new")) is False
    assert len([row for row in ground.rows() if "lookup" in row]) == 30


def test_what_a_seed_says_at_each_start_does_not_undo_what_people_changed(ground: Ground) -> None:
    ground.load()
    person = ground.store.call(lambda session: session.exec(select(StaffRow)).all())[0]
    key = (person.centre, person.id)

    def change(session: Session) -> None:
        row = session.get_one(CentreRow, OTHER)
        row.settings = {**row.settings, "priority_age": 70}
        row.edition += 1
        member = session.get_one(StaffRow, key)
        member.pin_hash, member.disabled = PINS.hash("99999"), True

    def look(session: Session) -> tuple[object, object, int, bool, bool]:
        row, member = session.get_one(CentreRow, OTHER), session.get_one(StaffRow, key)
        return (
            row.settings["priority_age"],
            row.settings["sms_default"],
            row.edition,
            PINS.verify(member.pin_hash, "99999"),
            member.disabled,
        )

    ground.store.call(change)
    assert not ground.load()
    assert ground.store.call(look) == (70, False, 2, True, True)
    ground.site.overlay["centres"][0]["sms_default"] = True
    assert ground.load(), "what is new in it counts"
    assert ground.store.call(look) == (70, True, 3, True, True), "and nothing else"


def test_a_seed_that_does_not_fit_what_people_changed_waits_until_it_is_mended(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    ground.load()
    gone = "driving-test"

    def close_service(session: Session) -> None:
        row = session.get_one(CentreRow, OTHER)
        settings: dict[str, Any] = row.settings
        kept = [service for service in settings["services"] if service["id"] != gone]
        counters = [
            counter | {"services": [name for name in counter["services"] if name != gone]}
            for counter in settings["counters"]
        ]
        row.settings = settings | {"services": kept, "counters": counters}

    def settings() -> dict[str, Any]:
        return ground.store.call(lambda session: dict(session.get_one(CentreRow, OTHER).settings))

    ground.store.call(close_service)
    before = settings()
    said = ground.site.overlay["centres"][0]
    said["sms_default"] = True
    said["counters"] = [*said["counters"], said["counters"][0] | {"id": "99", "services": [gone]}]
    for _ in range(2):  # It is told at each start.
        caplog.clear()
        assert not ground.load() and settings() == before
        (told,) = [record.getMessage() for record in caplog.records if record.name == "server.planting"]
        assert told.startswith(f"seed_does_not_fit centre={OTHER} faults=") and gone in told
    said["counters"][-1]["services"] = ["licence-renewal"]
    assert ground.load()
    now = settings()
    assert now["counters"][-1]["id"] == "99" and now["sms_default"], "all that it said meanwhile counts"
    assert gone not in [service["id"] for service in now["services"]], "and nothing that people changed is undone"
