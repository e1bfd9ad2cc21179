"""Makes the views and hands them out, in the writer's thread and after its commits only.

The first news goes out at once; while the hall is busy the views follow at most every 20 ms, the newest alone. What was
put off is asked for again by the ticker (`ask_again`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from hub import views
from hub.hall import Hall
from hub.settings import Settings
from hub.views import Row, Sight
from queueing.waits import Wait, forecast
from queueing.wire import Event, instant_to_wire
from sync.broadcast import Broadcast
from sync.clock import Clock
from sync.log import DeviceLog, Transaction

LEAST_INTERVAL_S = 0.02
WAITS_INTERVAL_S = 1.0

# The board first: it is what the hall waits for.
VIEWS: Mapping[str, tuple[Callable[[Sight], Row], bool]] = {
    "board": (views.board, False),
    "kiosk": (views.kiosk, True),
    "counter": (views.counter, True),
}
"""Each view's function, and whether it tells the time."""

_OF_COUNTERS = frozenset({"CounterOpened", "CounterPaused", "CounterClosed"})


class Publisher:
    """Publishes a hall's views. `ask_again(seconds)` has to bring `later` into the writer's thread after that time."""

    def __init__(self, broadcast: Broadcast, clock: Clock, ask_again: Callable[[float], None]) -> None:
        self._broadcast = broadcast
        self._clock = clock
        self._ask_again = ask_again
        self._published_at = float("-inf")
        self._waits: Mapping[str, Wait] = {}
        self._waits_at = float("-inf")
        self._is_put_off = False
        self._is_due_at_commit = False
        self._sent: dict[str, str] = {}

    def committed(self, hall: Hall, settings: Settings, log: DeviceLog, events: Sequence[Event]) -> None:
        """Publish what a commit made true, or put it off for a moment."""
        if any(event.type in _OF_COUNTERS for event in events):
            self._waits_at = float("-inf")
        too_soon = LEAST_INTERVAL_S - (self._clock.monotonic() - self._published_at)
        if too_soon <= 0 or self._is_due_at_commit:
            self.publish(hall, settings, log)
        elif not self._is_put_off:
            self._is_put_off = True
            self._ask_again(too_soon)

    def later(self, tx: Transaction, hall: Hall, settings: Settings) -> None:
        """Publish what was put off, from a job of the writer.

        Events before this job in its transaction are in the hall already but not durable: then it waits for the commit.
        """
        if tx.events:
            self._is_due_at_commit = True
        else:
            self.publish(hall, settings, tx.log)

    def publish(self, hall: Hall, settings: Settings, log: DeviceLog) -> None:
        """Publish every view that has changed."""
        self._is_put_off = self._is_due_at_commit = False
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._published_at = monotonic
        if monotonic - self._waits_at >= WAITS_INTERVAL_S:
            self._waits = forecast(hall.state, settings.centre, now)
            self._waits_at = monotonic
        sight = Sight(hall, settings, now, self._waits)
        cursor = ""
        for name, (view, tells_time) in VIEWS.items():
            told = json.dumps(view(sight), separators=(",", ":"), ensure_ascii=False)
            if told == self._sent.get(name):
                continue
            self._sent[name] = told
            state = f'{{"now":"{instant_to_wire(now)}",{told[1:]}' if tells_time else told
            cursor = cursor or log.cursor()
            digest = hashlib.sha256(state.encode()).hexdigest()
            self._broadcast.publish(name, f'{{"state":{state},"cursor":"{cursor}","state_hash":"{digest}"}}'.encode())
