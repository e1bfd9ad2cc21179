"""What the server gives a hub to work with: the centre, its staff and devices, the look-up key, the day's appointments.

Kept in the data folder (0600), so that a hub starts with the server gone. It asks nobody; `upstream` does.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

from queueing.centre import Centre, CentreError
from queueing.wire import WireError, instant_from_wire
from queueing.words import Words
from sync.rights import Device, Role

_R = TypeVar("_R")

SETTINGS_FILE = "settings.json"
APPOINTMENTS_FILE = "appointments.json"


class SettingsError(ValueError):
    """What came is no settings; `errors` names every fault, never a key or a hash."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(self.errors))


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who may sign in; `pin_hash` is argon2id's own text."""

    id: str
    name: Words
    pin_hash: str
    role: Literal["clerk", "supervisor"] = "clerk"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking of the day; `customer` is the keyed hash.

    One by video (`channel` virtual) has the clerk's link to its `room` and its customer's language; `is_over`: the
    server knows how it ended.
    """

    id: str
    customer: str
    service: str
    slot_at: datetime
    channel: str = "counter"
    lang: str = ""
    room: str = ""
    is_over: bool = False

    @property
    def is_virtual(self) -> bool:
        """Whether it is held by video: it has no check-in, the hub takes its ticket itself."""
        return self.channel == "virtual"


@dataclass(frozen=True, slots=True)
class DaysAppointments:
    """All appointments of a day (YYYY-MM-DD), in order of their slots."""

    day: str = ""
    appointments: tuple[Appointment, ...] = ()

    def of(self, customer: str) -> list[Appointment]:
        """Return those that a customer may check in for here, in order: none by video."""
        return [each for each in self.appointments if each.customer == customer and not each.is_virtual]

    def by_video(self) -> tuple[Appointment, ...]:
        """Return those that are held by video, in order."""
        return tuple(each for each in self.appointments if each.is_virtual)

    @classmethod
    def from_json(cls, day: str, data: object) -> Self:
        """Read the server's list, bare or as {"appointments": [...]}. Raises SettingsError."""
        rows = data.get("appointments") if isinstance(data, dict) else data
        if not isinstance(rows, list):
            raise SettingsError(["appointments: a list"])
        found, errors = [], []
        for at, row in enumerate(rows):
            try:
                found.append(_appointment(row))
            except (KeyError, TypeError, WireError) as error:
                errors.append(f"appointments[{at}]: {type(error).__name__} {error}")
        if errors:
            raise SettingsError(errors)
        return cls(day, tuple(sorted(found, key=lambda each: (each.slot_at, each.id))))


@dataclass(frozen=True, slots=True)
class Settings:
    """The hub's settings; `version` is the server's count of changes.

    `retired`: the keys that devices of the centre had and may use no more, by device; each with the server's signed
    word on it, as it came (`sync.revocation`), None from a server that signs none.
    """

    version: int
    centre: Centre
    lookup_key: str
    booking_key: str = ""
    staff: Mapping[str, StaffMember] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    retired: Mapping[str, Mapping[str, Mapping[str, object] | None]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON of GET /v1/settings for a hub. Raises SettingsError with every fault."""
        if not isinstance(data, dict):
            raise SettingsError(["settings: an object"])
        errors: list[str] = []
        centre: Centre | None = None
        try:
            centre = Centre.from_json(data.get("centre"))
        except CentreError as error:
            errors += error.errors
        version = data.get("version", centre.version if centre else 1)
        if type(version) is not int:
            errors.append("version: a whole number")
        lookup_key = data.get("lookup_key", "")
        if not isinstance(lookup_key, str) or not _is_base64(lookup_key):
            errors.append("lookup_key: base64")
        booking_key = data.get("booking_key", "")
        if not isinstance(booking_key, str) or not _is_base64(booking_key):
            errors.append("booking_key: base64")
        staff = {each.id: each for each in _records(data, "staff", _staff_member, errors)}
        centre_id = centre.id if centre else ""
        devices = {each.id: each for each in _records(data, "devices", lambda row: _device(row, centre_id), errors)}
        retired: dict[str, dict[str, Mapping[str, object] | None]] = {}
        for device, key, word in _records(data, "retired", _retired_key, errors):
            retired.setdefault(device, {})[key] = word
        if errors or centre is None:
            raise SettingsError(errors)
        keys = cast(str, lookup_key), cast(str, booking_key)
        return cls(cast(int, version), centre, *keys, staff, devices, retired)

    def for_kiosk(self) -> dict[str, Any]:
        """Return what a kiosk is given: the staff, who open its menu with the hub cut off too; no other device."""
        staff = [{"id": each.id, "name": dict(each.name), "pin_hash": each.pin_hash} for each in self.staff.values()]
        return {
            "version": self.version,
            "centre": self.centre.to_json(),
            "lookup_key": self.lookup_key,
            "booking_key": self.booking_key,
            "staff": staff,
        }


class SettingsStore:
    """The copies in the data folder, written whole or not at all, for their owner's eyes only."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def settings(self) -> Settings | None:
        """Return the kept settings, None when there are none. Raises SettingsError."""
        found = _read(self._data / SETTINGS_FILE)
        return None if found is None else Settings.from_json(found)

    def appointments(self) -> DaysAppointments:
        """Return the kept day's appointments; none when there are none. Raises SettingsError."""
        found = _read(self._data / APPOINTMENTS_FILE)
        if not isinstance(found, dict):
            return DaysAppointments()
        return DaysAppointments.from_json(str(found.get("day", "")), found)

    def keep_settings(self, data: object) -> None:
        """Keep the JSON of settings that were read well. Raises OSError."""
        _write(self._data / SETTINGS_FILE, data)

    def keep_appointments(self, day: str, data: object) -> None:
        """Keep the JSON of a day's appointments that were read well. Raises OSError."""
        rows = data.get("appointments") if isinstance(data, dict) else data
        _write(self._data / APPOINTMENTS_FILE, {"day": day, "appointments": rows})


def read_json(path: Path) -> object:
    """Return a file's JSON. Raises SettingsError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}"]) from error
    except ValueError as error:
        raise SettingsError([f"{path}: no JSON"]) from error


def _read(path: Path) -> object:
    return read_json(path) if path.exists() else None


def _write(path: Path, data: object) -> None:
    passing = path.with_suffix(".new")
    with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(data, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    passing.replace(path)


def _records(data: Mapping[str, Any], name: str, read: Callable[[Any], _R], errors: list[str]) -> list[_R]:
    rows = data.get(name, [])
    if not isinstance(rows, list):
        errors.append(f"{name}: a list")
        return []
    found = []
    for at, row in enumerate(rows):
        try:
            found.append(read(row))
        except (KeyError, TypeError, ValueError) as error:
            # The kind of fault and the part's name; the value may be a key.
            part = f" {error}" if isinstance(error, KeyError) else ""
            errors.append(f"{name}[{at}]: {type(error).__name__}{part}")
    return found


def _staff_member(row: Any) -> StaffMember:
    names = row["name"]
    if not isinstance(names, dict):
        raise TypeError("name")
    role: Literal["clerk", "supervisor"] = "supervisor" if row.get("role") == "supervisor" else "clerk"
    return StaffMember(_text(row["id"]), names, _text(row["pin_hash"]), role)


def _device(row: Any, centre: str) -> Device:
    return Device(
        id=_text(row["id"]),
        role=Role(row["role"]),
        centre=centre,
        public_key=_text(row["public_key"]),
        series=str(row.get("series") or ""),
    )


def _retired_key(row: Any) -> tuple[str, str, Mapping[str, object] | None]:
    word = row.get("revocation")
    if not isinstance(word, dict | None):
        raise TypeError("revocation")
    return _text(row["id"]), _text(row["public_key"]), word


def _appointment(row: Any) -> Appointment:
    room = _text(row.get("room", ""))
    return Appointment(
        _text(row["id"]),
        _text(row["customer"]),
        _text(row["service"]),
        instant_from_wire(_text(row["slot_at"])),
        _text(row.get("channel", "counter")),
        _text(row.get("lang", "")),
        # It becomes a link on the counters' page.
        room if room.startswith(("https://", "http://")) else "",
        row.get("status", "booked") != "booked",
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True
