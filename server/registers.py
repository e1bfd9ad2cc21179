"""What the server knows of centres, their staff and their devices, in memory: a reading of the registers.

It is renewed centre by centre, each as a whole, and never goes back: of two readings the one with the higher revision
stays. So readings may overtake each other, as they do where several processes share a database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, bindparam, true
from sqlmodel import Session, col, select, update

from queueing.centre import Centre
from queueing.wire import Stream
from queueing.words import Words
from server import holidays
from server.tables import CentreRow, DeviceRow, RetiredRow, StaffRow
from sync.rights import Device, Role

_V = TypeVar("_V")

_RAISE = (
    update(CentreRow)
    .where(col(CentreRow.id) == bindparam("which"))
    .values(revision=CentreRow.revision + 1)
    .returning(col(CentreRow.revision))
)


def raise_revision(session: Session, centre: str) -> int:
    """Have a centre's devices and the other processes read anew; return the new revision.

    Last in a transaction: on PostgreSQL it is the row that all of a centre's changes wait for. By the database's own
    counting, never from what was read before: another transaction may have raised it meanwhile, and of two with one
    revision the others would read but one.
    """
    session.flush()
    return int(session.connection().execute(_RAISE, {"which": centre}).scalar_one())


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
    read_anew: Callable[[frozenset[str]], object] | None = None
    """Told of centres that others have changed meanwhile; None where nobody else can."""
    _read: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listeners: list[Callable[[frozenset[str]], object]] = field(default_factory=list)

    @classmethod
    def read(cls, session: Session, only: Collection[str] | None = None) -> Registers:
        """Read them from the database, or `only` some centres. Raises CentreError for settings of a later version.

        The revisions come first: what is read after them may be newer than they say, never older.
        """

        def among(centre: str) -> ColumnElement[bool]:
            return true() if only is None else col(centre).in_(only)

        rows = session.exec(select(CentreRow).where(among(CentreRow.id)).order_by(CentreRow.id)).all()
        revisions = {row.id: row.revision for row in rows}
        settings = {row.id: {**row.settings, "version": row.edition} for row in rows}
        centres = holidays.joined(session, {name: Centre.from_json(each) for name, each in settings.items()})
        staff: dict[str, list[StaffMember]] = {centre: [] for centre in centres}
        people_here = select(StaffRow).where(among(StaffRow.centre)).order_by(StaffRow.centre, StaffRow.id)
        for person in session.exec(people_here):
            if person.centre not in centres or person.disabled:
                continue
            staff[person.centre].append(StaffMember(person.id, person.name, person.role, person.pin_hash))
        devices = {
            row.id: Registered(
                Device(row.id, Role(row.role), row.centre, row.public_key, row.series), row.incarnation, row.revoked
            )
            for row in session.exec(select(DeviceRow).where(among(DeviceRow.centre)).order_by(DeviceRow.id))
            if row.centre in centres
        }
        retired: dict[str, dict[str, Retired]] = {}
        gone_here = select(RetiredRow).where(among(RetiredRow.centre))
        for gone in session.exec(gone_here.order_by(RetiredRow.device, col(RetiredRow.incarnation))):
            if gone.centre not in centres:
                continue
            retired.setdefault(gone.device, {})[gone.public_key] = Retired(gone.incarnation, gone.retired_at)
        for known in devices.values():
            if known.revoked:
                keys = retired.setdefault(known.device.id, {})
                keys.setdefault(known.device.public_key, Retired(known.incarnation, None))
        people = {centre: tuple(members) for centre, members in staff.items()}
        return cls(revisions, centres, people, devices, retired, _read=dict(revisions))

    def listen(self, changed: Callable[[frozenset[str]], object]) -> None:
        """Have the centres told whose revision has just risen here, in the thread that raised it."""
        self._listeners.append(changed)

    def renew(self, reading: Registers) -> None:
        """Take what a reading has that is not older than what is known. Any thread.

        The revisions last: who sees the new one sees what it stands for.
        """
        with self._lock:
            known = self.revisions
            newer = {name for name, revision in reading.revisions.items() if revision >= known.get(name, -1)}
            risen = frozenset(name for name in newer if reading.revisions[name] != known.get(name))
            whose = {name: found.device.centre for name, found in {**self.devices, **reading.devices}.items()}
            self.staff = _joined(self.staff, reading.staff, newer.__contains__)
            self.centres = _joined(self.centres, reading.centres, newer.__contains__)
            self.retired = _joined(self.retired, reading.retired, lambda name: whose.get(name) in newer)
            self.devices = _joined(self.devices, reading.devices, lambda name: whose[name] in newer)
            self._read.update({name: reading.revisions[name] for name in newer})
            self.revisions = _joined(known, reading.revisions, newer.__contains__)
        self._tell(risen)

    def told(self, revisions: Mapping[str, int]) -> None:
        """Take the revisions that a commit of this process has raised by one each; nothing of a reading changed.

        Where others change them, too, a revision that is not the next one stands for something that is not known here:
        that centre has to be read first. Any thread.
        """
        with self._lock:
            is_next = {
                name: revision
                for name, revision in revisions.items()
                if self.read_anew is None or revision == self.revisions.get(name, -1) + 1
            }
            self._read.update({name: at for name, at in is_next.items() if at == self._read.get(name, -1) + 1})
            self.revisions = {**self.revisions, **is_next}
            behind = frozenset(name for name, at in revisions.items() if at > self.revisions.get(name, -1))
        self._tell(frozenset(is_next))
        if behind and self.read_anew is not None:
            self.read_anew(behind)

    def older_than(self, revisions: Mapping[str, int]) -> frozenset[str]:
        """Return the centres whose last reading is not of these revisions. Any thread."""
        with self._lock:
            return frozenset(name for name, revision in revisions.items() if self._read.get(name) != revision)

    def _tell(self, centres: frozenset[str]) -> None:
        if centres:
            for listener in self._listeners:
                listener(centres)

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


def _joined(known: Mapping[str, _V], reading: Mapping[str, _V], is_newer: Callable[[str], bool]) -> Mapping[str, _V]:
    """Return what a reading says of those that it knows better, and what is known of the others, by name."""
    kept = {name: value for name, value in known.items() if not is_newer(name)}
    taken = {name: value for name, value in reading.items() if is_newer(name)}
    return dict(sorted((kept | taken).items()))
