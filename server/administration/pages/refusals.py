"""Words for what the core refuses, in the reader's language: reasons of its verbs, faults of settings and calendars.

The core says its faults in English, for programs and for the log, each with the place where it stands. Here each form
that they have finds its text; one that is not known has a general one, and a test finds it before anybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assets.texts import Catalogue
from server import enrolment
from server.administration import answers
from server.booking import answers as booking

RefusedError = answers.RefusedError | booking.RefusedError | enrolment.RefusedError
UNKNOWN = "faults.unknown"

_FORMS: tuple[tuple[str, str], ...] = (
    (r"[a-z]+ '.*' stands twice", "faults.twice"),
    (r"one letter A to Z", "faults.letter"),
    (r"'.*' is no service here", "faults.no_service"),
    (r"'.*' is not booked here", "faults.not_booked"),
    (r"country and prefixes in digits, 4 to 14 digits long", "faults.phones"),
    (r"one or more", "faults.one_or_more"),
    (r"'.*' is no day", "faults.unknown_day"),
    (r"(ends )?after it begins", "administration.fault.order"),
    (r"hours that overlap", "administration.fault.overlap"),
    (r"whole minutes, \d+ to \d+", "faults.whole_minutes"),
    (r"(more than \d+, up to \d+|\d+ to \d+(, or null)?|\d+ or more, or null)", "faults.range"),
    (r"times \d+ to \d+, max_s \d+ to \d+", "faults.range"),
    (r"scheme and host in small letters, at most \d+ characters", "faults.address"),
    (r"\+ and 7 to 15 digits", "faults.phone"),
    (r"name@host", "faults.email"),
    (r"an address that begins with https://", "faults.https"),
    (r"'.*' is unknown", "faults.timezone"),
    (r"stays as it is", "faults.stays"),
    (r"a text in each language", "faults.each_language"),
    (r"(missing|unknown|a list|an object|one of .*|\d+ entries|[a-z]+|an? [a-z]+ in ISO 8601)", "faults.form"),
    (r"an instant with its offset", "faults.form"),
    (r"too large for a calendar of holidays", "faults.calendar_large"),
    (r"is no calendar \(RFC 5545\)", "faults.calendar_none"),
    (r"has no holiday", "faults.calendar_empty"),
    (r"has more than \w+ days", "faults.calendar_long"),
    (r"is not in UTF-8", "faults.calendar_letters"),
    (r"no SUMMARY", "faults.event_name"),
    (r"repeats( by more than a rule|, but not once a year); .*", "faults.event_repeats"),
    (r"not in \w+ to \w+", "faults.event_years"),
    (r"no day that can be read", "faults.event_day"),
    (r"has hours; .*", "faults.event_hours"),
    (r"1 to \d+ days, .*", "faults.event_long"),
)
_SECTIONS = {
    "services": "services",
    "counters": "counters",
    "hours": "hours",
    "booking": "rules",
    "appointments": "rules",
    "rates": "turns",
    "priority_age": "turns",
    "step_out": "turns",
    "messages": "messages",
    "sms_default": "messages",
    "phones": "phones",
    "notices": "notices",
    "questions": "questions",
    "pause_reasons": "pauses",
    "holidays": "days",
    "extra_days": "days",
    "day_slots": "days",
    "name": "contact",
    "contact": "contact",
    "governorate": "contact",
    "address": "contact",
}
"""The section in which a part of the settings is changed."""
_PLACED = re.compile(r"(?:centre\.)?([a-z_]+)((?:\[\d+\])?)[^: ]*: .*")
_EVENT = re.compile(r"[^:]*: event (\d+): .*", re.S)


def reason(error: RefusedError, words: Catalogue) -> str:
    """Say why a verb was refused."""
    return words.t(key_of(error.why))


def key_of(why: answers.Why | booking.Why | enrolment.Why) -> str:
    """Return the key of what is said of a reason."""
    kind = {answers.Why: "administration", booking.Why: "booking", enrolment.Why: "devices"}[type(why)]
    return f"refusals.{kind}.{why.name.lower()}"


def key_of_fault(fault: str) -> str:
    """Return the key of what is said of a fault (`services[2].slot_s: whole minutes, 300 to 14400`)."""
    what = fault.rpartition(": ")[2] if fault.startswith("calendar: event") else fault.partition(": ")[2]
    return next((key for form, key in _FORMS if re.fullmatch(form, what or fault, re.S)), UNKNOWN)


def said(faults: Iterable[str], words: Catalogue) -> list[str]:
    """Say faults, each with its place: the section and which of its entries, or which event of a calendar."""
    return list(dict.fromkeys(_said(each, words) for each in faults))


def _said(fault: str, words: Catalogue) -> str:
    what = words.t(key_of_fault(fault))
    if event := _EVENT.fullmatch(fault):
        return words.t("faults.at_event", number=event[1], what=what)
    found = _PLACED.fullmatch(fault)
    section = _SECTIONS.get(found[1]) if found is not None else None
    if found is None or section is None:
        return what
    place = words.t(f"administration.section.{section}")
    if found[2]:
        return words.t("faults.at_entry", place=place, number=int(found[2][1:-1]) + 1, what=what)
    return words.t("faults.at", place=place, what=what)
