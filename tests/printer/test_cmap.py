"""The character maps of the house's fonts, against an independent reader of fonts."""

from __future__ import annotations

import struct

import pytest
from fontTools.ttLib import TTFont

from assets.paths import FONTS
from printer.cmap import FontError, characters


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.ttf")), ids=lambda path: path.stem)
def test_as_fonttools_reads_it(path) -> None:
    with TTFont(path) as font:
        assert characters(path) == frozenset(font.getBestCmap())


def test_no_font(tmp_path) -> None:
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(struct.pack(">LHHHH", 0x10000, 0, 0, 0, 0))
    with pytest.raises(FontError):
        characters(bad)
    bad.write_bytes(b"\0\1")
    with pytest.raises(FontError):
        characters(bad)
