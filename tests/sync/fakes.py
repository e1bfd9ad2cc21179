"""What the tests of sync share: a clock that is set by hand, facts, streams of events, a node on a real port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request

from queueing.facts import DayOpened, Fact, TicketTaken
from queueing.wire import GENESIS, Event, Stream
from sync.broadcast import Broadcast
from sync.identity import DeviceKey, Signer, Verifier
from sync.log import DeviceLog, Transaction
from sync.problems import install_problems
from sync.rights import Device, Role
from sync.serving import Gate, exchange_router
from sync.writer import LogWriter

BOOT = "6b1d4c2e-0000-4000-8000-000000000001"
KIOSK = Stream("kiosk-1", 1)
HUB = Stream("hub", 1)


class FakeClock:
    """A clock that goes only when told to."""

    def __init__(self, at: datetime = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.mono = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.mono

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.mono += seconds


def ticket(n: int = 1, service: str = "licence") -> Fact:
    return TicketTaken(number=f"A{n:03}", service=service, day="2026-11-22", lang="ar")


def chain(stream: Stream, count: int, *, start: Event | None = None, salt: str = "") -> list[Event]:
    """Events of a stream as its device would write them; another `salt` is another history."""
    events: list[Event] = []
    seq, prev = (start.seq, start.hash) if start else (0, GENESIS)
    for n in range(seq + 1, seq + 1 + count):
        at = datetime(2026, 11, 22, 4, 0, tzinfo=UTC) + timedelta(seconds=n)
        body = DayOpened(f"{salt}{n}").to_body()
        event = Event(stream.device, stream.incarnation, n, "DayOpened", 1, at, BOOT, float(n), prev, body)
        events.append(event)
        prev = event.hash
    return events


def open_log(path: Path, stream: Stream = KIOSK) -> DeviceLog:
    return DeviceLog.open(path, stream, FakeClock(), BOOT)


class TinyNode:
    """The least that a hub or server has to be: it keeps what comes and remembers what it folded."""

    def __init__(self, folder: Path, clock: FakeClock, *, heartbeat_s: float = 5.0) -> None:
        self.clock = clock
        self.writer = LogWriter(lambda: open_log(folder / "hub.db", HUB))
        self.broadcast = Broadcast(["board", "kiosk", "counter"], clock, heartbeat_s=heartbeat_s)
        self.devices: dict[str, Device] = {}
        self.settings = 7
        self.folded: list[Event] = []
        self.staff_cookie = "clerk"
        self.before_store: Callable[[], None] = lambda: None
        self.gate = Gate(self.device, Verifier(clock, self.public_key), clock)

    def device(self, device_id: str) -> Device | None:
        return self.devices.get(device_id)

    def public_key(self, device_id: str) -> str | None:
        device = self.devices.get(device_id)
        return device.public_key if device else None

    def settings_version(self, device: Device) -> int:
        return self.settings

    def may_send(self, device: Device, stream: Stream) -> bool:
        return stream.device == device.id or (device.role is Role.HUB and stream.device in self.devices)

    def store(self, tx: Transaction, device: Device, events: list[Event]) -> None:
        self.before_store()
        self.folded += tx.store(events)

    def may_watch(self, request: Request, view: str) -> bool:
        return request.cookies.get("staff") == self.staff_cookie

    def enrol(self, folder: Path, device_id: str, role: Role, clock: FakeClock | None = None) -> Signer:
        key = DeviceKey.make(folder / device_id)
        self.devices[device_id] = Device(device_id, role, "centre", key.public)
        return Signer(key, device_id, 1, clock or self.clock)

    def app(self) -> FastAPI:
        app = FastAPI()
        install_problems(app)
        app.include_router(exchange_router(self, self.gate, self.clock))
        return app


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve an app with uvicorn on a real socket in a thread; give its URL."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1, ws="none"
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup

    async def tell(sockets: object = None) -> None:
        await startup()
        started.set()

    server.startup = tell  # type: ignore[method-assign]  # uvicorn has no other moment that says "the port is open"
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="test-server")
    thread.start()
    try:
        assert started.wait(10)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()
