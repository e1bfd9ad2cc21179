"""Where ink falls on the emulated paper."""

from __future__ import annotations

from printer.emulator import execute
from printer.emulator.page import Page

CUT = b"\x1dVB\x00"


def test_the_paper_between_head_and_knife_belongs_to_the_next_piece() -> None:
    with_feed, without = execute(b"\x1dV\x00" + b"first\n" + CUT + b"second\n\x1dV\x00" + b"\x1dV\x00", 576)[:2]
    assert with_feed.height == 30 + Page().head_to_knife
    # A cut without a feed leaves the ink that has not passed the knife yet to the piece after it.
    assert without.height > 0


def test_letters_sizes_and_places() -> None:
    (picture,) = execute(b"\x1ba\x02" + b"\x1d!\x11" + b"II\n" + CUT)
    ink = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
    assert ink is not None
    assert ink[0] >= 576 - 2 * 24
    assert ink[3] - ink[1] > 24


def test_doubled_pictures_are_twice_as_large() -> None:
    sizes = []
    for mode in range(4):
        picture = execute(b"\x1dv0" + bytes((mode,)) + b"\x01\x00\x08\x00" + b"\xff" * 8 + CUT)[0]
        box = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
        assert box is not None
        sizes.append((box[2] - box[0], box[3] - box[1]))
    assert sizes == [(8, 8), (16, 8), (8, 16), (16, 16)]


def test_the_columns_of_another_clients_picture_stand_upright() -> None:
    (picture,) = execute(b"\x1b*\x21\x02\x00" + b"\xff\xff\xff" + b"\x00\x00\x00" + b"\n" + CUT)
    box = picture.convert("L").point(lambda shade: 255 - shade).getbbox()
    assert box is not None
    assert (box[2] - box[0], box[3] - box[1]) == (1, 24)
