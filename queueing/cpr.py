"""The CPR, Bahrain's personal number: nine digits, typed or read.

Nothing more can be checked here: the check digit's algorithm is not public and a minority of numbers does not begin
with a year and month (facts-domain.md). Whether a person exists is the registry's to say. It is text, never a number:
it may begin with 0.
"""

from __future__ import annotations

LENGTH = 9

_DIGITS = {ord(zero) + value: str(value) for zero in "0\u0660\u06f0" for value in range(10)}


def ascii_digits(text: str) -> str:
    """Return the digits of a text as ASCII (they may be Arabic-Indic or Persian) and nothing else."""
    return "".join(_DIGITS[ord(sign)] for sign in text if ord(sign) in _DIGITS)


def parse(text: str) -> str | None:
    """Return the nine ASCII digits of a CPR, or None; blanks and hyphens between them are allowed."""
    bare = "".join(sign for sign in text if sign not in " -\u00a0\u2066\u2069\u200e\u200f")
    digits = ascii_digits(bare)
    return digits if len(digits) == LENGTH == len(bare) else None


def masked(cpr: str) -> str:
    """Return what may be shown of a CPR, also of one that is half typed: dots, and the last two of nine digits."""
    if len(cpr) < LENGTH:
        return "\u2022" * len(cpr)
    return "\u2022" * (LENGTH - 2) + cpr[-2:]
