"""Addresses that change and a switch that dies, between real processes: all find one another again by themselves."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.dawr_dev.demo import Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from tests.faults.back import back, call_all
from tests.faults.centre import enrol
from tests.faults.network import HALL, UP, Boxes, network
from tests.faults.spread import EVERYWHERE, HUB_LOG, HUB_NAME, SERVER_LOG, SERVER_NAME, spread, until_given_up
from tests.faults.switch import HUB_ADDRESS, switch

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces"),
    pytest.mark.timeout(240),
]

SERIES = {"kiosk-1": "0", "kiosk-2": "1", "kiosk-3": "2"}


@pytest.mark.survives("a network address that changes", 1)
@pytest.mark.long
def test_the_hub_gets_another_address(tmp_path: Path) -> None:
    with spread(tmp_path, named=True) as the:
        the.net.move(HALL, "hub", HALL.far_address, "10.88.1.9")
        the.net.know("kiosk", {HUB_NAME: "10.88.1.9"})
        the.take(3)
        the.until_all_at(HUB_LOG)


@pytest.mark.survives("a network address that changes", 3)
@pytest.mark.long
def test_the_kiosk_gets_another_address_and_the_hub_to_the_server_which_moves_too(tmp_path: Path) -> None:
    with spread(tmp_path, named=True) as the:
        the.net.move(HALL, "kiosk", HALL.near_address, "10.88.1.10")
        the.take(3)
        the.until_all_at(HUB_LOG)
        the.net.move(UP, "hub", UP.near_address, "10.88.2.9")
        the.take(3)
        the.until_all_at(SERVER_LOG)
        the.net.move(UP, "server", UP.far_address, "10.88.2.10")
        the.take(3)
        the.call_all()
        the.net.know("hub", {SERVER_NAME: "10.88.2.10"})
        the.until_all_at(SERVER_LOG, 120)


@pytest.mark.survives("a switch that dies with several kiosks behind it", 1)
@pytest.mark.long
def test_three_kiosks_behind_a_dead_switch(tmp_path: Path) -> None:
    with ExitStack() as stack:
        net = stack.enter_context(network())
        house = stack.enter_context(Boxes(tmp_path / "logs", net, {}))
        box = stack.enter_context(switch(net, list(SERIES)))
        demo = Demo(house, tmp_path, hosts=(UP.far_address, EVERYWHERE))
        demo.begin()
        enrol(demo, SERIES)
        demo.start_server()
        demo.start_hub()
        url = demo.hub_url.replace(EVERYWHERE, HUB_ADDRESS)
        kiosks = [
            stack.enter_context(back(demo, os.environ, box.prefix(each), hub_url=url, device=each, series=series))
            for each, series in SERIES.items()
        ]
        log = tmp_path / HUB_LOG

        def at_hub() -> set[str]:
            return {event.id for event in events(log) if event.type == "TicketTaken"}

        def until_there(tickets: set[str]) -> None:
            wait_until(lambda: at_hub() == tickets or None, 60, f"{len(tickets)} tickets at the hub")

        taken = [ticket for kiosk in kiosks for ticket in kiosk.take(2)]
        until_there({each.ticket for each in taken})
        box.die()
        dark = [ticket for kiosk in kiosks for ticket in kiosk.take(5)]
        with net.inside("hub"):
            called = call_all(demo)
        assert sorted(called) == sorted(each.ticket for each in taken), "those of before, and nobody else"
        # Until each has found out, or the kernel would heal it.
        for name in ("kiosk", "kiosk-2", "kiosk-3"):
            until_given_up(tmp_path / "logs" / f"{name}.log", "hub")
        box.live()
        taken += dark
        until_there({each.ticket for each in taken})
        assert set(Counter(each.number for each in taken).values()) == {1}
        with net.inside("hub"):
            called += call_all(demo)
        assert sorted(called) == sorted(each.ticket for each in taken), "everybody is called, once"
