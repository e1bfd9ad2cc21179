"""The numbers that a kiosk gives: from its own series, so that no two kiosks can ever give the same one.

A number is the service's letter, the kiosk's series (a digit) and a count: series 0 gives A001 to A099, then A0100;
series 1 gives A101 to A199, then A1100. The first digit tells the kiosk, so what another kiosk does while both are cut
off does not matter. Tickets by video are the hub's, of a series of its own that begins with another letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from queueing.facts import Fact, SeriesBegan, TicketTaken

_SERIES = re.compile(r"[0-8]|9[0-9]")


def number(letter: str, series: str, count: int) -> str:
    """Return the `count`-th number (from 1) of a series for a letter."""
    return f"{letter}{series}{count:02d}"


_VIRTUAL = "V"


def virtual_number(letter: str, incarnation: int, given: Iterable[str]) -> str:
    """Return the next number of a ticket by video: V, the service's letter, the hub's incarnation and a count.

    `given` are the numbers of the day that are known. A hub that lost its log is another incarnation and knows none of
    the earlier one's: no incarnation's digits (0 to 8, 90 to 98, 990 ...) begin with another's.
    """
    nines, digit = divmod(incarnation - 1, 9)
    series = "9" * nines + str(digit)
    head = f"{_VIRTUAL}{letter}{series}"
    counts = (name.removeprefix(head) for name in given if name.startswith(head))
    return f"{head}{max((int(count) for count in counts if count.isdecimal()), default=0) + 1:02d}"


@dataclass(slots=True)
class Series:
    """What a kiosk has given of its series, folded from its own log.

    The count begins anew only when the hub told of a new day. A kiosk that is cut off over midnight, or whose clock is
    wrong, counts on: a number that is larger than need be harms nobody, one that is given twice does.
    Series are one digit 0 to 8, or 90 to 99 where a centre has more than nine kiosks: none begins with another.
    """

    series: str
    day: str = ""
    _given: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _SERIES.fullmatch(self.series):
            raise ValueError("a series is one digit 0 to 8, or 90 to 99")

    def next(self, letter: str) -> str:
        """Return the next number for a service's letter. It counts as given when its TicketTaken is folded."""
        return number(letter, self.series, self._given.get(letter, 0) + 1)

    def begins(self, day: str) -> bool:
        """Say whether a day that the hub told of (YYYY-MM-DD) begins the count anew: only a later one does."""
        return day > self.day

    def evolve(self, fact: Fact) -> None:
        """Fold one of this kiosk's own facts, in the order of its log."""
        if isinstance(fact, SeriesBegan) and self.begins(fact.day):
            self.day = fact.day
            self._given.clear()
        elif isinstance(fact, TicketTaken):
            self.day = max(self.day, fact.day)
            letter, digits = fact.number[:1], fact.number[1:]
            # A number of another series (the kiosk was given a new one) says nothing about this one's count.
            if digits.startswith(self.series) and len(digits) >= len(self.series) + 2:
                self._given[letter] = max(self._given.get(letter, 0), int(digits[len(self.series) :]))
