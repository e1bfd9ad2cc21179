"""A clock on the wall that a test moves as fast as it likes, for all processes that were told of it (libfaketime).

Only the wall clock: what is waited for takes its time, so a line's timeouts are those of a real one however fast a day
goes by. (Told to run at a rate, libfaketime would shorten the waits of sockets and not those of threads.)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

_STEP_S = 0.25


class Sun:
    """`file` is where the processes look how far their clock is from the machine's, each time that they read it."""

    def __init__(self, file: Path, begins_at: datetime) -> None:
        self._file = file
        self._offset = begins_at - datetime.now(UTC)
        self._write()

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells a process of this clock."""
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def now(self) -> datetime:
        """Return the time of the day."""
        return datetime.now(UTC) + self._offset

    def jump(self, to: datetime) -> None:
        """Be there at once."""
        self._offset += to - self.now()
        self._write()

    def go(self, to: datetime, times: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Run so many times as fast until it is `to`; `meanwhile` is called at each step of a quarter second."""
        while (rest := to - self.now()) > timedelta(0):
            self._offset += min(rest, timedelta(seconds=_STEP_S * (times - 1)))
            self._write()
            begun = time.monotonic()
            meanwhile()
            threading.Event().wait(max(0.0, begun + _STEP_S - time.monotonic()))

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._offset.total_seconds():+.3f}\n", encoding="ascii")
        new.replace(self._file)  # whoever reads sees the one or the other
