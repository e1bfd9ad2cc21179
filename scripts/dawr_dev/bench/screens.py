"""The screens' figures: real windows on a virtual screen, taps from outside, times as the apps' own logs tell them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.demo import DISPLAY_GLASS_MM, KIOSK_GLASS_MM, Demo, Screen
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.processes import House, Running
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, XScreen

_STARTS = 15
_VISITS = 40
_KIOSK_PIXELS, _DISPLAY_PIXELS = (1080, 1920), (1920, 1080)
_FRAME = re.compile(r"first_frame ms=")
HEARS_HUB = re.compile(r"watch up=True")
_KNOWS_CENTRE = re.compile(r"settings version=")


@dataclass(frozen=True, slots=True)
class KioskAtWork:
    """A kiosk with its hub, server and paper, on a glass, and a visitor before it."""

    demo: Demo
    screen: Screen
    running: Running
    visitor: Visitor


@contextmanager
def at_work(folder: Path, rest_s: float, make_glass: Callable[[int, int], XScreen] = XScreen) -> Iterator[KioskAtWork]:
    """Start a kiosk on any morning after its first, and all that it works with. Raises ProcessError."""
    with make_glass(*_KIOSK_PIXELS) as glass, House(folder / "logs") as house:
        demo = Demo(house, folder)
        demo.begin()
        demo.start_server()
        demo.start_hub()
        demo.start_paper()
        shown = ScreenMap(folder / "screen.json")
        screen = Screen(_KIOSK_PIXELS, KIOSK_GLASS_MM["portrait"], glass.environment, screen_map=str(shown.path))
        demo.start_kiosk(screen, demo.paper_url, "ar", timings=True).wait_for(_KNOWS_CENTRE)
        # Its first start makes its files and learns its centre. What is measured is a kiosk as on any other morning.
        demo.house["kiosk"].stop()
        shown.path.unlink(missing_ok=True)
        running = demo.restart("kiosk")
        running.wait_for(HEARS_HUB)
        yield KioskAtWork(demo, screen, running, Visitor(glass, shown, rest_s=rest_s))


def first_frame(folder: Path) -> Figures:
    """Start the kiosk again and again, as after a power cut: it knows its centre, the network comes later."""
    with at_work(folder, 0.1) as kiosk:
        return of_samples("first_frame", _first_frames(kiosk.demo, "kiosk"))


def first_frame_display(folder: Path) -> Figures:
    """Start the display again and again: it shows the board that it has kept."""
    with XScreen(*_DISPLAY_PIXELS) as glass, House(folder / "logs") as house:
        demo = Demo(house, folder)
        demo.begin()
        demo.start_server()
        demo.start_hub()
        demo.start_display(Screen(_DISPLAY_PIXELS, DISPLAY_GLASS_MM, glass.environment), audio=False)
        return of_samples("first_frame_display", _first_frames(demo, "display"))


def _first_frames(demo: Demo, name: str) -> list[float]:
    times = []
    for _ in range(_STARTS + 1):
        demo.house[name].stop()
        running = demo.restart(name)
        running.wait_for(_FRAME)
        times += [said.ms for said in figures(running.output(), "first_frame")]
    return times[1:]


def tap_paint(folder: Path) -> Figures:
    """Time from a tap to the next screen painted, over every tap of some visits."""
    return _over_visits(folder, "tap_paint", "painted")


def tap_commit(folder: Path) -> Figures:
    """Time from the last tap to the ticket committed."""
    return _over_visits(folder, "tap_commit", "ticket_committed")


def tap_first_byte(folder: Path) -> Figures:
    """Time from the last tap to the ticket's first byte at the printer."""
    return _over_visits(folder, "tap_first_byte", "printer_first_byte")


def _over_visits(folder: Path, name: str, line: str) -> Figures:
    with at_work(folder, 0.1) as kiosk:
        for _ in range(_VISITS):
            kiosk.visitor.take_ticket("ar")
            kiosk.visitor.leave()
        return of_samples(name, [said.ms for said in figures(kiosk.running.output(), line)])
