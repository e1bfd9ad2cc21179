"""How a ticket reaches its customer: on paper, by message, on the screen alone. Pure rules of the visit.

Nobody is asked who has no choice. A phone is held in the visit until the ticket is taken, and no longer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from kiosk.known import Known
from kiosk.moves import Dial, Draft, Effect, Input, Press, Reason, Take, Type
from kiosk.pages import Page, Visit, refused
from queueing import cpr
from queueing.taking import NoTicket

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.centre import PhonePlan
    from queueing.facts import Delivery

Step = tuple[Visit, tuple[Effect, ...]]


def ways(known: Known) -> tuple[Delivery, ...]:
    """Return how a ticket can be had beside the screen now, the centre's preferred way first."""
    found: tuple[Delivery, ...] = ()
    if known.prints:
        found = ("paper",)
    if known.offers_sms:
        by_default = known.centre is not None and known.centre.sms_default
        found = ("sms", *found) if by_default else (*found, "sms")
    return found


def closed(known: Known, service: str) -> Reason | None:
    """Return why no ticket of a service is given to somebody without a booking, or None."""
    match known.no_ticket_for(service):
        case None:
            return None
        case NoTicket.CENTRE_CLOSED:
            return Reason.CLOSED
        case NoTicket.SERVICE_FULL:
            return Reason.SERVICE_FULL
        case NoTicket.SERVICE_CLOSED | NoTicket.SERVICE_UNKNOWN:
            return Reason.SERVICE_CLOSED
        case _ as never:
            assert_never(never)


def wanted(visit: Visit, known: Known) -> Step:
    """Go on when it is clear what the customer has come for: ask how, or take the ticket where there is one way."""
    why = _why_not(visit, known)
    if why is not None:
        return refused(visit, why), ()
    match ways(known):
        case ():
            return _take(visit, known, "screen")
        case ("paper",):
            return _take(visit, known, "paper")
        case ("sms",):
            return replace(visit, page=Page.PHONE), ()
        case _:
            return replace(visit, page=Page.DELIVERY), ()


def on_delivery(visit: Visit, given: Input, known: Known) -> Step:
    """Take the choice between paper, message and screen."""
    offered = ways(known)
    match given:
        case Press.BY_PAPER if "paper" in offered:
            return _take(visit, known, "paper")
        case Press.BY_SMS if "sms" in offered:
            return replace(visit, page=Page.PHONE), ()
        case Press.BY_SCREEN:
            return _take(visit, known, "screen")
        case _:
            return visit, ()


def on_phone(visit: Visit, given: Input, known: Known) -> Step:
    """Take the digits of a phone; tell at once when it cannot become a mobile number."""
    plan = plan_of(visit, known)
    match given:
        case Type(digit):
            return _typed(visit, (visit.phone + cpr.ascii_digits(digit))[: plan.length], plan), ()
        case Press.ERASE:
            return _typed(visit, visit.phone[:-1], plan), ()
        case Press.CLEAR:
            return _typed(visit, "", plan), ()
        case Dial(country) if known.centre is not None and 0 <= country < len(known.centre.phones):
            return replace(visit, country=country, phone="", phone_trouble=""), ()
        case Press.SUBMIT if visit.phone_trouble == "begin":
            return visit, ()
        case Press.SUBMIT if len(visit.phone) < plan.length:
            return replace(visit, phone_trouble="short"), ()
        case Press.SUBMIT:
            return _take(visit, known, "sms")
        case Press.BY_SCREEN:
            return _take(visit, known, "screen")
        case _:
            return visit, ()


def back(visit: Visit, known: Known) -> Visit:
    """Return the screen before the one that asks how, or that asks for the phone."""
    if visit.page is Page.PHONE and len(ways(known)) > 1:
        return replace(visit, page=Page.DELIVERY, phone_trouble="")
    if visit.appointment is not None:
        return replace(visit, page=Page.FOUND, appointment=None, service=None)
    return replace(visit, page=Page.DETAILS)


def plan_of(visit: Visit, known: Known) -> PhonePlan:
    """Return the numbering plan that the phone is typed in."""
    assert known.centre is not None, "no service is chosen before the centre is known"
    plans = known.centre.phones
    return plans[visit.country] if visit.country < len(plans) else plans[0]


def _typed(visit: Visit, digits: str, plan: PhonePlan) -> Visit:
    return replace(visit, phone=digits, phone_trouble="" if plan.begins_like_mobile(digits) else "begin")


def _why_not(visit: Visit, known: Known) -> Reason | None:
    if visit.appointment is None:
        assert visit.service is not None
        return closed(known, visit.service)
    # A booked place is kept for its customer: a service that is full or closed to walk-ins does not refuse it.
    return None if known.open else Reason.CLOSED


def _take(visit: Visit, known: Known, way: Delivery) -> Step:
    assert visit.service is not None
    why = _why_not(visit, known)
    if why is not None:
        return refused(replace(visit, phone=""), why), ()
    draft = Draft(
        service=visit.service,
        lang=visit.language,
        priority=visit.priority,
        customer=visit.answer.customer if visit.answer is not None else None,
        says_booked=visit.says_booked and visit.cut_off,
        appointment=visit.appointment.id if visit.appointment is not None else None,
        slot_at=visit.appointment.slot_at if visit.appointment is not None else None,
        delivery=way,
        phone=f"+{plan_of(visit, known).country}{visit.phone}" if way == "sms" else None,
    )
    return replace(visit, taking=True, way=way), (Take(visit.turn, draft),)
