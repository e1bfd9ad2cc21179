"""What no tap and no request brings about: the day's beginning, and views that change by time or were put off.

One thread that sleeps; all it does is to hand jobs to the writer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sync.clock import Clock
from sync.writer import WriterClosedError

TICK_S = 1.0

_log = logging.getLogger(__name__)


class Ticker:
    """Calls `tick` every second, and `again` when `ask_again` has asked for it. Both must not block."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wakes = threading.Condition()
        self._again_at: float | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="hub-ticker", daemon=True)
        self._tick: Callable[[], object] = lambda: None
        self._again: Callable[[], object] = lambda: None

    def start(self, tick: Callable[[], object], again: Callable[[], object]) -> None:
        """Begin to tick."""
        self._tick, self._again = tick, again
        self._thread.start()

    def ask_again(self, after_s: float) -> None:
        """Call `again` once after so many seconds, or earlier when that was asked already. Any thread."""
        with self._wakes:
            at = self._clock.monotonic() + after_s
            if self._again_at is None or at < self._again_at:
                self._again_at = at
                self._wakes.notify()

    def close(self) -> None:
        """End the thread."""
        with self._wakes:
            self._closed = True
            self._wakes.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _serve(self) -> None:
        tick_at = self._clock.monotonic() + TICK_S
        try:
            while True:
                with self._wakes:
                    now = self._clock.monotonic()
                    due_at = tick_at if self._again_at is None else min(tick_at, self._again_at)
                    if not self._closed and now < due_at:
                        self._wakes.wait(due_at - now)
                    if self._closed:
                        return
                    now = self._clock.monotonic()
                    is_again = self._again_at is not None and now >= self._again_at
                    if is_again:
                        self._again_at = None
                if is_again:
                    self._again()
                if now >= tick_at:
                    tick_at = now + TICK_S
                    self._tick()
        except WriterClosedError:
            _log.info("ticker_ends reason=writer_closed")
