"""The kiosk's memory over many visits, as it runs in a centre.

The screen map, by which visitors are led elsewhere, is made of Python objects for every item of every frame; so here a
visitor first learns the way with it, and then goes it by heart before a kiosk without.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from scripts.dawr_dev.bench.figures import Figures
from scripts.dawr_dev.bench.screens import HEARS_HUB, KioskAtWork, at_work
from scripts.dawr_dev.processes import Running, wait_until
from scripts.dawr_dev.xscreen import XScreen

_VISITS = 600
_WARM = 100
"""Caches fill in the first visits; the growth is that of the visits after them."""
_SAMPLES = 50
_PAINT_S = 0.06
"""From a page's first frame until nothing moves on it."""
_ANSWERED = re.compile(rb"on_glass page=")


class _NotingScreen(XScreen):
    """A screen that notes where it is touched."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.touched: list[tuple[int, int]] = []

    def tap(self, x: int, y: int) -> float:
        """Touch a point, and note it."""
        self.touched.append((x, y))
        return super().tap(x, y)


def kiosk_soak(folder: Path) -> Figures:
    """Take 600 tickets and look at the kiosk's resident memory: at the end, and how it grew over the later visits."""
    screens: list[_NotingScreen] = []

    def noting(width: int, height: int) -> _NotingScreen:
        screens.append(_NotingScreen(width, height))
        return screens[0]

    with at_work(folder, 0.1, noting) as kiosk:
        glass = screens[0]
        ways = {language: _way(kiosk, glass, language) for language in ("en", "ar")}
        with _without_map(kiosk) as running:
            sizes = [_visit(running, glass, ways["ar" if number % 2 else "en"]) for number in range(_VISITS)]
    # Many samples each: one visit's size says little, it is between two collections of the interpreter.
    before, after = sizes[_WARM : _WARM + _SAMPLES], sizes[-_SAMPLES:]
    growth = sum(after) / _SAMPLES - sum(before) / _SAMPLES
    return Figures(name="kiosk_soak", n=_VISITS, mb=round(sizes[-1], 1), growth_mb=round(growth, 2))


def _way(kiosk: KioskAtWork, glass: _NotingScreen, language: str) -> list[tuple[int, int]]:
    """Make a visit, and return the points that were touched."""
    glass.touched.clear()
    kiosk.visitor.take_ticket(language)
    kiosk.visitor.leave()
    return glass.touched.copy()


@contextmanager
def _without_map(kiosk: KioskAtWork) -> Iterator[Running]:
    kiosk.demo.house["kiosk"].stop()
    screen = replace(kiosk.screen, screen_map="")
    running = kiosk.demo.start_kiosk(screen, kiosk.demo.paper_url, "ar", timings=True)
    running.wait_for(HEARS_HUB)
    yield running


def _visit(running: Running, glass: XScreen, way: list[tuple[int, int]]) -> float:
    """Go a way by heart; return the kiosk's resident megabytes. Raises TimeoutError where it does not answer."""
    with running.log.open("rb") as log:
        log.seek(0, 2)

        def answered() -> bool | None:
            return True if _ANSWERED.search(log.read()) else None

        for number, (x, y) in enumerate(way, 1):
            glass.tap(x, y)
            wait_until(answered, 10, f"an answer to tap {number} of {len(way)}")
            time.sleep(_PAINT_S)
    return _resident_mb(running.pid)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = re.search(r"VmRSS:\s+(\d+) kB", status)
    if kilobytes is None:
        raise RuntimeError("the kiosk has no memory to look at")
    return int(kilobytes[1]) / 1024
