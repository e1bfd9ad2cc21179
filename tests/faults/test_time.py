"""Wrong clocks, by libfaketime on real processes: right numbers on the right day, and every ticket is called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queueing.wire import Event, instant_from_wire
from scripts.dawr_dev.demo import HUB, Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from tests.faults.back import Back, back, call_all

EIGHT_HOURS_FAST = "+288s x1.01"
"""A clock that has gone one percent too fast for eight hours, and goes on so."""

pytestmark = pytest.mark.timeout(120)


def fake(by: str) -> dict[str, str]:
    """Return what makes a process's wall clock wrong. Its monotonic clocks are left alone, as a wrong RTC does."""
    if not by:
        return {}
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with House(tmp_path / "logs") as house:
        demo = Demo(house, tmp_path)
        demo.begin()
        demo.start_server()
        yield demo


def kiosk(demo: Demo, by: str) -> AbstractContextManager[Back]:
    """Run a kiosk's back with a clock of its own."""
    return back(demo, os.environ | fake(by))


def start_hub(demo: Demo, by: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start the hub with a wrong clock; return the day that it has opened."""
    with monkeypatch.context() as patch:
        for name, value in fake(by).items():
            patch.setenv(name, value)
        demo.start_hub()
    return days(demo)[-1]


def days(demo: Demo) -> list[str]:
    return [str(event.body["day"]) for event in events(demo.data / HUB / "hub.db") if event.type == "DayOpened"]


def at_server(demo: Demo, kind: str, count: int) -> list[Event]:
    def look() -> list[Event] | None:
        found = [event for event in events(demo.data / "server" / "log.sqlite") if event.type == kind]
        return found if len(found) >= count else None

    return wait_until(look, 90, f"{count} {kind} at the server")


@pytest.mark.survives("a wrong clock of a kiosk or a hub", 1)
@pytest.mark.parametrize("by", ["-1d", *(pytest.param(by, marks=pytest.mark.long) for by in ("+1d", EIGHT_HOURS_FAST))])
def test_a_kiosk_with_a_wrong_clock(demo: Demo, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    today = start_hub(demo, "", monkeypatch)
    with kiosk(demo, by) as one:
        taken = one.take(3)
        # Cut off from then on: the kiosk has to know the day by itself.
        demo.house["hub"].kill()
        one.ask("cut")
        taken += one.take(2)
        demo.restart("hub")
        at_server(demo, "TicketTaken", 5)
    # The clock is put right, the kiosk starts again: its numbers go on.
    with kiosk(demo, "") as one:
        taken += one.take(1)
    there = at_server(demo, "TicketTaken", 6)
    assert [each.number for each in taken] == [f"A00{n}" for n in range(1, 7)]
    assert {each.day for each in taken} == {today}
    if by != EIGHT_HOURS_FAST:
        # Nobody waits a day longer, or shorter, for the kiosk's clock: all tickets but the last are dated by the hub's.
        dated = {str(event.body["ticket"]): event.body["taken_at"] for event in at_server(demo, "TicketDated", 5)}
        assert dated.keys() == {each.ticket for each in taken[:5]}
        lately = datetime.now(UTC) - timedelta(minutes=3)
        assert all(lately < instant_from_wire(str(at)) <= datetime.now(UTC) for at in dated.values())
    assert sorted(event.id for event in there) == sorted(call_all(demo)) == sorted(each.ticket for each in taken)


@pytest.mark.survives("a wrong clock of a kiosk or a hub", 1)
@pytest.mark.long
@pytest.mark.parametrize("by", ["+1d", "-1d", EIGHT_HOURS_FAST])
def test_a_hub_with_a_wrong_clock(demo: Demo, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    start_hub(demo, by, monkeypatch)
    with kiosk(demo, "") as one:
        taken = one.take(3)
        at_server(demo, "TicketTaken", 3)
        assert len(call_all(demo)) == 3
    # Its clock is put right.
    demo.house["hub"].kill()
    start_hub(demo, "", monkeypatch)
    with kiosk(demo, "") as one:
        taken += one.take(3)
        at_server(demo, "TicketTaken", 6)
    assert len({(each.day, each.number) for each in taken}) == 6, "a number is given once a day"
    assert len(call_all(demo)) == 3
    assert len(at_server(demo, "TicketCalled", 6)) == 6
