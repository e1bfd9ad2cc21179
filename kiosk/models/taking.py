"""View models of the screens that lead to the ticket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk import faces
from kiosk.moves import Choose, Claim, Input, OpenGroup, Press

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
class ServicesModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The services or their groups."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.ServicesFace()

    def show(self, face: faces.ServicesFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def tiles(self) -> list[object]:
        """See the face."""
        return list(self._face.tiles)

    @Property(bool, notify=changed)
    def grouped(self) -> bool:
        """See the face."""
        return self._face.grouped

    @Property(str, notify=changed)
    def group(self) -> str:
        """See the face."""
        return self._face.group

    @Slot(str)
    def choose(self, service: str) -> None:
        """Pass the touch on."""
        self._send(Choose(service))

    @Slot(str)
    def openGroup(self, group: str) -> None:
        """Pass the touch on."""
        self._send(OpenGroup(group))


@QmlElement
@QmlUncreatable("made by the session")
class DetailsModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """A service before its ticket is taken."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.DetailsFace()

    def show(self, face: faces.DetailsFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property(str, notify=changed)
    def letter(self) -> str:
        """See the face."""
        return self._face.letter

    @Property(str, notify=changed)
    def name(self) -> str:
        """See the face."""
        return self._face.name

    @Property(str, notify=changed)
    def wait(self) -> str:
        """See the face."""
        return self._face.wait

    @Property(str, notify=changed)
    def waiting(self) -> str:
        """See the face."""
        return self._face.waiting

    @Property(str, notify=changed)
    def fee(self) -> str:
        """See the face."""
        return self._face.fee

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def needs(self) -> list[object]:
        """See the face."""
        return list(self._face.needs)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def claims(self) -> list[object]:
        """See the face."""
        return list(self._face.claims)

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """See the face."""
        return self._face.busy

    @Property(bool, notify=changed)
    def paper(self) -> bool:
        """See the face."""
        return self._face.paper

    @Slot(str)
    def claim(self, priority: str) -> None:
        """Pass the touch on."""
        self._send(Claim(_priority(priority)))

    @Slot()
    def take(self) -> None:
        """Pass the touch on."""
        self._send(Press.TAKE)


@QmlElement
@QmlUncreatable("made by the session")
class TicketModel(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """The ticket."""

    changed = Signal()

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._face = faces.TicketFace()

    def show(self, face: faces.TicketFace) -> None:
        """Show a face; QML hears of it only when it differs."""
        if face != self._face:
            self._face = face
            self.changed.emit()

    @Property(str, notify=changed)
    def number(self) -> str:
        """See the face."""
        return self._face.number

    @Property(str, notify=changed)
    def service(self) -> str:
        """See the face."""
        return self._face.service

    @Property(str, notify=changed)
    def title(self) -> str:
        """See the face."""
        return self._face.title

    @Property(str, notify=changed)
    def ahead(self) -> str:
        """See the face."""
        return self._face.ahead

    @Property(str, notify=changed)
    def wait(self) -> str:
        """See the face."""
        return self._face.wait

    @Property(str, notify=changed)
    def state(self) -> str:
        """See the face."""
        return self._face.state

    @Property(str, notify=changed)
    def advice(self) -> str:
        """See the face."""
        return self._face.advice

    @Property(str, notify=changed)
    def tone(self) -> str:
        """See the face."""
        return self._face.tone

    @Property(bool, notify=changed)
    def another(self) -> bool:
        """See the face."""
        return self._face.another

    @Slot()
    def done(self) -> None:
        """Pass the touch on."""
        self._send(Press.DONE)

    @Slot()
    def anotherTicket(self) -> None:
        """Pass the touch on."""
        self._send(Press.ANOTHER_TICKET)
