"""A logo is stored once in the printer that can keep it, and printed by its key."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from printer import Health, Outcome, Spool
from printer.emulator.machine import Traits
from printer.layout import LONGEST_MM, Width
from printer.logo import Logo
from tests.printer.conftest import ticket
from tests.printer.rig import Rig, rig, until

COARSE = Traits(width=512, maker="EPSON", model="TM-T88VI")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    drawn = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).ellipse((50, 20, 350, 180), fill="black")
    drawn.save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def print_one(folder: Path, printer: Rig, picture: Path, name: str) -> Outcome:
    told: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    health: list[Health] = []
    how = {"on_health": health.append, "logo": picture}
    spool = Spool(folder / name, printer.serial, lambda _, outcome: told.put(outcome), **how)
    spool.start()
    assert until(lambda: bool(health))
    spool.submit("t", ticket())
    try:
        return told.get(timeout=30)
    finally:
        spool.close()


def test_it_is_stored_once_and_stands_on_every_ticket(tmp_path: Path, picture: Path) -> None:
    logo = Logo.load(picture, Width.MM80_COARSE)
    with rig(tmp_path, COARSE) as printer:
        for name in ("first.db", "second.db"):
            assert print_one(tmp_path, printer, picture, name).printed
        assert printer.said.count(logo.store) == 1
        first, second = printer.pieces
        for piece in (first, second):
            assert piece.data.count(logo.reference) == 1
            assert piece.mm <= LONGEST_MM
            assert piece.oddities == ()
        # The ellipse at the top of the paper, in the middle.
        top = second.picture.convert("L").crop((0, 0, 512, 14 * 7 + logo.height))
        assert top.getpixel((256, 14 * 7 + logo.height // 2)) == 0


def test_a_printer_that_cannot_keep_it_prints_without(tmp_path: Path, picture: Path) -> None:
    with rig(tmp_path) as printer:
        assert print_one(tmp_path, printer, picture, "spool.db").printed
        assert b"\x1d(L" not in printer.said


def test_no_picture_is_no_reason_not_to_print(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_text("no picture")
    with rig(tmp_path, COARSE) as printer:
        assert print_one(tmp_path, printer, tmp_path / "logo.png", "spool.db").printed


def test_another_picture_has_another_key(tmp_path: Path, picture: Path) -> None:
    other = tmp_path / "other.png"
    Image.new("L", (300, 100), 0).save(other)
    one, two = Logo.load(picture, Width.MM80), Logo.load(other, Width.MM80)
    assert one.key != two.key
    assert all(32 <= byte <= 126 for byte in one.key + two.key)
    assert not any(command in one.bits for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
