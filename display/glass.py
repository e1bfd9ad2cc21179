"""Puts pictures on the glass and notes when a new call could be seen: the measure of the whole chain."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from display.picture import Picture
from display.viewmodel import HallModel

log = logging.getLogger(__name__)


class Glass(QObject):
    """Shows a picture; `painted` is to be connected to the window's frameSwapped."""

    def __init__(self, model: HallModel, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._model = model
        self._monotonic = monotonic
        self._unseen: dict[str, float] = {}

    def show(self, picture: Picture, new_calls: frozenset[str]) -> None:
        """Show it; `new_calls` are the ids that no picture before it had."""
        begun = self._monotonic()
        if self._model.show(picture):
            self._unseen.update(dict.fromkeys(new_calls, begun))

    @Slot()
    def painted(self) -> None:
        """Note each call that the frame which has just been shown is the first to hold."""
        if not self._unseen:
            return
        at = self._monotonic()
        for call_id, begun in self._unseen.items():
            log.info("call_painted call_id=%s ms=%.1f monotonic=%.6f", call_id, (at - begun) * 1000, at)
        self._unseen.clear()
