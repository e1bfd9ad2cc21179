"""A bad cable: carries frames between two network cards, and loses, repeats, delays and so reorders them by chance.

The cards are TAP devices, each in a box of its own (`network.py`): not every kernel can make a line bad by itself
(`tc netem`). What is above the cards is the kernel's own network, which knows nothing of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import select
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from random import Random

_FRAME = 4096
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad a cable is: shares (0 to 1) of frames lost and carried twice; each is late by up to `late_s` seconds."""

    lost: float = 0.0
    twice: float = 0.0
    late_s: float = 0.0


FAIR = Weather()


def open_card(name: str) -> int:
    """Make a TAP card in the namespace of this thread; return the cable's end of it, a descriptor. Raises OSError."""
    card = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(card, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return card


class Wire:
    """A cable between two cards, which it takes over. Fair until told otherwise."""

    def __init__(self, near: int, far: int, seed: int) -> None:
        self.weather = FAIR
        self.frames: Counter[str] = Counter()
        """How many were carried, lost, twice, and overtaken by a later one."""
        self._other = {near: far, far: near}
        self._chance = Random(seed)
        self._order = count()
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._newest: dict[int, int] = {near: -1, far: -1}
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._carry, name="wire", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the cable and its cards away."""
        os.close(self._waker)
        self._thread.join(5)
        for descriptor in (self._wake, *self._other):
            os.close(descriptor)

    def _carry(self) -> None:
        while True:
            pause = max(0.0, self._under_way[0][0] - time.monotonic()) if self._under_way else None
            ready, _, _ = select.select([self._wake, *self._other], [], [], pause)
            if self._wake in ready:
                return
            for card in ready:
                # A card that is down just now says so; one whose namespace is gone too.
                with contextlib.suppress(OSError):
                    self._take(card, os.read(card, _FRAME))
            self._deliver(time.monotonic())

    def _take(self, card: int, frame: bytes) -> None:
        weather = self.weather
        if self._chance.random() < weather.lost:
            self.frames["lost"] += 1
            return
        copies = 2 if self._chance.random() < weather.twice else 1
        self.frames["twice"] += copies - 1
        for _ in range(copies):
            at = time.monotonic() + self._chance.uniform(0, weather.late_s)
            heapq.heappush(self._under_way, (at, next(self._order), self._other[card], frame))

    def _deliver(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now:
            _, order, card, frame = heapq.heappop(self._under_way)
            self.frames["overtaken"] += order < self._newest[card]
            self._newest[card] = max(order, self._newest[card])
            self.frames["carried"] += 1
            with contextlib.suppress(OSError):
                os.write(card, frame)
