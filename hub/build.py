"""The hub's composition: which part is handed to which, the order of their start and end. It serves nothing itself."""

from __future__ import annotations

from collections.abc import Callable

from assets.texts import Catalogue, languages
from follow.followers import Followers
from follow.router import FollowPages
from follow.words import Words
from hub.app import make_app
from hub.arbiter import LOG_FILE, Arbiter
from hub.barring import Barring
from hub.config import HubConfig
from hub.enrolment import Registrar
from hub.followers import HubHouse, WishLine
from hub.lookup import LookUp
from hub.messenger import Messenger
from hub.modem import ModemPost
from hub.publisher import VIEWS, Publisher
from hub.serverline import ServerLine
from hub.settings import DaysAppointments, Settings, SettingsStore
from hub.shutout import ShutOut
from hub.staff import StaffDoor
from hub.ticker import Ticker
from hub.upstream import Upstream
from queueing.wire import Stream
from sms.gateways.modem import ModemGateway
from sync.broadcast import Broadcast
from sync.care import OF_LOG, Keeper
from sync.clock import Clock
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from sync.link import Link, LinkStatus
from sync.revocation import Judge

PEER = "server"


class Hub:
    """All parts of a hub. `key` signs to the server; without `server_url` it may be None. `end` ends the process."""

    def __init__(
        self,
        config: HubConfig,
        clock: Clock,
        boot: str,
        settings: Settings,
        appointments: DaysAppointments,
        key: DeviceKey | None = None,
        end: Callable[[], None] = lambda: None,
    ) -> None:
        stream = Stream(config.device, config.incarnation)
        self.broadcast = Broadcast(VIEWS, clock)
        self._ticker = Ticker(clock)
        self.publisher = Publisher(self.broadcast, clock, self._ticker.ask_again)
        self.arbiter = Arbiter(config.data, stream, clock, boot, settings, appointments, self.publisher)
        self.keeper = Keeper(config.data, {LOG_FILE: OF_LOG | {"claim", "day"}}, clock)
        self.door = StaffDoor(lambda: self.arbiter.settings, self.arbiter.writer, clock)
        shut_out = ShutOut(config.data)
        self._line: PeerLine | None = None
        self._upstream: Upstream | None = None
        self._link: Link | None = None
        self._wishes: WishLine | None = None
        house, words = HubHouse(self.arbiter, config.device, clock), Words.load()
        self.followers = Followers(house, words, clock)
        self.arbiter.writer.listen(self.followers.heard)
        if config.server_url and key is not None:
            # A signer each: both correct their clocks, in threads of their own.
            line_signer, link_signer, wish_signer = (Signer(key, *stream, clock) for _ in range(3))
            self._line = PeerLine(config.server_url, line_signer)
            server_line = ServerLine(clock)
            self.publisher.watch_line(server_line.trouble)
            judge = Judge(stream, config.server_key)
            barring = Barring(config.data, stream, self.arbiter.writer, judge, self.publisher.tell_forked, end)
            self._upstream = Upstream(self.arbiter, self._line, SettingsStore(config.data), shut_out, barring.revoked)
            # A line of its own: the server keeps the question until there is a wish, or a booking.
            wish_line, told = PeerLine(config.server_url, wish_signer), self._upstream.told_version
            self._wishes = WishLine(self.arbiter, wish_line, clock, told)
            self._link = Link(
                PEER,
                config.server_url,
                self.arbiter.writer,
                link_signer,
                forward_all=True,
                on_status=_all(self._upstream.heard, barring.link_says, server_line.heard),
            )
        self._look_up = LookUp(self.arbiter, self._line, find_turn=self.followers.find)
        self.messenger = self._make_messenger(config, clock, key, stream)
        self.registrar = self._make_registrar(config, clock, key, stream, shut_out)
        self.app = make_app(config, self.arbiter, self.broadcast, self.door, self._look_up, clock, self.registrar)
        self.app.app.include_router(FollowPages(self.followers, house, words, clock).router)

    def _make_registrar(
        self, config: HubConfig, clock: Clock, key: DeviceKey | None, stream: Stream, shut_out: ShutOut
    ) -> Registrar:
        def is_forked() -> bool:
            return self.publisher.is_forked

        if self._upstream is None or key is None:
            return Registrar(self.arbiter, clock, shut_out, is_forked)
        line = PeerLine(config.server_url, Signer(key, *stream, clock))
        return Registrar(self.arbiter, clock, shut_out, is_forked, line, self._upstream.take_settings)

    def _make_messenger(self, config: HubConfig, clock: Clock, key: DeviceKey | None, stream: Stream) -> Messenger:
        line = None
        if config.server_url and key is not None:
            line = PeerLine(config.server_url, Signer(key, *stream, clock))
        return Messenger(
            self.arbiter,
            clock,
            {language: Catalogue.load(language) for language in languages()},
            self.publisher.tell_sms,
            line=line,
            modem=ModemPost(config.data, ModemGateway(config.modem), clock) if config.modem else None,
            modem_after_s=config.modem_after_s,
        )

    def start(self) -> None:
        """Open the log, begin the day, publish; then begin to talk to the server. Raises StorageUnavailable."""
        self.arbiter.start()
        try:
            self.door.start()
        except BaseException:
            self.arbiter.close()
            raise
        self.followers.start()
        if self._wishes is not None:
            self._wishes.start()
        if self._upstream is not None:
            self._upstream.start()
        if self._link is not None:
            self._link.start()
        self.messenger.start()
        self.keeper.start()
        self._ticker.start(self.tick, self.arbiter.catch_up)

    def tick(self) -> None:
        """Do what time alone brings about; the ticker calls it every second."""
        self.arbiter.begin_day()
        self.arbiter.take_virtual()
        self.arbiter.refresh()
        if self._upstream is not None:
            self._upstream.day_opened(self.arbiter.day)

    def end_streams(self) -> None:
        """End what screens and phones follow live, so that the server can stop in peace. Any thread."""
        self.broadcast.close()
        self.followers.streams.close()

    def close(self) -> None:
        """End everything, the writer last."""
        self._ticker.close()
        parts = (
            self.messenger,
            self._wishes,
            self._link,
            self._upstream,
            self._look_up,
            self._line,
            self.door,
            self.followers,
            self.keeper,
            self.registrar,
        )
        for part in (*parts, self.arbiter):
            if part is not None:
                part.close()


def _all(*hear: Callable[[LinkStatus], None]) -> Callable[[LinkStatus], None]:
    """Return what tells all of them, in this order."""

    def tell(status: LinkStatus) -> None:
        for each in hear:
            each(status)

    return tell
