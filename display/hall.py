"""The hall's day: boards come in, calls take the stage one after another, the voice speaks, the picture follows.

It joins the pure parts with time and runs in the GUI thread; network, sound and disk are handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QObject, QTimer, Slot

from assets.texts import Catalogue
from display.announcer import Announcer
from display.board import Board, BoardError, Call
from display.lastboard import Kept
from display.picture import Moment, Picture, picture
from display.presence import Presence

log = logging.getLogger(__name__)

NOTICE_S = 12.0
# Qt::PreciseTimer. By number: the first use of Qt's namespace makes its 93 enumerations, in 25 ms.
_PRECISE = 0
# Under this the machine's own clock is as good as the hub's: the answer was on its way.
_CLOCK_TOLERANCE = timedelta(seconds=2)


class Clock(Protocol):
    """Wall time (aware, UTC) and seconds that never go back."""

    def now(self) -> datetime:
        """Return the wall time."""
        ...

    def monotonic(self) -> float:
        """Return seconds."""
        ...


class Speaker(Protocol):
    """What says a call aloud and then tells `Hall.spoken`."""

    def say(self, call: Call, order: Iterable[str], local: datetime) -> None:
        """Begin to announce a call in these languages; `local` is the time in the hall."""
        ...


class Silence:
    """No voice at all: every call is spoken at once."""

    def __init__(self, spoken: Callable[[str], None]) -> None:
        self._spoken = spoken

    def say(self, call: Call, order: Iterable[str], local: datetime) -> None:
        """Say nothing."""
        self._spoken(call.call_id)


class Hall(QObject):
    """Takes what happens and shows pictures. `keep` saves the board; `show` puts a picture on the glass.

    `hall` is the one zone whose calls it tells, all without it; `zone` is the time zone until the hub tells it.
    `barred(is_revoked)` is called when the hub revokes this display, to erase what is kept, and when it serves again.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        catalogues: Mapping[str, Catalogue],
        zone: ZoneInfo,
        show: Callable[[Picture, frozenset[str]], None],
        keep: Callable[[Kept], None],
        kept: Kept | None,
        hall: str = "",
        is_revoked: bool = False,
        barred: Callable[[bool], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._catalogues = catalogues
        self._zone = zone
        self._calls_of = hall
        self._show = show
        self._keep = keep
        self._offset = timedelta(0)
        self._presence = Presence(clock.monotonic(), is_revoked=is_revoked)
        self._barred = barred
        self._announcer = Announcer(kept.announced if kept else ())
        self._board = kept.board.seen_from(hall) if kept else None
        self._state: Mapping[str, object] = kept.state if kept else {}
        self._heard_at = kept.heard_at if kept else None
        self._speaker: Speaker = Silence(self.spoken)
        self._painted: set[str] = {call.call_id for call in self._board.calls} if self._board else set()
        self._began = clock.monotonic()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        # Coarse timers may be 5% early: a minute's change would come before its minute.
        self._timer.setProperty("timerType", _PRECISE)
        self._timer.timeout.connect(self.refresh)

    def close(self) -> None:
        """End for good: no timer fires any more, since the window goes now."""
        self._timer.stop()

    def use(self, speaker: Speaker) -> None:
        """Announce by this voice from now on."""
        self._speaker = speaker

    @property
    def now(self) -> datetime:
        """The time by the hub's clock, as far as it has told."""
        return self._clock.now() + self._offset

    def board_came(self, state: Mapping[str, object]) -> None:
        """Take a board from the source; one that cannot be read or is older is left, and the last one stays."""
        try:
            board = Board.from_json(state).seen_from(self._calls_of)
        except BoardError as error:
            log.error("board_unreadable why=%s", error)
            return
        self._note_heard()
        if self._board is not None and board.older_than(self._board):
            log.info("board_older ignored=1")
            self.refresh()
            return
        self._board, self._state = board, state
        self._announcer.offer(board.announce, self.now)
        self.refresh()
        self._save()

    def heard(self, hub_now: datetime | None = None) -> None:
        """Note that the source is there, and what time it has."""
        if hub_now is not None:
            offset = hub_now - self._clock.now()
            if abs(offset - self._offset) > _CLOCK_TOLERANCE:
                log.info("clock_offset s=%.1f", offset.total_seconds())
                self._offset = offset
        self._note_heard()
        self.refresh()

    @Slot()
    def revoked(self) -> None:
        """Show nothing of the hall any more, and keep nothing of it: the hub says that this display is out."""
        if not self._presence.is_revoked:
            log.critical("revoked")
        self._presence.revoked()
        self._announcer = Announcer()
        self._board, self._state, self._heard_at = None, {}, None
        self._barred(True)
        self.refresh()

    def _note_heard(self) -> None:
        if self._presence.is_revoked:
            self._barred(False)
        self._heard_at = self.now
        self._presence.heard(self._clock.monotonic())

    def broke(self) -> None:
        """Note that the source is not there."""
        self._presence.broke(self._clock.monotonic())
        self._save()
        self.refresh()

    @Slot(str)
    def spoken(self, call_id: str) -> None:
        """Note that the voice has ended a call's announcement."""
        self._announcer.spoken(call_id, self._clock.monotonic())
        self._wake()

    @Slot()
    def refresh(self) -> None:
        """Show how things stand now, and come back when they will differ."""
        monotonic = self._clock.monotonic()
        called = self._announcer.advance(monotonic)
        moment = Moment(
            now=self.now,
            zone=self._local_zone(),
            link=self._presence.link(monotonic),
            heard_at=self._heard_at,
            turn=int((monotonic - self._began) / NOTICE_S),
        )
        shown = picture(self._board, self._announcer.on_stage, self._announcer.waiting, moment, self._catalogues)
        listed = {row.call_id for row in shown.rows} | ({shown.stage.call_id} if shown.stage else set())
        self._show(shown, frozenset(listed - self._painted))
        announced = {call.call_id for call in self._board.announce} if self._board else set()
        self._painted = listed | (self._painted & announced)
        if called is not None:
            log.info("announce call_id=%s number=%s counter=%s", called.call_id, called.number, called.counter)
            order = self._board.voice_order if self._board else ()
            self._speaker.say(called, order, self.now.astimezone(moment.zone))
            self._save()
        self._wake()

    def _wake(self) -> None:
        """Set the one timer to the next moment at which something changes by itself."""
        monotonic, now = self._clock.monotonic(), self.now
        minute = 60.0 - (now.second + now.microsecond / 1e6)
        waits = [minute + 0.005]
        for due in (self._announcer.due, self._presence.due(monotonic)):
            if due is not None:
                waits.append(due - monotonic)
        if self._board is not None and len(self._board.notices) > 1:
            waits.append(NOTICE_S - (monotonic - self._began) % NOTICE_S)
        self._timer.start(max(1, int(min(waits) * 1000) + 1))

    def _local_zone(self) -> ZoneInfo:
        if self._board is None or not self._board.timezone:
            return self._zone
        if self._board.timezone != self._zone.key:
            try:
                self._zone = ZoneInfo(self._board.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                log.warning("timezone_unknown name=%s", self._board.timezone)
                return self._zone
        return self._zone

    def _save(self) -> None:
        if self._board is not None and self._heard_at is not None:
            self._keep(Kept(self._state, self._heard_at, self._announcer.announced))
