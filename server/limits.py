"""How often something may be asked for: so many times in a minute, counted anew in the next.

Alone, a server counts in memory. Where several processes share a database they count there, so that who asks many of
them gets no more than who asks one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete

from server.shared_tables import LimitRow
from server.storage import Store
from sync.clock import Clock

_MINUTE_S = 60.0
_KEPT_MIN = 10


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


class Limit(Protocol):
    """A limit of this process, or of all of them."""

    async def take(self, key: str) -> int:
        """Count one and return 0; over the limit, return the seconds to wait. Raises StorageUnavailable."""
        ...


def limit(store: Store, clock: Clock, name: str, times: int) -> Limit:
    """Return a limit that holds over all processes on the store; `name` tells it from others."""
    return _Shared(store, clock, name, times) if store.is_shared else _Own(times, clock)


class _Own:
    def __init__(self, times: int, clock: Clock) -> None:
        self._counts = PerMinute(times, clock.monotonic)

    async def take(self, key: str) -> int:
        return self._counts.take(key)


class _Shared:
    """Counted in the database, in one statement; of a key its keyed hash alone is kept there."""

    def __init__(self, store: Store, clock: Clock, name: str, times: int) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._times = times

    async def take(self, key: str) -> int:
        now = self._clock.now().timestamp()
        hidden = self._store.vault.keyed_hash("limit", f"{self._name}/{key}")
        minute = int(now // _MINUTE_S)
        count = await self._store.run(lambda session: _counted(session, self._name, hidden, minute))
        return 0 if count <= self._times else max(1, math.ceil((minute + 1) * _MINUTE_S - now))


def forget_old(session: Session, now: datetime) -> None:
    """Delete the counts of minutes that are over."""
    session.execute(delete(LimitRow).where(col(LimitRow.minute) < now.timestamp() // _MINUTE_S - _KEPT_MIN))


def _counted(session: Session, name: str, key: str, minute: int) -> int:
    fresh = insert(LimitRow).values(name=name, key=key, minute=minute, times=1)
    # A process whose clock is a little behind counts in the others' minute.
    is_later = fresh.excluded.minute > col(LimitRow.minute)
    counted = fresh.on_conflict_do_update(
        index_elements=[col(LimitRow.name), col(LimitRow.key)],
        set_={
            "times": case((is_later, 1), else_=col(LimitRow.times) + 1),
            "minute": case((is_later, fresh.excluded.minute), else_=col(LimitRow.minute)),
        },
    ).returning(col(LimitRow.times))
    return int(session.execute(counted).scalar_one())
