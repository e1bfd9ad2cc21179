"""A whole hall on one hub: three kiosks, four displays, twelve counters; everybody gets everything, nothing is doubled.

Hub and server are real processes, the kiosks real logs with their links, displays and counters what they are to a hub:
followers of its streams, and clerks who never rest.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from queueing.facts import TicketTaken
from queueing.numbers import number
from queueing.wire import Stream
from scripts.dawr_dev.demo import HUB, Clerk, Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from sync.clock import SystemClock, boot_id
from sync.identity import DeviceKey, Signer
from sync.link import Link
from sync.log import DeviceLog
from sync.watch import EventParser, Watch
from sync.writer import LogWriter
from tests.faults.centre import RestlessClerk

KIOSKS = {"kiosk-1": "0", "kiosk-2": "1", "kiosk-3": "2"}
DISPLAYS = ("display-1", "display-2", "display-3", "display-4")
COUNTERS = [str(counter) for counter in range(1, 13)]
CENTRE_ZONE = ZoneInfo("Asia/Bahrain")
TICKETS = 20
SERVICE, LETTER = "licence-renewal", "A"


class Seen:
    """What one follower of a view has seen: the calls to announce, and the last state."""

    def __init__(self) -> None:
        self.calls: dict[str, str] = {}
        self.state: Mapping[str, Any] = {}

    def take(self, snapshot: Mapping[str, Any]) -> None:
        self.state = snapshot["state"]
        for call in self.state.get("announce", ()):
            assert self.calls.setdefault(call["call_id"], call["number"]) == call["number"]


def test_everybody_gets_everything_and_nothing_is_doubled(tmp_path: Path) -> None:
    with House(tmp_path / "logs") as house, ExitStack() as opened:
        demo = Demo(house, tmp_path)
        demo.begin()
        clerks = furnished(demo)
        demo.start_server()
        demo.start_hub()
        boards = [opened.enter_context(display(demo, name)) for name in DISPLAYS]
        desks = [opened.enter_context(kiosk(demo, name, series)) for name, series in KIOSKS.items()]
        pages = [opened.enter_context(counter_page(demo, clerk)) for clerk in clerks]
        staff = [RestlessClerk(demo, counter, clerk) for counter, clerk in zip(COUNTERS, clerks, strict=True)]
        taken = [ticket for take in desks for ticket in take()]
        wait_until(lambda: sum(len(clerk.called()) for clerk in staff) >= len(taken) or None, 60, "every call")
        for clerk in staff:
            clerk.end()

        called = Counter(ticket for clerk in staff for ticket in clerk.called())
        assert called == Counter(taken), "each ticket is called, and by one clerk"
        server, hub = tmp_path / "server" / "log.sqlite", tmp_path / HUB / "hub.db"
        calls = {event.id for event in events(hub) if event.type == "TicketCalled"}
        assert len(calls) == len(taken)
        wait_until(
            lambda: all(board.calls.keys() >= calls for board in boards) or None, 20, "every call on every board"
        )
        assert all(board.calls.keys() == calls for board in boards)
        for page in pages:
            wait_until(lambda page=page: page.state.get("queue") == [] or None, 20, "an empty queue on every page")  # type: ignore[misc]

        def at_server() -> Counter[str] | None:
            there = Counter(event.id for event in events(server))
            return there if {event.id for event in events(hub)} <= there.keys() else None

        there = wait_until(at_server, 30, "every event at the server")
        assert set(there.values()) == {1} and set(taken) <= there.keys()
    for log_file in (hub, server):
        log = DeviceLog.open(log_file, Stream("verify", 1), SystemClock(), boot="")
        log.verify()
        log.close()


def furnished(demo: Demo) -> list[Clerk]:
    """Give the demonstration's centre twelve counters with a clerk each, its kiosks and displays."""
    file = demo.data / "demo.json"
    seed = json.loads(file.read_text(encoding="utf-8"))
    (centre,) = seed["centres"]
    services = [service["id"] for service in centre["services"]]
    centre["counters"] = [{"id": c, "label": c, "services": services, "zone": "hall"} for c in COUNTERS]
    clerks = [Clerk(f"clerk-{counter}", f"41{int(counter):02}", {"ar": counter, "en": counter}) for counter in COUNTERS]
    seed["staff"] += [
        {"centre": centre["id"], "id": each.id, "name": each.name, "pin": each.pin, "role": "clerk"} for each in clerks
    ]
    file.write_text(json.dumps(seed), encoding="utf-8")
    file = demo.data / "seed.json"
    seed = json.loads(file.read_text(encoding="utf-8"))
    known = {device["id"] for device in seed["devices"]}
    wanted = [(name, "kiosk", series) for name, series in KIOSKS.items()] + [(name, "display", "") for name in DISPLAYS]
    seed["devices"] += [
        {"centre": centre["id"], "id": name, "role": role, "public_key": DeviceKey.make(demo.data / name).public}
        | ({"series": series} if series else {})
        for name, role, series in wanted
        if name not in known
    ]
    file.write_text(json.dumps(seed), encoding="utf-8")
    return clerks


@contextmanager
def kiosk(demo: Demo, name: str, series: str) -> Iterator[Callable[[], list[str]]]:
    """Run a kiosk's log and link; give the function that takes all its tickets and returns their ids."""
    clock, stream = SystemClock(), Stream(name, 1)
    writer = LogWriter(lambda: DeviceLog.open(demo.data / name / "log.db", stream, clock, boot_id()))
    writer.start()
    link = Link("hub", demo.hub_url, writer, Signer(DeviceKey.load(demo.data / name), name, 1, clock))
    link.start()

    def take() -> list[str]:
        day = clock.now().astimezone(CENTRE_ZONE).date().isoformat()
        taken = []
        for place in range(1, TICKETS + 1):
            fact = TicketTaken(number(LETTER, series, place), SERVICE, day, "ar")
            taken += writer.submit(lambda tx, fact=fact: tx.append([fact])).result(10)  # type: ignore[misc]  # called at once
        return [event.id for event in taken]

    yield take
    link.close()
    writer.close()


@contextmanager
def display(demo: Demo, name: str) -> Iterator[Seen]:
    """Follow the board as a display does."""
    seen = Seen()
    signer = Signer(DeviceKey.load(demo.data / name), name, 1, SystemClock())
    watch = Watch(demo.hub_url, "board", signer, seen.take)
    watch.start()
    yield seen
    watch.close(0)


@contextmanager
def counter_page(demo: Demo, clerk: Clerk) -> Iterator[Seen]:
    """Follow the counters' view as a clerk's page does, by its cookie."""
    seen, http = Seen(), requests.Session()
    http.headers["Origin"] = demo.hub_url
    said = {"clerk": clerk.id, "pin": clerk.pin}
    http.post(f"{demo.hub_url}/v1/staff/sign-in", json=said, timeout=10).raise_for_status()

    def follow() -> None:
        parser = EventParser()
        with http.get(f"{demo.hub_url}/v1/live?view=counter", stream=True, timeout=20) as response:
            try:
                for piece in response.iter_content(chunk_size=None):
                    for event in parser.feed(piece):
                        if event.name == "snapshot":
                            seen.take(json.loads(event.data))
            except requests.RequestException:
                return  # The hub was ended.

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    yield seen
    http.close()
