"""The hub's answers to POST /v1/lookup and /v1/followed as records. Pure; asking is the office's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from kiosk.moves import Answer, Appointment, Followed, Held, Ticket
from queueing.wire import WireError, instant_from_wire

Result = Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
Booking = Literal["good", "used", "gone", "unknown"]
_BOOKINGS = ("good", "used", "gone", "unknown")
_RESULTS = ("appointment", "none", "unknown", "under_age", "holds_ticket")


class AnswerError(ValueError):
    """The answer is not of the form that was agreed."""


def answer_of(content: object, customer: str) -> Answer:
    """Return the answer about a customer (keyed hash). Raises AnswerError."""
    if not isinstance(content, Mapping):
        raise AnswerError("the answer is no object")
    result = content.get("result")
    if result not in _RESULTS:
        raise AnswerError("result")
    bookings = content.get("appointments")
    try:
        appointments = tuple(_appointment(each) for each in bookings) if isinstance(bookings, list) else ()
        ticket = content.get("ticket")
        held = _held(ticket) if isinstance(ticket, Mapping) else None
    except (KeyError, WireError) as error:
        raise AnswerError(str(error)) from error
    return Answer(
        result=cast(Result, result),
        customer=customer,
        appointments=appointments,
        held=held,
        older=content.get("priority") == "older",
        booking=cast(Booking, booking) if (booking := content.get("booking")) in _BOOKINGS else None,
    )


def followed_of(content: object, turn: int) -> Followed:
    """Return how a ticket stands that was asked for, in a turn of the visit. Raises AnswerError."""
    if not isinstance(content, Mapping) or "ticket" not in content:
        raise AnswerError("the answer is no object")
    row = content["ticket"]
    if row is None:
        return Followed(turn, None)
    if not isinstance(row, Mapping):
        raise AnswerError("ticket")
    try:
        ticket = Ticket(
            str(row["id"]),
            str(row["number"]),
            str(row["service"]),
            again=True,
            ahead=_whole(row.get("ahead")),
            low_s=_whole(row.get("low_s")),
            high_s=_whole(row.get("high_s")),
            printing="none",
            counter=str(row.get("counter") or ""),
        )
    except KeyError as error:
        raise AnswerError(str(error)) from error
    return Followed(turn, ticket, str(row.get("lang") or ""))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _appointment(row: object) -> Appointment:
    if not isinstance(row, Mapping):
        raise AnswerError("appointments")
    return Appointment(str(row["id"]), str(row["service"]), instant_from_wire(str(row["slot_at"])))


def _held(row: Mapping[str, object]) -> Held:
    return Held(str(row["id"]), str(row["number"]), str(row["service"]), instant_from_wire(str(row["taken_at"])))
