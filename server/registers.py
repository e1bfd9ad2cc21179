"""What the server knows of centres, their staff and their devices, read once into memory and never changed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from queueing.centre import Centre, Words
from queueing.wire import Stream
from server.tables import CentreRow, DeviceRow, StaffRow
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
class Registers:
    """One consistent reading, each by an id. A centre's revision rises with what its devices are told."""

    revisions: Mapping[str, int]
    centres: Mapping[str, Centre]
    staff: Mapping[str, tuple[StaffMember, ...]]
    devices: Mapping[str, Registered]

    @classmethod
    def read(cls, session: Session) -> Registers:
        """Read them from the database. Raises CentreError for settings that this version does not understand."""
        rows = session.exec(select(CentreRow).order_by(CentreRow.id)).all()
        centres = {row.id: Centre.from_json(row.settings) for row in rows}
        staff: dict[str, list[StaffMember]] = {centre: [] for centre in centres}
        for person in session.exec(select(StaffRow).order_by(StaffRow.centre, StaffRow.id)):
            staff[person.centre].append(StaffMember(person.id, person.name, person.role, person.pin_hash))
        devices = {
            row.id: Registered(
                Device(row.id, Role(row.role), row.centre, row.public_key, row.series), row.incarnation, row.revoked
            )
            for row in session.exec(select(DeviceRow).order_by(DeviceRow.id))
        }
        people = {centre: tuple(members) for centre, members in staff.items()}
        return cls({row.id: row.revision for row in rows}, centres, people, devices)

    def device(self, device_id: str) -> Device | None:
        """Return a device that may talk to us; None when it is unknown or revoked."""
        found = self.devices.get(device_id)
        return None if found is None or found.revoked else found.device

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
