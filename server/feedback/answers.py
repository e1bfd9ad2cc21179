"""What feedback's verbs give. Instants are aware, in UTC; what somebody has written is not ready for a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from server.booking.answers import Appointment

State = Literal["received", "in_hand", "answered"]
Place = Literal["page", "api", "kiosk", "counter", "follow"]
"""Where a rating was given."""

SCORES = (1, 2, 3, 4, 5)
"""Five is the best."""
REMARK_MOST = 500
"""Characters that go with a rating."""
WORDS_MOST = 2_000
"""Characters of a complaint, and of its answer."""


class Kind(StrEnum):
    """What a complaint is about."""

    WAITING = "waiting"
    STAFF = "staff"
    SERVICE = "service"
    PLACE = "place"
    WEBSITE = "website"
    SUGGESTION = "suggestion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rating:
    """A visit's rating; `visit` is its appointment, or its ticket where there was none."""

    centre: str
    visit: str
    service: str
    score: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint, or a suggestion. `reference` is its number; it is to be answered by `due_at`."""

    centre: str
    reference: str
    kind: Kind
    visit: str
    words: str = field(repr=False)
    made_at: datetime
    due_at: datetime
    state: State
    answer: str = field(repr=False)
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer may say and has said: kept visits to rate, newest first, ratings by centre and visit."""

    to_rate: tuple[Appointment, ...]
    ratings: Mapping[tuple[str, str], Rating]
    complaints: tuple[Complaint, ...]
