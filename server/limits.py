"""How often something may be asked for: so many times in a minute of the clock, counted anew in the next."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

_MINUTE_S = 60.0


class PerMinute:
    """At most `times` for each key. A minute's counts are all it remembers; for one thread."""

    def __init__(self, times: int, monotonic: Callable[[], float]) -> None:
        self._times = times
        self._monotonic = monotonic
        self._minute = -1
        self._counts: Counter[str] = Counter()

    def take(self, key: str) -> int:
        """Count one and return 0; over the limit, return the seconds until the next minute."""
        now = self._monotonic()
        minute = int(now // _MINUTE_S)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        if self._counts[key] >= self._times:
            return max(1, math.ceil((minute + 1) * _MINUTE_S - now))
        self._counts[key] += 1
        return 0
