"""The sign by which staff call their menu: one corner of the glass is held, then the opposite one. Pure.

No customer does that by chance: every button lies further in, and a corner held alone means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

HELD_S = 1.0
"""A corner is held at least so long."""
WITHIN_S = 5.0
"""The opposite corner is let go no later than so long after the first."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A place on the glass in pixels, and the moment in monotonic seconds."""

    x: float
    y: float
    at: float


class Corners:
    """Watches single touches on a glass of `width` x `height` pixels whose corners are `side` pixels square."""

    def __init__(self, side: float) -> None:
        self._side = side
        self._down: tuple[int, float] | None = None
        self._first: tuple[int, float] | None = None

    def press(self, touch: Touch, width: float, height: float) -> None:
        """Note where a touch begins."""
        corner = self._corner(touch, width, height)
        self._down = None if corner is None else (corner, touch.at)

    def release(self, touch: Touch, width: float, height: float) -> bool:
        """Note where it ends; return whether that was the whole sign."""
        began, self._down = self._down, None
        corner = self._corner(touch, width, height)
        if began is None or corner != began[0] or touch.at - began[1] < HELD_S:
            self._first = None
            return False
        first, self._first = self._first, (began[0], touch.at)
        if first is None or began[0] != 3 - first[0] or touch.at - first[1] > WITHIN_S:
            return False
        self._first = None
        return True

    def _corner(self, touch: Touch, width: float, height: float) -> int | None:
        """Return 0 to 3 (top left, top right, bottom left, bottom right), or None; opposite ones add up to 3."""
        left, right = touch.x < self._side, touch.x >= width - self._side
        top, bottom = touch.y < self._side, touch.y >= height - self._side
        return (2 * bottom + right) if (left or right) and (top or bottom) else None
