"""The hub as the exchange sees it (`sync.serving.Node`): who its devices are, and where their events go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import Request

from hub.arbiter import Arbiter
from hub.shutout import ShutOut
from hub.staff import StaffDoor
from queueing.dating import Arrival
from queueing.wire import Event, Stream
from sync.broadcast import Broadcast
from sync.lateness import Behind
from sync.log import Transaction
from sync.rights import Device, Role
from sync.writer import LogWriter

COOKIE = "dawr_session"


class HubNode:
    """The receiving side of the centre's own network."""

    def __init__(self, arbiter: Arbiter, broadcast: Broadcast, door: StaffDoor, shut_out: ShutOut) -> None:
        self._arbiter = arbiter
        self._broadcast = broadcast
        self._door = door
        self._shut_out = shut_out
        self.forked: set[str] = set()
        self._newest: dict[str, int] = {}

    @property
    def writer(self) -> LogWriter:
        """The log's one writer."""
        return self._arbiter.writer

    @property
    def broadcast(self) -> Broadcast:
        """The board's, the kiosks' and the counters' snapshots."""
        return self._broadcast

    def settings_version(self, device: Device) -> int:
        """Return the version of the settings in force."""
        return self._arbiter.settings.version

    def device(self, device_id: str) -> Device | None:
        """Return a device of the centre; None when it is unknown, revoked or shut out here."""
        found = self._arbiter.settings.devices.get(device_id)
        return None if found is None or found in self._shut_out else found

    def retired(self, device_id: str) -> Iterable[str]:
        """Return the keys that a device may use no more: who signs with one is told that it was revoked."""
        return (*self._arbiter.settings.retired.get(device_id, ()), *self._shut_out.keys(device_id))

    def revocation(self, device_id: str, key: str) -> Mapping[str, object] | None:
        """Return the server's signed word on such a key, None while the hub has none."""
        return self._arbiter.settings.retired.get(device_id, {}).get(key)

    def may_send(self, device: Device, stream: Stream) -> bool:
        """Tell whether a device may send a stream: a kiosk its own. Only the hub writes other facts."""
        return device.role is Role.KIOSK and device.id == stream.device

    def store(self, tx: Transaction, device: Device, events: list[Event], arrival: Arrival) -> None:
        """Keep received events, in the writer's thread."""
        self._arbiter.store(tx, events, arrival)

    def hear(self, device: Device, behind: Behind) -> None:
        """Let it be: a kiosk tells of it with its health, which staff are shown."""

    async def compared(self, stream: Stream, *, is_fork: bool) -> None:
        """Remember whether a kiosk's history is another than the one that is known here; it says so every minute.

        Of an earlier incarnation it says nothing: that was dealt with when the device was enrolled anew.
        """
        newest = self._newest[stream.device] = max(stream.incarnation, self._newest.get(stream.device, 0))
        if stream.incarnation == newest:
            (self.forked.add if is_fork else self.forked.discard)(stream.device)

    def may_watch(self, request: Request, view: str) -> bool:
        """Tell whether a request comes from signed-in staff: they may see what any screen of the centre shows."""
        return self._door.who(request.cookies.get(COOKIE)) is not None
