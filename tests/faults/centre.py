"""A centre under load whose processes may be killed at any moment: two kiosks, hub, server, two clerks who never rest.

It knows what customers and clerks were told, and can say in the end whether all of it still holds.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from queueing.wire import Event, Stream
from scripts.dawr_dev.demo import HUB, Clerk, Demo
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, Program, wait_until
from sync.clock import SystemClock
from sync.identity import DeviceKey
from sync.log import DeviceLog

KIOSKS = {"kiosk-1": "0", "kiosk-2": "1"}
"""Devices and their series."""
_DESK = Path(__file__).with_name("desk.py")
_HANDED = re.compile(r"^handed (\S+) (\S+) ([0-9a-f]{64}) \.$", re.MULTILINE)
_CLAIM_EVERY_S = 0.03
_NEXT = {"call_next": "start_serving", "start_serving": "finish"}


@dataclass(frozen=True, slots=True)
class Handed:
    """A ticket that a customer has in his hand."""

    ticket: str
    number: str
    hash: str


class RestlessClerk:
    """Calls the next, serves, finishes, calls the next; asks again with the same id until the hub answers."""

    def __init__(self, demo: Demo, counter: str, clerk: Clerk, *, patience_s: float = 5, pace_s: float = 0) -> None:
        self._url = demo.hub_url
        self._counter = counter
        self._patience_s = patience_s
        self._pace_s = max(pace_s, _CLAIM_EVERY_S)
        self._http = requests.Session()
        self._http.headers["Origin"] = demo.hub_url
        told = self._http.post(f"{self._url}/v1/staff/sign-in", json={"clerk": clerk.id, "pin": clerk.pin}, timeout=10)
        told.raise_for_status()
        self.answers: dict[str, tuple[str, int, str]] = {}
        """What the hub said to each claim: the verb, and the status and body of the first answer."""
        self.asked_again: set[str] = set()
        """The claims whose first answer did not come."""
        self._ended = threading.Event()
        # A daemon: after a failed test nobody ends it, and it would ask a hub that is gone for ever.
        self._thread = threading.Thread(target=self._work, name=f"clerk-{counter}", daemon=True)
        self._thread.start()

    def called(self) -> list[str]:
        """Return the tickets that this clerk was given, in order."""
        answers = [
            json.loads(body) for verb, status, body in self.answers.values() if verb == "call_next" and status == 200
        ]
        return [answer["ticket"]["ticket"] for answer in answers]

    def end(self) -> None:
        """Let the clerk finish with the customer in hand, and go home."""
        self._ended.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the hub does not answer any more"

    def ask(self, claim_id: str, verb: str, tried: int = 0) -> tuple[int, str] | None:
        """Press a key; None when nothing is answered that says something. Who has `tried` in vain is more patient."""
        patience_s = min(self._patience_s * 2 ** min(tried, 10), max(self._patience_s, 5))
        claim = {"claim_id": claim_id, "counter": self._counter, "what": {"verb": verb}}
        try:
            answer = self._http.post(f"{self._url}/v1/claims", json=claim, timeout=patience_s)
        except requests.RequestException:
            self.asked_again.add(claim_id)
            return None
        return None if answer.status_code == 503 else (answer.status_code, answer.text)

    def _work(self) -> None:
        verb = "open"
        while not (self._ended.is_set() and verb == "call_next"):
            claim_id, tried = str(uuid.uuid4()), 0
            while (answer := self.ask(claim_id, verb, tried)) is None:
                tried += 1
                threading.Event().wait(_CLAIM_EVERY_S)
            self.answers[claim_id] = (verb, *answer)
            verb = _NEXT.get(verb, "call_next") if answer[0] == 200 else "call_next"
            self._ended.wait(self._pace_s)


class BusyCentre:
    """The processes; `kill` any of them, `settle` in the end."""

    def __init__(self, house: House, data: Path) -> None:
        self._house = house
        self.demo = Demo(house, data)
        self.demo.begin()
        enrol(self.demo, KIOSKS)
        self.demo.start_server()
        self.demo.start_hub()
        self._desks = {
            device: Program(device, [sys.executable, str(_DESK), str(data / device), device, series, self.demo.hub_url])
            for device, series in KIOSKS.items()
        }
        for program in self._desks.values():
            house.start(program, re.compile("^ready", re.MULTILINE))
        self.clerks = [
            RestlessClerk(self.demo, counter, clerk)
            for counter, clerk in zip("16", self.demo.people.clerks[:2], strict=True)
        ]

    def kill(self, name: str) -> None:
        """Kill a part by -9 and start it again at once, without waiting for it."""
        self._house[name].kill()
        program = self._desks.get(name) or self.demo.programs[name][0]
        self._house.start(program)

    def desk(self, device: str) -> Program:
        """Return how a kiosk is started."""
        return self._desks[device]

    def words_of(self, name: str) -> int:
        """Return how much a part has said in this life."""
        return len(self._house[name].output())

    def handed(self) -> list[Handed]:
        """Return what customers have been given, by all lives of all kiosks."""
        logs = [self._house[device].log for device in KIOSKS]
        return [Handed(*found) for log in logs for found in _HANDED.findall(log.read_text(encoding="utf-8"))]

    def settle(self, within_s: float) -> list[Event]:
        """Let clerks and kiosks end, wait until the server has all; return what it has."""
        for clerk in self.clerks:
            clerk.end()
        for device in KIOSKS:
            self._house[device].kill()
        given = {each.ticket for each in self.handed()}
        # The customers are gone; the kiosks stay, or nobody would bring what they still owe.
        hub_log, server_log = self.demo.data / HUB / "hub.db", self.demo.data / "server" / "log.sqlite"
        kiosk_logs = [self.demo.data / device / "log.db" for device in KIOSKS]
        for program in self._desks.values():
            self._house.start(Program(program.name, [*program.arguments, "quiet"]))

        def all_there() -> list[Event] | None:
            there = events(server_log)
            ids = {event.id for event in there}
            sent = {event.id for log in (hub_log, *kiosk_logs) for event in events(log)}
            return there if given <= ids and sent <= ids else None

        return wait_until(all_there, within_s, "every event at the server")

    def answers_differ(self) -> list[str]:
        """Ask every claim once more; return those of which the answer is another one now."""
        return [
            claim_id
            for clerk in self.clerks
            for claim_id, (verb, *first) in clerk.answers.items()
            if clerk.ask(claim_id, verb) != tuple(first)
        ]


def enrol(demo: Demo, kiosks: Mapping[str, str]) -> None:
    """Let the server's seed name these kiosks with their series, too. After `begin`, before the server starts."""
    seed = demo.data / "seed.json"
    content: dict[str, Any] = json.loads(seed.read_text(encoding="utf-8"))
    known = {device["id"] for device in content["devices"]}
    content["devices"] += [
        {"centre": demo.people.centre, "id": device, "role": "kiosk", "series": series}
        | {"public_key": DeviceKey.make(demo.data / device).public}
        for device, series in kiosks.items()
        if device not in known
    ]
    seed.write_text(json.dumps(content), encoding="utf-8")


def verify(data: Path) -> None:
    """Check every chain of every log of a centre whose processes have ended."""
    for log_file in (
        *(data / device / "log.db" for device in KIOSKS),
        data / HUB / "hub.db",
        data / "server" / "log.sqlite",
    ):
        log = DeviceLog.open(log_file, Stream("verify", 1), SystemClock(), boot="")
        log.verify()
        log.close()


@contextmanager
def busy_centre(data: Path) -> Iterator[BusyCentre]:
    """Run one in a folder."""
    with House(data / "logs") as house:
        yield BusyCentre(house, data)
