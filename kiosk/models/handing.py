"""View models of the screens that ask how the number is to reach its customer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk import faces
from kiosk.moves import Dial, Input, Press, Type

QML_IMPORT_NAME = "Kiosk.Models"
QML_IMPORT_MAJOR_VERSION = 1

Send = Callable[[Input], None]

_BY = {"paper": Press.BY_PAPER, "sms": Press.BY_SMS, "screen": Press.BY_SCREEN}


@QmlElement
@QmlUncreatable("made by the session")
class DeliveryModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The choice between paper, message and screen."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.DeliveryFace()

    def show(self, face: faces.DeliveryFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def ways(self) -> list[object]:
        """See the face."""
        return list(self._face.ways)

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """See the face."""
        return self._face.busy

    @Property(bool, notify=changed)
    def offersMessage(self) -> bool:
        """See the face."""
        return self._face.offers_message

    @Slot(str)
    def choose(self, way: str) -> None:
        """Pass the touch on: "paper", "sms" or "screen"."""
        self._send(_BY[way])


@QmlElement
@QmlUncreatable("made by the session")
class PhoneModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The phone's keypad."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.PhoneFace()

    def show(self, face: faces.PhoneFace) -> None:
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

    @Property(str, notify=changed)
    def country(self) -> str:
        """See the face."""
        return self._face.country

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def countries(self) -> list[object]:
        """See the face."""
        return list(self._face.countries)

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
    def without(self) -> None:
        """Pass the touch on."""
        self._send(Press.BY_SCREEN)

    @Slot(int)
    def dial(self, place: int) -> None:
        """Pass the touch on: a country by its place."""
        self._send(Dial(place))
