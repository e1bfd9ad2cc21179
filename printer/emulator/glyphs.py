"""The letters of the emulated printer: its font A of 12 by 24 dots, and font B of 9 by 17 made from it.

The pictures are Terminus (see FONTS.txt). Only what code page 1252 has is here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image

_CHARACTERS = [*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x100)), *"–—‘’“”•…€"]
_PLACES = {character: index for index, character in enumerate(_CHARACTERS)}


@cache
def _sheet(bold: bool) -> Image.Image:
    path = Path(__file__).with_name("font-a-bold.png" if bold else "font-a.png")
    with Image.open(path) as image:
        return image.convert("L")


@cache
def glyph(character: str, *, bold: bool, small: bool) -> Image.Image:
    """Return a character's cell, black on white, 12 by 24 dots, or 9 by 17 when small. Unknown ones are a box."""
    place = _PLACES.get(character)
    if place is None:
        cell = Image.new("L", (12, 24), 0)
        cell.paste(255, (2, 4, 10, 20))
    else:
        x, y = place % 16 * 12, place // 16 * 24
        cell = _sheet(bold).crop((x, y, x + 12, y + 24))
    if small:
        cell = cell.resize((9, 17), Image.Resampling.BOX).point(lambda shade: 255 if shade > 140 else 0)
    return cell
