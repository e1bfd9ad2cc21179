"""Everything that the core refuses has words in each language, and none of them is the core's own English.

The faults are read from the core's sources, so one that is new there is missed here before anybody sees it on a page.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from assets.texts import Catalogue
from queueing import centre, contact, day_slots
from server import enrolment, holidays
from server.administration import answers, bodies, centres, openings
from server.administration.pages.refusals import UNKNOWN, key_of, key_of_fault, said
from server.booking import answers as booking

LANGUAGES = ("ar", "en")
REASONS = [*answers.Why, *booking.Why, *enrolment.Why]
SOURCES = (centre, day_slots, openings, centres, bodies, holidays)
"""Where faults of settings and calendars are said, each with its place; a channel's (`contact`) are made here."""
_FAULT = re.compile(r"(?:centre|service|ends|places|name|x)[^ :]*(?:: event 3)?: (?!x$|event 3$).+")


def faults_in(module: ModuleType) -> Iterator[str]:
    """Give the faults in a module's source, with something in the place of what each fills in."""
    tree = ast.parse(inspect.getsource(module))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in parts:
            text = "".join(filled(part) for part in (node.values if isinstance(node, ast.JoinedStr) else [node]))
            if _FAULT.fullmatch(text):
                yield text
        # The days of an event raise what is wrong; `parse` puts the place before it.
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ValueError":
            yield "calendar: event 3: " + "".join(
                filled(part) for part in (node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else node.args)
            )


def filled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    if part.conversion == ord("r"):
        return "'x'"
    return "3" if ast.unparse(part.value) in ("LINK_MAX", "_DAYS_MAX", "len(arguments)", "i", "at") else "x"


FAULTS = sorted({(module.__name__, fault) for module in SOURCES for fault in faults_in(module)})


def test_the_sources_were_read() -> None:
    """Each module says something, and as many faults are found as were counted by hand at least."""
    assert {name for name, _ in FAULTS} == {module.__name__ for module in SOURCES}
    assert len(FAULTS) >= 45


@pytest.mark.parametrize(("module", "fault"), FAULTS)
def test_every_fault_of_settings_and_calendars_has_words_of_its_own(module: str, fault: str) -> None:
    key = key_of_fault(fault)
    assert key != UNKNOWN
    for language in LANGUAGES:
        words = Catalogue.load(language)
        [text] = said([fault], words)
        assert words.t(key) in text and fault.partition(": ")[2] not in text


def test_so_has_every_fault_of_a_channel() -> None:
    wrong = contact.Contact(phone="x", whatsapp="x", email="x", map_url="x")
    assert {key_of_fault(each) for each in contact.contact_faults(wrong, "centre.contact")} == {
        *("faults.phone", "faults.email", "faults.https")
    }


@pytest.mark.parametrize("why", REASONS, ids=lambda why: f"{type(why).__module__}.{why.name}")
def test_every_reason_has_words(why: answers.Why | booking.Why | enrolment.Why) -> None:
    said_there = {Catalogue.load(language).t(key_of(why)) for language in LANGUAGES}
    assert len(said_there) == len(LANGUAGES)


def test_a_fault_is_said_with_its_place() -> None:
    words = Catalogue.load("en")
    plain = [re.sub("[\u2066-\u2069]", "", each) for each in said(
        [
            "centre.services[2].slot_s: whole minutes, 300 to 14400",
            "centre.rates.priority: more than 0, up to 1000",
            "calendar: event 4: no SUMMARY",
            "centre.timezone: 'Mars' is unknown",
        ],
        words,
    )]  # fmt: skip
    assert plain == [
        "Services, number 3: Whole minutes, from 5 minutes to 4 hours.",
        "Who is next: This is more or less than is allowed.",
        "Event 4 of the calendar: It has no name.",
        "This time zone is not known.",
    ]


def test_what_nobody_has_foreseen_is_said_in_general_and_never_in_english() -> None:
    words = Catalogue.load("ar")
    assert words.t(UNKNOWN) in said(["centre.services[0].colour: Too Red; or so"], words)[0]
