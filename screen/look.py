"""The product's colours, sizes and durations as QML sees them, reckoned from the screen's real size.

QML reads them through the singleton `Theme` of the module `Dawr`, never from here. Values come from `assets.theme`;
this module decides none.
"""

from __future__ import annotations

from typing import Any

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

    def measure(self, pixels: tuple[int, int], millimetres: tuple[float, float]) -> None:
        """Reckon pixels a millimetre from a window that fills a screen of a known size (the smaller of both sides)."""
        scale = min(pixels[0] / millimetres[0], pixels[1] / millimetres[1])
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

    def _get_name(self) -> str:
        return self._name

    def _get_roles(self) -> dict[str, Any]:  # Qt wants a plain map of variants
        return self._roles

    def _get_family(self) -> str:
        return self._theme.family

    def _get_px_per_mm(self) -> float:
        return self._px_per_mm

    def _get_large(self) -> bool:
        return self._large

    def _get_short(self) -> int:
        return 0 if self._still else self._theme.motion_ms["short"]

    def _get_long(self) -> int:
        return 0 if self._still else self._theme.motion_ms["long"]

    name = Property(str, _get_name, notify=changed)
    roles = Property("QVariantMap", _get_roles, notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    family = Property(str, _get_family, constant=True)
    pxPerMm = Property(float, _get_px_per_mm, notify=scaleChanged)
    large = Property(bool, _get_large, notify=changed)
    shortMs = Property(int, _get_short, notify=changed)
    longMs = Property(int, _get_long, notify=changed)
