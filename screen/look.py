"""The product's colours, sizes and durations as QML sees them, reckoned from the screen's real size.

QML reads them through the singleton `Theme` of the module `Dawr`, never from here. Values come from `assets.theme`;
this module decides none.
"""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlSingleton, QQmlEngine

from assets.theme import Theme

QML_IMPORT_NAME = "Dawr.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlSingleton
class Look(QObject):
    """Roles of the chosen theme, pixels a millimetre, and what a person asked to have larger or stiller."""

    changed = Signal()
    scaleChanged = Signal()

    def __init__(self, theme: Theme, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._roles = dict(theme.colours[name])
        self._px_per_mm = 3.6
        self._large = False
        self._still = False

    @staticmethod
    def create(engine: QQmlEngine) -> QObject | None:
        """Hand an engine the look that was made its child; called by Qt when QML first asks."""
        return engine.findChild(Look)

    def measure(
        self, pixels: tuple[int, int], millimetres: tuple[float, float], drawn_for_mm: float | None = None
    ) -> None:
        """Reckon pixels a millimetre from a window that fills a screen of a known size (the smaller of both sides).

        `drawn_for_mm` is the shorter side of the glass that a design was drawn for: on a larger one all of it grows.
        """
        scale = min(pixels[0] / millimetres[0], pixels[1] / millimetres[1])
        if drawn_for_mm is not None:
            scale *= max(1.0, min(millimetres) / drawn_for_mm)
        if abs(scale - self._px_per_mm) > 1e-6:
            self._px_per_mm = scale
            self.scaleChanged.emit()

    def wear(self, name: str) -> None:
        """Put on another theme: `light`, `dark` or `contrast`. Raises KeyError."""
        if name != self._name:
            self._roles = dict(self._theme.colours[name])
            self._name = name
            self.changed.emit()

    def enlarge(self, large: bool) -> None:
        """Show running text a quarter larger, or not."""
        if large != self._large:
            self._large = large
            self.changed.emit()

    def hold_still(self, still: bool) -> None:
        """Leave out every motion, or not."""
        if still != self._still:
            self._still = still
            self.changed.emit()

    @Property(str, notify=changed)
    def name(self) -> str:
        """Return the theme's name."""
        return self._name

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def roles(self) -> dict[str, str]:
        """Return the theme's colours by role."""
        return self._roles

    @Property(str, constant=True)
    def family(self) -> str:
        """Return the typeface."""
        return self._theme.family

    @Property(float, notify=scaleChanged)
    def pxPerMm(self) -> float:
        """Pixels a millimetre on the glass."""
        return self._px_per_mm

    @Property(bool, notify=changed)
    def large(self) -> bool:
        """Whether running text is larger."""
        return self._large

    @Property(int, notify=changed)
    def shortMs(self) -> int:
        """Return the length of a short motion, 0 when nothing is to move."""
        return 0 if self._still else self._theme.motion_ms["short"]

    @Property(int, notify=changed)
    def longMs(self) -> int:
        """Return the length of a long motion, 0 when nothing is to move."""
        return 0 if self._still else self._theme.motion_ms["long"]
