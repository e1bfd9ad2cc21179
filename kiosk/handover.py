"""What the screens say on which a ticket comes into its customer's hands: how, to which phone, and its number. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assets.texts import Catalogue
from kiosk import delivery
from kiosk.known import Known
from kiosk.moves import Ticket
from kiosk.pages import Visit
from kiosk.wording import Row, ahead, in_digits, in_words, wait
from queueing.centre import PhonePlan

_TOLD_STARTS = 3

Tone = Literal["calm", "ok", "wait"]


@dataclass(frozen=True, slots=True)
class DeliveryFace:
    """The ways in which the number can be had beside the screen, the preferred one first."""

    ways: tuple[Row, ...] = ()
    busy: bool = False
    offers_message: bool = False


@dataclass(frozen=True, slots=True)
class PhoneFace:
    """The phone's keypad. `cells` are its digits as they are read, empty where nothing is typed."""

    cells: tuple[str, ...] = ()
    digits: tuple[str, ...] = tuple("1234567890")
    country: str = ""
    countries: tuple[Row, ...] = ()
    complete: bool = False
    busy: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TicketFace:
    """The ticket's number and what to do with it."""

    number: str = ""
    service: str = ""
    title: str = ""
    ahead: str = ""
    wait: str = ""
    state: str = ""
    advice: str = ""
    tone: Tone = "calm"
    another: bool = False


def choice(visit: Visit, known: Known, words: Catalogue) -> DeliveryFace:
    """Return the ways to choose from."""
    names = {"paper": words.t("kiosk.delivery.paper"), "sms": words.t("kiosk.delivery.sms")}
    notes = {"paper": words.t("kiosk.delivery.paper_note"), "sms": _sms_note(known, words)}
    offered = delivery.ways(known)
    rows = (Row(id=way, name=names[way], note=notes[way]) for way in offered)
    return DeliveryFace(tuple(rows), visit.taking, "sms" in offered)


def phone(visit: Visit, known: Known, words: Catalogue) -> PhoneFace:
    """Return the keypad and the digits, readable: who cannot read back what was typed sends it to a stranger."""
    if known.centre is None:
        return PhoneFace()
    plan, plans = delivery.plan_of(visit, known), known.centre.phones
    missing = plan.length - len(visit.phone)
    countries = (Row(place=place, name=_country(each, known), chosen=each is plan) for place, each in enumerate(plans))
    return PhoneFace(
        cells=(*in_digits(visit.phone, known), *("",) * missing),
        digits=tuple(in_digits("1234567890", known)),
        country=_country(plan, known),
        countries=tuple(countries) if len(plans) > 1 else (),
        complete=missing == 0 and not visit.phone_trouble,
        busy=visit.taking,
        trouble=_phone_trouble(visit, plan, known, words),
    )


def ticket(visit: Visit, known: Known, words: Catalogue) -> TicketFace:
    """Return the ticket on the screen."""
    held = visit.ticket
    if held is None:
        return TicketFace()
    service = known.service(held.service)
    state, advice, tone = _state(visit, held, known, words)
    return TicketFace(
        number=held.number,
        service=in_words(service.name, words.language) if service is not None else "",
        title=words.t("kiosk.ticket.again") if held.again else words.t("kiosk.ticket.title"),
        ahead=ahead(held.ahead, known, words),
        wait=wait(held.low_s, held.high_s, known, words),
        another=held.again and visit.cut_off,
        state=state,
        advice=advice,
        tone=tone,
    )


def _sms_note(known: Known, words: Catalogue) -> str:
    messages = known.centre.messages if known.centre is not None else None
    tells = messages is not None and (messages.near_people is not None or messages.near_minutes is not None)
    return words.t("kiosk.delivery.sms_near") if tells else words.t("kiosk.delivery.sms_note")


def _country(plan: PhonePlan, known: Known) -> str:
    return in_digits(f"+{plan.country}", known)


def _starts(plan: PhonePlan) -> tuple[str, ...]:
    """Return how a mobile number begins, short enough to be told: all beginnings, or their first digits."""
    if len(plan.mobile_prefixes) <= _TOLD_STARTS:
        return plan.mobile_prefixes
    return tuple(dict.fromkeys(prefix[0] for prefix in plan.mobile_prefixes))


def _phone_trouble(visit: Visit, plan: PhonePlan, known: Known, words: Catalogue) -> str:
    match visit.phone_trouble:
        case "begin":
            starts = _starts(plan)
            if visit.phone.startswith(starts):
                return words.t("kiosk.phone.not_mobile")
            return in_digits(words.t("kiosk.phone.begin", prefixes=words.t("kiosk.phone.or").join(starts)), known)
        case "short" if len(visit.phone) < plan.length:
            return in_digits(words.n("kiosk.cpr.missing", plan.length - len(visit.phone)), known)
        case _:
            return ""


def _state(visit: Visit, held: Ticket, known: Known, words: Catalogue) -> tuple[str, str, Tone]:
    """Return how the ticket stands, what to do now, and the tone of the two."""
    if held.counter:
        return words.t("kiosk.ticket.called"), words.t("kiosk.ticket.go", counter=in_digits(held.counter, known)), "ok"
    if held.again:
        return words.t("kiosk.ticket.still_waits"), words.t("kiosk.ticket.photo"), "calm"
    if held.sms_refused:
        return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.sms_refused"), "wait"
    if held.sms_to and not known.line_up:
        return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.sms_later"), "wait"
    if held.sms_to:
        to = in_digits(held.sms_to, known)
        return words.t("kiosk.ticket.sms"), words.t("kiosk.ticket.sms_to", digits=to), "ok"
    match held.printing:
        case "working":
            return words.t("kiosk.ticket.printing"), words.t("kiosk.ticket.then_sit"), "calm"
        case "printed":
            return words.t("kiosk.ticket.printed"), words.t("kiosk.ticket.then_sit"), "ok"
        case "not printed":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.not_printed"), "wait"
        case "unknown":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.print_unknown"), "wait"
        case "none" if known.paper and not known.paper_ready:
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.no_paper"), "wait"
        case "none":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.then_sit"), "calm"
