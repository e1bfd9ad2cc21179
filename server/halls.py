"""The centres' halls as the server knows them: its log by centre for `follow`, and when each centre was heard last.

What is told outside can only be as new as what the hub has forwarded; this knows how old that is. It decides nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from follow.turn import Asked, Turn, Wish
from queueing.centre import Centre
from queueing.wire import Event
from server.registers import Registers
from server.wishes import Wishes
from sync.clock import Clock
from sync.commit import Commit
from sync.log import Page
from sync.rights import Role
from sync.writer import Committed, Writer

OLD_AFTER = timedelta(seconds=40)
"""A hub asks for wishes every 15 seconds at least: one that was silent for so long is cut off."""
FOLLOWED = timedelta(days=2)
"""What came before is read no more at a start."""


class Halls:
    """The server as `follow.house.House`. Start it before the follower."""

    def __init__(self, registers: Registers, writer: Writer[Commit], wishes: Wishes, clock: Clock) -> None:
        self._registers = registers
        self._writer = writer
        self._wishes = wishes
        self._clock = clock
        self._heard: dict[str, datetime] = {}
        self._told: dict[str, datetime] = {}
        self._since = clock.now()

    def start(self) -> None:
        """Listen to what is committed."""
        self._writer.listen(self._committed)

    def hear(self, centre: str) -> None:
        """Note that a centre's hub has just been heard."""
        self._heard[centre] = self._clock.now()

    def heard_elsewhere(self, centre: str, at: datetime) -> None:
        """Note that another process of the server has heard a centre's hub. Any thread."""
        self._heard[centre] = max(at, self._heard.get(centre, at))

    def first_cursor(self) -> str:
        """Return the cursor from two days ago, "" when the log is younger."""
        since = self._clock.now() - FOLLOWED
        return self._writer.submit(lambda tx: tx.log.cursor_at(since)).result()

    def read(self, after: str) -> Page:
        """Return the log's next page."""
        return self._writer.submit(lambda tx: tx.log.read(after)).result()

    def centre_of(self, event: Event) -> str | None:
        """Return the centre of the device that wrote an event; also of one that was revoked since."""
        found = self._registers.devices.get(event.device)
        if found is None:
            return None
        centre = found.device.centre
        if event.at > self._told.get(centre, _NEVER):
            self._told[centre] = event.at
        return centre

    def centre(self, centre: str) -> Centre | None:
        """Return a centre's settings."""
        return self._registers.centres.get(centre)

    def arbiter(self, centre: str) -> str:
        """Return the centre's hub, "" while it has none."""
        hubs = (each.device for each in self._registers.devices_of(centre) if each.device.role is Role.HUB)
        return next((device.id for device in hubs), "")

    def news_at(self, centre: str, now: datetime) -> datetime | None:
        """Return when the centre was heard last, if that is too long ago; before the start, by its newest event."""
        heard = self._heard.get(centre)
        # A server that has just started gives its hubs the time to come back.
        if now - (heard or self._since) <= OLD_AFTER:
            return None
        return heard or self._told.get(centre)

    def asked(self, turn: Turn, now: datetime) -> Asked | None:
        """Return a ticket's wish that has no answer yet."""
        return self._wishes.asked(turn, now, is_cut_off=turn.news_at is not None)

    async def ask(self, turn: Turn, wish: Wish) -> bool:
        """Keep a wish for the hub. Raises NotHeardError."""
        await self._wishes.make(turn, wish)
        return True

    def _committed(self, committed: Committed) -> None:
        for centre in {self.centre_of(event) for event in committed.events}:
            if centre is not None:
                self.hear(centre)


_NEVER = datetime.min.replace(tzinfo=UTC)
