"""What every screen of the kiosk is held to: nothing cut, nothing over another, all large enough to touch."""

from __future__ import annotations

import gc
from itertools import product

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtQuick import QQuickItem

from tests.kiosk.stage import Stage

_LOOKS = ((False, False, 268.0), (True, False, 336.0), (False, True, 400.0))
_IN_SHORT = (("ar", 0, "portrait"), ("en", 1, "portrait"), ("en", 2, "landscape"), ("ar", 1, "landscape"))
"""Each language, look and layout, and each language in both layouts; all twelve together only in the long run."""
EVERY_GLASS = pytest.mark.parametrize(
    ("language", "large", "low", "short_mm", "layout"),
    [
        pytest.param(language, *look, layout, marks=() if (language, n, layout) in _IN_SHORT else pytest.mark.long)
        for language, (n, look), layout in product(("ar", "en"), enumerate(_LOOKS), ("portrait", "landscape"))
    ],
)


def faces_of(stage: Stage) -> dict[str, str]:
    """Return what each view model would tell QML now."""
    return {name: repr(getattr(model, "_face", None)) for name, model in stage.session.models.items()}


def mm(stage: Stage, name: str) -> float:
    item = stage.shown()[name]
    return float(min(item.width(), item.height()) / stage.px_per_mm)


def fits(stage: Stage) -> None:
    """See that nothing leaves the glass, no two touchables meet, no text is cut, all is large enough to touch."""
    touchables = {name: item for name, item in stage.shown().items() if _is_touchable(item)}
    boxes = {name: item.mapRectToScene(item.boundingRect()) for name, item in touchables.items()}
    where = f"{stage.page}: "
    for name, box in boxes.items():
        assert box.left() >= -1 and box.right() <= stage.pixels[0] + 1, f"{where}{name} {box}"
        assert box.top() >= -1 and box.bottom() <= stage.pixels[1] + 1, f"{where}{name} {box}"
        assert mm(stage, name) >= 15, f"{where}{name} is {mm(stage, name):.1f} mm"
        for other, second in boxes.items():
            if name < other and "thanks" not in (name, other):
                assert not box.adjusted(1, 1, -1, -1).intersects(second), f"{where}{name} meets {other}"
    written: list[tuple[str, QRectF]] = []
    labels = [
        item for item in _all(stage.window.contentItem()) if item.property("truncated") is not None and _text(item)
    ]
    for item in labels:
        box = item.mapRectToScene(item.boundingRect())
        assert box.top() >= -1 and box.bottom() <= stage.pixels[1] + 1, f"{where}{_text(item)!r} {box}"
        assert box.left() >= -1 and box.right() <= stage.pixels[0] + 1, f"{where}{_text(item)!r} {box}"
        assert not item.property("truncated"), f"{where}{_text(item)!r} is cut"
        # Lines stand in boxes with room for accents and tails: that much of two may meet.
        line = box.height() / item.property("lineCount") * 0.2
        tight = box.adjusted(2, line, -2, -line)
        for text, other_box in written:
            assert not tight.intersects(other_box), f"{where}{_text(item)!r} over {text!r}"
        written.append((_text(item), tight))
        for name, touchable in boxes.items():
            inside = touchables[name].isAncestorOf(item) or "thanks" in name
            assert inside or not touchable.intersects(box.adjusted(2, 2, -2, -2)), f"{where}{_text(item)!r} in {name}"
    gc.collect()


def _text(item: QQuickItem) -> str:
    return str(item.property("text") or "")


def _is_touchable(item: QQuickItem) -> bool:
    return item.property("checkable") is not None and item.property("pressed") is not None


def _all(item: QQuickItem) -> list[QQuickItem]:
    if not item.isVisible() or item.opacity() == 0:
        return []
    return [item, *(below for child in item.childItems() for below in _all(child))]
