"""What the administration's HTTP API takes, and what it gives where that is not an answer of the verbs as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, Field, JsonValue, StrictBool, StrictInt

from server.administration.roles import Right, Role
from server.api.forms import Clock, Day
from server.booking.api import BookingIn, Cpr, In, MoveIn, Out
from server.models import CentreJson, Text
from sync.rights import Role as DeviceRole


def _printable(text: str) -> str:
    if any(ord(letter) < 32 for letter in text):
        raise ValueError("control characters")
    return text


Line = Annotated[str, Field(max_length=500), AfterValidator(_printable)]
Name = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What an address names: a centre, an account, an appointment."""
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]
Words = Annotated[dict[Language, Line], Field(max_length=20, examples=[{"ar": "فرع", "en": "Branch"}])]
BodyId = Annotated[str, Field(max_length=64, pattern="^([A-Za-z0-9][A-Za-z0-9._-]*)?$", description='"": the server.')]
HowIn = Annotated[
    Literal["move", "cancel"] | None,
    Field(description="What becomes of bookings at times that are no more; without it they refuse the change (409)."),
]


class SignInIn(In):
    """Who signs in."""

    name: Line
    password: str = Field(max_length=128)


class PasswordIn(In):
    """The own password, changed."""

    old: str = Field(max_length=128)
    new: str = Field(max_length=128)


class HeldOut(Out):
    """Rights that hold at a body and everywhere below it."""

    body: str
    rights: frozenset[Right]


class MeOut(Out):
    """Who asks. `must_change`: the password first, with POST /v1/administration/password."""

    id: str
    name: str
    must_change: bool
    held: list[HeldOut]


class SessionOut(Out):
    """A session: half an hour after its last use it ends, and at `expires_at`."""

    token: str
    expires_at: datetime
    asker: MeOut


class GrantIn(In):
    """A role at a body."""

    body: BodyId
    role: Role


class AccountIn(In):
    """A new account with its first role."""

    name: str = Field(max_length=64, description="To sign in with: small letters, digits, and . @ _ -")
    shown: Line = ""
    grant: GrantIn


class AccountChangeIn(In):
    """What is to be changed of an account; what is left out stays."""

    shown: Line | None = None
    disabled: StrictBool | None = None
    subject: Line | None = Field(default=None, description='The national sign-on\'s word for this person; "": none.')


class BodyIn(In):
    """A new ministry or department."""

    id: str = Field(max_length=64)
    kind: Literal["ministry", "department"]
    name: Words
    above: BodyId = ""


class NameIn(In):
    """Another name."""

    name: Words


class CentreIn(In):
    """A new centre: its whole settings, and what it belongs to."""

    above: BodyId = ""
    settings: CentreJson


class PlaceIn(In):
    """What a centre belongs to."""

    above: BodyId


class SettingsIn(In):
    """Fields of a centre's settings that are replaced, each as a whole."""

    fields: dict[str, JsonValue] = Field(examples=[{"priority_age": 65}])
    version: StrictInt = Field(ge=0, lt=2**31, description="The one that was read: another one since refuses it (409).")
    displaced: HowIn = None


class FieldsIn(In):
    """Fields of a centre's settings as they might be."""

    fields: dict[str, JsonValue]


class DocumentOut(Out):
    """A centre's own settings. `imported` holidays join them, and are changed by importing anew."""

    version: int
    body: str
    settings: CentreJson
    imported: dict[date, Text]


class DisplacedOut(Out):
    """Bookings at times that are no more."""

    count: int
    by_service: dict[str, int]
    by_day: dict[date, int]


class ChangedOut(Out):
    """What a change did; `change` names it, for asking what became of the bookings."""

    change: str
    document: DocumentOut
    displaced: DisplacedOut


class ClosingIn(In):
    """A day to be closed, some hours of it, or one service. Times are the centre's own."""

    day: Day
    begins: Clock | None = None
    ends: Clock | None = None
    service: Annotated[str, Field(max_length=64)] = ""
    reason: Words = Field(default={})
    displaced: HowIn = None


class OpeningIn(In):
    """Hours to be opened on a day, or more places in them. Times are the centre's own."""

    day: Day
    begins: Clock
    ends: Clock
    services: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=100)
    places: StrictInt | None = Field(
        default=None, ge=1, le=1000, description="Customers a slot; null: as the counters allow."
    )
    text: Words = Field(default={})


class HolidaysIn(In):
    """Holidays of a body: of a centre, or of all centres below."""

    body: BodyId
    calendar: str = Field(max_length=2 << 20, description="An iCalendar file (RFC 5545).")
    displaced: HowIn = None


class StaffIn(In):
    """A member of staff; without `pin` that stays."""

    name: Words
    role: Literal["clerk", "supervisor"]
    pin: str | None = Field(default=None, max_length=12)


class DeviceCodeIn(In):
    """For which device a code is wanted."""

    role: DeviceRole
    device: str = Field(default="", max_length=63, description="Empty: a new one, which the server names.")
    series: str = Field(default="", max_length=2)


class DeviceCodeOut(Out):
    """A one-time code; it is told once."""

    code: str
    device: str
    role: DeviceRole
    expires_at: datetime


class RevokedOut(Out):
    """What became of it."""

    device: str
    was_in_service: bool


class CustomerIn(In):
    """Whom the help desk looks for. Only ever in a body: an address would be kept in logs."""

    cpr: Cpr


class ProofIn(In):
    """Who the customer at the desk is, as on the card; `lang` is a newcomer's, for messages."""

    cpr: Cpr
    born: Day
    lang: str = Field(default="ar", max_length=12, description="Arabic where there are no texts in it.")


Wish = Annotated[
    ProofIn | None,
    Field(
        description="The customer who wishes it: it counts as the own doing. Without: the centre's, held against none."
    ),
]


class DeskBookingIn(BookingIn):
    """What is to be booked, and for whom."""

    customer: ProofIn


class DeskMoveIn(MoveIn):
    """Where a booking is moved to; `channel` counts for a customer's wish alone."""

    customer: Wish = None


class DeskCancelIn(In):
    """Whose wish it is."""

    customer: Wish = None


class LiftIn(In):
    """Why a block is lifted."""

    why: Line


class AnswerIn(In):
    """What a complaint's customer is answered."""

    text: str = Field(min_length=1, max_length=2_000)


class DoneOut(Out):
    """It is done."""

    done: Literal[True] = True
