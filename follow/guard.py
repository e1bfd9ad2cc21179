"""How often somebody may miss: who asks for follow ids that nobody has is slowed down, by address. In memory, bounded.

Only misses count: in a hall hundreds come from one address, and each of them has a ticket. Ids have 80 bits; this keeps
a guesser's noise small, it is not what makes guessing hopeless.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable


class Tries:
    """At most `times` tries at once for each key, one more every `again_s` seconds. For one thread.

    `monotonic` gives seconds. The keys tried longest ago are forgotten when there are more than `keys`.
    """

    def __init__(self, times: int, again_s: float, monotonic: Callable[[], float], *, keys: int = 10_000) -> None:
        self._span_s = times * again_s
        self._again_s = again_s
        self._monotonic = monotonic
        self._keys = keys
        self._used: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> bool:
        """Count a try; False when there is none left, and then nothing is counted."""
        now = self._monotonic()
        # The moment at which all tries are there again; each try moves it on.
        whole_at = max(self._used.get(key, now), now) + self._again_s
        if whole_at - now > self._span_s:
            return False
        self._used[key] = whole_at
        self._used.move_to_end(key)
        while len(self._used) > self._keys:
            self._used.popitem(last=False)
        return True
