"""A one-time code that is typed at a machine's own screen, and what became of it. Pure: no Qt, no clock, no network.

A code is sent when somebody says so, never by its last digit: its tries are counted. What was refused is replaced by
the next digit; what could not be asked stays as it is, to be sent again.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

DIGITS = 10
GROUPS = (4, 3, 3)
"""As it is written on the supervisor's page: 4821-739-405."""

NO_HUB = "enrol.no_hub"
_ANOTHER_KEY = "KEY"
"""Nothing is wrong with this code: an earlier one had used up the machine's key, and now there is another."""
_REFUSED = {
    "WRONG_CODE": "enrol.refused.wrong_code",
    "EXPIRED": "enrol.refused.expired",
    "EXHAUSTED": "enrol.refused.exhausted",
    "SPENT": "enrol.refused.spent",
    "ROLE": "enrol.refused.role",
    "SERIES": "enrol.refused.series",
    "KEY": "enrol.refused.key",
}
_NOT_NOW = {
    "NO_ANSWER": "enrol.not_now.no_answer",
    "NO_SERVER": "enrol.not_now.no_server",
    "TOO_MANY": "enrol.not_now.too_many",
    "DISK": "enrol.not_now.disk",
}


class Phase(StrEnum):
    """How far the code is."""

    TYPING = "typing"
    ASKING = "asking"
    REFUSED = "refused"
    NOT_NOW = "not now"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a code: `phase` is REFUSED, NOT_NOW or MADE; `word` the reason's code, or the device's name."""

    phase: Phase
    word: str


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What is typed, and what is known of it."""

    digits: str = ""
    phase: Phase = Phase.TYPING
    word: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether nothing can be typed: the answer is awaited, or it was yes."""
        return self.phase in (Phase.ASKING, Phase.MADE)

    @property
    def is_complete(self) -> bool:
        """Whether it can be sent. A refused one cannot: each time would be one more of its tries."""
        may = self.phase in (Phase.TYPING, Phase.NOT_NOW) or (self.phase is Phase.REFUSED and self.word == _ANOTHER_KEY)
        return may and len(self.digits) == DIGITS

    @property
    def trouble(self) -> str:
        """Return the key of the text that says what to do now; empty without trouble."""
        if self.phase is Phase.REFUSED:
            return _REFUSED.get(self.word, "enrol.refused.other")
        return _NOT_NOW.get(self.word, "enrol.not_now.other") if self.phase is Phase.NOT_NOW else ""


def typed(entry: CodeEntry, signs: str) -> CodeEntry:
    """Add digits of any script; what is none, and what is too many, is left out. A refused code makes room."""
    if entry.is_busy:
        return entry
    before = "" if entry.phase is Phase.REFUSED else entry.digits
    more = "".join(str(unicodedata.decimal(sign)) for sign in signs if sign.isdecimal())
    if not more or len(before) == DIGITS:
        return entry
    return CodeEntry((before + more)[:DIGITS])


def erased(entry: CodeEntry, *, wholly: bool = False) -> CodeEntry:
    """Take the last digit away, or all of them."""
    if entry.is_busy:
        return entry
    return CodeEntry("" if wholly else entry.digits[:-1])


def asked(entry: CodeEntry) -> CodeEntry:
    """Send it; nothing happens while it is not complete."""
    return CodeEntry(entry.digits, Phase.ASKING) if entry.is_complete else entry


def answered(entry: CodeEntry, answer: Answer) -> CodeEntry:
    """Take the answer."""
    return replace(entry, phase=answer.phase, word=answer.word)
