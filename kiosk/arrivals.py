"""What a scan does to the visit, and what the answers to it do. Pure rules of the visit.

A scan begins a visit or fills one in; in the middle of a choice it disturbs nobody.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.known import Known
from kiosk.moves import (
    Answer,
    Appointment,
    BookingScan,
    CheckIn,
    CprScan,
    Effect,
    FindTicket,
    Followed,
    Held,
    LookUp,
    NoScan,
    Reason,
    Scan,
    Ticket,
    TicketScan,
)
from kiosk.pages import Page, Visit, begun, refused

Step = tuple[Visit, tuple[Effect, ...]]

_HEEDED = frozenset({Page.START, Page.CPR, Page.FOUND, Page.ASK_BOOKED, Page.REFUSED})


def on_scan(visit: Visit, scan: Scan, known: Known) -> Step:
    """Take a scan. It is left aside while the customer chooses, or looks at the ticket."""
    if visit.page not in _HEEDED or visit.looking_up or visit.taking:
        return visit, ()
    match scan:
        case NoScan():
            return _unread(visit), ()
        case TicketScan(follow):
            visit = _anew(visit)
            return replace(visit, page=Page.LOOKING, looking_up=True), (FindTicket(visit.turn, follow),)
        case _ if known.centre is not None and not known.open:
            return refused(_anew(visit), Reason.CLOSED), ()
        case CprScan(number):
            visit = _anew(visit)
            return replace(visit, page=Page.CPR, digits=number, looking_up=True), (LookUp(visit.turn, number),)
        case BookingScan(code):
            visit = replace(_anew(visit), code=code)
            if known.centre is None:
                return refused(visit, Reason.NOT_READY), ()
            if code.centre != known.centre.id:
                return refused(visit, Reason.OTHER_CENTRE), ()
            if known.centre.local_day(code.slot_at) != known.centre.local_day(known.now):
                return refused(visit, Reason.OTHER_DAY), ()
            if known.service(code.service) is None:
                return refused(visit, Reason.BOOKING_GONE), ()
            return replace(visit, page=Page.LOOKING, looking_up=True), (CheckIn(visit.turn, code),)


def checked_in(visit: Visit, answer: Answer) -> Visit:
    """Return the visit when the hub told of the booking that was scanned."""
    code = visit.code
    assert code is not None
    visit = replace(visit, looking_up=False, answer=answer, priority="older" if answer.older else None)
    if answer.held is not None:
        return shown_again(visit, answer.held)
    if answer.booking in ("used", "gone"):
        return refused(visit, Reason.BOOKING_GONE)
    # "unknown": the registry cannot be asked just now, and the server has signed it.
    return _found(visit, answer)


def cut_off(visit: Visit, customer: str, held: Held | None) -> Visit:
    """Return the visit when nobody can be asked of the booking that was scanned: the server's signature is enough."""
    visit = replace(visit, looking_up=False, cut_off=True)
    answer = Answer("appointment", customer, held=held)
    return shown_again(replace(visit, answer=answer), held) if held is not None else _found(visit, answer)


def followed(visit: Visit, given: Followed, known: Known) -> Visit:
    """Return the visit when it is known how the ticket that was scanned stands."""
    visit = replace(visit, looking_up=False)
    if given.ticket is None:
        return refused(visit, Reason.TICKET_OVER if given.is_sure else Reason.TICKET_UNSEEN)
    language = given.lang if given.lang in known.languages else visit.language
    return replace(visit, page=Page.TICKET, ticket=given.ticket, language=language)


def shown_again(visit: Visit, held: Held) -> Visit:
    """Return the visit with a ticket that was taken before."""
    again = Ticket(held.ticket, held.number, held.service, again=True, printing="none")
    return replace(visit, page=Page.TICKET, ticket=again)


def _unread(visit: Visit) -> Visit:
    match visit.page:
        case Page.CPR:
            # What is typed already stays.
            return replace(visit, unread=True, too_short=False)
        case Page.START | Page.REFUSED:
            return refused(_anew(visit), Reason.UNREADABLE)
        case _:
            return visit


def _found(visit: Visit, answer: Answer) -> Visit:
    code = visit.code
    assert code is not None
    appointment = Appointment(code.appointment, code.service, code.slot_at)
    answer = replace(answer, result="appointment", customer=code.customer, appointments=(appointment,))
    return replace(visit, answer=answer, page=Page.FOUND)


def _anew(visit: Visit) -> Visit:
    """Return the beginning of a visit, in the language in which this one stands.

    Its turn is new: an answer to what was typed or scanned before is not taken for one to this.
    """
    return begun(visit, visit.language)
