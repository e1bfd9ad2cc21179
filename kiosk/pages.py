"""Where the conversation with one customer stands: the screens and the visit's state. Plain records, no rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from kiosk.moves import Answer, Appointment, Reason, Ticket

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.facts import Delivery, Priority
    from sync.codes import BookingCode


class Page(StrEnum):
    """The screens."""

    START = "start"
    CPR = "cpr"
    LOOKING = "looking"
    FOUND = "found"
    ASK_BOOKED = "ask_booked"
    SERVICES = "services"
    DETAILS = "details"
    DELIVERY = "delivery"
    PHONE = "phone"
    TICKET = "ticket"
    REFUSED = "refused"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the kiosk waits, in seconds. Source for `warning`: WCAG 2.2, 2.2.1 (20 s to extend by one tap)."""

    idle: float = 20.0
    warning: float = 20.0
    ticket: float = 15.0
    thanks: float = 5.0


@dataclass(frozen=True, slots=True)
class Visit:
    """Where the conversation stands. `turn` tells answers to this visit from those to an earlier one.

    `code` is the booking whose QR was scanned; `country` the place of the phone's country among the centre's; `way` how
    the ticket that was asked for is to reach its customer.
    """

    turn: int = 0
    page: Page = Page.START
    language: str = "ar"
    # Out of the repr: what a traceback prints must hold no CPR and no phone.
    digits: str = field(default="", repr=False)
    too_short: bool = False
    unread: bool = False
    looking_up: bool = False
    cut_off: bool = False
    code: BookingCode | None = field(default=None, repr=False)
    answer: Answer | None = None
    says_booked: bool = False
    group: str | None = None
    service: str | None = None
    appointment: Appointment | None = None
    priority: Priority | None = None
    phone: str = field(default="", repr=False)
    country: int = 0
    phone_trouble: Literal["", "short", "begin"] = ""
    way: Delivery | None = None
    taking: bool = False
    ticket: Ticket | None = None
    reason: Reason | None = None
    contrast: bool = False
    large: bool = False
    low: bool = False
    touched_at: float = 0.0
    warned_at: float | None = None


def fresh(visit: Visit, language: str) -> Visit:
    """Return the start of the next visit: nothing of this one is left."""
    return Visit(turn=visit.turn + 1, language=language)


def begun(visit: Visit, language: str) -> Visit:
    """Return the beginning of a visit that comes from the start screen: how the screen was set stays for it."""
    return replace(
        fresh(visit, language),
        touched_at=visit.touched_at,
        contrast=visit.contrast,
        large=visit.large,
        low=visit.low,
    )


def refused(visit: Visit, reason: Reason) -> Visit:
    """Return the visit on the screen of a refusal."""
    return replace(visit, page=Page.REFUSED, reason=reason, looking_up=False, taking=False)
