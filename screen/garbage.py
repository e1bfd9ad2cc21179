"""Frees what only Python's collector can free in the GUI thread alone.

The collector runs wherever an allocation happens to wake it. In a worker thread it would destroy Qt objects
there, whose timers and windows belong to the GUI thread: Qt warns at best and crashes at worst.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 30_000


class GarbageInGuiThread(QObject):
    """Turns the automatic collector off, and collects from time to time in the thread that made this object.

    What is there at the first collection, the libraries of a start above all, is never looked at again: 16 ms of each
    later one, in which no finger would be answered.
    """

    def __init__(self, parent: QObject | None = None, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        gc.disable()
        self._settled = False
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        """Give the work back to the automatic collector."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _collect(self) -> None:
        gc.collect()
        if not self._settled:
            self._settled = True
            gc.freeze()
