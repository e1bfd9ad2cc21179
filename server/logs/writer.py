"""This process' writer of the centres' logs in PostgreSQL: `sync.writer`, which hears of the other processes' commits.

Its listeners are told what the other processes committed, too, each event once; a moment later, since no reader loses
anything by it.
"""

from __future__ import annotations

from collections.abc import Callable

from queueing.wire import Stream
from server.logs.commit import CentresCommit
from server.logs.log import CentresLog, Others
from server.news import News
from server.planting import OWN_LOG
from sync.clock import Clock
from sync.writer import Committed, Writer, WriterClosedError

TOPIC = "log"


class CentresWriter(Writer[CentresCommit]):
    """Make it before the news begin; its users need not know that it is no `LogWriter`."""

    def __init__(self, url: str, centre: Callable[[str], str], news: News, clock: Clock, boot: str) -> None:
        """`centre` names the centre of a device, "" when nobody knows it; `start` connects."""
        self._listening: list[Callable[[Committed], None]] = []
        self._told: int | None = None
        # The server writes no event of its own, so any number of processes may have the same name.
        stream = Stream(OWN_LOG, 1)
        super().__init__(
            lambda: CentresLog(url, stream, centre, clock, boot), on_commit=lambda committed: news.tell(TOPIC)
        )
        news.listen(TOPIC, lambda keys: self.hear())

    def listen(self, on_commit: Callable[[Committed], None]) -> None:
        """Add a listener, called after those that came before it: in the writer's thread, or in the one of the news."""
        self._listening = [*self._listening, on_commit]
        super().listen(on_commit)

    def hear(self) -> None:
        """Tell the listeners what other processes have committed since the last time. Raises StorageUnavailable."""
        more = True
        while more:
            try:
                others = self.submit(self._others).result()
            except WriterClosedError:
                return
            # Only now: what was read with a batch that could not be committed is read again.
            self._told, more = others.upto, others.more
            if others.events:
                for listener in self._listening:
                    listener(Committed(others.events))

    def _others(self, tx: CentresCommit) -> Others:
        return tx.log.of_others(tx.log.opened_at if self._told is None else self._told)
