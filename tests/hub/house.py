"""A hub on a real port with a small centre, its kiosk, its display and its clerks; time is set by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import requests
from argon2 import PasswordHasher

from hub.arbiter import Answer, _Press
from hub.build import Hub
from hub.claims import read_claim
from hub.config import HubConfig
from hub.settings import DaysAppointments, Settings
from queueing.facts import Fact, TicketTaken
from queueing.wire import GENESIS, Event
from sync.clock import Clock
from sync.identity import DeviceKey, Signer
from tests.queueing.hall import centre_json
from tests.sync.fakes import BOOT, FakeClock
from tests.sync.node import serving

DAY = "2026-11-22"
NINE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # nine o'clock in Bahrain, a Sunday
CUSTOMER = "ab" * 16
# The cheapest hash that argon2 makes: the tests are not about its price.
PINS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PIN_HASH = PINS.hash("1234")
CLERKS = 12


def settings_json(devices: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """Return what the server would give: the small centre of the rules' tests, with twelve counters."""
    centre = centre_json()
    centre["services"] = [service | {"daily_limit": None} for service in centre["services"]]  # type: ignore[attr-defined]
    centre["counters"] = [
        {"id": str(n), "label": f"{n}", "services": ["renew", "test"], "zone": "upstairs" if n == CLERKS else "hall"}
        for n in range(1, CLERKS + 1)
    ]
    staff = [
        {"id": f"clerk-{n}", "name": {"ar": f"كاتب {n}", "en": f"Clerk {n}"}, "pin_hash": PIN_HASH, "role": "clerk"}
        for n in range(1, CLERKS + 1)
    ]
    boss = {"id": "boss", "name": {"ar": "مشرفة", "en": "Boss"}, "pin_hash": PIN_HASH, "role": "supervisor"}
    return {
        "version": 1,
        "centre": centre,
        "lookup_key": base64.b64encode(b"k" * 32).decode(),
        "staff": [*staff, boss],
        "devices": devices or [],
    } | changes


class Kiosk:
    """A kiosk's log, written without a kiosk."""

    def __init__(self, device: str = "kiosk-1") -> None:
        self.device = device
        self.log: list[Event] = []

    def write(self, fact: Fact, at: datetime) -> Event:
        prev = self.log[-1].hash if self.log else GENESIS
        body = fact.to_body()
        event = Event(self.device, 1, len(self.log) + 1, type(fact).__name__, 1, at, BOOT, 0.0, prev, body)
        self.log.append(event)
        return event

    def tickets(self, how_many: int, at: datetime, service: str = "renew", **more: Any) -> list[Event]:
        first = len(self.log) + 1
        day = more.pop("day", DAY)
        facts = [TicketTaken(f"A{n:04}", service, day, "ar", **more) for n in range(first, first + how_many)]
        # A moment apart: of tickets taken at the same instant the rule's order is by their ids.
        return [self.write(fact, at + timedelta(microseconds=n)) for n, fact in enumerate(facts)]


class House:
    """A hub in this process, its log in `data`."""

    def __init__(
        self, data: Path, clock: Clock | None = None, settings: dict[str, Any] | None = None, **config: Any
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.clock = clock or FakeClock(NINE)
        self.signers: dict[str, Signer] = {}
        self.devices = [self._enrol(device, role) for device, role in (("kiosk-1", "kiosk"), ("display-1", "display"))]
        self.settings_json = settings or settings_json(self.devices)
        self.settings = Settings.from_json(self.settings_json)
        self.config = HubConfig("hub", data, port=0, **config)
        self.kiosk = Kiosk()
        self.presses = count(1)
        self.appointments = DaysAppointments()
        self.key = DeviceKey.load(data / "hub-key") if config.get("server_url") else None
        self.hub: Hub

    def _enrol(self, device: str, role: str) -> dict[str, Any]:
        folder = self.data / "keys" / device
        key = DeviceKey.load(folder) if folder.exists() else DeviceKey.make(folder)
        self.signers[device] = Signer(key, device, 1, self.clock)
        return {"id": device, "role": role, "series": "0", "incarnation": 1, "public_key": key.public}

    @contextmanager
    def running(self) -> Iterator[House]:
        """Start the hub's parts, without a port; on another entry it is a restart."""
        self.hub = Hub(self.config, self.clock, BOOT, self.settings, self.appointments, self.key)
        self.hub.start()
        try:
            yield self
        finally:
            self.hub.close()

    @contextmanager
    def serving(self) -> Iterator[Web]:
        """Start the hub and serve it."""
        with self.running(), serving(self.hub.app) as url:  # type: ignore[arg-type]  # any ASGI application will do
            try:
                yield Web(self, url)
            finally:
                self.hub.broadcast.close()

    @property
    def state(self) -> Any:
        return self.hub.arbiter._hall.state

    def take(self, how_many: int = 1, **more: Any) -> list[str]:
        """Let the kiosk's tickets arrive; give their ids."""
        events = self.kiosk.tickets(how_many, self.clock.now(), **more)
        for first in range(0, len(events), 500):
            part = events[first : first + 500]
            self.hub.arbiter.writer.submit(lambda tx, part=part: self.hub.arbiter.store(tx, part)).result()
        return [event.id for event in events]

    def submit(self, clerk: int, verb: str, claim_id: str = "", counter: str = "", **more: Any) -> Future[Answer]:
        """Press a key at a counter; clerk n sits at counter n, clerk 0 is the supervisor."""
        staff = self.settings.staff[f"clerk-{clerk}" if clerk else "boss"]
        said = {
            "claim_id": claim_id or f"claim-{next(self.presses):08}",
            "counter": counter or str(clerk),
            "what": {"verb": verb, **more},
        }
        claim = read_claim(json.dumps(said).encode(), staff)
        arbiter = self.hub.arbiter
        return arbiter.writer.submit(_Press(arbiter._answered, claim, staff))

    def press(self, clerk: int, verb: str, claim_id: str = "", **more: Any) -> tuple[int, Any]:
        answer = self.submit(clerk, verb, claim_id, **more).result()
        return answer.status, json.loads(answer.body) if answer.body else None

    def view(self, name: str) -> dict[str, Any]:
        """Return the newest snapshot's state, time's changes included."""
        self.hub.arbiter.refresh().result()
        found: dict[str, Any] = json.loads(self.hub.broadcast.latest(name) or b"{}")["state"]
        return found


class Web:
    """The hub from outside: signed requests of devices, cookies of clerks."""

    def __init__(self, house: House, url: str) -> None:
        self.house = house
        self.url = url
        self.presses = count(1)

    def device(self, name: str, method: str, target: str, content: object = None) -> requests.Response:
        body = b"" if content is None else json.dumps(content).encode()
        headers = {"Authorization": self.house.signers[name].authorization(method, target, body)}
        if body:
            headers["Content-Type"] = "application/json"
        return requests.request(method, self.url + target, data=body, headers=headers, timeout=10)

    def clerk(self, staff: str = "clerk-1", pin: str = "1234") -> requests.Session:
        session = requests.Session()
        answer = session.post(f"{self.url}/v1/staff/sign-in", json={"clerk": staff, "pin": pin}, timeout=10)
        assert answer.status_code == 200, answer.text
        return session

    def press(self, session: requests.Session, counter: str, verb: str, claim_id: str = "", **more: Any) -> Any:
        claim = {
            "claim_id": claim_id or f"web-claim-{next(self.presses):08}",
            "counter": counter,
            "what": {"verb": verb, **more},
        }
        return session.post(f"{self.url}/v1/claims", json=claim, timeout=10)
