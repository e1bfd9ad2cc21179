"""The envelope: round trip, chain, and what is no event."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.facts import FACTS, fact_of
from queueing.wire import GENESIS, Event, Json, WireError, canonical, instant_from_wire, instant_to_wire

GOLDEN = Path(__file__).parent / "golden" / "v1.jsonl"


def wire() -> dict[str, Any]:
    return {
        "dev": "kiosk-1",
        "inc": 1,
        "seq": 1,
        "type": "DayOpened",
        "v": 1,
        "at": "2026-11-22T06:00:00.000001Z",
        "boot": "b",
        "mono": 1.5,
        "prev": GENESIS,
        "body": {"day": "2026-11-22"},
    }


def test_round_trip_keeps_the_hash() -> None:
    event = Event.from_wire(wire())
    assert event.to_wire() == wire()
    assert Event.from_wire(json.loads(canonical(event.to_wire()))).hash == event.hash
    assert event.id == "kiosk-1.1.1"


def test_a_part_of_a_later_version_stays_in_text_and_hash() -> None:
    later = wire() | {"zone": {"x": [1]}}
    event = Event.from_wire(later)
    assert json.loads(event.text) == later and event.text == canonical(later).decode()
    assert event.hash != Event.from_wire(wire()).hash
    assert Event.from_wire(json.loads(event.text)).hash == event.hash


def test_the_hash_covers_every_part() -> None:
    whole = Event.from_wire(wire()).hash
    changes: dict[str, Any] = {"dev": "k", "inc": 2, "seq": 2, "type": "X", "v": 2, "boot": "c", "mono": 2.0}
    changes |= {"at": "2026-11-22T06:00:00.000002Z", "prev": "1" * 64, "body": {"day": "2026-11-23"}}
    assert set(changes) == set(wire())
    for name, value in changes.items():
        assert Event.from_wire(wire() | {name: value}).hash != whole, name


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("dev", 1),
        ("dev", ""),
        ("dev", "a.b"),
        ("inc", 0),
        ("inc", True),
        ("seq", "1"),
        ("seq", 0),
        ("v", None),
        ("at", "yesterday"),
        ("at", "2026-11-22T06:00:00"),
        ("mono", "1"),
        ("mono", float("nan")),
        ("mono", True),
        pytest.param("mono", 10**400, id="mono-no-float"),
        ("prev", "xyz"),
        ("body", []),
        ("type", None),
    ],
)
def test_what_is_no_event_is_told_by_its_part_never_its_value(part: str, value: object) -> None:
    with pytest.raises(WireError, match=part if part != "at" else "instant|at"):
        Event.from_wire(wire() | {part: value})
    for whole in (None, [], "text"):
        with pytest.raises(WireError):
            Event.from_wire(whole)


@given(mono=st.floats(allow_nan=False, allow_infinity=False), name=st.text(), seq=st.integers(1, 2**53))
def test_an_events_text_is_the_canonical_json_of_its_wire(mono: float, name: str, seq: int) -> None:
    body: dict[str, Json] = {"b": name, "a": [1, None, {"\u00e9": mono}]}
    event = Event(f"d{name}", 1, seq, name, 2, datetime(2026, 11, 22, tzinfo=UTC), name, mono, "0" * 64, body)
    assert event.text.encode(errors="surrogatepass") == json.dumps(
        event.to_wire(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode(errors="surrogatepass")


def test_instants_are_utc_with_microseconds() -> None:
    bahrain = datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=3)))
    assert instant_to_wire(bahrain) == "2026-11-22T06:00:00.000000Z"
    assert instant_from_wire("2026-11-22T09:00:00+03:00") == datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        instant_to_wire(datetime(2026, 11, 22))  # noqa: DTZ001  # that it is naive is the point


def test_golden_events_of_version_1_are_read_and_hash_as_ever() -> None:
    lines = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    assert {line["event"]["type"] for line in lines} == set(FACTS) | {"FromTheFuture"}
    for line in lines:
        event = Event.from_wire(line["event"])
        assert event.hash == line["hash"]
        fact = fact_of(event)
        assert (fact is None) == (event.type == "FromTheFuture")
        if fact is not None:
            assert fact.to_body() == line["event"]["body"]
