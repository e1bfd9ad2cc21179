"""The one thread that writes a log: it drains its queue of jobs into one transaction (group commit).

Order for each batch: jobs run, one commit, futures resolved, listeners told. It does not retry and has no opinion on
what a job does.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from queueing.wire import Event
from sync.commit import Commit
from sync.log import Log, Transaction
from sync.storage import StorageUnavailable

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
L = TypeVar("L", bound=Log)
C = TypeVar("C", bound=Commit, covariant=True)
Job = Callable[[Transaction], T]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit made durable: the events appended or newly stored, in order."""

    events: Sequence[Event]


class WriterClosedError(RuntimeError):
    """The writer was closed, or died of a bug: no job is taken any more."""


@dataclass(slots=True)
class _Work(Generic[T]):
    """A job and who waits for it: a plain future, or an event loop's."""

    job: Callable[[Any], T]
    future: Future[T] | asyncio.Future[T]
    raises_before_writing: bool
    loop: asyncio.AbstractEventLoop | None = None
    result: T | None = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Hand the outcome over; for an event loop's future, in that loop. Its waiter may have been cancelled."""
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast(T, self.result))


def _settle_all(batch: list[_Work[object]]) -> None:
    for work in batch:
        work.settle()


class Writer(Generic[C]):
    """Owns the log: opens it in its thread, runs jobs on it, closes it. A job is handed what the log calls a commit.

    `on_batch(tx, jobs)` is called when a batch's transaction has begun and before its first job: what all of them will
    look up can be looked up at once. It writes nothing.
    `on_commit(Committed)` is called in the writer's thread after each commit that kept events (publish there).
    `on_rollback(log)` is called when work that a job may have believed done was undone (its commit failed, or it raised
    after writing): rebuild the in-memory state from the log there, which shows just what is kept. A raise of either is
    a bug: the writer ends and refuses all further work.
    """

    def __init__(
        self,
        open_log: Callable[[], L],
        *,
        on_batch: Callable[[C, Sequence[Callable[[C], object]]], None] | None = None,
        on_commit: Callable[[Committed], None] | None = None,
        on_rollback: Callable[[L], None] | None = None,
        max_batch: int = 64,
    ) -> None:
        self._open_log: Callable[[], Log] = open_log
        self._on_batch = on_batch
        self._listeners = [on_commit] if on_commit else []
        self._on_rollback = cast(Callable[[Log], None] | None, on_rollback)
        self._max_batch = max_batch
        self._queue: queue.SimpleQueue[list[_Work[object]] | None] = queue.SimpleQueue()
        self._turns: dict[asyncio.AbstractEventLoop, list[_Work[object]]] = {}
        self._opened: Future[None] = Future()
        self._door = threading.Lock()
        self._closed = False
        # A daemon: when a bug ends the process nothing keeps it from being started again. Queued jobs die with it, and
        # nobody was told that they were done; `close` is the peaceful end.
        self._thread = threading.Thread(target=self._serve, name="log-writer", daemon=True)

    def start(self) -> None:
        """Start the thread and wait until the log is open. Raises StorageUnavailable."""
        self._thread.start()
        self._opened.result()

    def listen(self, on_commit: Callable[[Committed], None]) -> None:
        """Add a listener like `on_commit`, called after those that came before it."""
        self._listeners = [*self._listeners, on_commit]

    @property
    def alive(self) -> bool:
        """False before the start, after the end, and when a bug ended the thread."""
        return self._thread.is_alive()

    def submit(self, job: Callable[[C], T], *, raises_before_writing: bool = False) -> Future[T]:
        """Queue a job from any thread. The future has its result once it is durable, or its exception.

        A failing job undoes only what it wrote itself. StorageUnavailable: nothing of it is kept. A job that promises
        to raise, if at all, before its first write is spared its savepoint; breaking the promise is a bug that ends
        the writer. Raises WriterClosedError.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # A queued job is run: there is no moment to cancel it.
        if not self._put([cast(_Work[object], _Work(job, future, raises_before_writing))]):
            raise WriterClosedError("the log's writer is closed")
        return future

    async def run(self, job: Callable[[C], T], *, raises_before_writing: bool = False) -> T:
        """Queue a job from an event loop and wait for it, as `submit`. A cancelled waiter does not cancel the job.

        Raises what the job raises, StorageUnavailable, WriterClosedError.
        """
        from asyncio import get_running_loop  # noqa: PLC0415  # the kiosk never pays for asyncio

        if self._closed:
            raise WriterClosedError("the log's writer is closed")
        loop = get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        work = cast(_Work[object], _Work(job, future, raises_before_writing, loop))
        # What a turn of the loop brings goes over together at its end. Handed over one by one, the first job would wake
        # this writer to fight the loop for the interpreter's lock while the loop is about to bring the others.
        turn = self._turns.get(loop)
        if turn is None:
            self._turns[loop] = [work]
            loop.call_soon(self._end_turn, loop)
        else:
            turn.append(work)
        return await future

    def close(self, timeout_s: float = 10.0) -> None:
        """Finish what is queued, close the log, end the thread. Later jobs are refused."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        turn = self._turns.pop(loop)
        if not self._put(turn):
            for work in turn:
                work.error = WriterClosedError("the log's writer is closed")
                work.settle()

    def _put(self, works: list[_Work[object]]) -> bool:
        """Queue jobs; False when no more are taken."""
        # The lock makes "refused" and "queued before the end" exclude each other: no job waits for ever.
        with self._door:
            if not self._closed:
                self._queue.put(works)
            return not self._closed

    def _serve(self) -> None:
        try:
            log = self._open_log()
        except BaseException as error:  # noqa: BLE001  # handed to whoever called start()
            self._refuse_the_rest(error)
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            while batch := self._next_batch():
                self._commit(log, batch)
        except BaseException:
            self._refuse_the_rest(WriterClosedError("the log's writer died of a bug"))
            raise
        finally:
            log.close()

    def _next_batch(self) -> list[_Work[object]]:
        """Wait for work and take what is there; empty at the end."""
        first = self._queue.get()
        if first is None:
            return []
        batch = first
        try:
            while len(batch) < self._max_batch:
                works = self._queue.get_nowait()
                if works is None:
                    self._queue.put(None)  # Nothing can be behind it but this: finish the batch, then end.
                    break
                batch += works
        except queue.Empty:
            pass
        return batch

    def _commit(self, log: Log, batch: list[_Work[object]]) -> None:
        committed: Committed | None = None
        begun = False
        try:
            with log.transaction() as tx:
                begun = True
                if self._on_batch is not None:
                    self._on_batch(cast(C, tx), [work.job for work in batch])
                for work in batch:
                    self._run(work, tx)
            committed = Committed(tuple(tx.events))
        except StorageUnavailable as error:
            _log.error("log_unavailable reason=%s jobs=%d", error.reason, len(batch))
            for work in batch:
                work.error = error  # A refusal, too: it may have been decided on what is now undone.
            if begun and self._on_rollback is not None:
                self._on_rollback(log)
        except BaseException:
            for work in batch:
                work.error = work.error or WriterClosedError("the log's writer died of a bug")
            self._settle(batch)
            raise
        self._settle(batch)
        if committed is not None and committed.events:
            for listener in self._listeners:
                listener(committed)

    def _run(self, work: _Work[object], tx: Commit) -> None:
        undone, writes = tx.undone, tx.writes
        try:
            if work.raises_before_writing:
                work.result = work.job(tx)
            else:
                with tx.savepoint():
                    work.result = work.job(tx)
        except StorageUnavailable:
            raise
        except BaseException as error:
            if work.raises_before_writing and tx.writes != writes:
                raise RuntimeError("a job that was to raise before writing has raised after it") from error
            work.error = error
            if self._on_rollback is not None and tx.undone != undone:
                self._on_rollback(tx.log)

    def _settle(self, batch: list[_Work[object]]) -> None:
        """Resolve a batch's futures, waking each event loop once."""
        by_loop: dict[asyncio.AbstractEventLoop, list[_Work[object]]] = {}
        for work in batch:
            if work.loop is None:
                work.settle()
            else:
                by_loop.setdefault(work.loop, []).append(work)
        for loop, works in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle_all, works)
            except RuntimeError:
                # The loop was closed meanwhile: nobody waits there any more. What was committed stays committed.
                _log.info("waiters_gone jobs=%d", len(works))

    def _refuse_the_rest(self, error: BaseException) -> None:
        """Take no more jobs, and answer those that wait already."""
        with self._door:
            self._closed = True
        rest: list[_Work[object]] = []
        try:
            while True:
                rest += self._queue.get_nowait() or []
        except queue.Empty:
            pass
        for work in rest:
            work.error = error
        self._settle(rest)


LogWriter = Writer[Transaction]
"""The writer of a device's own file."""
