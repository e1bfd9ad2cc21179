"""How much a request of the hub's weighs, so that the floor carries the same: read from what the hub kept and said."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from scripts.dawr_dev.bench.load import Answers


@dataclass(frozen=True, slots=True)
class Weight:
    """The text of one event's row, the text of one claim's row (empty where no claim is kept), and the answer."""

    wire: str
    claim: str
    answer: bytes

    @classmethod
    def of(cls, log: Path, answers: Sequence[Answers]) -> Self:
        """Return what a request weighed in the middle, from a hub's log after it was closed."""
        connection = sqlite3.connect(log)
        try:
            wires = [length for (length,) in connection.execute("SELECT length(wire) FROM event ORDER BY position")]
            claims = [length for (length,) in connection.execute("SELECT length(body) FROM claim WHERE status = 200")]
        finally:
            connection.close()
        said = [length for each in answers for length in each.lengths]
        # The hall was filled first: the newest events are those of the measurement.
        return cls("x" * _middle(wires[-len(said) :]), "x" * _middle(claims), b"x" * _middle(said))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what `told` said. Raises ValueError."""
        wire, claim, answer = (int(part) for part in text.split(","))
        return cls("x" * wire, "x" * claim, b"x" * answer)

    def told(self) -> str:
        """Return it for a command line."""
        return f"{len(self.wire)},{len(self.claim)},{len(self.answer)}"


def _middle(lengths: Sequence[int]) -> int:
    return round(median(lengths)) if lengths else 0
