"""The hub's composition: which part is handed to which, the order of their start and end. It serves nothing itself."""

from __future__ import annotations

from hub.app import make_app
from hub.arbiter import Arbiter
from hub.config import HubConfig
from hub.lookup import LookUp
from hub.publisher import VIEWS, Publisher
from hub.settings import DaysAppointments, Settings, SettingsStore
from hub.staff import StaffDoor
from hub.ticker import Ticker
from hub.upstream import Upstream
from queueing.wire import Stream
from sync.broadcast import Broadcast
from sync.clock import Clock
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from sync.link import Link

PEER = "server"


class Hub:
    """All parts of a hub. `key` signs to the server; without `server_url` it may be None."""

    def __init__(
        self,
        config: HubConfig,
        clock: Clock,
        boot: str,
        settings: Settings,
        appointments: DaysAppointments,
        key: DeviceKey | None = None,
    ) -> None:
        stream = Stream(config.device, config.incarnation)
        self.broadcast = Broadcast(VIEWS, clock)
        self._ticker = Ticker(clock)
        self.publisher = Publisher(self.broadcast, clock, self._ticker.ask_again)
        self.arbiter = Arbiter(config.data, stream, clock, boot, settings, appointments, self.publisher)
        self.door = StaffDoor(lambda: self.arbiter.settings, self.arbiter.writer, clock)
        self._line: PeerLine | None = None
        self._upstream: Upstream | None = None
        self._link: Link | None = None
        if config.server_url and key is not None:
            # A signer each: both correct their clocks, in threads of their own.
            line_signer, link_signer = (Signer(key, *stream, clock) for _ in range(2))
            self._line = PeerLine(config.server_url, line_signer)
            self._upstream = Upstream(self.arbiter, self._line, SettingsStore(config.data))
            self._link = Link(
                PEER,
                config.server_url,
                self.arbiter.writer,
                link_signer,
                forward_all=True,
                on_status=self._upstream.heard,
            )
        self._look_up = LookUp(self.arbiter, self._line)
        self.app = make_app(config, self.arbiter, self.broadcast, self.door, self._look_up, clock)

    def start(self) -> None:
        """Open the log, begin the day, publish; then begin to talk to the server. Raises StorageUnavailable."""
        self.arbiter.start()
        try:
            self.door.start()
        except BaseException:
            self.arbiter.close()
            raise
        if self._upstream is not None:
            self._upstream.start()
        if self._link is not None:
            self._link.start()
        self._ticker.start(self.tick, self.arbiter.catch_up)

    def tick(self) -> None:
        """Do what time alone brings about; the ticker calls it every second."""
        self.arbiter.begin_day()
        self.arbiter.refresh()
        if self._upstream is not None:
            self._upstream.day_opened(self.arbiter.day)

    def close(self) -> None:
        """End everything, the writer last."""
        self._ticker.close()
        for part in (self._link, self._upstream, self._look_up, self._line, self.door, self.arbiter):
            if part is not None:
                part.close()
