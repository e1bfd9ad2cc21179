"""What the server knows of centres, their staff and their devices, in memory: a reading of the registers.

It is renewed as a whole when a device is enrolled or revoked, and never changed piece by piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from queueing.centre import Centre, Words
from queueing.wire import Stream
from server import holidays
from server.tables import CentreRow, DeviceRow, RetiredRow, StaffRow
from sync.rights import Device, Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who may sign in at a centre's counters; `pin_hash` is argon2id."""

    id: str
    name: Words
    role: str
    pin_hash: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A device and what the registers add to it: how often it was enrolled, and whether it still may."""

    device: Device
    incarnation: int
    revoked: bool


@dataclass(frozen=True, slots=True)
class Retired:
    """An incarnation of a device that may no longer take part, since `at`; None when a seed says so without a time."""

    incarnation: int
    at: datetime | None


@dataclass(slots=True)
class Registers:
    """One consistent reading, each by an id. A centre's revision rises with what its devices are told.

    `retired` has the keys that each device had before, and of one that is revoked the last, with what became of them.
    """

    revisions: Mapping[str, int]
    centres: Mapping[str, Centre]
    staff: Mapping[str, tuple[StaffMember, ...]]
    devices: Mapping[str, Registered]
    retired: Mapping[str, Mapping[str, Retired]]

    @classmethod
    def read(cls, session: Session) -> Registers:
        """Read them from the database. Raises CentreError for settings that this version does not understand."""
        rows = session.exec(select(CentreRow).order_by(CentreRow.id)).all()
        centres = holidays.joined(session, {row.id: Centre.from_json({**row.settings, "version": row.edition}) for row in rows})
        staff: dict[str, list[StaffMember]] = {centre: [] for centre in centres}
        for person in session.exec(select(StaffRow).order_by(StaffRow.centre, StaffRow.id)):
            staff[person.centre].append(StaffMember(person.id, person.name, person.role, person.pin_hash))
        devices = {
            row.id: Registered(
                Device(row.id, Role(row.role), row.centre, row.public_key, row.series), row.incarnation, row.revoked
            )
            for row in session.exec(select(DeviceRow).order_by(DeviceRow.id))
        }
        retired: dict[str, dict[str, Retired]] = {}
        for gone in session.exec(select(RetiredRow).order_by(RetiredRow.device, col(RetiredRow.incarnation))):
            retired.setdefault(gone.device, {})[gone.public_key] = Retired(gone.incarnation, gone.retired_at)
        for known in devices.values():
            if known.revoked:
                keys = retired.setdefault(known.device.id, {})
                keys.setdefault(known.device.public_key, Retired(known.incarnation, None))
        people = {centre: tuple(members) for centre, members in staff.items()}
        return cls({row.id: row.revision for row in rows}, centres, people, devices, retired)

    def renew(self, reading: Registers) -> None:
        """Become a newer reading. The revisions last: who sees the new one sees what it stands for. Any thread."""
        self.centres, self.staff = reading.centres, reading.staff
        self.devices, self.retired = reading.devices, reading.retired
        self.revisions = reading.revisions

    def device(self, device_id: str) -> Device | None:
        """Return a device that may talk to us; None when it is unknown or revoked."""
        found = self.devices.get(device_id)
        return None if found is None or found.revoked else found.device

    def retired_of(self, device_id: str) -> Mapping[str, Retired]:
        """Return the keys that a device may no longer use: who signs with one is told so."""
        return self.retired.get(device_id, {})

    def devices_of(self, centre: str) -> list[Registered]:
        """Return a centre's devices that are not revoked, by id."""
        return [found for found in self.devices.values() if found.device.centre == centre and not found.revoked]

    def may_send(self, device: Device, stream: Stream) -> bool:
        """Tell whether a device may hand in a log: its own, and a hub those of its own centre's devices.

        A revoked device's log still comes through its hub: what it wrote before must not be lost.
        """
        sender, author = self.devices.get(device.id), self.devices.get(stream.device)
        if sender is None or author is None or not 1 <= stream.incarnation <= author.incarnation:
            return False
        if device.role is Role.HUB:
            return author.device.centre == sender.device.centre
        return author.device.id == sender.device.id
