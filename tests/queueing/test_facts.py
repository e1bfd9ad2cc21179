"""Facts: a body is read back equal, and what is not understood is None, never an error."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from queueing import facts
from queueing.facts import FACTS, TicketTaken, fact_of
from queueing.wire import GENESIS, Event, WireError


def event(kind: str, body: dict[str, Any], version: int = 1) -> Event:
    return Event("d", 1, 1, kind, version, datetime(2026, 11, 22, tzinfo=UTC), "b", 0.0, GENESIS, body)


TAKEN = TicketTaken(
    "A101", "renew", "2026-11-22", "ar", "older", "ab12", True, "ap1", datetime(2026, 11, 22, 6, tzinfo=UTC), "screen"
)


def test_round_trip() -> None:
    assert fact_of(event("TicketTaken", TAKEN.to_body())) == TAKEN
    opened = facts.CounterOpened("1", "amal", ("renew", "test"), "c")
    assert fact_of(event("CounterOpened", opened.to_body())) == opened


def test_fields_with_defaults_may_be_missing_and_unknown_ones_are_left_aside() -> None:
    body: dict[str, Any] = {"number": "A101", "service": "renew", "day": "2026-11-22", "lang": "ar", "later": 1}
    assert fact_of(event("TicketTaken", body)) == TicketTaken("A101", "renew", "2026-11-22", "ar")


@pytest.mark.parametrize(
    "missing", [f.name for f in fields(TicketTaken) if f.name in {"number", "service", "day", "lang"}]
)
def test_a_body_without_what_it_needs_is_not_understood(missing: str) -> None:
    body = TAKEN.to_body()
    del body[missing]
    assert fact_of(event("TicketTaken", body)) is None


@pytest.mark.parametrize(
    "change", [{"number": 1}, {"priority": "friend"}, {"says_booked": 1}, {"slot_at": "soon"}, {"slot_at": 5}]
)
def test_a_part_of_another_kind_is_not_understood(change: dict[str, Any]) -> None:
    assert fact_of(event("TicketTaken", TAKEN.to_body() | change)) is None
    with pytest.raises(WireError):
        TicketTaken.from_body(TAKEN.to_body() | change)


def test_unknown_types_and_later_versions_are_not_understood() -> None:
    assert fact_of(event("SomethingNew", {})) is None
    assert fact_of(event("TicketTaken", TAKEN.to_body(), version=99)) is None


def test_no_fact_has_a_field_for_personal_data() -> None:
    names = {field.name for fact in FACTS.values() for field in fields(fact)}
    assert not names & {"cpr", "name", "phone", "mobile", "email", "birth_date"}
