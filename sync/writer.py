"""The one thread that writes a device's log: it drains its queue of jobs into one transaction (group commit).

Order for each batch: jobs run, one commit, futures resolved, listeners told. It does not retry and has no opinion on
what a job does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sync.log import DeviceLog, Transaction

if TYPE_CHECKING:
    from queueing.wire import Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit made durable: the events appended or newly stored, in order."""

    events: Sequence[Event]


class LogWriter:
    """Owns the log: opens it in its thread, runs jobs on it, closes it.

    `on_commit(Committed)` is called in the writer's thread after each commit that kept events (publish here; a raise
    there is a bug). `on_rollback(log)` is called when work that a job believed done was undone (its commit failed, or
    it raised after writing): rebuild the in-memory state from the log there.
    """

    def __init__(
        self,
        open_log: Callable[[], DeviceLog],
        *,
        on_commit: Callable[[Committed], None] | None = None,
        on_rollback: Callable[[DeviceLog], None] | None = None,
        max_batch: int = 64,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start the thread and wait until the log is open. Raises StorageUnavailable."""
        raise NotImplementedError

    def listen(self, on_commit: Callable[[Committed], None]) -> None:
        """Add a listener like `on_commit`, called after those that came before it."""
        raise NotImplementedError

    def submit(self, job: Callable[[Transaction], T]) -> Future[T]:
        """Queue a job from any thread. The future has its result once it is durable, or its exception.

        A failing job undoes only what it wrote itself. StorageUnavailable: nothing of it is kept.
        """
        raise NotImplementedError

    async def run(self, job: Callable[[Transaction], T]) -> T:
        """Queue a job from an event loop and wait for it. A cancelled waiter does not cancel the job."""
        raise NotImplementedError

    def close(self, timeout_s: float = 10.0) -> None:
        """Finish what is queued, close the log, end the thread. Later jobs are refused with RuntimeError."""
        raise NotImplementedError
