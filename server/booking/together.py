"""Jobs that wait for the disk at the same moment share one transaction (group commit), in the order of their coming.

While one transaction is written the next gathers whatever comes. On PostgreSQL, which does so by itself between its
connections, each job stays a transaction of its own. It knows no booking.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlmodel import Session

from server.booking.answers import RefusedError
from server.storage import Store
from sync.storage import StorageUnavailable

T = TypeVar("T")

MOST = 64
"""Jobs of one transaction."""


@dataclass(slots=True, eq=False)
class _Work:
    """A job, what follows its commit, and who waits for it."""

    job: Callable[[Session], Any]
    then: Callable[[Any], object] | None
    waiter: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        """Hand the outcome over; who waited may have gone."""
        if self.waiter.done():
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.result)


class Together:
    """Runs jobs of an event loop on a store; each loop has transactions of its own.

    A job says no (RefusedError) before it writes anything, or what it wrote may stay. Any other error undoes the whole
    transaction, and each of its jobs is run again, alone.
    """

    def __init__(self, store: Store, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._waiting: dict[asyncio.AbstractEventLoop, list[_Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, job: Callable[[Session], T], then: Callable[[T], object] | None = None) -> T:
        """Run a job as `Store.run` does: committed when this returns. Raises what it raises, StorageUnavailable."""
        if self._store.is_shared:
            return await self._store.run(job, then)
        loop = asyncio.get_running_loop()
        work = _Work(job, then, loop.create_future())
        waiting = self._waiting.get(loop)
        if waiting is None:
            self._waiting[loop] = [work]
            task = loop.create_task(self._serve(loop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            waiting.append(work)
        return cast(T, await work.waiter)

    async def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while waiting := self._waiting[loop]:
                batch, self._waiting[loop] = waiting[: self._most], waiting[self._most :]
                try:
                    await self._commit(batch)
                finally:
                    for work in batch:
                        work.settle()
        finally:
            del self._waiting[loop]

    async def _commit(self, batch: Sequence[_Work]) -> None:
        try:
            await self._store.run(lambda session: _all(session, batch), lambda _: _follow(batch))
        except StorageUnavailable as error:
            for work in batch:
                work.error = error  # A refusal, too: it may have been decided on what is now undone.
        except Exception:  # noqa: BLE001  # whose it is, is found out by running each alone
            for work in batch:
                await self._alone(work)

    async def _alone(self, work: _Work) -> None:
        work.error = None
        try:
            work.result = await self._store.run(work.job, work.then)
        except Exception as error:  # noqa: BLE001  # raised where the job was asked for
            work.error = error


def _all(session: Session, batch: Sequence[_Work]) -> None:
    for work in batch:
        try:
            work.result = work.job(session)
        except RefusedError as error:
            work.error = error


def _follow(batch: Sequence[_Work]) -> None:
    for work in batch:
        if work.error is None and work.then is not None:
            work.then(work.result)
