"""A node on a real port: the least that a hub or server has to be, and uvicorn in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request

from queueing.dating import Arrival
from queueing.wire import Event, Stream
from sync.broadcast import Broadcast
from sync.gate import Gate
from sync.identity import DeviceKey, Signer, Verifier
from sync.lateness import Behind
from sync.log import Transaction
from sync.problems import install_problems
from sync.rights import Device, Role
from sync.serving import exchange_router
from sync.writer import LogWriter
from tests.sync.fakes import HUB, FakeClock, open_log


class TinyNode:
    """The least that a hub or server has to be: it keeps what comes and remembers what it folded."""

    def __init__(self, folder: Path, clock: FakeClock, *, heartbeat_s: float = 5.0) -> None:
        self.clock = clock
        self.writer = LogWriter(lambda: open_log(folder / "hub.db", HUB))
        self.broadcast = Broadcast(["board", "kiosk", "counter"], clock, heartbeat_s=heartbeat_s)
        self.devices: dict[str, Device] = {}
        self.settings = 7
        self.folded: list[Event] = []
        self.heard: dict[str, Behind] = {}
        self.forked: set[Stream] = set()
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

    def store(self, tx: Transaction, device: Device, events: list[Event], arrival: Arrival) -> None:
        self.before_store()
        self.folded += tx.store(events)

    def hear(self, device: Device, behind: Behind) -> None:
        self.heard[device.id] = behind

    async def compared(self, stream: Stream, *, is_fork: bool) -> None:
        (self.forked.add if is_fork else self.forked.discard)(stream)

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
