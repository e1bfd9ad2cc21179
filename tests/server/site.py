"""What the tests of the server share: two centres with devices, on a real port, and signed requests to them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from assets.paths import DEMO
from server.config import ServerConfig
from server.service import Service
from server.signing import ServerKey
from sync.identity import DeviceKey, Signer
from tests.sync.fakes import FakeClock
from tests.sync.node import serving

CENTRE = "muharraq-traffic"
OTHER = "riffa-traffic"
DEVICES = (
    ("hub-1", "hub", CENTRE, ""),
    ("kiosk-1", "kiosk", CENTRE, "0"),
    ("display-1", "display", CENTRE, ""),
    ("kiosk-old", "kiosk", CENTRE, "8"),
    ("hub-2", "hub", OTHER, ""),
    ("kiosk-2", "kiosk", OTHER, "0"),
)
STAFF = 2
BOOKED, OLDER, CHILD, WALK_IN = "850000001", "580000005", "120000011", "720000025"
NOBODY = "990000999"


class Site:
    """Seed files of a demonstration with a second centre, and the keys of its devices."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.clock = FakeClock()
        # The demonstration's seed, with two of its staff: hashing a PIN is slow on purpose.
        seed = json.loads((DEMO / "seed.json").read_text(encoding="utf-8"))
        self.demo = folder / "demo.json"
        lean = seed | {"centres": [str(DEMO / "centre.json")], "staff": seed["staff"][:STAFF]}
        self.demo.write_text(json.dumps(lean), encoding="utf-8")
        self.keys = {name: DeviceKey.make(folder / "keys" / name) for name, *_ in DEVICES}
        self.overlay: dict[str, Any] = {
            "centres": [self.other_centre()],
            "devices": [
                {"id": name, "role": role, "centre": centre, "series": series, "public_key": self.keys[name].public}
                for name, role, centre, series in DEVICES
            ],
            "appointments": [
                {
                    "id": "there",
                    "centre": OTHER,
                    "service": "licence-renewal",
                    "cpr": WALK_IN,
                    "slot": {"in_minutes": 20},
                }
            ],
        }
        next(device for device in self.overlay["devices"] if device["id"] == "kiosk-old")["revoked"] = True
        self.write()

    @staticmethod
    def other_centre() -> dict[str, Any]:
        centre: dict[str, Any] = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
        return centre | {"id": OTHER, "name": {"ar": "فرع الرفاع", "en": "Riffa Branch"}}

    def write(self) -> list[Path]:
        """Write the overlay; return the seeds."""
        path = self.folder / "overlay.json"
        path.write_text(json.dumps(self.overlay), encoding="utf-8")
        return [self.demo, path]

    def config(self, **changes: Any) -> ServerConfig:
        return ServerConfig(data=self.data, port=0, seeds=tuple(self.write()), **changes)

    def toml(self) -> Path:
        """Write the configuration of a server in a process of its own."""
        path = self.folder / "server.toml"
        seeds = ", ".join(json.dumps(str(seed)) for seed in self.write())
        path.write_text(f'data = "data"\nport = 0\nseeds = [{seeds}]\n', encoding="utf-8")
        return path

    @contextmanager
    def served(self, **changes: Any) -> Iterator[Client]:
        with Service(self.config(**changes), self.clock) as service, serving(service.app) as url:
            yield Client(self, url, service)


class Client:
    """Sends requests to a served site, signed by a device or by nobody."""

    def __init__(self, site: Site, url: str, service: Service) -> None:
        self.site = site
        self.url = url
        self.service = service

    @property
    def server_key(self) -> str:
        """The public key that devices pin."""
        return ServerKey.read(self.site.data).public

    def send(self, device: str | None, method: str, target: str, content: object = None) -> requests.Response:
        body = b"" if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        if device is not None:
            signer = Signer(self.site.keys[device], device, 1, self.site.clock)
            headers["Authorization"] = signer.authorization(method, target, body)
        return requests.request(method, self.url + target, data=body, headers=headers, timeout=10)

    def customer(self, cpr: str) -> str:
        """Return a customer's hash as a kiosk makes it, with the key that it was given."""
        key = base64.b64decode(self.send("kiosk-1", "GET", "/v1/settings").json()["lookup_key"])
        return hmac.new(key, cpr.encode(), hashlib.sha256).hexdigest()[:32]

    def look_up(self, cpr: str, device: str = "kiosk-1") -> requests.Response:
        return self.send(device, "POST", "/v1/lookup", {"customer": self.customer(cpr)})
