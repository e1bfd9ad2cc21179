"""Tells the hub every minute, and at each change, how this kiosk is: telemetry, the least of all that it sends.

What does not arrive is not kept: the next word is newer. It knows nothing of visits.
"""

from __future__ import annotations

import logging
import random as chance
import threading
from collections.abc import Callable
from datetime import datetime

from kiosk.staff.moves import Sight
from queueing.wire import WireError, instant_from_wire, instant_to_wire
from sync.clock import Clock
from sync.line import PeerLine, PeerUnavailable

log = logging.getLogger(__name__)

EVERY_S = 60.0
_WITHIN_S = 5.0
_SPREAD = 0.1
"""A hall's kiosks that start together do not speak together for ever."""


class Reporter:
    """Posts what `sight` says, in a thread of its own."""

    def __init__(
        self,
        line: PeerLine,
        sight: Callable[[], Sight],
        clock: Clock,
        *,
        every_s: float = EVERY_S,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._line = line
        self._sight = sight
        self._clock = clock
        self._every_s = every_s
        self._random = random
        self._clock_off_s: float | None = None
        self._is_heard = True
        self._changed = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._serve, name="health", daemon=True)

    @property
    def clock_off_s(self) -> float | None:
        """This kiosk's clock less the hub's, in seconds; None until the hub has told its own. Any thread."""
        return self._clock_off_s

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def changed(self) -> None:
        """Tell at once: something is not as it was. Any thread."""
        self._changed.set()

    def close(self) -> None:
        """End the thread; a word on its way is not waited for."""
        self._ended = True
        self._changed.set()

    def _serve(self) -> None:
        while not self._ended:
            self._changed.clear()
            self._tell()
            self._changed.wait(self._every_s * (1 + _SPREAD * (self._random() - 0.5)))

    def _tell(self) -> None:
        try:
            answer = self._line.post("/v1/health", health_of(self._sight()), timeout_s=_WITHIN_S)
        except PeerUnavailable as error:
            if self._is_heard:
                log.info("health_not_heard why=%r", str(error))
            self._is_heard = False
            return
        self._is_heard = True
        hub = _now(answer)
        if hub is not None:
            self._clock_off_s = (self._clock.now() - hub).total_seconds()


def health_of(sight: Sight) -> dict[str, object]:
    """Return the body of POST /v1/health."""
    return {
        "now": instant_to_wire(sight.now),
        "trouble": sight.trouble,
        "paper": sight.paper,
        "closed": sight.closed_for is not None,
        "behind": sight.behind,
        "behind_since": None if sight.behind_since is None else instant_to_wire(sight.behind_since),
        "late": sight.late,
        "disk_free_mb": sight.disk_free_mb,
        "version": sight.version,
    }


def _now(answer: object) -> datetime | None:
    try:
        return instant_from_wire(str(answer["now"])) if isinstance(answer, dict) and "now" in answer else None
    except WireError:
        return None
