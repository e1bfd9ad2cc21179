"""A line in front of booking: who presses first is dealt with first, however many press at once.

A request that cannot be dealt with at once is kept and done when its turn comes, whether or not its customer asks
again meanwhile; the answer waits for who comes for it. So the order is that of the presses, and not of who asks again
most eagerly. It is of one process, lies in memory, and knows no HTTP; for one event loop.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import secrets
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

AT_ONCE = 12
"""Requests in hand: enough to share a transaction, few enough that what comes meanwhile is read in its order."""
MOST = 40_000
"""Requests that wait; one more is told to come later."""
EACH = 3
"""Requests of one session that may wait."""
KEPT_S = 180.0
"""An answer is kept so long for who does not come for it,"""
KEPT_AGAIN_S = 30.0
"""and so long after it was fetched: the way back may have lost it."""
_PACE_S = 2.0
_FIRST_PACE = 200.0


class FullError(Exception):
    """The line takes nobody else; `of_one`: nobody else of this session."""

    def __init__(self, *, of_one: bool) -> None:
        super().__init__("full")
        self.of_one = of_one


@dataclass(slots=True, eq=False)
class Place(Generic[T]):
    """A request's place: `name` is for who comes for the answer, `key` what makes two requests the same."""

    key: bytes
    session: bytes
    number: int
    do: Callable[[], Awaitable[T]]
    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    answer: T | None = None
    error: BaseException | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Line(Generic[T]):
    """The places, by name and by what they ask."""

    def __init__(
        self, monotonic: Callable[[], float], *, at_once: int = AT_ONCE, most: int = MOST, each: int = EACH
    ) -> None:
        self._monotonic = monotonic
        self._at_once = at_once
        self._most = most
        self._each = each
        self._by_key: dict[bytes, Place[T]] = {}
        self._by_name: dict[str, Place[T]] = {}
        self._waiting: deque[Place[T]] = deque()
        self._of_session: Counter[bytes] = Counter()
        self._leaving: list[tuple[float, int, Place[T]]] = []
        self._came = 0
        self._begun = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._pace = _FIRST_PACE
        self._counted_at = monotonic()
        self._counted = 0

    def enter(self, key: bytes, session: bytes, do: Callable[[], Awaitable[T]]) -> Place[T]:
        """Take a place; who asks the same again gets the place that there is. Raises FullError."""
        self._let_go()
        known = self._by_key.get(key)
        if known is not None:
            return known
        if len(self._waiting) >= self._most:
            raise FullError(of_one=False)
        if self._of_session[session] >= self._each:
            raise FullError(of_one=True)
        self._came += 1
        place = Place(key, session, self._came, do)
        self._by_key[key] = self._by_name[place.name] = place
        self._of_session[session] += 1
        self._waiting.append(place)
        self._begin()
        return place

    def find(self, name: str) -> Place[T] | None:
        """Return a place by its name; None when its answer was kept long enough, or there never was one."""
        self._let_go()
        return self._by_name.get(name)

    def ahead(self, place: Place[T]) -> int:
        """Return how many are dealt with before a place that waits; 0 when it is in hand."""
        return max(0, place.number - self._begun)

    def wait_s(self, place: Place[T]) -> float:
        """Return about how long it takes until a place is dealt with, by the pace of the last seconds."""
        return (self.ahead(place) + 1) / self._pace

    def fetched(self, place: Place[T]) -> None:
        """Keep a place's answer only a little longer: it was handed out."""
        self._leave_at(place, self._monotonic() + KEPT_AGAIN_S)

    def drop(self, place: Place[T]) -> None:
        """Forget a place that is done: asked again, the request is done again."""
        self._by_name.pop(place.name, None)
        if self._by_key.get(place.key) is place:
            del self._by_key[place.key]

    def _begin(self) -> None:
        while self._waiting and len(self._tasks) < self._at_once:
            place = self._waiting.popleft()
            self._begun = place.number
            task = asyncio.get_running_loop().create_task(self._do(place))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def _do(self, place: Place[T]) -> None:
        try:
            place.answer = await place.do()
        except Exception as error:  # noqa: BLE001  # raised to who comes for the answer, as it would have been
            place.error = error
            _log.error("line_failed number=%d", place.number, exc_info=error)
        self._of_session[place.session] -= 1
        if not self._of_session[place.session]:
            del self._of_session[place.session]
        self._leave_at(place, self._monotonic() + KEPT_S)
        place.done.set()
        self._measure()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():  # else the loop ends
            self._begin()

    def _measure(self) -> None:
        self._counted += 1
        now = self._monotonic()
        passed = now - self._counted_at
        if passed >= _PACE_S:
            # While the line was empty the pace was that of the customers, not ours.
            if self._waiting:
                self._pace = max(1.0, 0.5 * self._pace + 0.5 * self._counted / passed)
            self._counted_at, self._counted = now, 0

    def _leave_at(self, place: Place[T], at: float) -> None:
        heapq.heappush(self._leaving, (at, place.number, place))

    def _let_go(self) -> None:
        """Forget what was kept long enough."""
        now = self._monotonic()
        while self._leaving and self._leaving[0][0] <= now:
            self.drop(heapq.heappop(self._leaving)[2])
