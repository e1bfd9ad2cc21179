"""What booking's verbs give, and why they refuse. Instants are aware, in UTC; nothing here is ready for a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Channel = Literal["counter", "virtual"]
Status = Literal["booked", "moved", "cancelled", "kept", "no_show", "excused"]


class Why(StrEnum):
    """Why something is not done; pages and API have words for each."""

    CPR = "that is no CPR"
    TOO_MANY_CODES = "too many codes were asked for; see retry_after_s"
    TOO_MANY = "too much is asked from this address; see retry_after_s"
    WRONG_CODE = "the code is not right"
    CODE_EXPIRED = "the code has expired, or none was asked for"
    CODE_EXHAUSTED = "the code was typed wrongly too often"
    BIRTH_DATE = "the registry does not know the date of birth: it has to be declared"
    UNDER_AGE = "younger than one has to be to book"
    SIGNED_OUT = "nobody is signed in"
    NO_SUCH_CENTRE = "there is no such centre"
    NO_SUCH_SERVICE = "there is no such service here, or it is not booked"
    NOT_VIRTUAL = "the service is not held by video"
    NO_SUCH_SLOT = "no slot begins then, it has begun, or it cannot be booked yet"
    TAKEN = "no place is left in the slot"
    ONE_ALREADY = "there is an appointment for this service already; see appointment"
    BLOCKED = "booking is blocked; see block"
    NO_SUCH_APPOINTMENT = "the customer has no such appointment"
    NOT_OPEN = "the appointment has begun, or is not open any more"
    NO_SUCH_BLOCK = "the customer is not blocked"
    NO_REASON = "a reason has to be given"
    NOT_RATABLE = "the visit was not kept, or it is too long ago to be rated"
    RATED = "the visit has been rated"
    NO_WORDS = "the complaint says nothing, or more than fits"
    TOO_MANY_COMPLAINTS = "too many complaints in a day; see retry_after_s"


@dataclass(frozen=True, slots=True)
class Block:
    """A customer may not book until an instant: more misses in a row than the centre's rule allows."""

    id: str
    centre: str
    misses: int
    set_at: datetime
    until: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_why: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment. `may_change`: it can be moved and cancelled now; `is_late`: cancelled now it would count.

    `ended_at` and `ended_by` (`customer`, `system`, `seed` or a member of staff): since when and by whom it is not
    booked any more; `late`: it was cancelled too late. `link` names it on the pages, "" for one that was moved on.
    """

    centre: str
    id: str
    service: str
    slot_at: datetime
    status: Status
    channel: Channel
    link: str
    booked_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    late: bool
    moved_to: str
    may_change: bool
    is_late: bool


class RefusedError(Exception):
    """A rule says no. `block` with BLOCKED, `appointment` with ONE_ALREADY, `retry_after_s` with TOO_MANY_CODES."""

    def __init__(
        self,
        why: Why,
        *,
        block: Block | None = None,
        appointment: Appointment | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(why.name)
        self.why = why
        self.block = block
        self.appointment = appointment
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class CodeSent:
    """What everybody is told who asks for a code, known or not."""

    digits: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who is signed in. `name` by language, may be empty; `born` is for the rules, not for pages."""

    id: str
    lang: str
    name: Mapping[str, str] = field(repr=False)
    born: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session's token, told once, and how long it lasts at most. `is_new`: the customer was registered now."""

    token: str = field(repr=False)
    expires_at: datetime
    customer: Customer
    is_new: bool


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot that begins in the future; `left` places are free, 0 when it is full."""

    at: datetime
    until: datetime
    places: int
    left: int


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day at the centre, by its own calendar; without slots when it is closed."""

    day: date
    slots: tuple[FreeSlot, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """A customer's own: what is to come by slot, what was newest first, and the block that holds now."""

    coming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]
    block: Block | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A booking as its link shows it to whoever has the link: nothing of the customer but the language.

    `code` is its QR's text; `owner` is the customer's id, for telling whether it is one's own: nobody is shown it.
    """

    appointment: Appointment
    code: str
    lang: str
    owner: str = ""
