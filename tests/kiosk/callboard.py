"""A callboard that is read by whoever made it, in its own time: the GUI thread is not there."""

from __future__ import annotations

import queue
from collections.abc import Callable

from kiosk.known import Known
from kiosk.moves import Input
from kiosk.session import Callboard, Change

WITHIN_S = 30
"""For a loaded machine; nothing here takes a tenth of it."""


class Board(Callboard):
    """Keeps what is told and taught until it is asked for. Raises queue.Empty when nothing comes `WITHIN_S`."""

    def __init__(self) -> None:
        super().__init__()
        self.news: queue.SimpleQueue[Input] = queue.SimpleQueue()
        self.changes: queue.SimpleQueue[Change] = queue.SimpleQueue()

    def tell(self, news: Input) -> None:
        self.news.put(news)

    def teach(self, change: Change) -> None:
        self.changes.put(change)

    def next(self) -> Input:
        return self.news.get(timeout=WITHIN_S)

    def learn(self, known: Known, enough: Callable[[Known], bool]) -> Known:
        """Take changes until what is known is enough."""
        while not enough(known):
            known = self.changes.get(timeout=WITHIN_S)(known)
        return known
