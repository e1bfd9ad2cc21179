"""Which call has the stage, and which wait for it: each call once, in order, one at a time.

Pure: it is told the time and what was spoken, and says who is next. It plays no sound and draws nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from display.board import Call

# A call older than this when first heard of has been seen or repeated by other means: speaking it would call
# somebody who already sits at the counter.
FRESH_S = 30.0
# Long enough to look up, find the number and read the counter, when there is no voice at all.
LEAST_S = 6.0
# After the voice: to check what was heard against the paper. Shorter when others wait for the stage.
REST_S = 2.5
HASTE_S = 0.6
# The voice says when it has ended; should it never say so, the hall must not stand still.
LONGEST_S = 30.0
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class _Staged:
    call: Call
    since: float
    spoken: float | None = None


class Announcer:
    """The queue for the stage. Times are seconds of one monotonic clock."""

    def __init__(self, announced: Iterable[str] = ()) -> None:
        self._announced = deque(announced, maxlen=_REMEMBERED)
        self._known = set(self._announced)
        self._queue: deque[Call] = deque()
        self._staged: _Staged | None = None

    @property
    def on_stage(self) -> Call | None:
        """The call that is being announced."""
        return self._staged.call if self._staged else None

    @property
    def waiting(self) -> tuple[Call, ...]:
        """The calls that wait for the stage, the next one first."""
        return tuple(self._queue)

    @property
    def announced(self) -> tuple[str, ...]:
        """The ids of the calls that had the stage, for the next start to know; oldest first, bounded."""
        return tuple(self._announced)

    def offer(self, calls: Sequence[Call], now: datetime) -> None:
        """Take in a board's calls: new and fresh ones queue up, by the hub's order, whatever order they came in.

        A queued call that the hub has taken back (an undo) leaves the queue; one that is merely too far back for
        the hub's list stays.
        """
        listed = {call.call_id for call in calls}
        oldest = min((call.seq for call in calls), default=0)
        source = calls[-1].source if calls else ""
        self._queue = deque(
            call for call in self._queue if call.call_id in listed or call.source != source or call.seq < oldest
        )
        for call in sorted(calls, key=lambda each: each.seq):
            if call.call_id in self._known:
                continue
            self._known.add(call.call_id)
            if (now - call.at).total_seconds() <= FRESH_S:
                self._queue.append(call)
            else:
                self._remember(call)

    def spoken(self, call_id: str, at: float) -> None:
        """Note that the voice has finished (or there is none to wait for)."""
        if self._staged and self._staged.call.call_id == call_id and self._staged.spoken is None:
            self._staged = _Staged(self._staged.call, self._staged.since, at)

    def advance(self, at: float) -> Call | None:
        """Clear the stage when its time is over, and return the call that takes it now, if one does."""
        if self._staged and at >= self._ends(self._staged):
            self._staged = None
        if self._staged is None and self._queue:
            call = self._queue.popleft()
            self._staged = _Staged(call, at)
            self._remember(call)
            return call
        return None

    @property
    def due(self) -> float | None:
        """When `advance` has something to do, if nothing else happens before."""
        return self._ends(self._staged) if self._staged else None

    def _ends(self, staged: _Staged) -> float:
        if staged.spoken is None:
            return staged.since + LONGEST_S
        rest = HASTE_S if self._queue else REST_S
        return max(staged.since + LEAST_S, staged.spoken + rest)

    def _remember(self, call: Call) -> None:
        if len(self._announced) == _REMEMBERED:
            self._known.discard(self._announced[0])
        self._announced.append(call.call_id)
