"""Where everything on a window is, written to a file after each painted frame, for tests and the tour.

An outside process reads it to find where to tap and what is shown. It is written only when the configuration names
a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QTimer, Slot
from PySide6.QtGui import QWindow
from PySide6.QtQuick import QQuickItem, QQuickWindow

from screen.texts import TextSource


def items_of(window: QQuickWindow) -> Iterator[QQuickItem]:
    """Give every item that has an objectName and can be seen and used now."""

    def below(item: QQuickItem) -> Iterator[QQuickItem]:
        if not item.isVisible() or not item.isEnabled() or item.opacity() == 0:
            return
        if item.objectName():
            yield item
        for child in item.childItems():
            yield from below(child)

    yield from below(window.contentItem())


class ScreenMap(QObject):
    """Writes screen, language, items ({objectName: [x, y, w, h]} in window pixels), their texts, and the frame."""

    def __init__(self, window: QWindow, texts: TextSource, path: Path) -> None:
        super().__init__()
        # It is one where this module was imported before the window was made.
        assert isinstance(window, QQuickWindow)
        self._window = window
        self._texts = texts
        self._path = path
        self._frame = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._write)
        window.frameSwapped.connect(self._painted)

    @Slot()
    def _painted(self) -> None:
        self._frame += 1
        self._later.start()

    @Slot()
    def _write(self) -> None:
        items: dict[str, list[int]] = {}
        shown: dict[str, str] = {}
        for item in items_of(self._window):
            corner = item.mapToScene(QPointF(0, 0))
            opposite = item.mapToScene(QPointF(item.width(), item.height()))
            left, right = sorted((corner.x(), opposite.x()))
            items[item.objectName()] = [round(left), round(corner.y()), round(right - left), round(item.height())]
            text = item.property("text")
            if isinstance(text, str) and text:
                shown[item.objectName()] = text
        page = {
            "screen": str(self._window.property("screenName") or ""),
            "language": str(self._texts.property("language")),
            "items": items,
            "texts": shown,
            "frame": self._frame,
        }
        passing = self._path.with_suffix(".new")
        passing.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
        passing.replace(self._path)
