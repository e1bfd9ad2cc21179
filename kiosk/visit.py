"""The conversation with one customer, from the start screen to the ticket: a pure machine.

`step` takes what was touched or heard and gives the next state and what is to be done backstage. It draws nothing,
reads no clock and no disk; what the centre offers comes in as `Known`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk import arrivals, delivery
from kiosk.known import Known, group_of
from kiosk.moves import (
    Answer,
    Answered,
    Begin,
    BookingScan,
    Choose,
    Claim,
    Confirm,
    CprScan,
    CutOff,
    Effect,
    Followed,
    Input,
    Issued,
    LookedUp,
    LookUp,
    NoScan,
    NotIssued,
    OpenGroup,
    PhoneRefused,
    Press,
    PrintEnded,
    Reason,
    SayBooked,
    Speak,
    TicketScan,
    Type,
)
from kiosk.pages import Pace, Page, Visit, begun, fresh, refused
from queueing import cpr

__all__ = ["Pace", "Page", "Visit", "fresh", "group_shown", "next_tick", "step"]


_PACE = Pace()


def step(visit: Visit, given: Input, known: Known, now: float, pace: Pace = _PACE) -> tuple[Visit, tuple[Effect, ...]]:
    """Return the next state and what to do. `now` is monotonic seconds. What makes no sense on a page is left aside."""
    if given is Press.TICK:
        return _later(visit, now, pace), ()
    if isinstance(given, Answered):
        after = _heard(visit, given, known)
        # An answer gives the time of its page anew, but a customer who walked away is not called back by it.
        return (replace(after, touched_at=now) if after.page is not visit.page else after), ()
    if visit.warned_at is not None:
        # Whatever was touched under the warning, it means: still here.
        visit = replace(visit, warned_at=None)
    after, effects = _touched(replace(visit, touched_at=now), given, known)
    return after, effects


def next_tick(visit: Visit, pace: Pace = _PACE) -> float | None:
    """Return the monotonic instant at which a TICK will change something, or None while nothing is running."""
    if visit.page is Page.START:
        # What somebody set here and left goes back by itself too.
        return visit.touched_at + pace.idle if visit.contrast or visit.large or visit.low else None
    if visit.warned_at is not None:
        return visit.warned_at + pace.warning
    if visit.page is Page.THANKS:
        return visit.touched_at + pace.thanks
    if visit.page is Page.TICKET and visit.ticket is not None and visit.ticket.printing == "printed":
        return visit.touched_at + pace.ticket
    return visit.touched_at + pace.idle


def _later(visit: Visit, now: float, pace: Pace) -> Visit:
    due = next_tick(visit, pace)
    if due is None or now < due:
        return visit
    if visit.warned_at is None and visit.page not in (Page.START, Page.THANKS):
        if visit.page is Page.TICKET and visit.ticket is not None and visit.ticket.printing == "printed":
            return replace(visit, page=Page.THANKS, touched_at=now)
        return replace(visit, warned_at=now)
    return fresh(visit, visit.language)


def _heard(visit: Visit, given: Answered, known: Known) -> Visit:
    if isinstance(given, PrintEnded | PhoneRefused):
        if visit.ticket is None or visit.ticket.ticket != given.ticket:
            return visit
        if isinstance(given, PhoneRefused):
            return replace(visit, ticket=replace(visit.ticket, sms_to="", sms_refused=True))
        return replace(visit, ticket=replace(visit.ticket, printing=given.outcome))
    if given.turn != visit.turn:
        return visit
    match given:
        case LookedUp(_, answer) if visit.looking_up:
            return _answered(visit, answer) if visit.code is None else arrivals.checked_in(visit, answer)
        case CutOff(_, customer, held) if visit.looking_up:
            if visit.code is not None:
                return arrivals.cut_off(visit, customer, held)
            visit = replace(visit, looking_up=False, cut_off=True, answer=Answer("none", customer, held=held))
            return replace(visit, page=Page.ASK_BOOKED) if held is None else arrivals.shown_again(visit, held)
        case Followed() if visit.looking_up:
            return arrivals.followed(visit, given, known)
        case NotIssued(_, reason) if visit.taking or visit.looking_up:
            return refused(replace(visit, phone=""), reason)
        case Issued(_, ticket) if visit.taking:
            # What was typed is not needed any more; the end of the phone tells its owner that it is the right one.
            sms_to = visit.phone[-4:] if visit.way == "sms" else ""
            shown = replace(ticket, sms_to=sms_to)
            return replace(visit, taking=False, digits="", phone="", page=Page.TICKET, ticket=shown)
        case _:
            return visit


def _answered(visit: Visit, answer: Answer) -> Visit:
    visit = replace(visit, looking_up=False, cut_off=False, answer=answer, priority="older" if answer.older else None)
    match answer.result:
        case "appointment" if answer.appointments:
            return replace(visit, page=Page.FOUND)
        case "holds_ticket" if answer.held is not None:
            return arrivals.shown_again(visit, answer.held)
        case "unknown":
            return refused(visit, Reason.UNKNOWN)
        case "under_age":
            return refused(visit, Reason.UNDER_AGE)
        case _:
            return replace(visit, page=Page.SERVICES)


def _touched(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Speak(language):
            return replace(visit, language=language) if language in known.languages else visit, ()
        case Press.STAY:
            return visit, ()
        case Press.START_OVER:
            return fresh(visit, visit.language), ()
        case Press.CONTRAST:
            return replace(visit, contrast=not visit.contrast), ()
        case Press.LARGE:
            return replace(visit, large=not visit.large), ()
        case Press.LOW:
            return replace(visit, low=not visit.low), ()
        case _:
            pass
    if visit.looking_up or visit.taking or (visit.page is Page.START and known.closed):
        return visit, ()
    if given is Press.BACK:
        return _back(visit, known), ()
    if isinstance(given, CprScan | TicketScan | BookingScan | NoScan):
        return arrivals.on_scan(visit, given, known)
    match visit.page:
        case Page.START:
            return _on_start(visit, given, known), ()
        case Page.CPR:
            return _on_cpr(visit, given, known)
        case Page.FOUND:
            return _on_found(visit, given, known)
        case Page.ASK_BOOKED:
            if isinstance(given, SayBooked):
                return replace(visit, says_booked=given.booked, page=Page.SERVICES), ()
        case Page.SERVICES:
            return _on_services(visit, given, known), ()
        case Page.DETAILS:
            return _on_details(visit, given, known)
        case Page.DELIVERY:
            return delivery.on_delivery(visit, given, known)
        case Page.PHONE:
            return delivery.on_phone(visit, given, known)
        case Page.TICKET:
            return _on_ticket(visit, given), ()
        case Page.REFUSED:
            return _on_refused(visit, given), ()
        case Page.LOOKING:
            return visit, ()
        case Page.THANKS:
            if given is Press.DONE:
                return fresh(visit, visit.language), ()
        case _ as never:
            assert_never(never)
    return visit, ()


def _on_start(visit: Visit, given: Input, known: Known) -> Visit:
    if not isinstance(given, Begin) or given.language not in known.languages or known.settling:
        return visit
    visit = begun(visit, given.language)
    return replace(visit, page=Page.CPR) if known.open else refused(visit, Reason.CLOSED)


def _on_cpr(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Type(digit):
            digits = (visit.digits + cpr.ascii_digits(digit))[: cpr.LENGTH]
            return replace(visit, digits=digits, too_short=False, unread=False), ()
        case Press.ERASE:
            return replace(visit, digits=visit.digits[:-1], too_short=False, unread=False), ()
        case Press.CLEAR:
            return replace(visit, digits="", too_short=False, unread=False), ()
        case Press.WITHOUT_CPR:
            return replace(visit, digits="", too_short=False, unread=False, answer=None, page=Page.SERVICES), ()
        case Press.SUBMIT:
            number = cpr.parse(visit.digits)
            if number is None:
                return replace(visit, too_short=True, unread=False), ()
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
            return delivery.wanted(replace(visit, appointment=found, service=found.service), known)
        case _:
            return visit, ()


def _on_services(visit: Visit, given: Input, known: Known) -> Visit:
    match given:
        case OpenGroup(group) if group in known.groups:
            return replace(visit, group=group)
        case Choose(service) if known.service(service) is not None:
            chosen = replace(visit, service=service)
            why = delivery.closed(known, service)
            return refused(chosen, why) if why is not None else replace(chosen, page=Page.DETAILS)
        case _:
            return visit


def _on_details(visit: Visit, given: Input, known: Known) -> tuple[Visit, tuple[Effect, ...]]:
    match given:
        case Claim(priority):
            return replace(visit, priority=None if visit.priority == priority else priority), ()
        case Press.TAKE if visit.service is not None:
            return delivery.wanted(visit, known)
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
        case Reason.UNREADABLE:
            return _again(visit) if first else fresh(visit, visit.language)
        case Reason.UNDER_AGE | Reason.BOOKING_GONE | Reason.OTHER_CENTRE | Reason.OTHER_DAY:
            return _without_booking(visit) if first else fresh(visit, visit.language)
        case Reason.TICKET_OVER:
            return _again(visit) if first else fresh(visit, visit.language)
        case Reason.SERVICE_CLOSED | Reason.SERVICE_FULL:
            if first:
                return replace(visit, reason=None, service=None, page=Page.SERVICES)
            return fresh(visit, visit.language)
        case Reason.CLOSED | Reason.STORAGE | Reason.NOT_READY | Reason.TICKET_UNSEEN:
            return fresh(visit, visit.language)
        case _ as never:
            assert_never(never)


def _again(visit: Visit) -> Visit:
    return replace(visit, reason=None, digits="", answer=None, code=None, page=Page.CPR)


def _without_booking(visit: Visit) -> Visit:
    """Go on as somebody without a booking; who it is is known, from the registry or from the server's signature."""
    answer = visit.answer
    if answer is None and visit.code is not None:
        answer = Answer("none", visit.code.customer)
    return replace(visit, reason=None, code=None, answer=answer, page=Page.SERVICES)


def _back(visit: Visit, known: Known) -> Visit:
    match visit.page:
        case Page.CPR:
            return fresh(visit, visit.language)
        case Page.FOUND | Page.ASK_BOOKED:
            return replace(visit, page=Page.CPR, answer=None, cut_off=False, code=None)
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
        case Page.DELIVERY | Page.PHONE:
            return delivery.back(visit, known)
        case Page.REFUSED:
            if visit.reason in (Reason.SERVICE_CLOSED, Reason.SERVICE_FULL):
                return replace(visit, reason=None, service=None, page=Page.SERVICES)
            if visit.reason in (Reason.UNKNOWN, Reason.UNDER_AGE, Reason.UNREADABLE):
                return _again(visit)
            return fresh(visit, visit.language)
        case _:
            return visit


def group_shown(visit: Visit, known: Known) -> tuple[str, ...]:
    """Return the ids of the services on the services screen; empty while the groups are shown instead."""
    if known.centre is None:
        return ()
    if not known.groups:
        return tuple(service.id for service in known.centre.services)
    return tuple(service.id for service in known.centre.services if group_of(service) == visit.group)
