"""What each screen says, as frozen records: a pure function of the visit, what is known, and a language's words.

View models hand these to QML unchanged. Nothing here decides what happens next (that is `visit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assets.texts import Catalogue
from kiosk import delivery
from kiosk.handover import DeliveryFace, PhoneFace, TicketFace, choice, phone, ticket
from kiosk.known import Known, ServiceNow, group_of
from kiosk.moves import Reason
from kiosk.refusals import RefusedFace, refused
from kiosk.visit import Page, Visit, group_shown
from kiosk.wording import Row, clock, in_digits, in_words, opens, time_of, wait, waiting
from queueing import cpr
from queueing.centre import Service

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.facts import Priority

__all__ = [
    "CprFace",
    "DeliveryFace",
    "DetailsFace",
    "FoundFace",
    "FrameFace",
    "PhoneFace",
    "RefusedFace",
    "ServicesFace",
    "StartFace",
    "ThanksFace",
    "TicketFace",
    "choice",
    "clock",
    "cpr_entry",
    "details",
    "found",
    "frame",
    "phone",
    "refused",
    "services",
    "start",
    "thanks",
    "ticket",
    "wait",
]

Catalogues = Mapping[str, Catalogue]

_LED_TO = (Page.CPR, Page.FOUND, Page.ASK_BOOKED, Page.SERVICES, Page.DETAILS, Page.DELIVERY, Page.PHONE)
_ENDS = (Reason.CLOSED, Reason.STORAGE, Reason.NOT_READY, Reason.TICKET_UNSEEN)
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
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StartFace:
    """The idle screen: an invitation in every language of the centre."""

    invitations: tuple[Row, ...] = ()
    clock: str = ""


@dataclass(frozen=True, slots=True)
class CprFace:
    """The keypad. `cells` are nine signs as they may be shown, empty where nothing is typed."""

    cells: tuple[str, ...] = ("",) * cpr.LENGTH
    digits: tuple[str, ...] = tuple("1234567890")
    complete: bool = False
    busy: bool = False
    trouble: str = ""
    scanner: bool = False


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
class ThanksFace:
    """The farewell."""

    number: str = ""


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
        can_go_back=visit.page in _LED_TO or (visit.page is Page.REFUSED and visit.reason not in _ENDS),
        can_start_over=visit.page not in (Page.START, Page.TICKET, Page.THANKS),
        other_languages=others,
        warned=visit.warned_at is not None,
        contrast=visit.contrast,
        large=visit.large,
        low=visit.low,
        closed=known.closed,
    )


def start(visit: Visit, known: Known, words: Catalogues) -> StartFace:
    """Return the idle screen: it invites, or says that the centre is closed, or that it cannot know yet."""
    rows = []
    standing = "settling" if known.settling else "open" if known.open else "closed"
    for code in known.languages:
        speech = words[code]
        title, purpose = {
            "settling": (speech.t("kiosk.start.settling"), speech.t("kiosk.start.settling_long")),
            "open": (speech.t("kiosk.start.title"), speech.t("kiosk.start.purpose")),
            "closed": (speech.t("kiosk.start.closed"), ""),
        }[standing]
        news = ""
        if standing == "closed":
            news = opens(known, speech)
        elif standing == "open" and known.fresh is not None:
            count = sum(each.count for each in known.fresh.services.values())
            news = waiting(count, known, speech)
        rows.append(
            Row(
                code=code,
                rtl=speech.direction == "rtl",
                centre=in_words(known.centre.name, code) if known.centre is not None else "",
                title=title,
                purpose=purpose,
                begin=speech.t("kiosk.start.begin") if standing == "open" else "",
                scan=speech.t("kiosk.start.scan") if known.scanner and standing == "open" else "",
                news=news,
            )
        )
    return StartFace(tuple(rows), clock(known))


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
        trouble=_cpr_trouble(visit, missing, known, words),
        scanner=known.scanner,
    )


def _cpr_trouble(visit: Visit, missing: int, known: Known, words: Catalogue) -> str:
    if visit.unread:
        return words.t("kiosk.cpr.unread")
    return in_digits(words.n("kiosk.cpr.missing", missing), known) if visit.too_short and missing else ""


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
                time=time_of(each.slot_at, known),
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
        waiting=waiting(now.count, known, words) if now is not None else "",
        fee=in_words(service.fee, words.language),
        needs=tuple(service.needs.get(words.language, ())),
        claims=_claims(visit, known, words),
        busy=visit.taking,
        paper=delivery.ways(known) == ("paper",),
    )


def thanks(visit: Visit) -> ThanksFace:
    """Return the farewell."""
    return ThanksFace(visit.ticket.number if visit.ticket is not None else "")


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
