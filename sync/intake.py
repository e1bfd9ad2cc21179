"""How much of what is sent a receiver takes in hand at once: the rest waits its turn, and who is too many comes again.

A clerk's key is decided between two pushes, however many devices come back at once; and what waits has a bound in
memory. For one event loop; it knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
from collections import deque

IN_HAND = 64 * 1024
"""Bytes on the wire that are read and kept at once: some ninety tickets, or two packed pushes of 500 events."""
WAITING = 16 << 20
WAITERS = 256


class BusyError(Exception):
    """Too much waits already: nothing was looked at."""


class Intake:
    """Turns for what is sent, in the order of arrival. What is larger than `in_hand` is taken alone."""

    def __init__(self, in_hand: int = IN_HAND, waiting: int = WAITING, waiters: int = WAITERS) -> None:
        self._most_in_hand = in_hand
        self._most_waiting = waiting
        self._most_waiters = waiters
        self._in_hand = 0
        self._waiting = 0
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now is sent away."""
        return len(self._queue) >= self._most_waiters or self._waiting >= self._most_waiting

    async def enter(self, weight: int) -> None:
        """Wait for a turn with so many bytes; `leave` with as many. Raises BusyError."""
        if not self._queue and self._has_room(weight):
            self._in_hand += weight
            return
        if self.is_full:
            raise BusyError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((weight, turn))
        self._waiting += weight
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave(weight)
            elif (weight, turn) in self._queue:
                self._queue.remove((weight, turn))
                self._waiting -= weight
            raise

    def leave(self, weight: int) -> None:
        """Give the turn on."""
        self._in_hand -= weight
        while self._queue and self._has_room(self._queue[0][0]):
            following, turn = self._queue.popleft()
            self._waiting -= following
            # One that gave up in this very moment has not yet left the queue by itself.
            if not turn.cancelled():
                self._in_hand += following
                turn.set_result(None)

    def _has_room(self, weight: int) -> bool:
        return self._in_hand == 0 or self._in_hand + weight <= self._most_in_hand
