"""A hub by itself, filled for measuring: twelve counters, twelve kiosks, displays, all known from one seed file."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from queueing.facts import TicketTaken
from queueing.numbers import number
from queueing.wire import GENESIS, Event
from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.bench.load import request, send
from scripts.dawr_dev.demo import Value, toml
from scripts.dawr_dev.processes import READY, House, Program, Running, free_port
from sync.clock import SystemClock, boot_id
from sync.identity import DeviceKey, Signer

CENTRE = PROJECT / "assets" / "demo" / "centre.json"
SERVICE, LETTER = "licence-renewal", "A"
PIN = "1234"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""The sign-in is not what is measured."""


class Kiosk:
    """A kiosk as the hub knows it: its key, and a log that grows in memory."""

    def __init__(self, place: int, folder: Path) -> None:
        self.id = f"kiosk-{place}"
        self.series = str(place) if place < 9 else str(81 + place)
        self._key = DeviceKey.make(folder / self.id)
        self.public_key = self._key.public
        self._signer = Signer(self._key, self.id, 1, SystemClock())
        self._boot = boot_id()
        self._seq, self._prev = 0, GENESIS

    def taken(self, day: str) -> Event:
        """Return the next event of its log: a ticket was taken."""
        clock = SystemClock()
        self._seq += 1
        fact = TicketTaken(
            number=number(LETTER, self.series, self._seq),
            service=SERVICE,
            day=day,
            lang="ar",
            priority=None,
            customer=None,
            says_booked=False,
            appointment=None,
            slot_at=None,
            delivery="paper",
        )
        event = Event(
            self.id,
            1,
            self._seq,
            type(fact).__name__,
            1,
            clock.now(),
            self._boot,
            clock.monotonic(),
            self._prev,
            fact.to_body(),
        )
        self._prev = event.hash
        return event

    def sending(self, events: Sequence[Event]) -> bytes:
        """Return the signed request that hands events over."""
        first = events[0]
        body = json.dumps(
            {"dev": self.id, "inc": 1, "first_seq": first.seq, "events": [event.to_wire() for event in events]},
            separators=(",", ":"),
        ).encode()
        return request("POST", "/v1/events", body, [self._authorization("POST", "/v1/events", body)])

    def _authorization(self, method: str, target: str, body: bytes = b"") -> tuple[str, str]:
        return "Authorization", self._signer.authorization(method, target, body)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


class Hall:
    """The hub's process and who calls it."""

    def __init__(self, house: House, folder: Path, clerks: int = 12, displays: int = 1) -> None:
        self.kiosks = [Kiosk(place, folder) for place in range(12)]
        self.display_signers: dict[str, Signer] = {}
        devices = [
            {"id": kiosk.id, "role": "kiosk", "public_key": kiosk.public_key, "series": kiosk.series}
            for kiosk in self.kiosks
        ]
        for place in range(displays):
            name = f"display-{place}"
            key = DeviceKey.make(folder / name)
            self.display_signers[name] = Signer(key, name, 1, SystemClock())
            devices.append({"id": name, "role": "display", "public_key": key.public, "series": ""})
        self.display_folder = folder / "display-0"
        centre = json.loads(CENTRE.read_text(encoding="utf-8"))
        self._zone = ZoneInfo(centre["timezone"])
        services = [service["id"] for service in centre["services"]]
        self.counters = [str(number) for number in range(1, clerks + 1)]
        centre["counters"] = [{"id": c, "label": c, "services": services, "zone": "hall"} for c in self.counters]
        centre["hours"] = {day: [["00:00", "24:00"]] for day in ("sun", "mon", "tue", "wed", "thu", "fri", "sat")}
        staff = [
            {"id": f"c{counter}", "name": {"ar": "موظف", "en": "Clerk"}, "pin_hash": _CHEAP.hash(PIN), "role": "clerk"}
            for counter in self.counters
        ]
        seed = {
            "version": 1,
            "centre": centre,
            "lookup_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "staff": staff,
            "devices": devices,
        }
        (folder / "seed.json").write_text(json.dumps(seed), encoding="utf-8")
        DeviceKey.make(folder / "hub")
        port = free_port()
        config: dict[str, Value] = {"device": "hub-1", "data": "hub", "port": port, "seed": "seed.json"}
        (folder / "hub.toml").write_text(toml(config), encoding="utf-8")
        self._house = house
        self._program = Program("hub", [sys.executable, "-m", "hub", "--config", str(folder / "hub.toml")])
        self.url = house.start(self._program, READY).wait_for(READY)[1]
        parts = urlsplit(self.url)
        self.at = Address(parts.hostname or "127.0.0.1", parts.port or 0)
        self._cookies: dict[str, str] = {}
        self._claims = 0

    def restart(self) -> Running:
        """End the hub and start it again on what it has kept."""
        self._house["hub"].stop()
        return self.start()

    def start(self) -> Running:
        """Start the hub, which has ended, again."""
        return self._house.start(self._program, READY)

    def day(self) -> str:
        """Return the centre's business day, which began when the hub did."""
        return datetime.now(self._zone).date().isoformat()

    def sign_in(self) -> None:
        """Sign every clerk in and open every counter. Raises RuntimeError when the hub refuses."""
        for counter in self.counters:
            body = json.dumps({"clerk": f"c{counter}", "pin": PIN}).encode()
            (answer,) = send(
                self.at.host,
                self.at.port,
                [[request("POST", "/v1/staff/sign-in", body, [("Origin", self.url)], self._host())]],
                keep_heads=True,
            )
            match = [line for line in answer.heads[0].split(b"\r\n") if line.lower().startswith(b"set-cookie:")]
            if answer.statuses[0] not in (200, 204) or not match:
                raise RuntimeError(f"sign-in: {answer.statuses[0]}")
            self._cookies[counter] = match[0].split(b":", 1)[1].split(b";")[0].strip().decode()
            self._expect(send(self.at.host, self.at.port, [[self.claim(counter, "open")]])[0].statuses)

    def take_tickets(self, count: int) -> None:
        """Let the kiosks hand over `count` tickets between them, in batches."""
        for place, kiosk in enumerate(self.kiosks):
            mine = count // 12 + (1 if place < count % 12 else 0)
            taken = [kiosk.taken(self.day()) for _ in range(mine)]
            batches = [kiosk.sending(taken[at : at + 200]) for at in range(0, mine, 200)]
            if batches:
                self._expect(send(self.at.host, self.at.port, [batches])[0].statuses)

    def claim(self, counter: str, verb: str) -> bytes:
        """Return the request of one key pressed at a counter, with a claim id of its own."""
        self._claims += 1
        claim = {"claim_id": f"bench-{counter}-{self._claims:08d}", "counter": counter, "what": {"verb": verb}}
        headers = [("Origin", self.url), ("Cookie", self._cookies[counter])]
        return request("POST", "/v1/claims", json.dumps(claim).encode(), headers, self._host())

    def claims(self, counter: str, verbs: Sequence[str], rounds: int) -> list[bytes]:
        """Return the requests of `rounds` customers, each with these verbs."""
        return [self.claim(counter, verb) for _ in range(rounds) for verb in verbs]

    def live(self, view: str) -> Iterator[bytes]:
        """Give one request for the live view from each display."""
        target = f"/v1/live?view={view}"
        for signer in self.display_signers.values():
            yield request("GET", target, b"", [("Authorization", signer.authorization("GET", target))], self._host())

    def _host(self) -> str:
        return f"{self.at.host}:{self.at.port}"

    @staticmethod
    def _expect(statuses: Sequence[int]) -> None:
        wrong = [status for status in statuses if status not in (200, 204)]
        if wrong:
            raise RuntimeError(f"the hub answered {wrong[0]}")
