"""The conversation with one customer, from the start screen to the ticket: a pure machine.

`step` takes what was touched or heard and gives the next state and what is to be done backstage. It draws nothing,
reads no clock and no disk; what the centre offers comes in as `Known`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, assert_never

from kiosk.known import Known, group_of
from queueing import cpr
from queueing.facts import Delivery, Priority


class Page(StrEnum):
    """The screens."""

    START = "start"
    CPR = "cpr"
    FOUND = "found"
    ASK_BOOKED = "ask_booked"
    SERVICES = "services"
    DETAILS = "details"
    TICKET = "ticket"
    REFUSED = "refused"
    THANKS = "thanks"


class Reason(StrEnum):
    """Why something is refused; each has its own words and its next step."""

    UNKNOWN = "unknown"
    UNDER_AGE = "under_age"
    CLOSED = "closed"
    SERVICE_CLOSED = "service_closed"
    SERVICE_FULL = "service_full"
    STORAGE = "storage"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the kiosk waits, in seconds. Source for `warning`: WCAG 2.2, 2.2.1 (20 s to extend by one tap)."""

    idle: float = 20.0
    warning: float = 20.0
    ticket: float = 15.0
    thanks: float = 5.0


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
    """What the registry knows of the customer, a keyed hash. `holds_ticket` comes with `held`."""

    result: Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
    customer: str
    appointments: tuple[Appointment, ...] = ()
    held: Held | None = None
    older: bool = False


Printing = Literal["working", "printed", "not printed", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The ticket on the screen. `again`: it was taken before. Waits are in seconds, None when not known."""

    ticket: str
    number: str
    service: str
    again: bool = False
    ahead: int | None = None
    low_s: int | None = None
    high_s: int | None = None
    printing: Printing = "working"


@dataclass(frozen=True, slots=True)
class Draft:
    """The ticket that is asked for."""

    service: str
    lang: str
    priority: Priority | None
    customer: str | None
    says_booked: bool
    appointment: str | None
    slot_at: datetime | None
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Visit:
    """Where the conversation stands. `turn` tells answers to this visit from those to an earlier one."""

    turn: int = 0
    page: Page = Page.START
    language: str = "ar"
    # Out of the repr: what a traceback prints must hold no CPR.
    digits: str = field(default="", repr=False)
    too_short: bool = False
    looking_up: bool = False
    cut_off: bool = False
    answer: Answer | None = None
    says_booked: bool = False
    group: str | None = None
    service: str | None = None
    appointment: Appointment | None = None
    priority: Priority | None = None
    taking: bool = False
    ticket: Ticket | None = None
    reason: Reason | None = None
    touched_at: float = 0.0
    warned_at: float | None = None


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
class Speak:
    """Another language was touched."""

    language: str


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


class Press(StrEnum):
    """Touches that carry nothing."""

    ERASE = "erase"
    CLEAR = "clear"
    SUBMIT = "submit"
    WITHOUT_CPR = "without_cpr"
    OTHER_SERVICE = "other_service"
    TAKE = "take"
    FIRST_STEP = "first_step"
    SECOND_STEP = "second_step"
    ANOTHER_TICKET = "another_ticket"
    DONE = "done"
    BACK = "back"
    START_OVER = "start_over"
    STAY = "stay"
    TICK = "tick"


Input = (
    Begin
    | Type
    | Choose
    | OpenGroup
    | Confirm
    | Claim
    | SayBooked
    | Speak
    | LookedUp
    | CutOff
    | Issued
    | NotIssued
    | PrintEnded
    | Press
)

# --- what goes out


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the registry for a CPR (nine digits). It goes no further than a keyed hash."""

    turn: int
    cpr: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Take:
    """Take the ticket: commit, print, tell."""

    turn: int
    draft: Draft


Effect = LookUp | Take


def step(visit: Visit, given: Input, known: Known, now: float, pace: Pace = Pace()) -> tuple[Visit, tuple[Effect, ...]]:
    """Return the next state and what to do. `now` is monotonic seconds. What makes no sense on a page is left aside."""
    if given is Press.TICK:
        return _later(visit, now, pace), ()
    if isinstance(given, LookedUp | CutOff | Issued | NotIssued | PrintEnded):
        after = _heard(visit, given)
        # An answer gives the time of its page anew, but a customer who walked away is not called back by it.
        return (replace(after, touched_at=now) if after.page is not visit.page else after), ()
    if visit.warned_at is not None:
        # Whatever was touched under the warning, it means: still here.
        visit = replace(visit, warned_at=None)
    after, effects = _touched(replace(visit, touched_at=now), given, known)
    return after, effects


def next_tick(visit: Visit, pace: Pace = Pace()) -> float | None:
    """Return the monotonic instant at which a TICK will change something, or None while nothing is running."""
    if visit.page is Page.START:
        return None
    if visit.warned_at is not None:
        return visit.warned_at + pace.warning
    if visit.page is Page.THANKS:
        return visit.touched_at + pace.thanks
    if visit.page is Page.TICKET and visit.ticket is not None and visit.ticket.printing == "printed":
        return visit.touched_at + pace.ticket
    return visit.touched_at + pace.idle


def fresh(visit: Visit, language: str) -> Visit:
    """Return the start of the next visit: nothing of this one is left."""
    return Visit(turn=visit.turn + 1, language=language)


def _later(visit: Visit, now: float, pace: Pace) -> Visit:
    due = next_tick(visit, pace)
    if due is None or now < due:
        return visit
    if visit.warned_at is None and visit.page is not Page.THANKS:
        if visit.page is Page.TICKET and visit.ticket is not None and visit.ticket.printing == "printed":
            return replace(visit, page=Page.THANKS, touched_at=now)
        return replace(visit, warned_at=now)
    return fresh(visit, visit.language)


def _heard(visit: Visit, given: LookedUp | CutOff | Issued | NotIssued | PrintEnded) -> Visit:
    if isinstance(given, PrintEnded):
        if visit.ticket is None or visit.ticket.ticket != given.ticket:
            return visit
        return replace(visit, ticket=replace(visit.ticket, printing=given.outcome))
    if given.turn != visit.turn:
        return visit
    if isinstance(given, LookedUp):
        return _answered(visit, given.answer) if visit.looking_up else visit
    if isinstance(given, CutOff):
        if not visit.looking_up:
            return visit
        visit = replace(visit, looking_up=False, cut_off=True, answer=Answer("none", given.customer, held=given.held))
        if given.held is not None:
            return _shown_again(visit, given.held)
        return replace(visit, page=Page.ASK_BOOKED)
    if not visit.taking:
        return visit
    if isinstance(given, Issued):
        return replace(visit, taking=False, digits="", page=Page.TICKET, ticket=given.ticket)
    return _refused(replace(visit, taking=False), given.reason)


def _answered(visit: Visit, answer: Answer) -> Visit:
    visit = replace(visit, looking_up=False, cut_off=False, answer=answer, priority="older" if answer.older else None)
    match answer.result:
        case "appointment" if answer.appointments:
            return replace(visit, page=Page.FOUND)
        case "holds_ticket" if answer.held is not None:
            return _shown_again(visit, answer.held)
        case "unknown":
            return _refused(visit, Reason.UNKNOWN)
        case "under_age":
            return _refused(visit, Reason.UNDER_AGE)
        case _:
            return replace(visit, page=Page.SERVICES)


def _shown_again(visit: Visit, held: Held) -> Visit:
    again = Ticket(held.ticket, held.number, held.service, again=True, printing="none")
    return replace(visit, page=Page.TICKET, ticket=again)


def _touched(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Speak(language):
            return replace(visit, language=language) if language in known.languages else visit, ()
        case Press.STAY:
            return visit, ()
        case Press.START_OVER:
            return fresh(visit, visit.language), ()
        case _:
            pass
    if visit.looking_up or visit.taking:
        return visit, ()
    if given is Press.BACK:
        return _back(visit), ()
    match visit.page:
        case Page.START:
            return _on_start(visit, given, known), ()
        case Page.CPR:
            return _on_cpr(visit, given)
        case Page.FOUND:
            return _on_found(visit, given, known)
        case Page.ASK_BOOKED:
            if isinstance(given, SayBooked):
                return replace(visit, says_booked=given.booked, page=Page.SERVICES), ()
        case Page.SERVICES:
            return _on_services(visit, given, known), ()
        case Page.DETAILS:
            return _on_details(visit, given, known)
        case Page.TICKET:
            return _on_ticket(visit, given), ()
        case Page.REFUSED:
            return _on_refused(visit, given), ()
        case Page.THANKS:
            if given is Press.DONE:
                return fresh(visit, visit.language), ()
        case _ as never:
            assert_never(never)
    return visit, ()


def _on_start(visit: Visit, given: Input, known: Known) -> Visit:
    if not isinstance(given, Begin) or given.language not in known.languages:
        return visit
    visit = replace(fresh(visit, given.language), touched_at=visit.touched_at)
    if known.centre is None:
        return _refused(visit, Reason.NOT_READY)
    return replace(visit, page=Page.CPR) if known.open else _refused(visit, Reason.CLOSED)


def _on_cpr(visit: Visit, given: Input) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Type(digit):
            digits = (visit.digits + cpr.ascii_digits(digit))[: cpr.LENGTH]
            return replace(visit, digits=digits, too_short=False), ()
        case Press.ERASE:
            return replace(visit, digits=visit.digits[:-1], too_short=False), ()
        case Press.CLEAR:
            return replace(visit, digits="", too_short=False), ()
        case Press.WITHOUT_CPR:
            return replace(visit, digits="", too_short=False, answer=None, page=Page.SERVICES), ()
        case Press.SUBMIT:
            number = cpr.parse(visit.digits)
            if number is None:
                return replace(visit, too_short=True), ()
            # A turn of its own: an answer to what was typed before must not be taken for one to this.
            visit = replace(visit, turn=visit.turn + 1, looking_up=True, answer=None)
            return visit, (LookUp(visit.turn, number),)
        case _:
            return visit, ()


def _on_found(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Claim(priority):
            return replace(visit, priority=None if visit.priority == priority else priority), ()
        case Press.OTHER_SERVICE:
            return replace(visit, page=Page.SERVICES, appointment=None), ()
        case Confirm(chosen) if visit.answer is not None:
            found = next((each for each in visit.answer.appointments if each.id == chosen), None)
            if found is None:
                return visit, ()
            # A booked place is kept for its customer: a service that is full or closed to walk-ins does not refuse it.
            return _take(replace(visit, appointment=found, service=found.service), known)
        case _:
            return visit, ()


def _on_services(visit: Visit, given: Input, known: Known) -> Visit:
    match given:
        case OpenGroup(group) if group in known.groups:
            return replace(visit, group=group)
        case Choose(service) if known.service(service) is not None:
            chosen = replace(visit, service=service)
            why = _closed(known, service)
            return _refused(chosen, why) if why is not None else replace(chosen, page=Page.DETAILS)
        case _:
            return visit


def _on_details(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Claim(priority):
            return replace(visit, priority=None if visit.priority == priority else priority), ()
        case Press.TAKE if visit.service is not None:
            why = _closed(known, visit.service)
            return (_refused(visit, why), ()) if why is not None else _take(visit, known)
        case _:
            return visit, ()


def _on_ticket(visit: Visit, given: Input) -> Visit:
    match given:
        case Press.DONE:
            return replace(visit, page=Page.THANKS)
        case Press.ANOTHER_TICKET if visit.cut_off and visit.ticket is not None and visit.ticket.again:
            # Nobody can say whether that ticket was served meanwhile; the hub will know.
            return replace(visit, ticket=None, page=Page.ASK_BOOKED)
        case _:
            return visit


def _on_refused(visit: Visit, given: Input) -> Visit:
    if visit.reason is None or given not in (Press.FIRST_STEP, Press.SECOND_STEP):
        return visit
    first = given is Press.FIRST_STEP
    match visit.reason:
        case Reason.UNKNOWN:
            return _again(visit) if first else replace(visit, reason=None, page=Page.SERVICES)
        case Reason.UNDER_AGE:
            return replace(visit, reason=None, page=Page.SERVICES) if first else fresh(visit, visit.language)
        case Reason.SERVICE_CLOSED | Reason.SERVICE_FULL:
            if first:
                return replace(visit, reason=None, service=None, page=Page.SERVICES)
            return fresh(visit, visit.language)
        case Reason.CLOSED | Reason.STORAGE | Reason.NOT_READY:
            return fresh(visit, visit.language)
        case _ as never:
            assert_never(never)


def _again(visit: Visit) -> Visit:
    return replace(visit, reason=None, digits="", answer=None, page=Page.CPR)


def _back(visit: Visit) -> Visit:
    match visit.page:
        case Page.CPR:
            return fresh(visit, visit.language)
        case Page.FOUND | Page.ASK_BOOKED:
            return replace(visit, page=Page.CPR, answer=None, cut_off=False)
        case Page.SERVICES:
            if visit.group is not None:
                return replace(visit, group=None)
            if visit.answer is not None and visit.answer.appointments:
                return replace(visit, page=Page.FOUND)
            if visit.cut_off:
                return replace(visit, page=Page.ASK_BOOKED)
            return replace(visit, page=Page.CPR, answer=None)
        case Page.DETAILS:
            return replace(visit, page=Page.SERVICES, service=None)
        case Page.REFUSED:
            if visit.reason in (Reason.SERVICE_CLOSED, Reason.SERVICE_FULL):
                return replace(visit, reason=None, service=None, page=Page.SERVICES)
            if visit.reason in (Reason.UNKNOWN, Reason.UNDER_AGE):
                return _again(visit)
            return fresh(visit, visit.language)
        case _:
            return visit


def _closed(known: Known, service: str) -> Reason | None:
    if not known.open:
        return Reason.CLOSED
    now = known.service_now(service)
    if now is None:
        return None
    if not now.open:
        return Reason.SERVICE_CLOSED
    return Reason.SERVICE_FULL if now.full else None


def _take(visit: Visit, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    assert visit.service is not None
    draft = Draft(
        service=visit.service,
        lang=visit.language,
        priority=visit.priority,
        customer=visit.answer.customer if visit.answer is not None else None,
        says_booked=visit.says_booked and visit.cut_off,
        appointment=visit.appointment.id if visit.appointment is not None else None,
        slot_at=visit.appointment.slot_at if visit.appointment is not None else None,
        delivery="paper" if known.paper else "screen",
    )
    return replace(visit, taking=True), (Take(visit.turn, draft),)


def _refused(visit: Visit, reason: Reason) -> Visit:
    return replace(visit, page=Page.REFUSED, reason=reason, looking_up=False, taking=False)


def group_shown(visit: Visit, known: Known) -> tuple[str, ...]:
    """Return the ids of the services on the services screen; empty while the groups are shown instead."""
    if known.centre is None:
        return ()
    if not known.groups:
        return tuple(service.id for service in known.centre.services)
    return tuple(service.id for service in known.centre.services if group_of(service) == visit.group)
