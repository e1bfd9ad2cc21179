"""Seed files: what fills a server's registers, as JSON that people write. `server.planting` stores what this reads.

A file is an object with any of these lists; several files are read as one set, so a site adds to the demonstration:

    centres       settings of a centre (`queueing.centre`), or the path of a file with them, relative to this one
    extra_days    {centre, day, hours}: joins the centre's settings; day is a date, "today" or "tomorrow"
    staff         {centre, id, name, pin, role}: the PIN is hashed when it is stored
    devices       {centre, id, role, public_key, series?, incarnation?, revoked?}
    customers     {cpr, name, born, phone?}: the phone with + and its country
    appointments  {id, centre, service, cpr, slot}: slot is an instant with its offset, {"in_minutes": 10} from the
                  loading, or {"day": "today", "time": "09:30"} at the centre
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from queueing.centre import Centre, CentreError
from queueing.cpr import parse
from sync.rights import Role

_SLOT_GRID = timedelta(minutes=5)


class SeedError(Exception):
    """The files cannot be loaded; `errors` has every reason, each with its place, none with a person's data."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


def _cpr(text: str) -> str:
    digits = parse(text)
    if digits is None:
        raise ValueError("nine digits")
    return digits


def _public_key(text: str) -> str:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if len(key) != 32:
        raise ValueError("an Ed25519 key of 32 bytes")
    return text


Name = dict[str, str]
Cpr = Annotated[str, AfterValidator(_cpr)]
Day = Literal["today", "tomorrow"]
DeviceId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class _Entry(BaseModel):
    """An object of a seed file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ExtraHours(_Entry):
    """Hours of one day at a centre, whatever its week says."""

    centre: str
    day: date | Day
    hours: list[tuple[str, str]]


class StaffEntry(_Entry):
    """Somebody who works at a centre's counters."""

    centre: str
    id: str = Field(min_length=1)
    name: Name
    pin: str = Field(pattern=r"^[0-9]{4,12}$")
    role: Literal["clerk", "supervisor"] = "clerk"


class DeviceEntry(_Entry):
    """A device of a centre, known by its public key."""

    centre: str
    id: DeviceId
    role: Role
    public_key: Annotated[str, AfterValidator(_public_key)]
    series: str = ""
    incarnation: int = Field(default=1, ge=1)
    revoked: bool = False


class CustomerEntry(_Entry):
    """A person of the registry."""

    cpr: Cpr
    name: Name
    born: date
    phone: str = Field(default="", pattern=r"^(\+[0-9]{6,15})?$")


class InMinutes(_Entry):
    """A slot so many minutes from the loading, to the nearest five of the clock."""

    in_minutes: int

    def instant(self, now: datetime, centre: Centre) -> datetime:
        """Return the slot for a loading at `now`."""
        wanted = now + timedelta(minutes=self.in_minutes)
        past = (wanted - datetime.min.replace(tzinfo=wanted.tzinfo)) % _SLOT_GRID
        return wanted - past + (_SLOT_GRID if past * 2 >= _SLOT_GRID else timedelta())


class AtTime(_Entry):
    """A slot at a time of the centre's own day."""

    day: Day
    time: str = Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")

    def instant(self, now: datetime, centre: Centre) -> datetime:
        """Return the slot for a loading at `now`."""
        return datetime.combine(_local_day(self.day, now, centre), time.fromisoformat(self.time), centre.zone)


class AppointmentEntry(_Entry):
    """A booking; its `id` tells the file's bookings apart, what the server calls it is its own."""

    id: str = Field(min_length=1)
    centre: str
    service: str
    cpr: Cpr
    slot: AwareDatetime | InMinutes | AtTime

    def slot_at(self, now: datetime, centre: Centre) -> datetime:
        """Return its instant for a loading at `now`."""
        return self.slot if isinstance(self.slot, datetime) else self.slot.instant(now, centre)


class _File(_Entry):
    """A seed file as it is written."""

    centres: list[str | dict[str, object]] = []
    extra_days: list[ExtraHours] = []
    staff: list[StaffEntry] = []
    devices: list[DeviceEntry] = []
    customers: list[CustomerEntry] = []
    appointments: list[AppointmentEntry] = []


@dataclass(slots=True)
class Seed:
    """Some files' content together."""

    centres: list[Centre] = field(default_factory=list)
    staff: list[StaffEntry] = field(default_factory=list)
    devices: list[DeviceEntry] = field(default_factory=list)
    customers: list[CustomerEntry] = field(default_factory=list)
    appointments: list[AppointmentEntry] = field(default_factory=list)


def read(paths: Sequence[Path], now: datetime) -> Seed:
    """Read seed files as one set; `now` says which day is today. Raises SeedError with every fault of every file."""
    errors: list[str] = []
    seed = Seed()
    centres: list[tuple[str, dict[str, object]]] = []
    extra: list[tuple[str, ExtraHours]] = []
    for path in paths:
        content = _file(path, errors)
        if content is None:
            continue
        for place, entry in enumerate(content.centres):
            raw = _json(path.parent / entry, errors) if isinstance(entry, str) else entry
            where = f"{path.parent / entry}" if isinstance(entry, str) else f"{path}: centres[{place}]"
            if isinstance(raw, dict):
                centres.append((where, raw))
            elif raw is not None:
                errors.append(f"{where}: an object")
        extra += [(f"{path}: extra_days[{place}]", hours) for place, hours in enumerate(content.extra_days)]
        seed.staff += content.staff
        seed.devices += content.devices
        seed.customers += content.customers
        seed.appointments += content.appointments
    seed.centres = _centres(centres, extra, now, errors)
    errors += _doubles(seed)
    if errors:
        raise SeedError(errors)
    return seed


def _centres(
    raw: list[tuple[str, dict[str, object]]], extra: list[tuple[str, ExtraHours]], now: datetime, errors: list[str]
) -> list[Centre]:
    centres: dict[str, Centre] = {}
    for where, settings in raw:
        try:
            centre = Centre.from_json(settings)
            days: dict[str, object] = {day["date"]: day for day in centre.to_json()["extra_days"]}
            for _, hours in extra:
                if hours.centre == centre.id:
                    day = _local_day(hours.day, now, centre).isoformat()
                    days[day] = {"date": day, "hours": [list(span) for span in hours.hours]}
            centre = Centre.from_json({**settings, "extra_days": list(days.values())})
        except CentreError as error:
            errors += [f"{where}: {fault}" for fault in error.errors]
            continue
        if centre.id in centres:
            errors.append(f"{where}: centre {centre.id!r} stands twice")
        centres[centre.id] = centre
    if not errors:
        errors += [
            f"{where}: centre {day.centre!r} is not in these files" for where, day in extra if day.centre not in centres
        ]
    return list(centres.values())


def _doubles(seed: Seed) -> list[str]:
    keys = [("staff", f"{person.centre}/{person.id}") for person in seed.staff]
    keys += [("device", device.id) for device in seed.devices]
    keys += [("appointment", f"{booking.centre}/{booking.id}") for booking in seed.appointments]
    errors = [f"{what} {name!r} stands twice" for (what, name), times in Counter(keys).items() if times > 1]
    seen: set[str] = set()
    for place, customer in enumerate(seed.customers):
        if customer.cpr in seen:
            errors.append(f"customers[{place}]: the same CPR as another's")
        seen.add(customer.cpr)
    return errors


def _file(path: Path, errors: list[str]) -> _File | None:
    raw = _json(path, errors)
    if raw is None:
        return None
    try:
        return _File.model_validate(raw)
    except ValidationError as error:
        # The place and the rule, never the value: it may be somebody's.
        errors += [
            f"{path}: {''.join(f'[{p}]' if isinstance(p, int) else f'.{p}' for p in fault['loc']).lstrip('.')}: "
            f"{fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        return None


def _json(path: Path, errors: list[str]) -> object:
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        errors.append(f"{path}: {error.strerror}")
        return None
    except ValueError:
        errors.append(f"{path}: is no JSON")
        return None
    if value is None:
        errors.append(f"{path}: an object")
    return value


def _local_day(day: date | Day, now: datetime, centre: Centre) -> date:
    if isinstance(day, date):
        return day
    return now.astimezone(centre.zone).date() + timedelta(days=1 if day == "tomorrow" else 0)
