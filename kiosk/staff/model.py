"""The view model of the staff screens: it shows a face, and passes touches on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk.staff.faces import StaffFace
from kiosk.staff.moves import Do, Input, Press, Type

QML_IMPORT_NAME = "KioskStaff.Models"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the session")
class StaffModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """All staff screens: they differ by what they say, hardly by what they are."""

    changed = Signal()

    def __init__(self, send: Callable[[Input], None], speak: Callable[[str], None]) -> None:
        super().__init__()
        self._send = send
        self._speak = speak
        self._face = StaffFace()
        self._languages: list[object] = []

    def show(self, face: StaffFace, languages: list[object]) -> None:
        """Show a face; QML hears of it only when it differs. `languages`: the others, rows of code and name."""
        if (face, languages) != (self._face, self._languages):
            self._face, self._languages = face, languages
            self.changed.emit()

    @Property(str, notify=changed)
    def page(self) -> str:
        """See the face."""
        return self._face.page

    @Property(str, notify=changed)
    def title(self) -> str:
        """See the face."""
        return self._face.title

    @Property(str, notify=changed)
    def help(self) -> str:
        """See the face."""
        return self._face.help

    @Property(str, notify=changed)
    def who(self) -> str:
        """See the face."""
        return self._face.who

    @Property(str, notify=changed)
    def typed(self) -> str:
        """See the face."""
        return self._face.typed

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """See the face."""
        return self._face.trouble

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """See the face."""
        return self._face.busy

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def lines(self) -> list[object]:
        """See the face."""
        return list(self._face.lines)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def actions(self) -> list[object]:
        """See the face."""
        return list(self._face.actions)

    @Property(int, notify=changed)
    def columns(self) -> int:
        """See the face."""
        return self._face.columns

    @Property(int, notify=changed)
    def level(self) -> int:
        """See the face."""
        return self._face.level

    @Property(int, notify=changed)
    def colour(self) -> int:
        """See the face."""
        return self._face.colour

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def cells(self) -> list[object]:
        """See the face."""
        return list(self._face.cells)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def otherLanguages(self) -> list[object]:
        """Return the languages that are not on the screen."""
        return self._languages

    @Slot(str)
    def type(self, sign: str) -> None:
        """Pass the touch on."""
        self._send(Type(sign))

    @Slot()
    def erase(self) -> None:
        """Pass the touch on."""
        self._send(Press.ERASE)

    @Slot()
    def submit(self) -> None:
        """Pass the touch on."""
        self._send(Press.SUBMIT)

    @Slot(str, str)
    def act(self, name: str, what: str) -> None:
        """Pass the touch on."""
        self._send(Do(name, what))

    @Slot()
    def back(self) -> None:
        """Pass the touch on."""
        self._send(Press.BACK)

    @Slot()
    def leave(self) -> None:
        """Pass the touch on."""
        self._send(Press.LEAVE)

    @Slot(str)
    def speak(self, language: str) -> None:
        """Pass the touch on."""
        self._speak(language)
