"""An appointment by video on its page: where its customer stands in the queue, and at the call the way into the room.

This one page has a script: who is called must not miss it, and a page that asks for itself anew is no page for people
who read slowly. Without scripts it does so all the same. It decides nothing; the hub calls, its log says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from follow.followers import NotReadyError
from follow.turn import Phase, Turn
from server.booking.answers import Appointment
from server.booking.virtual import VideoTurn
from server.rooms.room import Meeting, Rooms

LIVE_BEFORE = timedelta(minutes=30)
"""So long before its time a page begins to ask for news."""
LIVE_AFTER = timedelta(hours=12)

Stage = Literal["before", "due", "waiting", "called", "serving", "parked", "finished", "no_show", "over"]
"""What the page says; `before` its time, `due` when that has come and there is no ticket yet."""

_STAGES: Mapping[Phase, Stage] = {
    "waiting": "waiting",
    "away": "waiting",
    "called": "called",
    "serving": "serving",
    "parked": "parked",
    "finished": "finished",
    "no_show": "no_show",
}
_ENDED = frozenset({"finished", "over"})
_SHOWN = frozenset({"booked", "kept", "no_show"})


@dataclass(frozen=True, slots=True)
class Video:
    """What the page shows of a turn by video. `room` is the way in while one is called or served, "" where none is.

    `ahead` and `minutes` (a range) are None where they cannot be told; `calls` rises with each call.
    """

    stage: Stage
    calls: int = 0
    ahead: int | None = None
    minutes: tuple[int, int] | None = None
    room: str = ""
    is_live: bool = False


class VideoTurns:
    """Knows them. `rooms` is None where none are configured; `find` asks who follows the centres' logs."""

    def __init__(self, rooms: Rooms | None, find: Callable[[str], Awaitable[Turn | None]]) -> None:
        self.rooms = rooms
        self._find = find

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
        return Video(
            stage,
            turn.rings if turn is not None else told.calls,
            turn.ahead if turn is not None and stage == "waiting" else None,
            turn.minutes if turn is not None and stage == "waiting" else None,
            room,
            is_near and stage not in _ENDED,
        )

    async def _turn(self, identity: str) -> Turn | None:
        try:
            return await self._find(identity)
        except NotReadyError:
            return None
