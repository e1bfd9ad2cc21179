"""The machine readable zone of an identity card, TD1: three lines of 30, after ICAO Doc 9303, parts 3 and 5.

It takes out one thing, the personal number, and keeps nothing. Where Bahrain's card has it is not published: nine
digits in one of the fields that an issuer fills as it likes are taken for it, and only when there is no doubt.
"""

from __future__ import annotations

import re

from queueing import cpr

LINE = 30
LINES = 3
ISSUER = "BHR"

_SIGNS = re.compile(r"[A-Z0-9<]{30}")
_NINE = re.compile(r"[0-9]{9}")
_WEIGHTS = (7, 3, 1)


class MrzError(ValueError):
    """The zone was read wrongly: a check digit differs. The text holds nothing of it."""


def begins(line: str) -> bool:
    """Say whether a line may be the first of a TD1 zone: documents A, C and I (9303-5, 4.2.2.1)."""
    return is_line(line) and line[0] in "ACI"


def is_line(line: str) -> bool:
    """Say whether a line has the form of any of a zone's."""
    return _SIGNS.fullmatch(line) is not None


def personal_number(lines: tuple[str, str, str]) -> str | None:
    """Return the CPR of a Bahraini TD1 zone, None when it has none or is another country's. Raises MrzError.

    Several fields may hold nine digits: what begins with the year and month of birth is a CPR. A document's number is
    taken for one only then, since it may as well count documents, and a wrong guess would be somebody else.
    """
    first, second, _ = lines
    document, born = first[5:14], second[:6]
    # 9303-5, 4.2.4: the last digit is over both lines' upper parts. A document's number may run on (9303-5, note j).
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    checked = [(born, second[6]), (second[8:14], second[14]), (composite, second[29])]
    if first[14] != "<":
        checked.append((document, first[14]))
    if any(_check_digit(text) != digit for text, digit in checked):
        raise MrzError("a check digit differs")
    if first[2:5] != ISSUER:
        return None
    free = {field for field in (first[15:30].strip("<"), second[18:29].strip("<")) if _NINE.fullmatch(field)}
    every = free | ({document} if _NINE.fullmatch(document) else set())
    likely = {field for field in every if field[:4] == born[:4]} or free
    return likely.pop() if len(likely) == 1 else None


def _check_digit(text: str) -> str:
    """Return the check digit of a text (9303-3, 4.9): weights 7, 3, 1, modulo 10; < is 0, A is 10."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


assert cpr.LENGTH == 9, "the pattern above counts a CPR's digits"
