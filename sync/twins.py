"""Finds a device whose key is in use at two places at the same time: its disk was copied.

Each process of a device begins its nonces with a number of its own, its run (`sync.identity.Signer`). A process that
ended never signs again, so a run that signs later than another which began after it lives beside it: two machines. A
restart, a reopened stream, a power cut and a request that was long on its way never look like that. Pure; it refuses
nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sync.clock import Clock

LATER_MS = 2000
"""By so much the earlier run has to have signed later: a clock that was just put right is no twin."""
_RUNS = 8
"""More of one device are not remembered: the oldest go."""


@dataclass(slots=True)
class _Seen:
    """The runs of one key in the order in which they began here, and when each was first signed (Unix ms)."""

    public_key: str
    began: dict[str, int] = field(default_factory=dict)
    twin_since: datetime | None = None
    streams: dict[str, str] = field(default_factory=dict)


class Twins:
    """What was heard of each device's runs, since this process began. Not for use by two threads at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def heard(self, device: str, public_key: str, run: str, signed_ms: int) -> bool:
        """Take a request that was found good; tell whether it shows for the first time that the device is two."""
        seen = self._seen.get(device)
        if seen is None or seen.public_key != public_key:
            # Enrolled anew: whatever was true of the old key, it is refused now.
            seen = self._seen[device] = _Seen(public_key)
        if run not in seen.began:
            seen.began[run] = signed_ms
            if len(seen.began) > _RUNS:
                del seen.began[next(iter(seen.began))]
            return False
        newest = next(reversed(seen.began))
        if seen.twin_since is not None or run == newest or signed_ms <= seen.began[newest] + LATER_MS:
            return False
        seen.twin_since = self._clock.now()
        return True

    def opened(self, device: str, view: str, run: str) -> None:
        """Take a live stream that a run, which was heard, opens."""
        self._seen[device].streams[view] = run

    def is_current(self, device: str, view: str, run: str) -> bool:
        """Tell whether a run's live stream may go on: the last that was opened, and any of a device known to be two.

        One that another run's came after is most likely a dead machine's. Should it live, it opens its stream again,
        signs later than the other began, and is found out: a display says nothing else by which it could be.
        """
        seen = self._seen.get(device)
        return seen is None or seen.twin_since is not None or seen.streams.get(view, run) == run

    def since(self, device: str, public_key: str) -> datetime | None:
        """Return since when a device is known to be at two places, None when it is not."""
        seen = self._seen.get(device)
        return None if seen is None or seen.public_key != public_key else seen.twin_since
