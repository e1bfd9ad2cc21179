"""How often a PIN may be tried at a kiosk, and the file that remembers it through a restart.

The lock is the kiosk's, not a person's: which staff ids exist is nobody's business who does not know a PIN.
"""

from __future__ import annotations

import json
import logging
import math
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

FREE_TRIES = 5
FIRST_WAIT_S = 60
LONGEST_WAIT_S = 900
"""With four tries an hour a PIN of four digits outlasts a hundred days, and a prank costs staff a quarter of one."""

FILE = "staff-lock.json"


@dataclass(frozen=True, slots=True)
class Lock:
    """The wrong tries in a row, the last of them at an aware instant."""

    failures: int = 0
    last_at: datetime | None = None

    def wait_s(self, now: datetime) -> int:
        """Return the seconds until a PIN may be tried, 0 for at once."""
        if self.last_at is None or self.failures < FREE_TRIES:
            return 0
        whole = min(LONGEST_WAIT_S, FIRST_WAIT_S << min(10, self.failures - FREE_TRIES))
        # A clock that was set back must not make it longer than it is.
        return max(0, min(whole, math.ceil(whole - (now - self.last_at).total_seconds())))

    def tried(self, now: datetime) -> Lock:
        """Return the lock after one more try that was not right, or not yet known to be."""
        return Lock(self.failures + 1, now)


class LockFile:
    """The lock in the data folder, read at `now`. For one thread.

    A disk that does not take it weakens nothing while this process runs.
    """

    def __init__(self, data: Path, now: datetime) -> None:
        self._path = data / FILE
        self._lock = self._read(now)

    @property
    def lock(self) -> Lock:
        """The lock as it stands."""
        return self._lock

    def keep(self, lock: Lock) -> None:
        """Put another lock in force, and on the disk before this returns."""
        self._lock = lock
        at = lock.last_at.isoformat() if lock.last_at is not None else None
        passing = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"failures": lock.failures, "last_at": at}, file)
                file.flush()
                os.fsync(file.fileno())
            passing.replace(self._path)
        except OSError as error:
            log.error("lock_not_kept error=%s", error.strerror)

    def _read(self, now: datetime) -> Lock:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            at = datetime.fromisoformat(told["last_at"]) if told["last_at"] else None
            return Lock(int(told["failures"]), at.astimezone(UTC) if at is not None else None)
        except FileNotFoundError:
            return Lock()
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Somebody or something spoilt it: as after one wrong try too many, not as after none.
            log.error("lock_unreadable error=%s", type(error).__name__)
            return Lock(FREE_TRIES, now)
