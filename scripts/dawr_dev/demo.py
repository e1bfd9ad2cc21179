"""The demonstration's centre as processes: its folder, its keys and configuration files, and how each part is started.

It writes the files that an installer would write, and starts the same modules; no app knows that it is demonstrated.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from scripts.dawr_dev import PROJECT, sms_kannel
from scripts.dawr_dev.cluster import READY as POSTGRES_READY
from scripts.dawr_dev.cluster import Cluster
from scripts.dawr_dev.processes import READY, House, Program, Running, free_port, wait_until
from server.signing import ServerKey
from sync.clock import SystemClock
from sync.enrolled import FILE as ENROLLED
from sync.enrolment import enrol
from sync.identity import KEY_FILE, DeviceKey, Signer

if TYPE_CHECKING:
    from scripts.dawr_dev.operating import Administrator

SEED = PROJECT / "assets" / "demo" / "seed.json"
KIOSK, DISPLAY, HUB = "kiosk-1", "display-1", "hub-1"
ROLES = {KIOSK: "kiosk", DISPLAY: "display", HUB: "hub"}

KIOSK_GLASS_MM = {"portrait": (344.0, 611.0), "landscape": (611.0, 344.0)}
"""A 27-inch touch screen, upright or lying."""
DISPLAY_GLASS_MM = (1210.0, 680.0)
"""A 55-inch television."""

LOOPBACK = "127.0.0.1"
_READY_PAPER = re.compile(r"\bready tcp=(\S+)")

Plain = str | int | float | bool | Sequence[int] | Sequence[float] | Sequence[str]
Value = Plain | Mapping[str, Plain]


def toml(table: Mapping[str, Value]) -> str:
    """Write a table as TOML. JSON's texts, numbers and lists are TOML's too; a table in it becomes an inline one."""
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in table.items())


def _toml_value(value: Value) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml_value(each)}' for key, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Booked:
    """A customer of the demonstration with an appointment about now."""

    cpr: str
    service: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who may sign in at a counter."""

    id: str
    pin: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class People:
    """Who can try the demonstration: booked customers (nearest slot first), others, clerks. All of them are made up."""

    centre: str
    booked: tuple[Booked, ...]
    walk_ins: tuple[str, ...]
    clerks: tuple[Clerk, ...]


def people(seed: Path = SEED) -> People:
    """Read them from the demonstration's seed."""
    raw = json.loads(seed.read_text(encoding="utf-8"))
    bookings = sorted(raw["appointments"], key=lambda booking: abs(booking["slot"]["in_minutes"]))
    booked = tuple(Booked(booking["cpr"], booking["service"]) for booking in bookings)
    grown_up = [customer["cpr"] for customer in raw["customers"] if "1965" < customer["born"] < "2005"]
    with_booking = {each.cpr for each in booked}
    staff = [Clerk(each["id"], each["pin"], each["name"]) for each in raw["staff"] if each["role"] == "clerk"]
    walk_ins = tuple(cpr for cpr in grown_up if cpr not in with_booking)
    return People(raw["staff"][0]["centre"], booked, walk_ins, tuple(staff))


def phone_of(cpr: str, seed: Path = SEED) -> str:
    """Return the phone on record of one of the demonstration's customers, as its owner says it."""
    customers = json.loads(seed.read_text(encoding="utf-8"))["customers"]
    number: str = next(each["phone"] for each in customers if each["cpr"] == cpr)
    return number.removeprefix("+973")


def where_it_is_noon() -> str:
    """Return a time zone far from midnight: shortly before it the next time, and so its code, is tomorrow's."""
    # Of these names POSIX has turned the sign round: Etc/GMT-3 is ahead of London.
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+}"


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a window goes: its place in pixels, the glass that it stands for, and what its process needs to open it.

    `vnc` is the port of a window without a screen, 0 for a real one.
    """

    size: tuple[int, int]
    glass_mm: tuple[float, float]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    vnc: int = 0
    screen_map: str = ""


class Demo:
    """One centre in one folder. `begin` and the `start_*` methods in this order; each raises ProcessError."""

    def __init__(
        self,
        house: House,
        data: Path,
        *,
        ports: tuple[int, int, int] = (0, 0, 0),
        hosts: tuple[str, str] = (LOOPBACK, LOOPBACK),
        by_codes: bool = False,
        installed: Collection[str] = tuple(ROLES),
        timezone: str = "",
    ) -> None:
        """`ports` are those wished for server, hub and paper; others are taken when they are not free.

        `hosts` are the addresses at which server and hub serve. `by_codes`: the devices are enrolled as a real centre's
        are; otherwise the server's seed knows their keys. A device that is there already stays what it is. Those that
        are not `installed` wait, once they are started, for somebody who types a code. `timezone` moves the centre to
        another one than its own.
        """
        self.house = house
        self.data = data
        self.people = people()
        server, hub, paper = (free_port(port) for port in ports)
        self._hosts = dict(zip(("server", "hub"), hosts, strict=True))
        self._ports = {"server": server, "hub": hub, "paper": paper}
        self.server_url = f"http://{self._hosts['server']}:{server}"
        self.hub_url = f"http://{self._hosts['hub']}:{hub}"
        self.programs: dict[str, tuple[Program, re.Pattern[str] | None]] = {}
        self._sms: dict[str, Plain] = {}
        self._postgres: Cluster | None = None
        self._by_codes = by_codes
        self._installed = installed
        self._timezone = timezone
        self._codes: dict[str, str] = {}

    @property
    def paper_url(self) -> str:
        """Where the emulated printer listens."""
        return f"tcp://{LOOPBACK}:{self._ports['paper']}"

    @property
    def paper(self) -> Path:
        """Where the emulated printer's tickets fall."""
        return self.data / "paper"

    @property
    def server_key(self) -> str:
        """The server's public key, which an installer copies to devices that get no code; "" before its first start."""
        data = self.data / "server"
        return ServerKey.read(data).public if (data / "keys").exists() else ""

    def begin(self) -> None:
        """Make the folders, the devices' keys and the server's seeds, which know the keys and this machine's hub."""
        self.data.mkdir(parents=True, exist_ok=True)
        devices = [
            {"centre": self.people.centre, "id": device, "role": role, "public_key": self._key(device)}
            | ({"series": "0"} if role == "kiosk" else {})
            for device, role in ROLES.items()
            if not self._by_codes or (self._has(device, KEY_FILE) and not self._has(device, ENROLLED))
        ]
        always = [
            {"centre": self.people.centre, "day": day, "hours": [["00:00", "24:00"]]} for day in ("today", "tomorrow")
        ]
        self._write("seed.json", {"devices": devices, "extra_days": always})
        # The demonstration's own seed, but for where its tickets are followed, at this hub, and its bookings shown.
        demo = json.loads(SEED.read_text(encoding="utf-8"))
        (centre,) = (json.loads((SEED.parent / path).read_text(encoding="utf-8")) for path in demo["centres"])
        centre |= {"follow_url": self.hub_url, "booking_url": self.server_url}
        centre |= {"timezone": self._timezone} if self._timezone else {}
        self._write("demo.json", demo | {"centres": [centre]})

    def start_sms(self, page: int = 0) -> str:
        """Start Kannel with an operator's centre; return where it shows the messages. Before the server."""
        arguments = [sys.executable, "-m", "scripts.dawr_dev.sms_centre", "--page", str(free_port(page))]
        ready = re.compile(r"\bready smpp=\S+:(\d+) url=(\S+)")
        told = self._run(Program("sms-centre", arguments), ready).wait_for(ready)
        # A restart finds its old ports, where Kannel and an open page look for it.
        port, url = told[1], told[2]
        again = [*arguments[:-1], url.rpartition(":")[2], "--port", port]
        self.programs["sms-centre"] = (Program("sms-centre", again), ready)
        kannel = sms_kannel.write(self.data / "kannel", int(port))
        for name, start in (("bearerbox", sms_kannel.start_bearerbox), ("smsbox", sms_kannel.start_smsbox)):
            start(self.house, kannel)
            self.programs[name] = (self.house[name].program, None)
        self._sms = {
            "url": kannel.url,
            "user": kannel.user,
            "password": kannel.password,
            "status_url": kannel.status_url,
            "reports_url": self.server_url,
        }
        return url

    def start_postgres(self) -> None:
        """Start a PostgreSQL of its own, for the server to keep everything in. Before the server."""
        cluster = self._postgres = Cluster(self.data / "postgres")
        # Without the keys that sealed it, what an earlier one holds is of no use.
        cluster.make(anew=not (self.data / "server" / "keys").exists())
        self._run(Program("postgres", cluster.command), POSTGRES_READY)

    def forget_postgres(self) -> None:
        """Delete what it kept, wherever that is; after its end."""
        if self._postgres is not None:
            self._postgres.forget()

    @property
    def _database(self) -> str:
        return "" if self._postgres is None else self._postgres.url()

    def until_messages_can_arrive(self) -> None:
        """Wait until the hub tells its kiosks so. Raises TimeoutError."""
        target = "/v1/snapshot?view=kiosk"
        signer = Signer(DeviceKey.load(self.data / KIOSK), KIOSK, 1, SystemClock())

        def look() -> bool | None:
            headers = {"Authorization": signer.authorization("GET", target)}
            told = requests.get(f"{self.hub_url}{target}", headers=headers, timeout=10).json()
            return told["state"]["sms"] or None

        wait_until(look, 30.0, "the hub's word that messages can arrive")

    def start_server(self) -> Running:
        """Start the booking server with the demonstration's registers."""
        seeds = [str(self.data / name) for name in ("demo.json", "seed.json")]
        config: dict[str, Value] = {
            "data": "server",
            "host": self._hosts["server"],
            "port": self._ports["server"],
            "seeds": seeds,
            "everywhere": str(SEED.parent / "everywhere.json"),
        }
        if self._database:
            config["database"] = self._database
        if self._sms:
            config["sms"] = self._sms
        running = self._start("server", config, None)
        self.programs["server"] = (running.program, READY)
        if self._by_codes:
            # The operator's commands, which take as long to load as the server itself: meanwhile.
            from scripts.dawr_dev import operating  # noqa: F401, PLC0415
        running.wait_for(READY)
        if self._by_codes:
            self._make_codes()
        return running

    def start_hub(self) -> Running:
        """Start the centre's hub."""
        self._enrol(HUB, self.server_url)
        config: dict[str, Value] = {
            "device": self._named(HUB),
            "data": HUB,
            "host": self._hosts["hub"],
            "port": self._ports["hub"],
            "server_url": self.server_url,
            "server_key": self.server_key,
        }
        return self._start("hub", config, READY)

    def start_paper(self) -> Running:
        """Start the paper emulator."""
        address = f"{LOOPBACK}:{self._ports['paper']}"
        arguments = [sys.executable, "-m", "printer.emulator", "--tcp", address, "--out", str(self.paper)]
        return self._run(Program("paper", arguments), _READY_PAPER)

    def start_kiosk(
        self, screen: Screen, printer_url: str, language: str, *, timings: bool = False, scanner: str = ""
    ) -> Running:
        """Start the kiosk; what it prints goes to `printer_url`, `scanner` is the URL of its reader of codes."""
        self._enrol(KIOSK, self.hub_url)
        config: dict[str, Value] = {
            "device": self._named(KIOSK),
            "data": KIOSK,
            "series": "0",
            "hub_url": self.hub_url,
            "server_key": self.server_key,
            "printer": printer_url,
            "language": language,
            # Offered only where the hub can send one.
            "sms": True,
            "scanner": scanner,
            "layout": "portrait" if screen.size[1] > screen.size[0] else "landscape",
            **self._window(screen),
        }
        return self._start("kiosk", config, None, screen, ["--timings"] if timings else [])

    def start_display(self, screen: Screen, *, audio: bool = True) -> Running:
        """Start the hall display."""
        self._enrol(DISPLAY, self.hub_url)
        config: dict[str, Value] = {
            "device": self._named(DISPLAY),
            "data": DISPLAY,
            "hub_url": self.hub_url,
            "server_key": self.server_key,
            "audio": audio,
        }
        return self._start("display", config | self._window(screen), None, screen)

    def restart(self, name: str) -> Running:
        """Start a part again as it was started."""
        program, ready = self.programs[name]
        return self.house.start(program, ready)

    def new_code(self, role: str, device: str = "") -> str:
        """Make a one-time code at the server. Raises ProcessError."""
        from scripts.dawr_dev import operating  # noqa: PLC0415  # as long to load as the server itself

        return operating.new_code(self.data / "server", self._database, self.people.centre, role, device)

    def administrator(self) -> Administrator:
        """Return the account that administers the server, made at the first time. Raises ProcessError."""
        from scripts.dawr_dev import operating  # noqa: PLC0415  # as above

        return operating.administrator(self.data, self.data / "server", self._database)

    def _make_codes(self) -> None:
        new = [device for device in ROLES if device in self._installed and not self._has(device, KEY_FILE)]
        self._codes = {device: self.new_code(ROLES[device], device) for device in new}

    def _enrol(self, device: str, url: str) -> None:
        """Do what an installer does with a code at the machine, if there is one for it."""
        code = self._codes.pop(device, None)
        if code is not None:
            enrol(url, code, ROLES[device], self.data / device)

    def _named(self, device: str) -> str:
        """Return what its configuration calls it: nothing, when a code has named it or will."""
        return device if self._has(device, KEY_FILE) and not self._has(device, ENROLLED) else ""

    def _has(self, device: str, file: str) -> bool:
        return (self.data / device / file).exists()

    def _write(self, name: str, content: object) -> None:
        (self.data / name).write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")

    def _window(self, screen: Screen) -> dict[str, Value]:
        window: dict[str, Value] = {"window": list(screen.size), "screen_mm": list(screen.glass_mm)}
        return window | ({"screen_map": screen.screen_map} if screen.screen_map else {})

    def _key(self, device: str) -> str:
        folder = self.data / device
        folder.mkdir(parents=True, exist_ok=True)
        key = DeviceKey.load(folder) if (folder / "device.key").exists() else DeviceKey.make(folder)
        return key.public

    def _start(
        self,
        module: str,
        config: Mapping[str, Value],
        ready: re.Pattern[str] | None,
        screen: Screen | None = None,
        more: Sequence[str] = (),
    ) -> Running:
        path = self.data / f"{module}.toml"
        path.write_text(toml(config), encoding="utf-8")
        launcher = ["-m", "scripts.dawr_dev.vnc", str(screen.vnc)] if screen and screen.vnc else ["-m"]
        arguments = [sys.executable, *launcher, module, "--config", str(path), *more]
        return self._run(Program(module, arguments, screen.environment if screen else {}), ready)

    def _run(self, program: Program, ready: re.Pattern[str] | None) -> Running:
        self.programs[program.name] = (program, ready)
        return self.house.start(program, ready)
