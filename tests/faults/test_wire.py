"""Bad cables between real processes: frames lost, repeated, late, overtaken; all comes once, each call is made once.

Kiosk, clerk and hub, hub and server: each pair has a cable of its own (`wire.py`), and the clerk asks again with the
same claim until the hub's answer comes through.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from tests.faults.centre import RestlessClerk
from tests.faults.network import HALL
from tests.faults.spread import HUB_LOG, SERVER_LOG, Spread, spread
from tests.faults.wire import FAIR, Weather

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces"),
    pytest.mark.timeout(180),
]

MOST_TICKETS = 90
DRIZZLE, STORM = Weather(lost=0.08, twice=0.05, late_s=0.05), Weather(lost=0.2, twice=0.1, late_s=0.2)


def calls_at(the: Spread, log: str) -> Counter[str]:
    return Counter(str(event.body["ticket"]) for event in events(the.demo.data / log) if event.type == "TicketCalled")


def calls_asked_again(clerk: RestlessClerk) -> list[str]:
    """Return the claims that gave the clerk a customer, and the answer was not the first that the hub sent."""
    given = {id for id, (verb, status, _) in clerk.answers.copy().items() if verb == "call_next" and status == 200}
    return sorted(given & clerk.asked_again.copy())


def customers(the: Spread, clerk: RestlessClerk, count: int, within_s: float) -> None:
    """Let customers take tickets one by one, and wait until all of them are called."""
    before = len(the.taken)
    for _ in range(count):
        the.take(1)
    want = {each.ticket for each in the.taken[before:]}
    wait_until(lambda: True if want <= set(clerk.called()) else None, within_s, f"{count} calls")


def work(the: Spread, weather: Weather, tickets: int, within_s: float) -> None:
    """Let customers and a clerk work over bad cables until all are called, and the server knows it."""
    for wire in the.net.wires.values():
        wire.weather = weather
    # About the longest that a connection and an answer take when nothing is lost: a lost frame is often too late.
    patience_s = 0.05 + 4 * weather.late_s if weather.lost else 5
    with the.net.inside("kiosk"):
        clerk = RestlessClerk(the.demo, "6", the.demo.people.clerks[0], patience_s=patience_s)
    while weather.lost and not calls_asked_again(clerk) and len(the.taken) < MOST_TICKETS:
        customers(the, clerk, tickets, within_s)
    customers(the, clerk, tickets, within_s)
    clerk.end()
    the.until_all_at(SERVER_LOG, within_s)
    for wire in the.net.wires.values():
        wire.weather = FAIR
    if weather.lost:
        assert calls_asked_again(clerk), "some call's answer got lost"
        for wire in the.net.wires.values():
            assert min(wire.frames[what] for what in ("lost", "twice", "overtaken")) > 0, wire.frames
    told = clerk.called()
    assert len(told) == len(set(told)), "nobody is called twice"
    assert set(calls_at(the, HUB_LOG).values()) == {1}
    with the.net.inside("kiosk"):
        different = [
            claim_id
            for claim_id, (verb, *first) in clerk.answers.items()
            if verb == "call_next" and first[0] == 200 and clerk.ask(claim_id, verb) != tuple(first)
        ]
    assert different == [], "an answer stands, however it arrived"
    the.called += told


def everything_once(the: Spread) -> None:
    wait_until(
        lambda: True if calls_at(the, SERVER_LOG) == calls_at(the, HUB_LOG) else None, 60, "every call at the server"
    )
    for log in (HUB_LOG, SERVER_LOG):
        assert set(Counter(the.tickets_at(log)).values()) == {1}


@pytest.mark.survives("frames lost, repeated and reordered on both lines", 1)
def test_a_drizzle(tmp_path: Path) -> None:
    with spread(tmp_path, bad_by=1) as the:
        work(the, DRIZZLE, 6, 60)
        everything_once(the)


@pytest.mark.survives("frames lost, repeated and reordered on both lines", 4)
@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [2, 3])
def test_worse_and_worse_and_the_hub_dies_in_it(tmp_path: Path, seed: int) -> None:
    with spread(tmp_path, bad_by=seed) as the:
        for weather in (Weather(0.02, 0.02, 0.02), Weather(0.1, 0.1, 0.1), STORM):
            work(the, weather, 15, 300)
            for wire in the.net.wires.values():
                wire.weather = weather
            the.take(5)
            the.restart_hub()
        work(the, FAIR, 5, 300)
        the.net.cut(HALL)
        the.take(3)
        the.net.mend(HALL)
        everything_once(the)
