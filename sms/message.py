"""What a message is, which kinds there are, and for how long each is worth sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a message is for."""

    ETICKET = "eticket"
    NEAR = "near"
    CALLED = "called"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_MOVED = "booking_moved"
    BOOKING_CANCELLED = "booking_cancelled"
    REMINDER_DAY = "reminder_day"
    REMINDER_HOURS = "reminder_hours"
    BLOCKED = "blocked"
    ONE_TIME_CODE = "one_time_code"
    VIDEO_CALLED = "video_called"
    CENTRE_MOVED = "centre_moved"
    CENTRE_CANCELLED = "centre_cancelled"
    COMPLAINT_ANSWERED = "complaint_answered"


VALID_S: Mapping[Kind, float] = MappingProxyType(
    {
        Kind.ETICKET: 30 * 60.0,
        Kind.NEAR: 10 * 60.0,
        Kind.CALLED: 5 * 60.0,
        Kind.BOOKING_CONFIRMED: 12 * 3600.0,
        Kind.BOOKING_MOVED: 12 * 3600.0,
        Kind.BOOKING_CANCELLED: 12 * 3600.0,
        Kind.REMINDER_DAY: 6 * 3600.0,
        Kind.REMINDER_HOURS: 3600.0,
        Kind.BLOCKED: 36 * 3600.0,  # after a flurry it waits for a day's limit, see WAITS
        Kind.ONE_TIME_CODE: 5 * 60.0,
        Kind.VIDEO_CALLED: 5 * 60.0,
        Kind.CENTRE_MOVED: 36 * 3600.0,
        Kind.CENTRE_CANCELLED: 36 * 3600.0,
        Kind.COMPLAINT_ANSWERED: 36 * 3600.0,
    }
)
"""Seconds after which a message that has not gone out is not sent any more: it would mislead."""

FIRST = frozenset({Kind.CALLED, Kind.ONE_TIME_CODE, Kind.VIDEO_CALLED})
"""Somebody stands and waits for these: they overtake the others."""

WAITS = frozenset({Kind.BLOCKED, Kind.CENTRE_MOVED, Kind.CENTRE_CANCELLED, Kind.COMPLAINT_ANSWERED})
"""What the customer has to be told, however many messages went before: one over a limit may be handed over again."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent once. `id` is its sender's and names it for ever, `to` is E.164 (see `sms.numbers`)."""

    id: str
    to: str
    lang: str
    kind: Kind
    text: str

    def __repr__(self) -> str:
        """Name it without its number and its text: a repr ends in logs."""
        return f"Message({self.id!r}, {self.kind.value!r})"
