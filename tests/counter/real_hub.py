"""The real hub as a process, with the fake one's centre, staff and customers: for tests that both must pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from argon2 import PasswordHasher

from assets.paths import ROOT
from queueing.facts import TicketTaken
from queueing.wire import GENESIS, Event
from sync.clock import SystemClock
from sync.identity import DeviceKey, Signer
from tests.counter.fake_hub import CLERKS, COUNTERS, SERVICES

ZONE = ZoneInfo("Asia/Bahrain")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settings(kiosk_key: str) -> dict[str, Any]:
    """Return the JSON of GET /v1/settings for a hub, open at every hour."""
    services = [
        {
            "id": id_, "letter": letter, "name": {"ar": ar, "en": en}, "group": None, "needs": {"ar": [], "en": []},
            "fee": None, "target_wait_s": target, "typical_serving_s": typical, "appointments": True,
            "daily_limit": None,
        }
        for id_, letter, ar, en, target, typical in SERVICES
    ]  # fmt: skip
    counters = [
        {"id": str(at), "label": str(at), "services": sorted(served), "zone": "hall"}
        for at, served in enumerate(COUNTERS, start=1)
    ]
    centre = {
        "id": "demo", "version": 1, "name": {"ar": "مركز", "en": "Centre"}, "timezone": str(ZONE), "digits": "latn",
        "languages": ["ar", "en"], "services": services, "counters": counters,
        "rates": {"walk_in": 1.0, "appointment": 2.0, "priority": 3.0},
        "appointments": {"early_lead_s": 300, "grace_s": 900}, "priority_age": 60,
        "hours": {day: [["00:00", "24:00"]] for day in DAYS}, "holidays": [], "extra_days": [],
        "voice": {"order": ["ar", "en"]}, "notices": [],
        "pause_reasons": [{"id": "prayer", "name": {"ar": "الصلاة", "en": "Prayer"}}],
    }  # fmt: skip
    staff = [
        {"id": id_, "name": name, "pin_hash": QUICK.hash(pin), "role": "clerk"} for id_, (name, pin) in CLERKS.items()
    ]
    devices = [{"id": "kiosk-1", "role": "kiosk", "series": "0", "public_key": kiosk_key, "centre": "demo"}]
    return {"version": 1, "centre": centre, "lookup_key": "AAAA", "staff": staff, "devices": devices}


class RealHub:
    """A hub process on loopback that works for itself, and the kiosk that gives its tickets."""

    def __init__(self, data: Path) -> None:
        clock = SystemClock()
        key = DeviceKey.make(data / "kiosk")
        self._signer = Signer(key, "kiosk-1", 1, clock)
        self._clock, self._seq, self._prev = clock, 0, GENESIS
        seed, config = data / "seed.json", data / "hub.toml"
        seed.write_text(json.dumps(settings(key.public)), encoding="utf-8")
        config.write_text(f'device = "hub"\ndata = "{data}/hub"\nport = 0\nseed = "{seed}"\n', encoding="utf-8")
        self._log = (data / "hub.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--config", str(config)],
            cwd=ROOT.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready.startswith("ready url="), (data / "hub.log").read_text(encoding="utf-8")
        self.url = ready.strip().removeprefix("ready url=")

    def take(self, number: str, service: str, waited_s: float = 60, **more: Any) -> str:
        """Let a customer take a ticket at the kiosk; return its id."""
        at = self._clock.now() - timedelta(seconds=waited_s)
        day = datetime.now(UTC).astimezone(ZONE).date().isoformat()
        body = TicketTaken(number, service, day, "ar", **more).to_body()
        self._seq += 1
        event = Event(
            "kiosk-1", 1, self._seq, "TicketTaken", 1, at, "boot", self._clock.monotonic() - waited_s, self._prev, body
        )
        self._prev = event.hash
        self._post("/v1/events", {"dev": "kiosk-1", "inc": 1, "first_seq": self._seq, "events": [event.to_wire()]})
        return event.id

    def _post(self, path: str, body: dict[str, object]) -> None:
        sent = json.dumps(body).encode()
        headers = {"Authorization": self._signer.authorization("POST", path, sent), "Content-Type": "application/json"}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(self.url + path, data=sent, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        assert self._process.wait(10) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()
