"""A centre whose kiosk, hub and server stand in boxes of their own, for tests of the lines between them."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from queueing.wire import Stream
from scripts.dawr_dev.demo import HUB, KIOSK, Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from sync.clock import SystemClock
from sync.log import DeviceLog
from tests.faults.back import Back, Taken, back, call_all
from tests.faults.network import HALL, UP, Boxes, Network, network

EVERYWHERE, HUB_NAME, SERVER_NAME = "0.0.0.0", "hub.hall", "server.region"
HUB_LOG, SERVER_LOG = f"{HUB}/hub.db", "server/log.sqlite"


class Spread:
    """A centre whose kiosk, hub and server stand in boxes of their own."""

    def __init__(self, demo: Demo, net: Network, kiosk: Back) -> None:
        self.demo, self.net, self.kiosk = demo, net, kiosk
        self.taken: list[Taken] = []
        self.called: list[str] = []
        self.not_called: set[str] = set()
        """Tickets of days that were over before anybody could call them."""

    def take(self, count: int) -> None:
        self.taken += self.kiosk.take(count)

    def call_all(self) -> None:
        """Let a clerk, whose computer stands beside the hub, call all who wait."""
        with self.net.inside("hub"):
            self.called += call_all(self.demo)

    def tickets_at(self, log: str) -> list[str]:
        return [event.id for event in events(self.demo.data / log) if event.type == "TicketTaken"]

    def until_all_at(self, log: str, within_s: float = 60) -> None:
        want = [each.ticket for each in self.taken]
        wait_until(lambda: self.tickets_at(log) == want or None, within_s, f"{len(want)} tickets in {log}")

    def acked_to(self, device: str, log: str) -> int:
        """Return up to where a device knows that its events are safe with its peer."""
        with closing(sqlite3.connect(f"file:{self.demo.data / device / log}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT max(seq) FROM ack WHERE device = ?", (KIOSK,)).fetchone()
        return row[0] or 0

    def until_given_up(self, peer: str) -> None:
        """Wait until who asks this peer has found the line dead."""
        until_given_up(self.demo.data / "logs" / {"hub": "kiosk.log", "server": "hub.log"}[peer], peer)

    def restart_hub(self) -> None:
        self.demo.house["hub"].kill()
        self.demo.restart("hub")


def until_given_up(log: Path, peer: str) -> None:
    """Wait until the process of this log has found its line to a peer dead."""
    up = re.compile(rf"link peer={peer} up=(\w+)")
    wait_until(lambda: True if up.findall(log.read_text())[-1] == "False" else None, 40, f"no line to the {peer}")


@contextmanager
def spread(
    data: Path,
    bad_by: int | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    *,
    keeps_hours: bool = False,
    named: bool = False,
) -> Iterator[Spread]:
    """Run a centre; in the end nothing is lost, nothing doubled, and all logs are whole.

    `bad_by`: see `network`. `environment` is every process's. It is open day and night unless it `keeps_hours`.
    `named`: kiosk and hub know whom they ask by name only (HUB_NAME, SERVER_NAME).
    """
    with network(bad_by) as net, Boxes(data / "logs", net, environment) as house:
        demo = Demo(house, data, hosts=(EVERYWHERE, EVERYWHERE) if named else (UP.far_address, HALL.far_address))
        hub_url = demo.hub_url
        if named:
            demo.server_url = demo.server_url.replace(EVERYWHERE, SERVER_NAME)
            hub_url = hub_url.replace(EVERYWHERE, HUB_NAME)
            net.know("kiosk", {HUB_NAME: HALL.far_address})
            net.know("hub", {SERVER_NAME: UP.far_address})
        demo.begin()
        if keeps_hours:
            seed = json.loads((data / "seed.json").read_text(encoding="utf-8"))
            (data / "seed.json").write_text(json.dumps(seed | {"extra_days": []}), encoding="utf-8")
        demo.start_server()
        demo.start_hub()
        with back(demo, {**os.environ, **environment}, net.prefix("kiosk"), hub_url=hub_url) as kiosk:
            the = Spread(demo, net, kiosk)
            the.take(2)
            the.until_all_at(HUB_LOG)
            yield the
            the.until_all_at(HUB_LOG)
            the.until_all_at(SERVER_LOG)
            the.call_all()
            assert len({(each.day, each.number) for each in the.taken}) == len(the.taken), (
                "a number is given once a day"
            )
            first = [each.number for each in the.taken if each.day == the.taken[0].day]
            assert first == [f"A0{n:02}" for n in range(1, len(first) + 1)]
            to_call = [each.ticket for each in the.taken if each.ticket not in the.not_called]
            assert sorted(the.called) == sorted(to_call), "everybody is called, once"
    for log_file in (KIOSK + "/log.db", HUB_LOG, SERVER_LOG):
        log = DeviceLog.open(data / log_file, Stream("verify", 1), SystemClock(), boot="")
        log.verify()
        log.close()
