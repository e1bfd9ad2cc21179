"""The fast reader and the slow one come to the same events and hashes; what is unusual is left to the slow one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.wire import Event, Json, Stream, canonical, instant_to_wire
from sync.problems import Problem
from sync.reading import events_of, said_in, usual
from tests.sync.fakes import chain

WIRE = chain(Stream("kiosk-1", 1), 1)[0].to_wire()

texts = st.text(st.characters(codec="utf-8"), max_size=20)
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | texts
odd = plain | st.floats() | st.integers()
nested = st.recursive(
    odd, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)
bodies = st.dictionaries(texts, nested, max_size=4)


@given(bodies, st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 2**70))
def test_both_readers_agree(body: dict[str, Json], mono: float, version: int) -> None:
    wire = {**WIRE, "body": body, "mono": mono, "v": version}
    try:
        text = json.dumps([wire], ensure_ascii=False, allow_nan=False)
    except ValueError:
        return
    fast = usual(read) if isinstance(read := said_in(text.encode()), list) else None
    slow = Event.from_wire(json.loads(text)[0])
    if fast is not None:
        (event,) = fast
        assert (event, event.text, event.hash) == (slow, slow.text, slow.hash)
        assert canonical(event.to_wire()).decode() == event.text


@given(st.datetimes())
def test_instants_are_read_alike(at: datetime) -> None:
    wire = {**WIRE, "at": instant_to_wire(at.replace(tzinfo=UTC))}
    fast = usual([wire])
    assert fast is not None and fast[0].text == Event.from_wire(wire).text and fast[0] == Event.from_wire(wire)


@given(st.dictionaries(texts, plain))
def test_what_this_house_writes_is_read_fast(body: dict[str, Json]) -> None:
    text = json.dumps([{**WIRE, "body": {**body, "list": ["a", 1]}}], ensure_ascii=False)
    read = said_in(text.encode())
    assert isinstance(read, list) and usual(read) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 10**30},
        {"v": True},
        {"inc": 0},
        {"mono": 1},
        {"mono": 1e-5},
        {"mono": 1e16},
        {"body": {"x": 1.5}},
        {"body": {"x": [{"y": 1.5}]}},
        {"body": []},
        {"prev": "AB" * 32},
        {"at": "2026-11-22T04:00:01Z"},
        {"at": "2026-11-22T07:00:01.000000+03:00"},
        {"at": "2026-11-22T25:00:01.000000Z"},
        {"at": 7},
        {"dev": "a.b"},
        {"later": "part"},
    ],
)
def test_what_is_unusual_is_left_to_the_slow_one(change: dict[str, Json]) -> None:
    assert usual([WIRE]) is not None
    assert usual([{**WIRE, **change}]) is None


@pytest.mark.parametrize("depth", [100, 300, 400, 600, 900, 1100, 100_000])
def test_what_is_nested_deeply_is_read_or_refused(depth: int) -> None:
    wire = json.dumps({**WIRE, "body": "@"}).replace('"@"', f'{{"a":{"[" * depth}{"]" * depth}}}')
    try:
        _, (event,), _ = events_of(f'{{"dev":"kiosk-1","inc":1,"first_seq":1,"events":[{wire}]}}'.encode())
    except Problem as refused:
        assert (refused.status, refused.code) == (422, "INVALID")
    else:
        assert json.loads(event.text)["body"] == event.body


@pytest.mark.parametrize("missing", sorted(WIRE))
def test_what_lacks_a_part_is_left_to_the_slow_one(missing: str) -> None:
    assert usual([{name: part for name, part in WIRE.items() if name != missing}]) is None
    assert usual([{name: part for name, part in WIRE.items() if name != missing} | {"other": 1}]) is None


def test_what_is_no_object_is_left_to_the_slow_one() -> None:
    assert usual([7]) is None and said_in(b"{") is None and said_in(b'{"x": NaN}') is None
    assert said_in(b'"\\ud800"') is None
