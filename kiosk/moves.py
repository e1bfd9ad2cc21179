"""What can come into a visit (touches, answers) and what goes out of it (asking, taking): plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.facts import Delivery, Priority
    from sync.codes import BookingCode


class Reason(StrEnum):
    """Why something is refused; each has its own words and its next step."""

    UNKNOWN = "unknown"
    UNDER_AGE = "under_age"
    CLOSED = "closed"
    SERVICE_CLOSED = "service_closed"
    SERVICE_FULL = "service_full"
    STORAGE = "storage"
    NOT_READY = "not_ready"
    UNREADABLE = "unreadable"
    OTHER_CENTRE = "other_centre"
    OTHER_DAY = "other_day"
    BOOKING_GONE = "booking_gone"
    TICKET_OVER = "ticket_over"
    TICKET_UNSEEN = "ticket_unseen"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking of today, as the registry told it."""

    id: str
    service: str
    slot_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket that the customer has and that still waits."""

    ticket: str
    number: str
    service: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry knows of the customer, a keyed hash. `holds_ticket` comes with `held`.

    `booking` is how the booking stands whose code was scanned: "good", "used" (a ticket stood for it), "gone" (the
    registry has it no more), "unknown" (nobody can say now); None where none was asked for.
    """

    result: Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
    customer: str
    appointments: tuple[Appointment, ...] = ()
    held: Held | None = None
    older: bool = False
    booking: Literal["good", "used", "gone", "unknown"] | None = None


Printing = Literal["working", "printed", "not printed", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The ticket on the screen. `again`: it was taken before. Waits are in seconds, None when not known.

    `sms_to` is the end of the phone that its message goes to, empty without one; `sms_refused`: no message can go to
    the phone that was typed; `counter` is where it is called to.
    """

    ticket: str
    number: str
    service: str
    again: bool = False
    ahead: int | None = None
    low_s: int | None = None
    high_s: int | None = None
    printing: Printing = "working"
    sms_to: str = field(default="", repr=False)
    sms_refused: bool = False
    counter: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The ticket that is asked for. `phone` (+ and digits) comes with delivery "sms"."""

    service: str
    lang: str
    priority: Priority | None
    customer: str | None
    says_booked: bool
    appointment: str | None
    slot_at: datetime | None
    delivery: Delivery
    phone: str | None = field(default=None, repr=False)


# --- what can come in


@dataclass(frozen=True, slots=True)
class Begin:
    """The start screen was touched, on a language."""

    language: str


@dataclass(frozen=True, slots=True)
class Type:
    """A digit, of any of the three sets."""

    digit: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """A service was touched."""

    service: str


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A group of services was touched."""

    group: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """An appointment was touched; a ticket is taken for it."""

    appointment: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A reason to be served first was touched; the same again takes it back."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class SayBooked:
    """The customer says whether there is a booking, when nobody can be asked."""

    booked: bool


@dataclass(frozen=True, slots=True)
class Dial:
    """Another country of the phone was touched, by its place among the centre's."""

    country: int


@dataclass(frozen=True, slots=True)
class Speak:
    """Another language was touched."""

    language: str


@dataclass(frozen=True, slots=True)
class CprScan:
    """A personal number was scanned, from a card's zone or a bar code."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TicketScan:
    """A ticket's QR was scanned; `follow` is the id under which it is followed."""

    follow: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BookingScan:
    """A booking's QR was scanned, signed by the server."""

    code: BookingCode = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoScan:
    """Something was scanned that means nothing here, or was not read well."""


Scan = CprScan | TicketScan | BookingScan | NoScan


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The registry answered to this turn."""

    turn: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class CutOff:
    """The registry cannot be asked. `held`: a ticket of this kiosk that may still wait."""

    turn: int
    customer: str
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """How the ticket stands that was scanned, and the language it was taken in.

    None: it waits no more (`is_sure`), or nobody can be asked now.
    """

    turn: int
    ticket: Ticket | None
    lang: str = ""
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Issued:
    """The ticket is safe on the disk."""

    turn: int
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class NotIssued:
    """No ticket was given, and nothing of it is kept."""

    turn: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class PrintEnded:
    """What became of a ticket's printing."""

    ticket: str
    outcome: Literal["printed", "not printed", "unknown"]


@dataclass(frozen=True, slots=True)
class PhoneRefused:
    """The hub sends no message to the phone that came with a ticket, now or later."""

    ticket: str


class Press(StrEnum):
    """Touches that carry nothing."""

    ERASE = "erase"
    CLEAR = "clear"
    SUBMIT = "submit"
    WITHOUT_CPR = "without_cpr"
    OTHER_SERVICE = "other_service"
    TAKE = "take"
    BY_PAPER = "by_paper"
    BY_SMS = "by_sms"
    BY_SCREEN = "by_screen"
    FIRST_STEP = "first_step"
    SECOND_STEP = "second_step"
    ANOTHER_TICKET = "another_ticket"
    DONE = "done"
    BACK = "back"
    START_OVER = "start_over"
    STAY = "stay"
    CONTRAST = "contrast"
    LARGE = "large"
    LOW = "low"
    TICK = "tick"


Answered = LookedUp | CutOff | Followed | Issued | NotIssued | PrintEnded | PhoneRefused
Input = Begin | Type | Choose | OpenGroup | Confirm | Claim | SayBooked | Dial | Speak | Scan | Answered | Press

# --- what goes out


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the registry for a CPR (nine digits). It goes no further than a keyed hash."""

    turn: int
    cpr: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Ask the registry for the customer of a booking whose code was scanned, and for that booking."""

    turn: int
    code: BookingCode = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindTicket:
    """Ask how a ticket stands, by the id under which it is followed."""

    turn: int
    follow: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Take:
    """Take the ticket: commit, print, tell."""

    turn: int
    draft: Draft


Effect = LookUp | CheckIn | FindTicket | Take
