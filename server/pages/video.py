"""An appointment by video on its page: where its customer stands in the queue, and at the call the way into the room.

Who has the page may step away or leave, as who has a paper ticket may: the hub decides. This one page has a script: who
is called must not miss it, and a page that asks for itself anew is no page for people who read slowly. Without scripts
it does so all the same. It decides nothing; the hub calls, its log says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from follow.followers import NotReadyError
from follow.turn import Phase, Turn, Wish
from server.booking.answers import Appointment
from server.booking.virtual import VideoTurn
from server.rooms.room import Meeting, Rooms

LIVE_BEFORE = timedelta(minutes=30)
"""So long before its time a page begins to ask for news."""
LIVE_AFTER = timedelta(hours=12)

Stage = Literal[
    "before", "due", "waiting", "away", "called", "serving", "parked", "finished", "no_show", "left", "over"
]
"""What the page says; `before` its time, `due` when that has come and there is no ticket yet."""

_STAGES: Mapping[Phase, Stage] = {
    "waiting": "waiting",
    "away": "away",
    "called": "called",
    "serving": "serving",
    "parked": "parked",
    "finished": "finished",
    "no_show": "no_show",
    "left": "left",
}
_ENDED = frozenset({"finished", "over"})
_QUIET = frozenset({"serving", "left", *_ENDED})
_SHOWN = frozenset({"booked", "kept", "no_show"})


class Halls(Protocol):
    """Who follows the centres' logs: `server.followers.Followed`."""

    async def find(self, identity: str) -> Turn | None:
        """Return what is told of a turn now, None when there is none. Raises NotReadyError."""
        ...

    async def wish(self, turn: Turn, wish: Wish) -> bool:
        """Take what a turn's customer wishes; False: the rule says no. Raises TooManyWishesError, NotHeardError."""
        ...

    def stream(self, identity: str, language: str) -> AsyncIterator[bytes]:
        """Return a turn's live news as server-sent events. Raises FullError."""
        ...


@dataclass(frozen=True, slots=True)
class Video:
    """What the page shows of a turn by video. `room` is the way in while one is called or served, "" where none is.

    `turn` is None before there is a ticket, and while nobody knows more than booking; `calls` rises with each call.
    """

    stage: Stage
    calls: int = 0
    room: str = ""
    is_live: bool = False
    turn: Turn | None = None

    @property
    def can_ring(self) -> bool:
        """Whether a call may come yet."""
        return self.stage not in _QUIET

    @property
    def may(self) -> tuple[Wish, ...]:
        """What its customer may ask for; nothing while an answer is waited for."""
        turn = self.turn
        if turn is None or (turn.asked is not None and not turn.asked.is_lapsed):
            return ()
        return turn.may


class VideoTurns:
    """Knows them. `rooms` is None where none are configured."""

    def __init__(self, rooms: Rooms | None, halls: Halls) -> None:
        self.rooms = rooms
        self._halls = halls

    async def of(self, appointment: Appointment, told: VideoTurn | None, lang: str, now: datetime) -> Video | None:
        """Return what to show of an appointment, None for one that is not by video or was taken back.

        `told` is its turn as booking knows it; whoever follows the log knows it sooner.
        """
        if appointment.channel != "virtual" or appointment.status not in _SHOWN:
            return None
        is_near = appointment.slot_at - LIVE_BEFORE <= now <= appointment.slot_at + LIVE_AFTER
        if told is None:
            if appointment.status != "booked":
                return None
            return Video("before" if now < appointment.slot_at else "due", is_live=is_near)
        turn = await self._turn(told.identity)
        stage = _STAGES.get(turn.phase if turn is not None else told.phase, "over")
        room = ""
        if stage in ("called", "serving") and self.rooms is not None:
            meeting = Meeting(appointment.centre, appointment.id, appointment.slot_at, lang)
            room = self.rooms.link(meeting, "customer")
        calls = turn.rings if turn is not None else told.calls
        return Video(stage, calls, room, is_near and stage not in _ENDED, turn)

    async def wish(self, video: Video, said: str) -> bool:
        """Take what a customer wishes, a word of `Wish`; False where that is not possible any more.

        Raises TooManyWishesError, NotHeardError.
        """
        if video.turn is None or said not in list(Wish):
            return False
        return await self._halls.wish(video.turn, Wish(said))

    def stream(self, video: Video, lang: str) -> AsyncIterator[bytes] | None:
        """Return a turn's live news as server-sent events, None where there is none yet. Raises FullError."""
        return None if video.turn is None else self._halls.stream(video.turn.identity, lang)

    async def _turn(self, identity: str) -> Turn | None:
        try:
            return await self._halls.find(identity)
        except NotReadyError:
            return None
