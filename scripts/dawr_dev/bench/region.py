"""Many centres on one server, for measuring: the server's process, and hubs as what they are to it: a log and a link.

`python -m scripts.dawr_dev.bench.region --url URL --folder F --hubs 0,1,2` is a process of such hubs. Each link hands
its log over; the process ends when the server has everything, and says how long it took.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from queueing.facts import Fact, PrintSettled, ServingStarted, TicketCalled, TicketFinished, TicketTaken
from queueing.wire import Stream
from scripts.dawr_dev.bench.hall import CENTRE, LETTER, SERVICE
from scripts.dawr_dev.demo import Value, toml
from scripts.dawr_dev.processes import READY, House, Program
from sync.clock import SystemClock, boot_id
from sync.identity import DeviceKey, Signer
from sync.link import Link, LinkStatus
from sync.log import DeviceLog
from sync.writer import LogWriter

LOG = "hub.db"
_KIOSKS = 3
_DAY = "2026-11-22"
_SAID = re.compile(r"drained s=([0-9.]+)")


def hub_name(place: int) -> str:
    """Return the name of a centre's hub."""
    return f"hub-{place}"


def _kiosk_name(place: int, kiosk: int) -> str:
    return f"kiosk-{place}-{kiosk}"


def prepare(folder: Path, centres: int, events: int) -> None:
    """Make the keys of so many centres, a log of so many events for each hub, and the server's configuration."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        made = pool.map(_centre, repeat(folder), range(centres), repeat(events))
        devices = [row for rows in made for row in rows]
    demo = json.loads(CENTRE.read_text(encoding="utf-8"))
    seed = {"centres": [demo | {"id": f"centre-{place}"} for place in range(centres)], "devices": devices}
    (folder / "seed.json").write_text(json.dumps(seed), encoding="utf-8")
    config: dict[str, Value] = {"data": "server", "port": 0, "seeds": ["seed.json"]}
    (folder / "server.toml").write_text(toml(config), encoding="utf-8")


def _centre(folder: Path, place: int, events: int) -> list[dict[str, str]]:
    """Make one centre's keys and log; return its devices as a seed has them."""
    home, centre = folder / hub_name(place), f"centre-{place}"
    key = DeviceKey.make(home)
    rows = [{"centre": centre, "id": hub_name(place), "role": "hub", "public_key": key.public}]
    kiosks = [Stream(_kiosk_name(place, kiosk), 1) for kiosk in range(_KIOSKS)]
    for number, kiosk in enumerate(kiosks):
        public = DeviceKey.make(home / kiosk.device).public
        rows.append(
            {"centre": centre, "id": kiosk.device, "role": "kiosk", "public_key": public, "series": str(number)}
        )
    clock, boot = SystemClock(), boot_id()
    log = DeviceLog.open(home / LOG, Stream(hub_name(place), 1), clock, boot)
    # Five events a visit: two are a kiosk's, three the hub's.
    of_kiosk = [DeviceLog.open(home / f"{kiosk.device}.db", kiosk, clock, boot) for kiosk in kiosks]
    made = 0
    while made < events:
        visits = min(400, -(-(events - made) // 5))
        calls: list[Fact] = []
        received = []
        for number, kiosk_log in enumerate(of_kiosk):
            with kiosk_log.transaction() as tx:
                for visit in range(number, visits, _KIOSKS):
                    (taken,) = tx.append([_taken(number, visit)])
                    received += [taken, *tx.append([PrintSettled(taken.id, "printed")])]
                    calls += _served(taken.id, str(1 + visit % 12))
        with log.transaction() as tx:
            tx.store(received)
            tx.append(calls)
        made += 5 * visits
    for each in (log, *of_kiosk):
        each.close()
    return rows


def _taken(kiosk: int, visit: int) -> TicketTaken:
    return TicketTaken(f"{LETTER}{kiosk}{visit:02}", SERVICE, _DAY, "ar", customer="0f" * 16)


def _served(ticket: str, counter: str) -> list[Fact]:
    by = f"c{counter}"
    return [
        TicketCalled(ticket, counter, by, 1, "walk_in"),
        ServingStarted(ticket, counter, by),
        TicketFinished(ticket, counter, by),
    ]


def start_server(house: House, folder: Path) -> str:
    """Start the server on what `prepare` has made; return its address."""
    program = Program("server", [sys.executable, "-m", "server", "--config", str(folder / "server.toml")])
    return house.start(program, READY).wait_for(READY)[1]


def drain(house: House, folder: Path, url: str, hubs: Sequence[int], processes: int, within_s: float) -> float:
    """Let the hubs' links hand over all that they have; return the seconds until the last event was acknowledged."""
    running = []
    for number in range(processes):
        mine = ",".join(str(hub) for hub in hubs[number::processes])
        arguments = [sys.executable, "-m", __spec__.name, "--url", url, "--folder", str(folder), "--hubs", mine]
        running.append(house.start(Program(f"hubs-{number}", arguments)))
    return max(float(each.wait_for(_SAID, within_s)[1]) for each in running)


class _Hub:
    """One hub's log and link."""

    def __init__(self, folder: Path, place: int, url: str) -> None:
        clock = SystemClock()
        home, name = folder / hub_name(place), hub_name(place)
        self.drained = threading.Event()
        self.writer = LogWriter(lambda: DeviceLog.open(home / LOG, Stream(name, 1), clock, boot_id()))
        self.writer.start()
        signer = Signer(DeviceKey.load(home), name, 1, clock)
        self.link = Link("server", url, self.writer, signer, forward_all=True, on_status=self._heard, timeout_s=60.0)

    def _heard(self, status: LinkStatus) -> None:
        if status.up and status.behind == 0:
            self.drained.set()


def main() -> int:
    """Hand the logs of some hubs over and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--hubs", required=True, help="their places, with commas between")
    chosen = parser.parse_args()
    hubs = [_Hub(chosen.folder, int(place), chosen.url) for place in chosen.hubs.split(",")]
    began = time.monotonic()
    for hub in hubs:
        hub.link.start()
    for hub in hubs:
        hub.drained.wait()
    print(f"drained s={time.monotonic() - began:.3f} cpu={time.process_time():.2f}", flush=True)
    for hub in hubs:
        hub.link.close()
        hub.writer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
