"""What the tests of sync share, light enough for child processes: a clock set by hand, facts, streams of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from queueing.facts import DayOpened, Fact, TicketTaken
from queueing.wire import GENESIS, Event, Stream
from sync.log import DeviceLog

BOOT = "6b1d4c2e-0000-4000-8000-000000000001"
KIOSK = Stream("kiosk-1", 1)
HUB = Stream("hub", 1)


class FakeClock:
    """A clock that goes only when told to."""

    def __init__(self, at: datetime = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.mono = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.mono

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.mono += seconds


def ticket(n: int = 1, service: str = "licence") -> Fact:
    return TicketTaken(number=f"A{n:03}", service=service, day="2026-11-22", lang="ar")


def chain(stream: Stream, count: int, *, start: Event | None = None, salt: str = "") -> list[Event]:
    """Events of a stream as its device would write them; another `salt` is another history."""
    events: list[Event] = []
    seq, prev = (start.seq, start.hash) if start else (0, GENESIS)
    for n in range(seq + 1, seq + 1 + count):
        at = datetime(2026, 11, 22, 4, 0, tzinfo=UTC) + timedelta(seconds=n)
        body = DayOpened(f"{salt}{n}").to_body()
        event = Event(stream.device, stream.incarnation, n, "DayOpened", 1, at, BOOT, float(n), prev, body)
        events.append(event)
        prev = event.hash
    return events


def open_log(path: Path, stream: Stream = KIOSK) -> DeviceLog:
    return DeviceLog.open(path, stream, FakeClock(), BOOT)
