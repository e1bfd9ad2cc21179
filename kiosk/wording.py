"""Pieces of what the screens say: a centre's own words, digits, times, waits. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from assets.texts import Catalogue
from kiosk.known import Known
from queueing.words import Words

Row = dict[str, object]
"""An entry of a list that QML repeats over."""

_ARABIC_INDIC = {ord("0") + value: 0x660 + value for value in range(10)}


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
    return time_of(known.now, known) if known.centre is not None else ""


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


def waiting(count: int, known: Known, words: Catalogue) -> str:
    """Return how many people wait."""
    return in_digits(words.n("kiosk.start.waiting", count), known) if count else words.t("kiosk.start.nobody")


def ahead(count: int | None, known: Known, words: Catalogue) -> str:
    """Return how many people are ahead; empty when it is not known."""
    if count is None:
        return ""
    return in_digits(words.n("kiosk.ticket.ahead", count), known) if count else words.t("kiosk.ticket.nobody")


def time_of(at: datetime, known: Known) -> str:
    """Return the time of day at the centre."""
    assert known.centre is not None
    return in_digits(at.astimezone(known.centre.zone).strftime("%H:%M"), known)


def opens(known: Known, words: Catalogue) -> str:
    """Return when the centre opens next; empty when it is not known."""
    at = known.next_opens_at
    if at is None or known.centre is None:
        return ""
    here, there = known.now.astimezone(known.centre.zone).date(), at.astimezone(known.centre.zone).date()
    time = time_of(at, known)
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
