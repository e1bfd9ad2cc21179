"""Days of a centre in minutes, on real processes: opening, a WAN away for eight hours, cut off kiosks, a hub that dies.

The clock on the wall is the test's (`sun.py`); lines and waits are as slow as they are.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from tests.faults.centre import RestlessClerk
from tests.faults.network import HALL, UP
from tests.faults.spread import HUB_LOG, SERVER_LOG, Spread, spread
from tests.faults.sun import Sun

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces"),
    pytest.mark.timeout(180),
]

SUNDAY, MONDAY = "2026-11-22", "2026-11-23"
"""The demonstration's centre is open on both from 07:00 to 14:15."""
FASTER, FASTEST = 120, 600


def at(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo("Asia/Bahrain"))


def a_day(data: Path, sun: Sun) -> AbstractContextManager[Spread]:
    return spread(data, environment=sun.environment, keeps_hours=True)


def until_open(the: Spread, open_: bool) -> None:
    what = "an open kiosk" if open_ else "a closed kiosk"
    wait_until(lambda: True if the.kiosk.is_open() == open_ else None, 30, what)


def until_day(the: Spread, day: str) -> None:
    def begun() -> bool | None:
        days = [event.body["day"] for event in events(the.demo.data / HUB_LOG) if event.type == "DayOpened"]
        return True if days[-1] == day else None

    wait_until(begun, 30, f"the hub's {day}")


def until_equal(the: Spread) -> None:
    """Wait until the server has every event of the centre."""

    def equal() -> bool | None:
        hub, server = ({event.hash for event in events(the.demo.data / log)} for log in (HUB_LOG, SERVER_LOG))
        return True if hub == server else None

    wait_until(equal, 90, "the same events at hub and server")


@pytest.mark.survives("a day of a centre, its lines cut and its hub restarted", 1)
@pytest.mark.long
def test_the_day_ends_and_another_begins_while_the_lines_are_cut(tmp_path: Path) -> None:
    sun = Sun(tmp_path / "sun", at(SUNDAY, "06:58"))
    with a_day(tmp_path, sun) as the:
        until_open(the, False)
        sun.jump(at(SUNDAY, "07:01"))
        until_open(the, True)
        the.net.cut(UP)
        the.net.cut(HALL)
        the.take(3)
        sun.jump(at(SUNDAY, "14:16"))
        # By itself, and from here on by the centre's hours alone: the hub's last word is old.
        until_open(the, False)
        the.restart_hub()
        sun.jump(at(MONDAY, "07:01"))
        until_open(the, True)
        until_day(the, MONDAY)
        the.take(2)
        # It was never told that the day is over: it counts on, and gives no number twice.
        assert [(each.number, each.day) for each in the.taken[-2:]] == [("A006", MONDAY), ("A007", MONDAY)]
        the.net.mend(HALL)
        the.net.mend(UP)
        the.until_all_at(SERVER_LOG)
        # Yesterday's papers are in no line any more; they are not lost either.
        the.not_called = {each.ticket for each in the.taken if each.day == SUNDAY}


@pytest.mark.survives("a day of a centre, its lines cut and its hub restarted", 1)
@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_whole_day(tmp_path: Path) -> None:
    sun = Sun(tmp_path / "sun", at(SUNDAY, "06:40"))
    with a_day(tmp_path, sun) as the:

        def customers(every: int) -> Callable[[], None]:
            steps = iter(range(1_000_000))
            return lambda: the.take(1) if next(steps) % every == 0 else None

        def go(time: str, every: int = 0) -> None:
            sun.go(at(SUNDAY, time), FASTER, customers(every) if every else lambda: None)

        until_open(the, False)
        go("07:00")
        until_open(the, True)
        with the.net.inside("hub"):
            clerk = RestlessClerk(the.demo, "6", the.demo.people.clerks[0], pace_s=0.2)
        go("07:15", 10)
        the.net.cut(UP)
        go("08:30", 20)
        the.net.cut(HALL)
        go("09:30", 10)
        the.restart_hub()  # at the peak, while it has neither kiosk nor server
        go("10:00", 10)
        the.net.mend(HALL)
        the.until_all_at(HUB_LOG)
        the.net.slow(HALL, 64)
        go("11:00", 20)
        the.demo.house["hub"].kill()
        go("11:05", 5)  # nobody starts it for five minutes: two seconds and a half
        the.demo.restart("hub")
        go("13:00", 20)
        the.net.cut(HALL, back=False)
        go("13:30", 20)
        the.net.mend(HALL)
        go("14:15", 20)
        until_open(the, False)
        the.until_all_at(HUB_LOG)
        go("15:15")
        the.net.mend(UP)
        until_equal(the)
        want = {each.ticket for each in the.taken}
        wait_until(lambda: True if set(clerk.called()) == want else None, 60, "every customer of the day called")
        clerk.end()
        assert len(clerk.called()) == len(want), "nobody is called twice"
        the.called += clerk.called()

        # The night, and the next morning.
        sun.go(at(MONDAY, "06:59"), FASTEST)
        until_day(the, MONDAY)
        log = events(the.demo.data / HUB_LOG)
        assert Counter(event.type for event in log)["CounterClosed"] >= 1, "the clerk's counter was left open"
        until_open(the, False)
        sun.jump(at(MONDAY, "07:01"))
        until_open(the, True)
        the.take(3)
        assert [(each.number, each.day) for each in the.taken[-3:]] == [(f"A00{n}", MONDAY) for n in (1, 2, 3)]
        until_equal(the)
