"""The one part of the staff menu that is there from the start: it knows the sign, and fetches the rest when it is made.

Everything heavier is imported by `make`, on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk.staff.gesture import Corners, Touch

if TYPE_CHECKING:
    from kiosk.staff.session import Backroom, StaffSession

QML_IMPORT_NAME = "Kiosk.Models"
QML_IMPORT_MAJOR_VERSION = 1


class Visits(Protocol):
    """The customers' visits, which wait while staff are there."""

    def hold(self) -> bool:
        """Let the visit wait; return whether there is one."""
        ...

    def go_on(self) -> None:
        """Let it go on, with all its time before it."""
        ...


@QmlElement
@QmlUncreatable("made by the kiosk")
class StaffDoor(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """Watches for the sign and holds the menu while it is open.

    `make` imports and makes the session; `backroom` gives what does its errands, None while the kiosk cannot (its log
    is not open yet): then the sign means nothing.
    """

    changed = Signal()
    pageChanged = Signal()

    def __init__(
        self,
        visits: Visits,
        make: Callable[[], StaffSession],
        backroom: Callable[[StaffSession], Backroom | None],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__()
        self._visits, self._make, self._backroom, self._monotonic = visits, make, backroom, monotonic
        self._corners: tuple[float, Corners] | None = None
        self._session: StaffSession | None = None
        self._is_open = False

    @Property(QObject, notify=changed)
    def menu(self) -> QObject | None:
        """Return the menu's view model; None while nobody is there."""
        return self._session.model if self._session is not None and self._is_open else None

    @Property(str, notify=pageChanged)
    def page(self) -> str:
        """Return the menu's page; empty while nobody is there."""
        return str(self._session.model.page) if self._session is not None and self._is_open else ""

    @Slot(float, float, float, float, float)
    def press(self, x: float, y: float, width: float, height: float, side: float) -> None:
        """Hear where a finger came down; `side` is that of a corner, all in pixels."""
        if self._corners is None or self._corners[0] != side:
            self._corners = (side, Corners(side))
        self._corners[1].press(Touch(x, y, self._monotonic()), width, height)

    @Slot(float, float, float, float)
    def release(self, x: float, y: float, width: float, height: float) -> None:
        """Hear where it went up again."""
        if self._corners is None or self._is_open:
            return
        if self._corners[1].release(Touch(x, y, self._monotonic()), width, height):
            self.open()

    @Slot(str, str, result=bool)
    def key(self, key: str, text: str) -> bool:
        """Take a key while the menu is open; return whether it was."""
        if self._session is None or not self._is_open:
            return False
        self._session.key(key, text)
        return True

    def open(self) -> None:
        """Open the menu, if the kiosk can."""
        if self._session is None:
            self._session = self._make()
            self._session.ended.connect(self._ended)
            self._session.model.changed.connect(self.pageChanged)
        backroom = self._backroom(self._session)
        if backroom is None:
            return
        self._session.open(backroom, visit_waits=self._visits.hold())
        self._is_open = True
        self.changed.emit()
        self.pageChanged.emit()

    def close(self) -> None:
        """End for good, with the window."""
        if self._session is not None:
            self._session.close()

    @Slot()
    def _ended(self) -> None:
        self._is_open = False
        self.changed.emit()
        self.pageChanged.emit()
        self._visits.go_on()
