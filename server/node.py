"""The server as the receiving side of the exchange sees it: keeps the centres' logs, and has no views of its own.

One log holds them all; which centre a stream belongs to is told by its device, which the registers know.
"""

from __future__ import annotations

from fastapi import Request

from queueing.dating import Arrival
from queueing.wire import Event, Stream
from server.devices import Devices
from server.registers import Registers
from server.standings import Standings
from sync.broadcast import Broadcast
from sync.clock import Clock
from sync.commit import Commit
from sync.lateness import Behind
from sync.rights import Device, Role
from sync.writer import Writer


class ServerNode:
    """What `sync.serving` asks of the server."""

    def __init__(
        self, registers: Registers, writer: Writer[Commit], clock: Clock, standings: Standings, devices: Devices
    ) -> None:
        self._devices = devices
        self._registers = registers
        self._standings = standings
        self._writer = writer
        self._broadcast = Broadcast((), clock)

    @property
    def writer(self) -> Writer[Commit]:
        """This process' writer of the log."""
        return self._writer

    @property
    def broadcast(self) -> Broadcast:
        """No views: boards are made where the hall is."""
        return self._broadcast

    def settings_version(self, device: Device) -> int:
        """Return the revision of what the device's centre is told."""
        return self._registers.revisions[device.centre]

    def device(self, device_id: str) -> Device | None:
        """Return a device of the registers; None when it is unknown or revoked."""
        return self._registers.device(device_id)

    def may_send(self, device: Device, stream: Stream) -> bool:
        """Tell whether the device may send, or read, that stream."""
        return self._registers.may_send(device, stream)

    def store(self, tx: Commit, device: Device, events: list[Event], arrival: Arrival) -> None:
        """Keep received events. Raises GapError and ForkError."""
        tx.store(events)

    def hear(self, device: Device, behind: Behind) -> None:
        """Take a hub's word on how far the server is behind its centre."""
        if device.role is Role.HUB:
            self._standings.hear(device.centre, behind)

    async def compared(self, stream: Stream, *, is_fork: bool) -> None:
        """Keep that a device's history is another than the one that is known here, since when."""
        await self._devices.note_fork(stream, is_fork=is_fork)

    def may_watch(self, request: Request, view: str) -> bool:
        """Nobody watches what is not there."""
        return False
