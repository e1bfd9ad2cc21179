"""A printer's own answers choose what its tickets are like."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from printer import Outcome, Spool
from printer.devices import BadUrlError
from printer.emulator.machine import Traits
from printer.layout import Width
from printer.profiles import Identity, load, named, profile_of
from tests.printer.conftest import ticket
from tests.printer.rig import rig


@pytest.mark.parametrize(
    ("maker", "model", "name", "width"),
    [
        ("EPSON", "TM-T88V", "epson-tm-t88", Width.MM80_COARSE),
        ("_EPSON", "TM-T88VI", "epson-tm-t88", Width.MM80_COARSE),
        ("EPSON", "TM-T20III", "epson-tm-t20", Width.MM80),
        ("EPSON", "TM-m30II", "epson-tm-t20", Width.MM80),
        ("Star", "TSP143IV", "star-esc-pos", Width.MM80),
        ("XPRINTER", "XP-N160II", "xprinter", Width.MM80),
        ("POS-80", "", "xprinter", Width.MM80),
        ("EPSON", "TM-U220", "careful", Width.MM80),
        ("", "", "careful", Width.MM80),
    ],
)
def test_the_family_of_a_printer(maker: str, model: str, name: str, width: Width) -> None:
    profile = profile_of(Identity(maker, model))
    assert (profile.name, profile.width(80)) == (name, width)


def test_each_family_is_whole_and_says_where_it_was_read() -> None:
    for profile in load():
        assert {profile.width(mm).paper_mm for mm in (58, 80)} == {58, 80}
        assert profile.width(80).dpi == profile.dpi
        assert profile.cut
    assert profile_of(Identity()).name == "careful"
    assert named("no-knife") is not None
    assert named("brother") is None


def print_one(folder: Path, traits: Traits, query: str = "", wire: str = "tcp") -> tuple[Outcome, bytes, int]:
    told: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    with rig(folder, traits) as printer:
        spool = Spool(folder / "spool.db", getattr(printer, wire) + query, lambda _, outcome: told.put(outcome))
        spool.submit("t", ticket())
        spool.start()
        outcome = told.get(timeout=30)
        spool.close()
        printer.order("tear")
        (piece,) = printer.pieces
        assert piece.oddities == ()
        return outcome, piece.data, piece.picture.width


def test_the_first_ticket_of_a_coarse_printer_is_laid_out_for_it(tmp_path: Path) -> None:
    outcome, data, width = print_one(tmp_path, Traits(width=512, maker="EPSON", model="TM-T88V"))
    assert (outcome.printed, width) == (True, 512)
    assert b"\x1dP\xb4\xb4" in data


@pytest.mark.parametrize("wire", ["tcp", "serial"])
def test_a_profile_is_taken_by_hand(tmp_path: Path, wire: str) -> None:
    outcome, data, _ = print_one(tmp_path, Traits(cutter=False), "?profile=no-knife", wire)
    assert outcome.printed
    assert b"\x1dV" not in data


def test_a_presenter_is_handed_the_ticket_and_asked_by_what_it_knows(tmp_path: Path) -> None:
    outcome, data, _ = print_one(tmp_path, Traits(presenter=True), "?profile=custom-presenter")
    assert outcome.printed
    assert data.count(b"\x1cP") == 1
    assert b"\x1d(H" not in data


def test_a_profile_that_there_is_none_of(tmp_path: Path) -> None:
    with pytest.raises(BadUrlError):
        Spool(tmp_path / "spool.db", "tcp://127.0.0.1?profile=brother", lambda *_: None)
