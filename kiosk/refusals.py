"""What a refusal says: what it is, what to do now, and one or two next steps. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from assets.texts import Catalogue
from kiosk.known import Known
from kiosk.moves import Reason
from kiosk.pages import Visit
from kiosk.wording import in_digits, opens, time_of


@dataclass(frozen=True, slots=True)
class RefusedFace:
    """A refusal: what it is, what to do now, and one or two next steps."""

    title: str = ""
    advice: str = ""
    first: str = ""
    second: str = ""


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
            advice = opens(known, words) or words.t("kiosk.refused.closed.advice")
            return RefusedFace(words.t("kiosk.start.closed"), advice, done)
        case Reason.STORAGE:
            return RefusedFace(words.t("kiosk.refused.storage.title"), words.t("kiosk.refused.storage.advice"), done)
        case Reason.NOT_READY:
            return RefusedFace(
                words.t("kiosk.refused.not_ready.title"), words.t("kiosk.refused.not_ready.advice"), done
            )
        case Reason.UNREADABLE:
            return RefusedFace(
                words.t("kiosk.refused.unreadable.title"),
                words.t("kiosk.refused.unreadable.advice"),
                words.t("kiosk.refused.unreadable.first"),
                done,
            )
        case Reason.OTHER_CENTRE:
            return RefusedFace(
                words.t("kiosk.refused.other_centre.title"),
                words.t("kiosk.refused.other_centre.advice"),
                words.t("kiosk.refused.take"),
                done,
            )
        case Reason.OTHER_DAY:
            return RefusedFace(
                words.t("kiosk.refused.other_day.title"),
                _other_day(visit, known, words),
                words.t("kiosk.refused.take"),
                done,
            )
        case Reason.BOOKING_GONE:
            return RefusedFace(
                words.t("kiosk.refused.booking_gone.title"),
                words.t("kiosk.refused.booking_gone.advice"),
                words.t("kiosk.refused.take"),
                done,
            )
        case Reason.TICKET_OVER:
            return RefusedFace(
                words.t("kiosk.refused.ticket_over.title"),
                words.t("kiosk.refused.ticket_over.advice"),
                words.t("kiosk.refused.ticket_over.first"),
                done,
            )
        case Reason.TICKET_UNSEEN:
            return RefusedFace(
                words.t("kiosk.refused.ticket_unseen.title"), words.t("kiosk.refused.ticket_unseen.advice"), done
            )
        case None:
            return RefusedFace()


def _other_day(visit: Visit, known: Known, words: Catalogue) -> str:
    if visit.code is None or known.centre is None:
        return ""
    slot_at = visit.code.slot_at
    local = slot_at.astimezone(known.centre.zone)
    date = in_digits(f"{local.day}/{local.month}", known)
    return words.t("kiosk.refused.other_day.advice", date=date, time=time_of(slot_at, known))
