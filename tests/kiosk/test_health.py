"""The kiosk's health, heard by a real hub: every minute, at a change, and never in anybody's way."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.health import Reporter, health_of
from kiosk.staff.moves import Sight
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from tests.hub.house import NINE, House, Web
from tests.sync.fakes import FakeClock

WELL = Sight(NINE, trouble="", paper="ok", line_up=True, disk_free_mb=9000, version="0.1.0", device="kiosk-1")


class Machine:
    """What is to be told, and how often it was asked for: a second look means that the first was told."""

    def __init__(self) -> None:
        self.now = WELL
        self.looks: queue.SimpleQueue[Sight] = queue.SimpleQueue()

    def sight(self) -> Sight:
        self.looks.put(self.now)
        return self.now

    def told(self, times: int = 1) -> None:
        for _ in range(times + 1):
            self.looks.get(timeout=20)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with House(tmp_path).serving() as web:
        yield web


def reporter(web: Web, machine: Machine, clock: FakeClock, every_s: float = 0.02) -> Reporter:
    key = DeviceKey.load(web.house.data / "keys" / "kiosk-1")
    return Reporter(PeerLine(web.url, Signer(key, "kiosk-1", 1, clock)), machine.sight, clock, every_s=every_s)


def test_the_hub_hears_it_and_the_kiosk_learns_how_wrong_its_clock_is(web: Web) -> None:
    machine, clock = Machine(), FakeClock(NINE + timedelta(minutes=7))
    machine.now = replace(WELL, now=clock.now(), trouble="cover open", closed_for="")
    told = reporter(web, machine, clock)
    assert told.clock_off_s is None
    told.start()
    machine.told()
    told.close()
    (row,) = web.house.view("counter")["devices"]
    assert (row["trouble"], row["closed"], row["clock_off_minutes"]) == ("cover open", True, 7)
    assert told.clock_off_s == 420


def test_a_change_is_told_at_once(web: Web) -> None:
    machine = Machine()
    told = reporter(web, machine, FakeClock(NINE), every_s=3600)
    told.start()
    machine.looks.get(timeout=20)
    machine.now = replace(WELL, paper="near end")
    told.changed()
    machine.looks.get(timeout=20)
    told.changed()
    machine.looks.get(timeout=20)
    told.close()
    assert web.house.view("counter")["devices"][0]["paper"] == "near end"


def test_a_hub_that_is_away_stops_nothing(web: Web) -> None:
    machine, clock = Machine(), FakeClock(NINE)
    key = DeviceKey.load(web.house.data / "keys" / "kiosk-1")
    line = PeerLine("http://127.0.0.1:9", Signer(key, "kiosk-1", 1, clock))
    told = Reporter(line, machine.sight, clock, every_s=0.01)
    told.start()
    machine.told(3)
    told.close()
    assert told.clock_off_s is None


def test_it_says_nothing_of_people() -> None:
    said = health_of(replace(WELL, taken=42, unsettled=1, behind=3, behind_since=NINE))
    assert set(said) == {
        "now", "trouble", "paper", "closed", "behind", "behind_since", "late", "disk_free_mb", "version",
    }  # fmt: skip
