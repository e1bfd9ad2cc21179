"""Makes the views and hands them out, in the writer's thread and after its commits only.

The first news goes out at once; while the hall is busy each view follows at its own pace, the newest alone. What was
put off is asked for again by the ticker (`ask_again`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub import views
from hub.hall import Hall
from hub.settings import Settings
from hub.views import Sight, dumps
from queueing.waits import Wait, forecast
from queueing.wire import Event, Json, instant_to_wire
from sync.broadcast import Broadcast
from sync.clock import Clock
from sync.log import DeviceLog, Transaction

WAITS_INTERVAL_S = 1.0

# The board first: it is what the hall waits for.
VIEWS: Mapping[str, float] = {"board": 0.02, "counter": 0.1, "kiosk": 0.25}
"""Each view's name, and the seconds between two of its snapshots when there is much news."""

SHARE = 0.1
"""No more than this part of the writer's time goes into views, however busy the hall and long its queue."""

_OF_COUNTERS = frozenset({"CounterOpened", "CounterPaused", "CounterClosed"})


@dataclass(slots=True)
class _Sent:
    """What was published last of a view, and when (monotonic seconds)."""

    told: str = ""
    at: float = float("-inf")
    took_s: float = 0.0
    is_put_off: bool = False

    def due_at(self, least_s: float) -> float:
        """Return from when on it may be published again."""
        return self.at + max(least_s, self.took_s / SHARE)


class Publisher:
    """Publishes a hall's views. `ask_again(seconds)` has to bring `later` into the writer's thread after that time."""

    def __init__(self, broadcast: Broadcast, clock: Clock, ask_again: Callable[[float], None]) -> None:
        self._broadcast = broadcast
        self._clock = clock
        self._ask_again = ask_again
        self._sms = False
        self._rooms: Mapping[str, str] = {}
        self.is_forked = False
        self._server_line: Callable[[datetime], Json] = lambda now: None
        self._waits: Mapping[str, Wait] = {}
        self._waits_at = float("-inf")
        self._is_due_at_commit = False
        self._sent = {name: _Sent() for name in VIEWS}
        self._queue = views.Queue()

    def tell_sms(self, can_arrive: bool) -> None:
        """Say whether a message that is taken now can arrive; told with the next news or tick. Any thread."""
        self._sms = can_arrive

    def tell_forked(self, is_forked: bool) -> None:
        """Say whether the server takes nothing from this hub, knowing another history of its log. As `tell_sms`."""
        self.is_forked = is_forked

    def tell_rooms(self, rooms: Mapping[str, str]) -> None:
        """Say the clerks' links to the video rooms, by booking. As `tell_sms`."""
        self._rooms = rooms

    def watch_line(self, trouble: Callable[[datetime], Json]) -> None:
        """Take who says what is wrong with the line to the server; asked for each view. Before the start."""
        self._server_line = trouble

    def committed(self, hall: Hall, settings: Settings, log: DeviceLog, events: Sequence[Event]) -> None:
        """Publish what a commit made true, or put it off for a moment."""
        if any(event.type in _OF_COUNTERS for event in events):
            self._waits_at = float("-inf")
        if self._is_due_at_commit:
            self.publish(hall, settings, log)
            return
        monotonic = self._clock.monotonic()
        due = []
        for name, least_s in VIEWS.items():
            sent = self._sent[name]
            too_soon_s = sent.due_at(least_s) - monotonic
            if too_soon_s <= 0:
                due.append(name)
            elif not sent.is_put_off:
                sent.is_put_off = True
                self._ask_again(too_soon_s)
        if due:
            self._publish(due, hall, settings, log)

    def later(self, tx: Transaction, hall: Hall, settings: Settings, *, all_views: bool = False) -> None:
        """Publish what was put off and is due, or all, from a job of the writer.

        Events before this job in its transaction are in the hall already but not durable: then it waits for the commit.
        """
        if tx.events:
            self._is_due_at_commit = True
            return
        monotonic = self._clock.monotonic()
        due = []
        for name, least_s in VIEWS.items():
            sent = self._sent[name]
            too_soon_s = sent.due_at(least_s) - monotonic
            if all_views or (sent.is_put_off and too_soon_s <= 0):
                due.append(name)
            elif sent.is_put_off:
                self._ask_again(too_soon_s)
        self._publish(due, hall, settings, tx.log)

    def publish(self, hall: Hall, settings: Settings, log: DeviceLog) -> None:
        """Publish every view that has changed."""
        self._is_due_at_commit = False
        self._publish(list(VIEWS), hall, settings, log)

    def _publish(self, names: Sequence[str], hall: Hall, settings: Settings, log: DeviceLog) -> None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if monotonic - self._waits_at >= WAITS_INTERVAL_S:
            self._waits = forecast(hall.state, settings.centre, now)
            self._waits_at = monotonic
        line = self._server_line(now)
        sight = Sight(hall, settings, now, self._waits, self._sms, self.is_forked, line, self._rooms)
        for name in names:
            sent, begun = self._sent[name], self._clock.monotonic()
            told = self._told(name, sight)
            sent.at, sent.took_s, sent.is_put_off = begun, self._clock.monotonic() - begun, False
            if told == sent.told:
                continue
            sent.told = told
            # The time is no news by itself, so it is added to what is.
            state = told if name == "board" else f'{{"now":"{instant_to_wire(now)}",{told[1:]}'
            digest = hashlib.sha256(state.encode()).hexdigest()
            snapshot = f'{{"state":{state},"cursor":"{log.cursor()}","state_hash":"{digest}"}}'
            self._broadcast.publish(name, snapshot.encode())

    def _told(self, name: str, sight: Sight) -> str:
        if name == "board":
            return dumps(views.board(sight))
        if name == "kiosk":
            return dumps(views.kiosk(sight))
        return f'{dumps(views.counter(sight))[:-1]},"queue":{self._queue.text(sight)}}}'
