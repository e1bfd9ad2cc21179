"""Numbers are given once, whatever happens to the process around the commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.desk import Desk, Taken
from kiosk.moves import Draft
from queueing.centre import Centre
from queueing.facts import PrintSettled, SeriesBegan, TicketTaken, fact_of
from queueing.wire import Event, Stream
from sync.log import DeviceLog
from tests.kiosk.conftest import NOW

DAY = "2026-11-22"
STREAM = Stream("kiosk-1", 1)


class Clock:
    """Time that the test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def draft(service: str = "licence-renewal", customer: str | None = None) -> Draft:
    return Draft(service, "ar", None, customer, False, None, None, "paper")


@contextmanager
def opened(data: Path, series: str = "0", clock: Clock | None = None) -> Iterator[Desk]:
    desk = Desk(lambda: DeviceLog.open(data / "log.db", STREAM, clock or Clock(), "boot"), series)
    desk.start()
    try:
        yield desk
    finally:
        desk.close()


def take(desk: Desk, centre: Centre, asked: Draft | None = None, day: str = DAY) -> Taken:
    came: list[Taken] = []
    done = threading.Event()

    def taken(ticket: Taken) -> None:
        came.append(ticket)
        done.set()

    desk.take(asked or draft(), centre, day, taken, done.set)
    assert done.wait(10)
    return came[0]


def log_of(data: Path) -> list[Event]:
    log = DeviceLog.open(data / "log.db", STREAM, Clock(), "boot")
    try:
        return list(log.events())
    finally:
        log.close()


def test_numbers_count_up_by_letter_and_go_on_after_a_restart(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        assert [take(desk, centre).fact.number for _ in range(2)] == ["A001", "A002"]
        assert take(desk, centre, draft("traffic-fines")).fact.number == "F001"
    with opened(tmp_path) as desk:
        assert take(desk, centre).fact.number == "A003"


def test_two_kiosks_that_are_cut_off_never_give_the_same_number(tmp_path: Path, centre: Centre) -> None:
    given: list[str] = []
    for series in ("0", "1"):
        (tmp_path / series).mkdir()
        with opened(tmp_path / series, series) as desk:
            given += [take(desk, centre).fact.number for _ in range(1000)]
    assert len(set(given)) == 2000


def test_the_ticket_is_on_the_disk_before_anybody_hears_of_it(tmp_path: Path, centre: Centre) -> None:
    seen: list[list[Event]] = []
    done = threading.Event()

    def taken(ticket: Taken) -> None:
        seen.append(log_of(tmp_path))
        done.set()

    with opened(tmp_path) as desk:
        desk.take(draft(), centre, DAY, taken, done.set)
        assert done.wait(10)
    assert [event.type for event in seen[0]] == ["TicketTaken"]


def test_a_later_day_begins_the_numbers_anew_and_an_earlier_one_does_not(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        desk.day_began(DAY)
        assert take(desk, centre).fact.number == "A001"
        desk.day_began("2026-11-21")
        desk.day_began(DAY)
        assert take(desk, centre).fact.number == "A002"
        desk.day_began("2026-11-23")
        assert take(desk, centre, day="2026-11-23").fact.number == "A001"
    days = [fact.day for event in log_of(tmp_path) if isinstance(fact := fact_of(event), SeriesBegan)]
    assert days == [DAY, "2026-11-23"]


def test_a_ticket_whose_paper_nobody_knows_of_is_settled_as_unknown(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        first, second = take(desk, centre), take(desk, centre)
        desk.settle(first.ticket, "printed", "")
    with opened(tmp_path):
        pass
    with opened(tmp_path):
        pass
    settled = [fact for event in log_of(tmp_path) if isinstance(fact := fact_of(event), PrintSettled)]
    assert [(fact.ticket, fact.outcome) for fact in settled] == [(first.ticket, "printed"), (second.ticket, "unknown")]


def test_the_same_outcome_told_twice_is_one_fact(tmp_path: Path, centre: Centre) -> None:
    with opened(tmp_path) as desk:
        ticket = take(desk, centre).ticket
        desk.settle(ticket, "printed", "")
        desk.settle(ticket, "printed", "")
    with opened(tmp_path) as desk:
        desk.settle(ticket, "printed", "")
    assert [event.type for event in log_of(tmp_path)] == ["TicketTaken", "PrintSettled"]


def test_a_customer_s_ticket_is_known_for_a_while_also_after_a_restart(tmp_path: Path, centre: Centre) -> None:
    clock = Clock()
    with opened(tmp_path, clock=clock) as desk:
        ticket = take(desk, centre, draft(customer="c" * 32))
    with opened(tmp_path, clock=clock) as desk:
        held = desk.held_by("c" * 32)
        assert held is not None and held.number == ticket.fact.number
        assert desk.held_by("d" * 32) is None
        clock.at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        take(desk, centre, draft(customer="d" * 32))
        assert desk.held_by("c" * 32) is None


def test_a_full_disk_refuses_and_gives_the_number_to_the_next(
    tmp_path: Path, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as desk:
        take(desk, centre)
        desk.writer.submit(lambda tx: tx.connection.execute("PRAGMA max_page_count = 1")).result()
        refused = threading.Event()
        for _ in range(200):
            done = threading.Event()

            def no(done: threading.Event = done) -> None:
                refused.set()
                done.set()

            desk.take(draft(), centre, DAY, lambda ticket, done=done: done.set(), no)
            assert done.wait(10)
            if refused.is_set():
                break
        assert refused.is_set()
        desk.writer.submit(lambda tx: tx.connection.execute("PRAGMA max_page_count = 100000")).result()
        take(desk, centre)
    numbers = [fact.number for event in log_of(tmp_path) if isinstance(fact := fact_of(event), TicketTaken)]
    assert numbers == [f"A{count:03d}" if count < 100 else f"A0{count}" for count in range(1, len(numbers) + 1)]


_LOOP = """
import json, sys, threading
from pathlib import Path
from kiosk.desk import Desk
from kiosk.moves import Draft
from queueing.centre import Centre
from queueing.wire import Stream
from sync.clock import SystemClock
from sync.log import DeviceLog
from assets.paths import DEMO
centre = Centre.from_json(json.loads((DEMO / "centre.json").read_text()))
desk = Desk(lambda: DeviceLog.open(Path(sys.argv[1]) / "log.db", Stream("kiosk-1", 1), SystemClock(), "b"), "0")
desk.start()
draft = Draft("licence-renewal", "ar", None, None, False, None, None, "paper")
def taken(ticket):
    sys.stdout.write(ticket.fact.number + "\\n")
    sys.stdout.flush()
    desk.take(draft, centre, "2026-11-22", taken, lambda: None)
desk.take(draft, centre, "2026-11-22", taken, lambda: None)
threading.Event().wait()
"""


def test_a_killed_kiosk_never_gives_a_number_twice(tmp_path: Path) -> None:
    shown: list[str] = []
    for lines in (1, 7, 20, 33):
        kiosk = subprocess.Popen(
            [sys.executable, "-c", _LOOP, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert kiosk.stdout is not None
        shown += [kiosk.stdout.readline().strip() for _ in range(lines)]
        kiosk.send_signal(signal.SIGKILL)
        # What it had said by then counts: somebody may have read it.
        shown += [line for line in kiosk.stdout.read().split("\n")[:-1] if line]
        kiosk.wait()
        kiosk.stdout.close()
    kept = [fact.number for event in log_of(tmp_path) if isinstance(fact := fact_of(event), TicketTaken)]
    assert len(set(shown)) == len(shown) and len(set(kept)) == len(kept)
    assert set(shown) <= set(kept)
