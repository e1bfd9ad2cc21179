"""View models of the screens that find out who came and for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk import faces
from kiosk.moves import Claim, Confirm, Input, Press, SayBooked, Type

if TYPE_CHECKING:
    # Not before the first frame: the facts cost it some hundredths of a second.
    from queueing.facts import Priority

QML_IMPORT_NAME = "Kiosk.Models"
QML_IMPORT_MAJOR_VERSION = 1

Send = Callable[[Input], None]


def _priority(name: str) -> Priority:
    # QML gives back a name that it was given by `faces`.
    return cast("Priority", name)


@QmlElement
@QmlUncreatable("made by the session")
class CprModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The keypad."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.CprFace()

    def show(self, face: faces.CprFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def cells(self) -> list[object]:
        """See the face."""
        return list(self._face.cells)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def digits(self) -> list[object]:
        """See the face."""
        return list(self._face.digits)

    @Property(bool, notify=changed)
    def complete(self) -> bool:
        """See the face."""
        return self._face.complete

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """See the face."""
        return self._face.busy

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """See the face."""
        return self._face.trouble

    @Property(bool, notify=changed)
    def scanner(self) -> bool:
        """See the face."""
        return self._face.scanner

    @Slot(str)
    def type(self, digit: str) -> None:
        """Pass the touch on."""
        self._send(Type(digit))

    @Slot()
    def erase(self) -> None:
        """Pass the touch on."""
        self._send(Press.ERASE)

    @Slot()
    def clear(self) -> None:
        """Pass the touch on."""
        self._send(Press.CLEAR)

    @Slot()
    def submit(self) -> None:
        """Pass the touch on."""
        self._send(Press.SUBMIT)

    @Slot()
    def withoutCpr(self) -> None:
        """Pass the touch on."""
        self._send(Press.WITHOUT_CPR)


@QmlElement
@QmlUncreatable("made by the session")
class FoundModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The appointments that were found."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.FoundFace()

    def show(self, face: faces.FoundFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def appointments(self) -> list[object]:
        """See the face."""
        return list(self._face.appointments)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def claims(self) -> list[object]:
        """See the face."""
        return list(self._face.claims)

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """See the face."""
        return self._face.busy

    @Slot(str)
    def confirm(self, appointment: str) -> None:
        """Pass the touch on."""
        self._send(Confirm(appointment))

    @Slot(str)
    def claim(self, priority: str) -> None:
        """Pass the touch on."""
        self._send(Claim(_priority(priority)))

    @Slot()
    def otherService(self) -> None:
        """Pass the touch on."""
        self._send(Press.OTHER_SERVICE)


@QmlElement
@QmlUncreatable("made by the session")
class AskBookedModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The question of the cut-off kiosk."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send

    @Slot(bool)
    def say(self, booked: bool) -> None:
        """Pass the touch on."""
        self._send(SayBooked(booked))
