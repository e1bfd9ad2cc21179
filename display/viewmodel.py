"""The hall as QML sees it: properties of the picture that is shown, each group telling when it changes.

No rule and no I/O: `show` takes the next picture.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

from display.picture import Bar, Both, Picture
from display.rows import Rows

QML_IMPORT_NAME = "Hall.Model"
QML_IMPORT_MAJOR_VERSION = 1

# What QML gets for Both: {"text": str, "rtl": bool} for each language.
Plain = list[dict[str, str | bool]]


@QmlElement
@QmlUncreatable("made by the composition root")
class HallModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
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
        self._picture = Picture(False, None, (), (), (), Bar((), (), "", "live", ()))

    @property
    def picture(self) -> Picture:
        """What is shown."""
        return self._picture

    def show(self, picture: Picture) -> bool:
        """Show it; return whether anything on the glass is different."""
        old, self._picture = self._picture, picture
        if old.rows != picture.rows or old.started != picture.started:
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

    @Property(bool, notify=rowsChanged)
    def started(self) -> bool:
        """Whether there is a board at all."""
        return self._picture.started

    @Property(bool, notify=stageChanged)
    def staged(self) -> bool:
        """Whether a call has the stage."""
        return self._picture.stage is not None

    @Property(str, notify=stageChanged)
    def number(self) -> str:
        """Return the number on the stage."""
        return self._picture.stage.number if self._picture.stage else ""

    @Property(str, notify=stageChanged)
    def counter(self) -> str:
        """Return the counter on the stage."""
        return self._picture.stage.counter if self._picture.stage else ""

    @Property(bool, notify=stageChanged)
    def again(self) -> bool:
        """Whether the call on the stage is a recall."""
        return self._picture.stage is not None and self._picture.stage.again

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """Return the list of calls, a model."""
        return self._rows

    @Property(int, notify=rowsChanged)
    def count(self) -> int:
        """How many calls are in the list."""
        return len(self._picture.rows)

    @Property("QVariantList", notify=rowsChanged)  # type: ignore[arg-type]  # a Qt type's name
    def others(self) -> list[dict[str, str | bool]]:
        """Return the calls that are not on the stage, newest first; `next` marks those still to be announced."""
        return [
            {"number": row.number, "counter": row.counter, "next": row.standing == "next"}
            for row in self._picture.rows
            if row.standing != "stage"
        ]

    @Property("QVariantList", notify=servicesChanged)  # type: ignore[arg-type]  # a Qt type's name
    def services(self) -> list[dict[str, str | Plain]]:
        """Return the services with who waits and how long."""
        return [
            {"letter": row.letter, "names": _plain(row.names), "count": row.count, "minutes": row.minutes}
            for row in self._picture.services
        ]

    @Property("QVariantList", notify=noticeChanged)  # type: ignore[arg-type]  # a Qt type's name
    def notice(self) -> Plain:
        """Return the notice, or what staff are to do."""
        return _plain(self._picture.notice)

    @Property("QVariantList", notify=barChanged)  # type: ignore[arg-type]  # a Qt type's name
    def names(self) -> Plain:
        """Return the centre's name."""
        return _plain(self._picture.bar.names)

    @Property("QVariantList", notify=barChanged)  # type: ignore[arg-type]  # a Qt type's name
    def dates(self) -> Plain:
        """Return the date."""
        return _plain(self._picture.bar.dates)

    @Property("QVariantList", notify=barChanged)  # type: ignore[arg-type]  # a Qt type's name
    def since(self) -> Plain:
        """Return the words for the time of the last news; empty while the source is there."""
        return _plain(self._picture.bar.since)

    @Property(str, notify=barChanged)
    def clock(self) -> str:
        """Return the time in the hall."""
        return self._picture.bar.clock

    @Property(str, notify=barChanged)
    def link(self) -> str:
        """How the source is: `live`, `lost` or `long lost`."""
        return self._picture.bar.link

    @Property("QVariantMap", constant=True)  # type: ignore[arg-type]  # a Qt type's name
    def labels(self) -> dict[str, Plain]:
        """Return the words that never change."""
        return self._labels


def _plain(both: Both) -> Plain:
    return [{"text": words.text, "rtl": words.rtl} for words in both]
