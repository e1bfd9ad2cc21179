"""The hall as QML sees it: properties of the picture that is shown, each group telling when it changes.

No rule and no I/O: `show` takes the next picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

from display.picture import Bar, Both, Picture
from display.rows import Rows

QML_IMPORT_NAME = "Hall.Model"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the composition root")  # type: ignore[operator]  # the stub forgets that it decorates
class HallModel(QObject):
    """Forwards one frozen Picture."""

    stageChanged = Signal()
    rowsChanged = Signal()
    servicesChanged = Signal()
    noticeChanged = Signal()
    barChanged = Signal()

    def __init__(self, words: Mapping[str, Both], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = {key: _plain(both) for key, both in words.items()}
        self._rows = Rows(self)
        self._picture = Picture(None, (), (), (), Bar((), (), "", "live", ()))

    @property
    def picture(self) -> Picture:
        """What is shown."""
        return self._picture

    def show(self, picture: Picture) -> bool:
        """Show it; return whether anything on the glass is different."""
        old, self._picture = self._picture, picture
        if old.rows != picture.rows:
            self._rows.show(picture.rows)
            self.rowsChanged.emit()
        if old.stage != picture.stage:
            self.stageChanged.emit()
        if old.services != picture.services:
            self.servicesChanged.emit()
        if old.notice != picture.notice:
            self.noticeChanged.emit()
        if old.bar != picture.bar:
            self.barChanged.emit()
        return old != picture

    def _get_staged(self) -> bool:
        return self._picture.stage is not None

    def _get_number(self) -> str:
        return self._picture.stage.number if self._picture.stage else ""

    def _get_counter(self) -> str:
        return self._picture.stage.counter if self._picture.stage else ""

    def _get_again(self) -> bool:
        return self._picture.stage is not None and self._picture.stage.again

    def _get_rows(self) -> QObject:
        return self._rows

    def _get_count(self) -> int:
        return len(self._picture.rows)

    def _get_others(self) -> list[dict[str, Any]]:  # Qt variants
        return [
            {"number": row.number, "counter": row.counter, "next": row.state == "next"}
            for row in self._picture.rows
            if row.state != "stage"
        ]

    def _get_services(self) -> list[dict[str, Any]]:  # Qt variants
        return [
            {"letter": row.letter, "names": _plain(row.names), "count": row.count, "minutes": row.minutes}
            for row in self._picture.services
        ]

    def _get_notice(self) -> list[dict[str, Any]]:  # Qt variants
        return _plain(self._picture.notice)

    def _get_names(self) -> list[dict[str, Any]]:  # Qt variants
        return _plain(self._picture.bar.names)

    def _get_dates(self) -> list[dict[str, Any]]:  # Qt variants
        return _plain(self._picture.bar.dates)

    def _get_since(self) -> list[dict[str, Any]]:  # Qt variants
        return _plain(self._picture.bar.since)

    def _get_clock(self) -> str:
        return self._picture.bar.clock

    def _get_link(self) -> str:
        return self._picture.bar.link

    def _get_labels(self) -> dict[str, Any]:  # Qt variants
        return self._labels

    staged = Property(bool, _get_staged, notify=stageChanged)
    number = Property(str, _get_number, notify=stageChanged)
    counter = Property(str, _get_counter, notify=stageChanged)
    again = Property(bool, _get_again, notify=stageChanged)
    rows = Property(QObject, _get_rows, constant=True)
    count = Property(int, _get_count, notify=rowsChanged)
    others = Property("QVariantList", _get_others, notify=rowsChanged)  # type: ignore[arg-type]  # a Qt type
    services = Property("QVariantList", _get_services, notify=servicesChanged)  # type: ignore[arg-type]  # a Qt type
    notice = Property("QVariantList", _get_notice, notify=noticeChanged)  # type: ignore[arg-type]  # a Qt type
    names = Property("QVariantList", _get_names, notify=barChanged)  # type: ignore[arg-type]  # a Qt type
    dates = Property("QVariantList", _get_dates, notify=barChanged)  # type: ignore[arg-type]  # a Qt type
    since = Property("QVariantList", _get_since, notify=barChanged)  # type: ignore[arg-type]  # a Qt type
    clock = Property(str, _get_clock, notify=barChanged)
    link = Property(str, _get_link, notify=barChanged)
    labels = Property("QVariantMap", _get_labels, constant=True)  # type: ignore[arg-type]  # a Qt type


def _plain(both: Both) -> list[dict[str, Any]]:  # Qt variants
    return [{"text": words.text, "rtl": words.rtl} for words in both]
