"""What is read back of a log: each way in which it can be another than what was written is found, and told once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from queueing.wire import Event, Stream
from sync.chains import Chains, Fault, Kept, Why
from sync.receiving import Head
from tests.sync.fakes import HUB, KIOSK, chain

OTHER = Stream("kiosk-2", 1)
OF_KIOSK, OF_HUB = chain(KIOSK, 4), chain(HUB, 3)
ARRIVED = [event for pair in zip(OF_KIOSK, OF_HUB, strict=False) for event in pair] + OF_KIOSK[3:]
HEADS = {KIOSK: Head(4, OF_KIOSK[-1].hash), HUB: Head(3, OF_HUB[-1].hash)}

Rows = list[Kept]


def kept(events: list[Event]) -> Rows:
    return [Kept(n, event.stream, event.seq, event.hash, event.text) for n, event in enumerate(events, 1)]


def read(rows: Rows) -> list[Fault]:
    chains = Chains()
    for row in rows:
        chains.follow(row)
    chains.end(HEADS, len(ARRIVED))
    assert chains.events == len(rows)
    return chains.faults


def of(rows: Rows, stream: Stream, seq: int) -> int:
    return next(n for n, row in enumerate(rows) if (row.stream, row.seq) == (stream, seq))


def in_place(stream: Stream, seq: int, change: Callable[[Kept], Kept]) -> Rows:
    rows = kept(ARRIVED)
    at = of(rows, stream, seq)
    return [*rows[:at], change(rows[at]), *rows[at + 1 :]]


def without(stream: Stream, *seqs: int) -> Rows:
    return [row for row in kept(ARRIVED) if row.stream != stream or row.seq not in seqs]


def another(row: Kept) -> Kept:
    """Somebody puts an event in that fits its own hash."""
    event = chain(KIOSK, 1, start=OF_KIOSK[0], salt="another ")[0]
    return row._replace(wire=event.text, hash=event.hash)


def test_what_is_as_it_was_written_has_no_fault() -> None:
    assert read(kept(ARRIVED)) == []


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        (in_place(KIOSK, 2, lambda row: row._replace(wire=row.wire.replace("2", "3"))), Fault(KIOSK, 2, Why.CHANGED)),
        (in_place(KIOSK, 2, lambda row: row._replace(wire="{")), Fault(KIOSK, 2, Why.CHANGED)),
        (in_place(KIOSK, 2, lambda row: row._replace(wire="[]")), Fault(KIOSK, 2, Why.CHANGED)),
        (in_place(KIOSK, 2, lambda row: row._replace(hash=row.hash[::-1])), Fault(KIOSK, 2, Why.CHANGED)),
        (in_place(KIOSK, 2, another), Fault(KIOSK, 3, Why.HISTORY)),
        (in_place(KIOSK, 2, lambda row: row._replace(stream=OTHER)), Fault(OTHER, 2, Why.PLACE)),
        (in_place(KIOSK, 2, lambda row: row._replace(seq=9)), Fault(KIOSK, 9, Why.PLACE)),
        (without(KIOSK, 2), Fault(None, 3, Why.MISSING)),
        (without(KIOSK, 4), Fault(KIOSK, 4, Why.MISSING)),
        (without(HUB, 1, 2, 3), Fault(None, 2, Why.MISSING)),
        (in_place(KIOSK, 2, lambda row: row._replace(position=2)), Fault(None, 3, Why.PLACE)),
        (kept([*ARRIVED, *chain(OTHER, 1)]), Fault(OTHER, 1, Why.PLACE)),
    ],
)  # fmt: skip
def test_each_way_to_be_broken_is_found(rows: Rows, first: Fault) -> None:
    assert read(rows)[0] == first


def test_a_last_event_that_was_put_in_is_found_by_its_head() -> None:
    last = replace(OF_KIOSK[3], boot="another")
    rows = in_place(KIOSK, 4, lambda row: row._replace(wire=last.text, hash=last.hash))
    assert read(rows) == [Fault(KIOSK, 4, Why.HISTORY)]


def test_each_stream_is_told_once_and_the_others_all_the_same() -> None:
    rows = [row._replace(hash="0" * 64) for row in kept(ARRIVED)]
    assert read(rows) == [Fault(KIOSK, 1, Why.CHANGED), Fault(HUB, 1, Why.CHANGED)]


def test_a_lost_stream_is_told_beside_the_gap_that_it_leaves() -> None:
    assert set(read(without(HUB, 1, 2, 3))) == {Fault(None, 2, Why.MISSING), Fault(HUB, 1, Why.MISSING)}
