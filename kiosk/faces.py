"""What each screen says, as frozen records: a pure function of the visit, what is known, and a language's words.

View models hand these to QML unchanged. Nothing here decides what happens next (that is `visit`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from assets.texts import Catalogue
from kiosk.known import Known, ServiceNow, group_of
from kiosk.moves import Printing, Reason
from kiosk.visit import Page, Visit, group_shown
from queueing import cpr
from queueing.centre import Service, Words

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.facts import Priority

Row = dict[str, object]
"""An entry of a list that QML repeats over."""

Catalogues = Mapping[str, Catalogue]
Tone = Literal["calm", "ok", "wait"]

_ARABIC_INDIC = {ord("0") + value: 0x660 + value for value in range(10)}
_CLAIMS: tuple[Priority, ...] = ("older", "determination", "pregnant")


@dataclass(frozen=True, slots=True)
class FrameFace:
    """What surrounds every screen."""

    page: str = Page.START.value
    language: str = ""
    centre: str = ""
    clock: str = ""
    can_go_back: bool = False
    can_start_over: bool = False
    other_languages: tuple[Row, ...] = ()
    warned: bool = False
    contrast: bool = False
    large: bool = False
    low: bool = False


@dataclass(frozen=True, slots=True)
class StartFace:
    """The idle screen: an invitation in every language of the centre."""

    invitations: tuple[Row, ...] = ()
    clock: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class CprFace:
    """The keypad. `cells` are nine signs as they may be shown, empty where nothing is typed."""

    cells: tuple[str, ...] = ("",) * cpr.LENGTH
    digits: tuple[str, ...] = tuple("1234567890")
    complete: bool = False
    busy: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FoundFace:
    """The customer's appointments of today."""

    appointments: tuple[Row, ...] = ()
    claims: tuple[Row, ...] = ()
    busy: bool = False


@dataclass(frozen=True, slots=True)
class ServicesFace:
    """The services, or their groups, as tiles."""

    tiles: tuple[Row, ...] = ()
    grouped: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class DetailsFace:
    """A service before its ticket is taken."""

    letter: str = ""
    name: str = ""
    wait: str = ""
    waiting: str = ""
    fee: str = ""
    needs: tuple[str, ...] = ()
    claims: tuple[Row, ...] = ()
    busy: bool = False
    paper: bool = True


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


@dataclass(frozen=True, slots=True)
class RefusedFace:
    """A refusal: what it is, what to do now, and one or two next steps."""

    title: str = ""
    advice: str = ""
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class ThanksFace:
    """The farewell."""

    number: str = ""


def in_words(words: Words | None, language: str) -> str:
    """Return a centre's own text in a language, or in its first one where that is missing."""
    if not words:
        return ""
    return words.get(language) or next(iter(words.values()))


def in_digits(text: str, known: Known) -> str:
    """Return a text with the centre's set of digits. A ticket's number stays Latin: it is the same on every surface."""
    return text.translate(_ARABIC_INDIC) if known.centre is not None and known.centre.digits == "arab" else text


def clock(known: Known) -> str:
    """Return the centre's time of day."""
    return _time(known.now, known) if known.centre is not None else ""


def frame(visit: Visit, known: Known, words: Catalogues) -> FrameFace:
    """Return what surrounds the screen."""
    others = tuple(
        Row(code=code, name=words[code].t("kiosk.language")) for code in known.languages if code != visit.language
    )
    return FrameFace(
        page=visit.page.value,
        language=visit.language,
        centre=in_words(known.centre.name, visit.language) if known.centre is not None else "",
        clock=clock(known),
        can_go_back=visit.page in (Page.CPR, Page.FOUND, Page.ASK_BOOKED, Page.SERVICES, Page.DETAILS)
        or (visit.page is Page.REFUSED and visit.reason not in (Reason.CLOSED, Reason.STORAGE, Reason.NOT_READY)),
        can_start_over=visit.page not in (Page.START, Page.TICKET, Page.THANKS),
        other_languages=others,
        warned=visit.warned_at is not None,
        contrast=visit.contrast,
        large=visit.large,
        low=visit.low,
    )


def start(visit: Visit, known: Known, words: Catalogues) -> StartFace:
    """Return the idle screen. Before the first settings have come it invites all the same."""
    rows = []
    closed = known.centre is not None and not known.open
    for code in known.languages:
        speech = words[code]
        news = ""
        if closed:
            news = _opens(known, speech)
        elif known.fresh is not None:
            waiting = known.fresh.services.values()
            count = sum(each.count for each in waiting)
            news = _waiting(count, known, speech)
        rows.append(
            Row(
                code=code,
                rtl=speech.direction == "rtl",
                centre=in_words(known.centre.name, code) if known.centre is not None else "",
                title=speech.t("kiosk.start.closed") if closed else speech.t("kiosk.start.title"),
                purpose="" if closed else speech.t("kiosk.start.purpose"),
                begin=speech.t("kiosk.start.begin"),
                news=news,
            )
        )
    return StartFace(tuple(rows), clock(known), not closed)


def cpr_entry(visit: Visit, known: Known, words: Catalogue) -> CprFace:
    """Return the keypad: typed digits as dots, the last one readable until the next, so that a slip is seen."""
    shown = cpr.masked(visit.digits)
    if 0 < len(visit.digits) < cpr.LENGTH:
        shown = shown[:-1] + visit.digits[-1]
    missing = cpr.LENGTH - len(visit.digits)
    return CprFace(
        cells=tuple(in_digits(shown, known).ljust(cpr.LENGTH)) if visit.digits else ("",) * cpr.LENGTH,
        digits=tuple(in_digits("1234567890", known)),
        complete=missing == 0,
        busy=visit.looking_up,
        trouble=in_digits(words.n("kiosk.cpr.missing", missing), known) if visit.too_short and missing else "",
    )


def found(visit: Visit, known: Known, words: Catalogue) -> FoundFace:
    """Return the appointments."""
    rows = []
    for each in visit.answer.appointments if visit.answer is not None else ():
        service = known.service(each.service)
        if service is None:
            continue
        needs = service.needs.get(words.language, ())
        rows.append(
            Row(
                id=each.id,
                letter=service.letter,
                name=in_words(service.name, words.language),
                time=_time(each.slot_at, known),
                needs=words.t("kiosk.found.needs", things=words.t("kiosk.comma").join(needs)) if needs else "",
            )
        )
    return FoundFace(tuple(rows), _claims(visit, known, words), visit.taking)


def services(visit: Visit, known: Known, words: Catalogue) -> ServicesFace:
    """Return the tiles of the services, or of their groups."""
    shown = group_shown(visit, known)
    if known.groups and visit.group is None and known.centre is not None:
        tiles = []
        for group in known.groups:
            members = [service for service in known.centre.services if group_of(service) == group]
            name = in_words(members[0].group, words.language) or words.t("kiosk.services.others")
            tiles.append(
                Row(
                    id=group,
                    letter="",
                    name=name,
                    note=words.t("kiosk.comma").join(in_words(each.name, words.language) for each in members),
                    usable=True,
                )
            )
        return ServicesFace(tuple(tiles), grouped=True)
    found_services = [service for each in shown if (service := known.service(each)) is not None]
    tiles = [_tile(service, known, words) for service in found_services]
    group_name = in_words(found_services[0].group, words.language) if visit.group and found_services else ""
    return ServicesFace(tuple(tiles), group=group_name)


def details(visit: Visit, known: Known, words: Catalogue) -> DetailsFace:
    """Return a service before its ticket is taken."""
    service = known.service(visit.service)
    if service is None:
        return DetailsFace()
    now = known.service_now(service.id)
    return DetailsFace(
        letter=service.letter,
        name=in_words(service.name, words.language),
        wait=wait(now.low_s, now.high_s, known, words) if now is not None else "",
        waiting=_waiting(now.count, known, words) if now is not None else "",
        fee=in_words(service.fee, words.language),
        needs=tuple(service.needs.get(words.language, ())),
        claims=_claims(visit, known, words),
        busy=visit.taking,
        paper=known.paper,
    )


def ticket(visit: Visit, known: Known, words: Catalogue) -> TicketFace:
    """Return the ticket on the screen."""
    held = visit.ticket
    if held is None:
        return TicketFace()
    service = known.service(held.service)
    state, advice, tone = _state(held.printing, held.again, words)
    return TicketFace(
        number=held.number,
        service=in_words(service.name, words.language) if service is not None else "",
        title=words.t("kiosk.ticket.again") if held.again else words.t("kiosk.ticket.title"),
        ahead=_ahead(held.ahead, known, words),
        wait=wait(held.low_s, held.high_s, known, words),
        another=held.again and visit.cut_off,
        state=state,
        advice=advice,
        tone=tone,
    )


def refused(visit: Visit, known: Known, words: Catalogue) -> RefusedFace:
    """Return a refusal in words, with its next steps."""
    done = words.t("kiosk.refused.done")
    match visit.reason:
        case Reason.UNKNOWN:
            return RefusedFace(
                words.t("kiosk.refused.unknown.title"),
                words.t("kiosk.refused.unknown.advice"),
                words.t("kiosk.refused.unknown.first"),
                words.t("kiosk.refused.unknown.second"),
            )
        case Reason.UNDER_AGE:
            return RefusedFace(
                words.t("kiosk.refused.under_age.title"),
                words.t("kiosk.refused.under_age.advice"),
                words.t("kiosk.refused.under_age.first"),
                done,
            )
        case Reason.SERVICE_CLOSED:
            return RefusedFace(
                words.t("kiosk.refused.service_closed.title"),
                words.t("kiosk.refused.service_closed.advice"),
                words.t("kiosk.refused.other_service"),
                done,
            )
        case Reason.SERVICE_FULL:
            return RefusedFace(
                words.t("kiosk.refused.service_full.title"),
                words.t("kiosk.refused.service_full.advice"),
                words.t("kiosk.refused.other_service"),
                done,
            )
        case Reason.CLOSED:
            advice = _opens(known, words) or words.t("kiosk.refused.closed.advice")
            return RefusedFace(words.t("kiosk.start.closed"), advice, done)
        case Reason.STORAGE:
            return RefusedFace(words.t("kiosk.refused.storage.title"), words.t("kiosk.refused.storage.advice"), done)
        case Reason.NOT_READY:
            return RefusedFace(
                words.t("kiosk.refused.not_ready.title"), words.t("kiosk.refused.not_ready.advice"), done
            )
        case None:
            return RefusedFace()


def thanks(visit: Visit) -> ThanksFace:
    """Return the farewell."""
    return ThanksFace(visit.ticket.number if visit.ticket is not None else "")


def wait(low_s: int | None, high_s: int | None, known: Known, words: Catalogue) -> str:
    """Return an expected wait in minutes as a range, rounded outwards; empty when it is not known."""
    if low_s is None or high_s is None:
        return ""
    low, high = low_s // 60, math.ceil(high_s / 60)
    if high <= 1:
        return words.t("kiosk.wait.none")
    if low == 0:
        return in_digits(words.n("kiosk.wait.up_to", high, span=high), known)
    span = f"{low}\u2013{high}" if low < high else str(high)
    return in_digits(words.n("kiosk.wait.span", high, span=span), known)


def _waiting(count: int, known: Known, words: Catalogue) -> str:
    return in_digits(words.n("kiosk.start.waiting", count), known) if count else words.t("kiosk.start.nobody")


def _ahead(count: int | None, known: Known, words: Catalogue) -> str:
    if count is None:
        return ""
    return in_digits(words.n("kiosk.ticket.ahead", count), known) if count else words.t("kiosk.ticket.nobody")


def _tile(service: Service, known: Known, words: Catalogue) -> Row:
    now = known.service_now(service.id) or ServiceNow()
    if not now.open:
        note = words.t("kiosk.services.closed")
    elif now.full:
        note = words.t("kiosk.services.full")
    else:
        note = wait(now.low_s, now.high_s, known, words)
    return Row(
        id=service.id,
        letter=service.letter,
        name=in_words(service.name, words.language),
        note=note,
        usable=now.open and not now.full,
    )


def _claims(visit: Visit, known: Known, words: Catalogue) -> tuple[Row, ...]:
    age = known.centre.priority_age if known.centre is not None else 60
    names = {
        "older": in_digits(words.t("kiosk.claim.older", age=age), known),
        "determination": words.t("kiosk.claim.determination"),
        "pregnant": words.t("kiosk.claim.pregnant"),
    }
    return tuple(Row(id=each, name=names[each], chosen=visit.priority == each) for each in _CLAIMS)


def _state(printing: Printing, again: bool, words: Catalogue) -> tuple[str, str, Tone]:
    """Return how the paper stands, what to do now, and the tone of the two."""
    if again:
        return words.t("kiosk.ticket.still_waits"), words.t("kiosk.ticket.photo"), "calm"
    match printing:
        case "working":
            return words.t("kiosk.ticket.printing"), words.t("kiosk.ticket.then_sit"), "calm"
        case "printed":
            return words.t("kiosk.ticket.printed"), words.t("kiosk.ticket.then_sit"), "ok"
        case "not printed":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.not_printed"), "wait"
        case "unknown":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.print_unknown"), "wait"
        case "none":
            return words.t("kiosk.ticket.photo"), words.t("kiosk.ticket.then_sit"), "calm"


def _time(at: datetime, known: Known) -> str:
    assert known.centre is not None
    return in_digits(at.astimezone(known.centre.zone).strftime("%H:%M"), known)


def _opens(known: Known, words: Catalogue) -> str:
    at = known.next_opens_at
    if at is None or known.centre is None:
        return ""
    here, there = known.now.astimezone(known.centre.zone).date(), at.astimezone(known.centre.zone).date()
    time = _time(at, known)
    if there == here:
        return words.t("kiosk.opens.today", time=time)
    if there == here + timedelta(days=1):
        return words.t("kiosk.opens.tomorrow", time=time)
    days = [
        words.t("kiosk.opens.mon", time=time),
        words.t("kiosk.opens.tue", time=time),
        words.t("kiosk.opens.wed", time=time),
        words.t("kiosk.opens.thu", time=time),
        words.t("kiosk.opens.fri", time=time),
        words.t("kiosk.opens.sat", time=time),
        words.t("kiosk.opens.sun", time=time),
    ]
    if there < here + timedelta(days=7):
        return days[there.weekday()]
    return words.t("kiosk.opens.date", date=in_digits(f"{there.day}/{there.month}", known), time=time)
