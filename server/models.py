"""What the server's own endpoints take and give, as pydantic models: they validate, and OpenAPI is made of them."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from queueing.centre import Centre
from sync.rights import Role

_TIME: dict[str, JsonValue] = {
    "type": "string",
    "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
    "examples": ["07:00"],
}
_PLAIN: dict[type, dict[str, JsonValue]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
    time: _TIME,
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def _schema(hint: Any) -> dict[str, JsonValue]:
    """Return the JSON schema of what `Centre.to_json` makes of a field's type.

    By hand: pydantic takes a slot that is named like its type (`Holiday.date`) for the type.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema(argument) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is tuple:
        places = [_schema(argument) for argument in arguments]
        alike: dict[str, JsonValue] = {"items": places[0]} if all(each == places[0] for each in places) else {}
        return {
            "type": "array",
            **(alike or {"prefixItems": cast(JsonValue, places)}),
            "minItems": len(places),
            "maxItems": len(places),
        }
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        properties = {item.name: _schema(hints[item.name]) for item in fields(hint)}
        return {"type": "object", "required": list(properties), "properties": cast(JsonValue, properties)}
    return dict(_PLAIN[hint])


CentreJson = Annotated[dict[str, JsonValue], WithJsonSchema(_schema(Centre))]
"""A centre's settings, `Centre.to_json`."""

Text = Annotated[dict[str, str], Field(examples=[{"ar": "الفرع", "en": "Branch"}])]
"""A text by language."""

CustomerHash = Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=["36ac1fa40fc31afb024a28d5d46e514f"])]
"""HMAC-SHA256 of the CPR's nine digits under the look-up key, its first 32 hexadecimal digits."""

HourSpan = tuple[
    Annotated[str, WithJsonSchema({**_TIME, "description": "From"})],
    Annotated[str, WithJsonSchema({**_TIME, "description": "Until"})],
]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)


class KioskSettings(_Wire):
    """What a kiosk works with."""

    version: int = Field(description="Rises with every change; hello tells it too.")
    centre: CentreJson
    lookup_key: str = Field(description="Key of the customers' hashes, base64.")
    booking_key: str = Field(description="Public key that bookings' codes are signed with: Ed25519, base64.")


class Staff(_Wire):
    """Somebody who may sign in at the counters."""

    id: str
    name: Text
    role: Literal["clerk", "supervisor"]
    pin_hash: str = Field(description="argon2id, in its own text form.")


class CentreDevice(_Wire):
    """A device of the centre that is not revoked."""

    id: str
    role: Role
    series: str = Field(description="A kiosk's series of numbers, empty for others.")
    incarnation: int
    public_key: str = Field(description="Ed25519, base64 of 32 bytes.")


class Revocation(_Wire):
    """The server's signed word on it, which a hub passes on to the device as it is; see sync/revocation.py."""

    device: str
    incarnation: int
    at: str
    sig: str


class RetiredKey(_Wire):
    """A key that a device of the centre may use no more: it was revoked, or enrolled anew."""

    id: str
    public_key: str = Field(description="Ed25519, base64 of 32 bytes.")
    revocation: Revocation


class HubSettings(KioskSettings):
    """What a hub works with: a kiosk's, the staff and the devices."""

    staff: list[Staff]
    devices: list[CentreDevice]
    retired: list[RetiredKey]


class DayAppointment(_Wire):
    """A booking of the day."""

    id: str
    customer: CustomerHash
    service: str
    slot_at: datetime
    channel: Literal["counter", "virtual"]
    status: Literal["booked", "kept", "no_show", "excused"] = Field(
        description="How it ended, as far as that is known."
    )
    lang: str = Field(description="By video: the customer's language.")
    room: str = Field(default="", description="By video: the clerk's link to the room.")


class LookupIn(BaseModel):
    """Whom a kiosk asks for; the CPR itself never leaves it."""

    model_config = ConfigDict(frozen=True)

    customer: CustomerHash


class CustomerAppointment(_Wire):
    """A booking of the customer asked for."""

    id: str
    service: str
    slot_at: datetime


class LookupOut(_Wire):
    """What the registry knows: never a name, a number or a date of birth."""

    result: Literal["appointment", "none", "unknown", "under_age"]
    appointments: list[CustomerAppointment] = Field(description="Today's at this centre, by slot.")
    ticket: None = Field(default=None, description="Always null: tickets are known at the centre's hub.")
    priority: Literal["older"] | None = Field(description="By the registry's birth date and the centre's rule.")


class PublicService(_Wire):
    """What one can come for."""

    id: str
    name: Text
    needs: dict[str, list[str]] = Field(description="What to bring, by language.")
    fee: Text | None
    appointments: bool = Field(description="Whether it can be booked.")


class PublicHoliday(_Wire):
    """A day on which the centre is closed."""

    date: date
    name: Text


class PublicExtraDay(_Wire):
    """A day with hours of its own."""

    date: date
    hours: list[HourSpan]


class PublicCentre(_Wire):
    """A centre as everybody may see it."""

    id: str
    name: Text
    timezone: str
    hours: dict[str, list[HourSpan]] = Field(description="By day, `mon` to `sun`, in the centre's own time.")
    holidays: list[PublicHoliday]
    extra_days: list[PublicExtraDay]
    open: bool
    changes_at: datetime | None = Field(description="When it closes, or opens next; null when that is not known.")
    services: list[PublicService]


class Health(_Wire):
    """The server works: its databases answer."""

    status: Literal["ok"]
    now: datetime
