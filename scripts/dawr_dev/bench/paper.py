"""The ticket's figures: bytes and length, how soon it is confirmed over a line, what that does to the screen."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assets.texts import Catalogue
from printer.encode import Encoder
from printer.ticket import TicketPaper, Wait
from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.bench.hall import CENTRE
from scripts.dawr_dev.demo import KIOSK_GLASS_MM, Demo, Screen
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.processes import House, Program, Running, wait_until
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, XScreen

_LANGUAGES = ("ar", "en")
_PIXELS = (1080, 1920)
_BAUD, _MM_S, _CUT_S = 115_200, 150, 0.2
_TICKETS = 20
_READY_PAPER = re.compile(r"ready pty=")
_FRAME = re.compile(r" frame ms=([0-9.]+)")
_HEARS_HUB = re.compile(r"watch up=True")
_KNOWS_CENTRE = re.compile(r"settings version=")


def ticket(_folder: Path) -> Figures:
    """Encode a full ticket of every service in both languages; report the most bytes and the longest paper."""
    centre = json.loads(CENTRE.read_text(encoding="utf-8"))
    encoder = Encoder({language: Catalogue.load(language) for language in _LANGUAGES})
    now = datetime.now(UTC)
    papers = [
        TicketPaper(
            number=f"{service['letter']}0188",
            centre=centre["name"],
            service=service["name"],
            taken_at=now,
            languages=languages,
            ahead=23,
            wait=Wait(35, 50, now),
            qr="HTTPS://DAWR.EXAMPLE.GOV.BH/T/AH3HBQDU2QMSSM4Q",
            needs={language: tuple(things) for language, things in service["needs"].items()},
        )
        for service in centre["services"]
        for languages in (_LANGUAGES, _LANGUAGES[::-1])
    ]
    encoded = [encoder.encode(paper) for paper in papers]
    return Figures(
        name="ticket",
        n=len(encoded),
        bytes=max(len(each.data) for each in encoded),
        mm=round(max(each.mm for each in encoded), 1),
    )


@contextmanager
def _kiosk_on_a_line(folder: Path, *options: str) -> Iterator[tuple[Running, Visitor]]:
    """Start a kiosk whose printer is at the end of a serial line, with paper that takes its time."""
    with XScreen(*_PIXELS) as glass, House(folder / "logs") as house:
        demo = Demo(house, folder)
        demo.begin()
        demo.start_server()
        demo.start_hub()
        line = folder / "line"
        emulator = [sys.executable, "-m", "printer.emulator", "--pty", str(line), "--out", str(folder / "paper")]
        pace = ["--baud", str(_BAUD), "--speed", str(_MM_S), "--cut", str(_CUT_S)]
        house.start(Program("paper", [*emulator, *pace]), _READY_PAPER)
        shown = ScreenMap(folder / "screen.json")
        screen = Screen(_PIXELS, KIOSK_GLASS_MM["portrait"], glass.environment, screen_map=str(shown.path))
        demo.start_kiosk(screen, f"serial://{line}?baud={_BAUD}", "ar", timings=True).wait_for(_KNOWS_CENTRE)
        # As on any morning after its first.
        demo.house["kiosk"].stop()
        shown.path.unlink(missing_ok=True)
        program, ready = demo.programs["kiosk"]
        kiosk = house.start(Program(program.name, [*program.arguments, *options], program.environment), ready)
        kiosk.wait_for(_HEARS_HUB)
        yield kiosk, Visitor(glass, shown, rest_s=0.1)


def _settled(kiosk: Running, count: int) -> bool | None:
    return True if len(list(figures(kiosk.output(), "settled"))) >= count else None


def _take(kiosk: Running, visitor: Visitor, count: int) -> None:
    """Take tickets, each when the one before has been settled."""
    for done in range(count):
        visitor.take_ticket(_LANGUAGES[done % 2])
        wait_until(partial(_settled, kiosk, done + 1), 20, "the paper")
        visitor.leave()


def ticket_printed(folder: Path) -> Figures:
    """Time from the ticket's commit to the printer's own confirmation, at 115,200 baud and 150 mm of paper a second."""
    with _kiosk_on_a_line(folder) as (kiosk, visitor):
        _take(kiosk, visitor, _TICKETS)
        settled = list(figures(kiosk.output(), "settled"))
    times = [each.ms for each in settled if each.words["outcome"] == "printed"]
    note = None if len(times) == len(settled) else f"{len(settled) - len(times)} were not confirmed"
    return of_samples("ticket_printed", times, note=note)


def print_frames(folder: Path) -> Figures:
    """Time between two frames of a kiosk that paints without a pause, while a ticket is on its way to the paper."""
    with _kiosk_on_a_line(folder, "--frames") as (kiosk, visitor):
        _take(kiosk, visitor, _TICKETS)
        printing, after = _frames(kiosk.output())
    return of_samples("print_frames", printing, note=f"longest {max(printing):.0f} ms; after it {max(after):.0f} ms")


def _frames(log: str) -> tuple[list[float], list[float]]:
    """Return the frames' times from the ticket on the glass to the printer's answer, and those after it."""
    printing: list[float] = []
    after: list[float] = []
    now = after
    for line in log.splitlines():
        if " on_glass page=ticket" in line:
            now = printing
        elif " settled job=" in line:
            now = after
        elif frame := _FRAME.search(line):
            now.append(float(frame[1]))
    return printing, after
