"""What stands on a ticket of paper: plain values, no layout, nothing personal.

A CPR, a name or a phone number has no field here and must never get one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

Digits = Literal["latn", "arab"]


@dataclass(frozen=True, slots=True)
class Wait:
    """The expected wait: between `low` and `high` minutes, as it was reckoned at an aware instant."""

    low: int
    high: int
    reckoned_at: datetime

    def __post_init__(self) -> None:
        if self.reckoned_at.tzinfo is None:
            raise ValueError("reckoned_at must be aware")
        if not 0 <= self.low <= self.high:
            raise ValueError(f"a wait from {self.low} to {self.high} minutes")


@dataclass(frozen=True, slots=True)
class TicketPaper:
    """One ticket as its customer reads it.

    `languages` begins with the customer's own; `centre`, `service` and `needs` are by language. Instants are aware
    and in the centre's time zone: they are printed as they are. `qr` is an opaque text in upper case, empty for none.
    `digits` are those of sentences; the number itself is always as on every screen.
    Raises ValueError when a text of the first language is missing or an instant has no zone.
    """

    number: str
    centre: Mapping[str, str]
    service: Mapping[str, str]
    taken_at: datetime
    languages: tuple[str, ...] = ("ar", "en")
    ahead: int | None = None
    wait: Wait | None = None
    qr: str = ""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digits: Digits = "latn"
    copy: bool = False

    def __post_init__(self) -> None:
        if self.taken_at.tzinfo is None:
            raise ValueError("taken_at must be aware")
        if not self.languages:
            raise ValueError("a ticket has at least one language")
        first = self.languages[0]
        if first not in self.centre or first not in self.service:
            raise ValueError(f"no name of centre or service in {first!r}")

    def to_json(self) -> str:
        """Return the ticket as a JSON text, for the spool's file."""
        wait = self.wait and {
            "low": self.wait.low,
            "high": self.wait.high,
            "reckoned_at": self.wait.reckoned_at.isoformat(),
        }
        return json.dumps(
            {
                "number": self.number,
                "centre": dict(self.centre),
                "service": dict(self.service),
                "taken_at": self.taken_at.isoformat(),
                "languages": self.languages,
                "ahead": self.ahead,
                "wait": wait,
                "qr": self.qr,
                "needs": {language: list(things) for language, things in self.needs.items()},
                "digits": self.digits,
                "copy": self.copy,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        raw = json.loads(text)
        wait = raw["wait"]
        return cls(
            number=raw["number"],
            centre=raw["centre"],
            service=raw["service"],
            taken_at=datetime.fromisoformat(raw["taken_at"]),
            languages=tuple(raw["languages"]),
            ahead=raw["ahead"],
            wait=wait and Wait(wait["low"], wait["high"], datetime.fromisoformat(wait["reckoned_at"])),
            qr=raw["qr"],
            needs={language: tuple(things) for language, things in raw["needs"].items()},
            digits=raw["digits"],
            copy=raw["copy"],
        )
