"""Wall and monotonic time, handed to whoever needs them. Nothing else in the house reads a clock by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """The two times an event carries."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some moment of this boot; never goes back, counts on through a suspend."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since boot.

        CLOCK_BOOTTIME, not CLOCK_MONOTONIC: a kiosk that was suspended for an hour has aged an hour.
        """
        return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """Return the id of this boot: monotonic times of two events compare only when their boots are the same."""
    return path.read_text(encoding="ascii").strip()
