"""Boards as a hub sends them, for the tests of the display."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from display.board import Call, Kind

NOW = datetime(2026, 11, 22, 7, 31, 2, tzinfo=UTC)

Json = dict[str, object]


class FakeClock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed


def call(
    seq: int,
    number: str = "A047",
    counter: str = "3",
    kind: Kind = "call",
    age_s: float = 0,
    source: str = "hub.1",
    zone: str = "hall",
) -> Call:
    return Call(f"{source}.{seq}", seq, number, counter, kind, NOW - timedelta(seconds=age_s), zone)


def call_json(each: Call) -> Json:
    return {
        "call_id": each.call_id,
        "seq": each.seq,
        "number": each.number,
        "counter": each.counter,
        "zone": each.zone,
        "kind": each.kind,
        "at": each.at.isoformat(),
    }


def board_json(announce: Sequence[Call] = (), *, notices: Sequence[Json] = (), digits: str = "latn") -> Json:
    """Make a board that announces these calls (oldest first) and lists the newest of each ticket."""
    newest = {each.number: each for each in announce}
    listed = sorted(newest.values(), key=lambda each: -each.seq)[:8]
    return {
        "centre": {"name": {"ar": "إدارة المرور", "en": "Traffic Directorate"}, "timezone": "Asia/Bahrain"},
        "day": "2026-11-22",
        "calls": [call_json(each) for each in listed],
        "announce": [call_json(each) for each in announce][-20:],
        "waiting": [
            {
                "service": "renewal",
                "letter": "A",
                "name": {"ar": "تجديد المركبات", "en": "Vehicle renewal"},
                "count": 12,
                "low_s": 600,
                "high_s": 1200,
            },
            {"service": "fines", "letter": "B", "name": {"en": "Fines"}, "count": 0, "low_s": None, "high_s": None},
        ],
        "notices": list(notices),
        "voice": {"order": ["ar", "en"]},
        "digits": digits,
        "languages": ["ar", "en"],
    }
