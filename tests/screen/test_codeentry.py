"""Typing a code: what is taken, what is sent, and what becomes of a refused one."""

from __future__ import annotations

import pytest

from assets.texts import Catalogue
from screen.codeentry import Answer, CodeEntry, Phase, answered, asked, erased, typed
from sync.enrolment import CODE_DIGITS, grouped

CODE = "4821739405"


@pytest.mark.parametrize(
    ("signs", "digits"),
    [("4", "4"), ("٤٨", "48"), ("4821-739-405", CODE), ("x", ""), ("", ""), ("\r", ""), (CODE + "77", CODE)],
)
def test_digits_of_any_script_are_taken_and_nothing_else(signs: str, digits: str) -> None:
    assert typed(CodeEntry(), signs).digits == digits


def test_a_code_is_sent_when_it_is_whole_and_somebody_says_so() -> None:
    entry = CodeEntry()
    for digit in CODE:
        assert asked(entry) == entry, "nothing is sent before its end"
        entry = typed(entry, digit)
    assert entry.phase is Phase.TYPING, "nor by its last digit"
    assert typed(entry, "1") == entry
    entry = asked(entry)
    assert entry.phase is Phase.ASKING
    assert typed(entry, "1") == erased(entry) == erased(entry, wholly=True) == entry == asked(entry)


@pytest.mark.parametrize("why", ["WRONG_CODE", "EXPIRED", "EXHAUSTED", "SPENT", "ROLE", "SERIES", "PROOF"])
def test_a_refused_code_is_not_sent_again_and_makes_room(why: str) -> None:
    entry = answered(asked(CodeEntry(CODE)), Answer(Phase.REFUSED, why))
    assert entry.digits == CODE, "it can be compared with what the supervisor says"
    assert not entry.is_complete
    assert typed(entry, "7") == CodeEntry("7")
    assert erased(entry) == CodeEntry(CODE[:-1]), "one digit was a slip"


@pytest.mark.parametrize(
    "answer", [Answer(Phase.NOT_NOW, "NO_ANSWER"), Answer(Phase.NOT_NOW, ""), Answer(Phase.REFUSED, "KEY")]
)
def test_what_is_no_fault_of_the_code_is_sent_again_as_it_is(answer: Answer) -> None:
    entry = answered(asked(CodeEntry(CODE)), answer)
    assert entry.is_complete
    assert asked(entry) == CodeEntry(CODE, Phase.ASKING)


def test_every_answer_has_words_of_its_own_in_both_languages() -> None:
    refused = ["WRONG_CODE", "EXPIRED", "EXHAUSTED", "SPENT", "ROLE", "SERIES", "KEY", "anything"]
    not_now = ["NO_ANSWER", "NO_SERVER", "TOO_MANY", "DISK", ""]
    entries = [CodeEntry(CODE, Phase.REFUSED, why) for why in refused]
    entries += [CodeEntry(CODE, Phase.NOT_NOW, why) for why in not_now]
    for language in ("ar", "en"):
        words = Catalogue.load(language)
        assert len({words.t(entry.trouble) for entry in entries}) == len(refused) + len(not_now)
    assert CodeEntry(CODE).trouble == CodeEntry(CODE, Phase.MADE, "kiosk-3").trouble == ""


def test_the_groups_are_those_of_the_supervisors_page() -> None:
    from screen.codeentry import DIGITS, GROUPS  # noqa: PLC0415  # said together with what they have to equal

    assert DIGITS == sum(GROUPS) == CODE_DIGITS
    assert tuple(len(group) for group in grouped(CODE).split("-")) == GROUPS
