"""View models of what is around every screen, and of those without a question: start, refusal, farewell."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk import faces
from kiosk.moves import Begin, Input, Press, Speak

QML_IMPORT_NAME = "Kiosk.Models"
QML_IMPORT_MAJOR_VERSION = 1

Send = Callable[[Input], None]


@QmlElement
@QmlUncreatable("made by the session")
class FrameModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """What surrounds every screen, and the touches and keys that every screen has."""

    changed = Signal()

    def __init__(self, send: Send, press: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._send = send
        self._press = press
        self._face = faces.FrameFace()

    def show(self, face: faces.FrameFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property(str, notify=changed)
    def page(self) -> str:
        """See the face."""
        return self._face.page

    @Property(str, notify=changed)
    def language(self) -> str:
        """See the face."""
        return self._face.language

    @Property(str, notify=changed)
    def centre(self) -> str:
        """See the face."""
        return self._face.centre

    @Property(str, notify=changed)
    def clock(self) -> str:
        """See the face."""
        return self._face.clock

    @Property(bool, notify=changed)
    def canGoBack(self) -> bool:
        """See the face."""
        return self._face.can_go_back

    @Property(bool, notify=changed)
    def canStartOver(self) -> bool:
        """See the face."""
        return self._face.can_start_over

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def otherLanguages(self) -> list[object]:
        """See the face."""
        return list(self._face.other_languages)

    @Property(bool, notify=changed)
    def warned(self) -> bool:
        """See the face."""
        return self._face.warned

    @Property(bool, notify=changed)
    def contrast(self) -> bool:
        """See the face."""
        return self._face.contrast

    @Property(bool, notify=changed)
    def large(self) -> bool:
        """See the face."""
        return self._face.large

    @Property(bool, notify=changed)
    def low(self) -> bool:
        """See the face."""
        return self._face.low

    @Property(bool, notify=changed)
    def closed(self) -> bool:
        """See the face."""
        return self._face.closed

    @Slot(str, str, result=bool)
    def key(self, key: str, text: str) -> bool:
        """Pass a key of a keyboard on; return whether it meant something."""
        return self._press(key, text)

    @Slot()
    def back(self) -> None:
        """Pass the touch on."""
        self._send(Press.BACK)

    @Slot()
    def startOver(self) -> None:
        """Pass the touch on."""
        self._send(Press.START_OVER)

    @Slot()
    def stay(self) -> None:
        """Pass the touch on."""
        self._send(Press.STAY)

    @Slot()
    def toggleContrast(self) -> None:
        """Pass the touch on."""
        self._send(Press.CONTRAST)

    @Slot()
    def toggleLarge(self) -> None:
        """Pass the touch on."""
        self._send(Press.LARGE)

    @Slot()
    def toggleLow(self) -> None:
        """Pass the touch on."""
        self._send(Press.LOW)

    @Slot(str)
    def speak(self, language: str) -> None:
        """Pass the touch on."""
        self._send(Speak(language))


@QmlElement
@QmlUncreatable("made by the session")
class StartModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The idle screen."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.StartFace()

    def show(self, face: faces.StartFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def invitations(self) -> list[object]:
        """See the face."""
        return list(self._face.invitations)

    @Property(str, notify=changed)
    def clock(self) -> str:
        """See the face."""
        return self._face.clock

    @Slot(str)
    def begin(self, language: str) -> None:
        """Pass the touch on."""
        self._send(Begin(language))


@QmlElement
@QmlUncreatable("made by the session")
class RefusedModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """A refusal."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.RefusedFace()

    def show(self, face: faces.RefusedFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property(str, notify=changed)
    def title(self) -> str:
        """See the face."""
        return self._face.title

    @Property(str, notify=changed)
    def advice(self) -> str:
        """See the face."""
        return self._face.advice

    @Property(str, notify=changed)
    def first(self) -> str:
        """See the face."""
        return self._face.first

    @Property(str, notify=changed)
    def second(self) -> str:
        """See the face."""
        return self._face.second

    @Slot()
    def firstStep(self) -> None:
        """Pass the touch on."""
        self._send(Press.FIRST_STEP)

    @Slot()
    def secondStep(self) -> None:
        """Pass the touch on."""
        self._send(Press.SECOND_STEP)


@QmlElement
@QmlUncreatable("made by the session")
class ThanksModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The farewell."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.ThanksFace()

    def show(self, face: faces.ThanksFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property(str, notify=changed)
    def number(self) -> str:
        """See the face."""
        return self._face.number

    @Slot()
    def done(self) -> None:
        """Pass the touch on."""
        self._send(Press.DONE)
