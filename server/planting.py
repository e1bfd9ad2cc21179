"""Stores a seed in the registers: what is there and alike stays untouched, so loading twice changes nothing.

Of centres and staff a seed's word counts when it is new: what it said before does not undo what people changed since.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlmodel import Session, col, select

from queueing.centre import Centre, CentreError
from queueing.numbers import Series
from server.administration.tables import BodyRow
from server.booking import places
from server.booking.seals import seal_customer
from server.merging import merged
from server.registers import raise_revision
from server.seed import AppointmentEntry, CustomerEntry, DeviceEntry, InMinutes, Seed, SeedError, StaffEntry
from server.tables import AppointmentRow, CentreRow, CustomerRow, DeviceActRow, DeviceRow, ServerRow, StaffRow
from server.vault import Vault
from sync.rights import Role

BOOKED, MOVED, CANCELLED = "booked", "moved", "cancelled"
KEPT, NO_SHOW, EXCUSED = "kept", "no_show", "excused"
SEED = "seed"
"""By whom something was booked, or ended, that a seed says."""
CARRIED = "centre"
"""By whom something was booked where the centre moved a customer to it: nobody is blamed for what nobody chose."""
STANDS = (BOOKED, KEPT, NO_SHOW, EXCUSED)
"""What an appointment is that nobody took back. A centre is told of all of them: who comes too late still comes."""

OWN_LOG = "server"
"""The name of the server's own log, which no device may have."""

PINS = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with OWASP's smaller parameters (Password Storage Cheat Sheet): the hub that verifies may be a small box."""

_SAME_BOOKING = timedelta(minutes=30)
"""A booking relative to the loading is made anew once it has drifted this far from where its file wants it."""

_log = logging.getLogger(__name__)


def new_link() -> str:
    """Return a new name for a booking on the public pages: 66 bits that nobody guesses, short enough for an SMS."""
    return secrets.token_urlsafe(8)


def plant(session: Session, seed: Seed, vault: Vault, now: datetime, new_id: Callable[[], str]) -> bool:
    """Store a seed and tell whether anything changed; the revisions of the centres that are touched rise.

    Raises SeedError when entries do not fit together or what is stored; the caller's transaction is rolled back then.
    """
    seed = replace(seed, devices=_not_enrolled_since(session, seed.devices))
    touched = {centre.id for centre in seed.centres if _plant_centre(session, centre)}
    centres = {row.id: Centre.from_json(row.settings) for row in session.exec(select(CentreRow))}
    newcomers = {vault.customer_hash(customer.cpr) for customer in seed.customers}
    errors = _device_faults(session, seed.devices, centres)
    bodies = set(session.exec(select(BodyRow.id)))
    errors += [f"centre {name}: the name of a ministry or a department" for name in centres if name in bodies]
    errors += [
        f"staff {person.centre}/{person.id}: no such centre" for person in seed.staff if person.centre not in centres
    ]
    for booking in seed.appointments:
        lookup = vault.customer_hash(booking.cpr)
        errors += _booking_faults(booking, centres, lookup in newcomers or _customer(session, lookup) is not None)
    if errors:
        raise SeedError(errors)
    touched |= {person.centre for person in seed.staff if _plant_staff(session, person)}
    touched |= {device.centre for device in seed.devices if _plant_device(session, device)}
    new_people = [customer for customer in seed.customers if _plant_customer(session, customer, vault, new_id)]
    for booking in seed.appointments:
        customer = _customer(session, vault.customer_hash(booking.cpr))
        assert customer is not None, "checked above"
        if _plant_appointment(session, booking, customer.id, centres[booking.centre], now, new_id):
            touched.add(booking.centre)
    for centre_id in sorted(touched):
        raise_revision(session, centre_id)
    return bool(touched or new_people)


def _not_enrolled_since(session: Session, devices: list[DeviceEntry]) -> list[DeviceEntry]:
    """Leave out what a code or a revocation has overtaken: a seed's word holds again from the next incarnation on."""
    done = {row.device: row.incarnation for row in session.exec(select(DeviceActRow).where(DeviceActRow.act != "code"))}
    return [device for device in devices if device.incarnation > done.get(device.id, 0)]


def _plant_centre(session: Session, centre: Centre) -> bool:
    """Store what a seed says of a centre, unless it said so before: what an administrator changed since stays."""
    row, said = session.get(CentreRow, centre.id), centre.to_json()
    if row is None:
        session.add(CentreRow(id=centre.id, settings=said, planted=said))
        session.flush()
        return True
    # Before this was kept only seeds changed a centre, so it is what they said.
    before = row.planted or row.settings
    if said == before:
        row.planted = said
        return False
    try:
        settings = Centre.from_json(merged(before, said, row.settings)).to_json()
    except CentreError as error:
        _log.warning("seed_does_not_fit centre=%s faults=%s", centre.id, "; ".join(error.errors))
        row.planted = before  # What it says counts as new until it fits.
        return False
    row.planted = said
    if settings == row.settings:
        return False
    row.settings, row.edition = settings, row.edition + 1
    session.flush()
    return True


def _booking_faults(booking: AppointmentEntry, centres: Mapping[str, Centre], customer_known: bool) -> list[str]:
    where = f"appointment {booking.centre}/{booking.id}"
    centre = centres.get(booking.centre)
    if centre is None:
        return [f"{where}: no such centre"]
    errors = []
    service = centre.service(booking.service)
    if service is None:
        errors.append(f"{where}: no service {booking.service!r}")
    elif not service.appointments:
        errors.append(f"{where}: {booking.service!r} is not booked")
    if not customer_known:
        errors.append(f"{where}: no customer with this CPR")
    return errors


def _device_faults(session: Session, devices: list[DeviceEntry], centres: Mapping[str, Centre]) -> list[str]:
    errors = []
    stored = {row.id: row for row in session.exec(select(DeviceRow))}
    # Two kiosks with one series would give one number twice: over all of a centre's devices, not only this seed's.
    kiosks = {row.id: (row.centre, row.series) for row in stored.values() if row.role == Role.KIOSK and not row.revoked}
    for device in devices:
        where = f"device {device.id}"
        if device.centre not in centres:
            errors.append(f"{where}: no such centre {device.centre!r}")
        if device.id == OWN_LOG:
            errors.append(f"{where}: the name of the server's own log")
        if device.id in stored and stored[device.id].centre != device.centre:
            errors.append(f"{where}: belongs to {stored[device.id].centre!r}")
        kiosks.pop(device.id, None)
        if device.role is not Role.KIOSK or device.revoked:
            continue
        try:
            Series(device.series)
        except ValueError as error:
            errors.append(f"{where}: {error}")
        rival = next((other for other, place in kiosks.items() if place == (device.centre, device.series)), None)
        if rival is not None:
            errors.append(f"{where}: series {device.series!r} is {rival}'s")
        kiosks[device.id] = (device.centre, device.series)
    return errors


def _plant_staff(session: Session, person: StaffEntry) -> bool:
    """Store what a seed says of somebody, as `_plant_centre` does; a PIN that was changed since stays."""
    key = (person.centre, person.id)
    row = session.get(StaffRow, key)
    before: dict[str, object] = {}
    if row is not None:
        before = row.planted or {"name": row.name, "role": row.role, "pin_hash": row.pin_hash}
    same_pin = bool(before) and _verifies(str(before["pin_hash"]), person.pin)
    said: dict[str, object] = {
        "name": person.name,
        "role": person.role,
        "pin_hash": before["pin_hash"] if same_pin else PINS.hash(person.pin),
    }
    if row is None:
        row = StaffRow(centre=person.centre, id=person.id, name=person.name, role=person.role, pin_hash="")
        session.add(row)
    elif said == before:
        row.planted = said
        return False
    now = {"name": row.name, "role": row.role, "pin_hash": row.pin_hash}
    result: dict[str, Any] = said if not before else merged(before, said, now)
    row.name, row.role, row.pin_hash, row.planted = result["name"], result["role"], result["pin_hash"], said
    session.flush()
    return True


def _verifies(pin_hash: str, pin: str) -> bool:
    try:
        return PINS.verify(pin_hash, pin) and not PINS.check_needs_rehash(pin_hash)
    except VerificationError:
        return False


def _plant_device(session: Session, device: DeviceEntry) -> bool:
    return _put(session, DeviceRow(**device.model_dump(mode="json")), (device.centre, device.id))


def _plant_customer(session: Session, customer: CustomerEntry, vault: Vault, new_id: Callable[[], str]) -> bool:
    lookup = vault.customer_hash(customer.cpr)
    row = _customer(session, lookup)
    customer_id = new_id() if row is None else row.id
    if row is None:
        row = CustomerRow(id=customer_id, lookup=lookup, cpr=b"", born=b"", name=b"")
        session.add(row)
    plain = {
        "cpr": customer.cpr,
        "born": customer.born.isoformat(),
        "name": json.dumps(customer.name, ensure_ascii=False, sort_keys=True),
    } | ({"phone": customer.phone} if customer.phone else {})
    changed = seal_customer(row, vault, **plain)
    session.flush()
    return changed


def _plant_appointment(
    session: Session,
    booking: AppointmentEntry,
    customer: str,
    centre: Centre,
    now: datetime,
    new_id: Callable[[], str],
) -> bool:
    slot_at = booking.slot_at(now, centre)
    drift = _SAME_BOOKING if isinstance(booking.slot, InMinutes) else timedelta()
    earlier = session.exec(
        select(AppointmentRow).where(
            AppointmentRow.centre == centre.id,
            AppointmentRow.reference == booking.id,
            col(AppointmentRow.status).in_(STANDS),
        )
    ).all()
    for row in earlier:
        if (row.customer, row.service) == (customer, booking.service) and abs(row.slot_at - slot_at) <= drift:
            return False
    for row in earlier:
        is_todays = row.slot_at >= now or centre.local_day(row.slot_at) == centre.local_day(now)
        if row.status == BOOKED and is_todays:
            row.status, row.ended_at, row.ended_by = CANCELLED, now, SEED
            places.give_back(session, row.centre, row.service, row.slot_at)
    # A moved booking is a new one: the centre may have matched a ticket with the old one already.
    places.take(session, centre.id, booking.service, slot_at, None)
    session.add(
        AppointmentRow(
            centre=centre.id,
            id=new_id(),
            service=booking.service,
            slot_at=slot_at,
            customer=customer,
            status=BOOKED,
            reference=booking.id,
            link=new_link(),
            booked_at=now,
            booked_by=SEED,
        )
    )
    return True


def _customer(session: Session, lookup: str) -> CustomerRow | None:
    return session.exec(select(CustomerRow).where(CustomerRow.lookup == lookup)).one_or_none()


def _put(session: Session, fresh: ServerRow, key: str | tuple[str, ...]) -> bool:
    """Add a row, or bring the stored one to it; tell whether anything changed."""
    row = session.get(type(fresh), key)
    if row is None:
        session.add(fresh)
        session.flush()
        return True
    changed = False
    for column, value in fresh.model_dump().items():
        if getattr(row, column) != value:
            setattr(row, column, value)
            changed = True
    return changed
