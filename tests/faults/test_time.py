"""Wrong clocks, by libfaketime on real processes: right numbers on the right day, and every ticket is called."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from queueing.wire import Event
from scripts.dawr_dev.demo import HUB, KIOSK, Demo, toml
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from tests.e2e.centre import Counter

OFFICE = Path(__file__).with_name("office.py")
EIGHT_HOURS_FAST = "+288s x1.01"
"""A clock that has gone one percent too fast for eight hours, and goes on so."""

pytestmark = pytest.mark.timeout(120)


def fake(by: str) -> dict[str, str]:
    """Return what makes a process's wall clock wrong. Its monotonic clocks are left alone, as a wrong RTC does."""
    if not by:
        return {}
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


class Taken(NamedTuple):
    """A ticket that a customer has."""

    ticket: str
    number: str
    day: str


class Kiosk:
    """A kiosk's back as a process with a clock of its own."""

    def __init__(self, config: Path, log: Path, by: str) -> None:
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(OFFICE), str(config)],
                env=os.environ | fake(by),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def take(self, count: int) -> list[Taken]:
        """Take tickets."""
        return [Taken(*line.split()[1:]) for line in self.ask(str(count))]

    def ask(self, what: str) -> list[str]:
        """Send a line; return those of the answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(what, file=self._process.stdin, flush=True)
        said = []
        while (line := self._process.stdout.readline()) != "done\n":
            assert line.startswith("taken "), line
            said.append(line)
        return said

    def end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(20) == 0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with House(tmp_path / "logs") as house:
        demo = Demo(house, tmp_path)
        demo.begin()
        demo.start_server()
        yield demo


@contextmanager
def kiosk(demo: Demo, by: str) -> Iterator[Kiosk]:
    """Run it; ended peacefully."""
    config = demo.data / "kiosk.toml"
    config.write_text(toml({"device": KIOSK, "data": KIOSK, "series": "0", "hub_url": demo.hub_url}), encoding="utf-8")
    running = Kiosk(config, demo.data / "logs" / "kiosk.log", by)
    yield running
    running.end()


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

    return wait_until(look, 30, f"{count} {kind} at the server")


def call_all(demo: Demo) -> list[str]:
    """Let a clerk call until nobody waits; return the tickets."""
    called = []
    with Counter(demo, "6", demo.people.clerks[0]) as counter:
        assert counter.claim(str(uuid.uuid4()), "open")[0] in (200, 409)  # 409: it is open already
        while (answer := counter.claim(str(uuid.uuid4()), "call_next"))[0] == 200:
            called.append(answer[1]["ticket"]["ticket"])
            for verb in ("start_serving", "finish"):
                assert counter.claim(str(uuid.uuid4()), verb)[0] == 200
    return called


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
    assert sorted(event.id for event in there) == sorted(call_all(demo)) == sorted(each.ticket for each in taken)


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
