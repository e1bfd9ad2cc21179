"""The answer to POST /v1/lookup as a record. Pure; asking is the office's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from kiosk.moves import Answer, Appointment, Held
from queueing.wire import WireError, instant_from_wire

Result = Literal["appointment", "none", "unknown", "under_age", "holds_ticket"]
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
    )


def _appointment(row: object) -> Appointment:
    if not isinstance(row, Mapping):
        raise AnswerError("appointments")
    return Appointment(str(row["id"]), str(row["service"]), instant_from_wire(str(row["slot_at"])))


def _held(row: Mapping[str, object]) -> Held:
    return Held(str(row["id"]), str(row["number"]), str(row["service"]), instant_from_wire(str(row["taken_at"])))
