"""How often something may be tried: so many times within a sliding span of time, by key. In memory, bounded."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable


class Limit:
    """At most `times` tries in any `within_s` seconds for each key. For one thread.

    `monotonic` gives seconds. The keys tried longest ago are forgotten when there are more than `keys`.
    """

    def __init__(self, times: int, within_s: float, monotonic: Callable[[], float], *, keys: int = 10_000) -> None:
        self._times = times
        self._within_s = within_s
        self._monotonic = monotonic
        self._keys = keys
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> int:
        """Return for how many seconds the key has no try left, 0 when it has one. Counts nothing."""
        tries = self._recent(key)
        if len(tries) < self._times:
            return 0
        return max(1, math.ceil(tries[0] + self._within_s - self._monotonic()))

    def take(self, key: str) -> int:
        """Count a try and return 0; or count nothing and return the seconds until there is one."""
        wait_s = self.wait_s(key)
        if not wait_s:
            self._tries.setdefault(key, deque()).append(self._monotonic())
            self._tries.move_to_end(key)
            while len(self._tries) > self._keys:
                self._tries.popitem(last=False)
        return wait_s

    def clear(self, key: str) -> None:
        """Forget the key's tries."""
        self._tries.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        tries = self._tries.get(key, deque())
        gone = self._monotonic() - self._within_s
        while tries and tries[0] <= gone:
            tries.popleft()
        return tries
