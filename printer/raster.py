"""Draw what a thermal printer's own letters cannot: lines of Arabic, and the number plate.

Pictures are one bit deep, black on white, at the printer's dots (203 an inch, 8 a millimetre). A character that the
house's typeface has no glyph for is an error: a blank box on a ticket is a defect, not a fallback.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from assets.paths import FONTS
from assets.texts import RIGHT_TO_LEFT
from printer.cmap import characters
from printer.layout import NoGlyphError, Weight, plate_height

# They steer the order of characters and have no picture; raqm obeys them and draws nothing.
_WITHOUT_PICTURE = frozenset("\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")
_FAMILY = "IBMPlexSansArabic"
_LINES_KEPT = 64
_CAP_OF_SIZE = 0.698  # of IBM Plex Sans Arabic: OS/2 sCapHeight 698 of 1000
_SHADES = 2  # the plate is drawn so many times larger and taken down, for true edges


@dataclass(frozen=True, slots=True)
class Picture:
    """Ink without its empty surroundings; `top` dots of the line's box are above it (negative: it reaches out)."""

    image: Image.Image
    top: int


class Face:
    """The house's typeface at the printer's dots. Fonts are opened once; one thread uses it at a time."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[Weight, int], ImageFont.FreeTypeFont] = {}
        self._known: dict[Weight, frozenset[int]] = {}
        # Services, centres and documents come again on the next ticket; a line costs a millisecond and 1 KB.
        self._lines: dict[tuple[str, int, Weight, str], Picture] = {}
        self._widths: dict[tuple[str, int, Weight, str], int] = {}

    def missing(self, text: str, weight: Weight = "Regular") -> tuple[str, ...]:
        """Return the names of the characters of a text that have no glyph."""
        if weight not in self._known:
            self._known[weight] = characters(FONTS / f"{_FAMILY}-{weight}.ttf")
        known = self._known[weight]
        absent = sorted({c for c in text if ord(c) not in known and c not in _WITHOUT_PICTURE})
        return tuple(f"U+{ord(c):04X} {unicodedata.name(c, '?')}" for c in absent)

    def width(self, text: str, size: int, weight: Weight, language: str) -> int:
        """Return how many dots wide a line of `size` dots to the em would be."""
        key = (text, size, weight, language)
        if key not in self._widths:
            if len(self._widths) >= 4 * _LINES_KEPT:
                self._widths.clear()
            font = self._font(weight, size)
            length = font.getlength(text, direction=_direction(language), language=language)
            self._widths[key] = round(length)
        return self._widths[key]

    def line(self, text: str, size: int, weight: Weight, language: str) -> Picture:
        """Draw one line, to stand in a box of `box_height(size)`. Raises NoGlyphError; ValueError for an empty line."""
        key = (text, size, weight, language)
        if key not in self._lines:
            if len(self._lines) >= _LINES_KEPT:
                self._lines.pop(next(iter(self._lines)))
            self._lines[key] = self._drawn(text, size, weight, language)
        return self._lines[key]

    def _drawn(self, text: str, size: int, weight: Weight, language: str) -> Picture:
        if missing := self.missing(text, weight):
            raise NoGlyphError(missing)
        font = self._font(weight, size)
        width = self.width(text, size, weight, language)
        paper = Image.new("L", (width + 2 * size, 3 * size), 255)
        ImageDraw.Draw(paper).text(
            (size, size + _ascent(size)),
            text,
            font=font,
            fill=0,
            direction=_direction(language),
            language=language,
            anchor="ls",
        )
        # Half-covered dots burn: thin strokes of small Arabic would break otherwise.
        ink = paper.point(lambda shade: 255 if shade < 150 else 0)
        box = ink.getbbox()
        if box is None:
            raise ValueError("an empty line")
        return Picture(_black_on_white(ink.crop(box)), box[1] - size)

    def plate(self, number: str, cap: int, widest: int) -> Image.Image:
        """Draw the number plate: the letters in a solid block, then the digits in a rim, `cap` dots high digits.

        The proportions are those of the screens' plate, closer above and below because paper costs; a number that is
        wider than `widest` is drawn narrower, never lower. Raises NoGlyphError.
        """
        if missing := self.missing(number, "Bold"):
            raise NoGlyphError(missing)
        split = len(number) - len(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        large = cap * _SHADES
        high = plate_height(cap) * _SHADES
        rim, corner = round(high * 0.035), round(high * 0.13)
        letters = self._ink(number[:split], large)
        digits = self._ink(number[split:], large)
        block = (letters.width + round(high * 0.26)) if letters else 0
        field = (digits.width + round(high * 0.32)) if digits else 0
        width = block + field
        plate = Image.new("L", (width, high), 255)
        pen = ImageDraw.Draw(plate)
        pen.rounded_rectangle((0, 0, width - 1, high - 1), corner, fill=0)
        if digits:
            inner = (max(block, rim), rim, width - 1 - rim, high - 1 - rim)
            pen.rounded_rectangle(inner, corner - rim, fill=255, corners=(not block, True, True, not block))
            plate.paste(0, (block + (field - digits.width) // 2, (high - digits.height) // 2), digits)
        if letters:
            plate.paste(255, ((block - letters.width) // 2, (high - letters.height) // 2), letters)
        final = (min(width // _SHADES // 2 * 2, widest), plate_height(cap))
        return plate.resize(final, Image.Resampling.BOX)

    def _ink(self, text: str, cap: int) -> Image.Image | None:
        """Return the mask of a short Latin text with capitals `cap` high, cut to its ink."""
        if not text:
            return None
        font = self._font("Bold", round(cap / _CAP_OF_SIZE))
        left, top, right, bottom = font.getbbox(text, anchor="ls", features=["tnum"])
        mask = Image.new("L", (round(right - left), round(bottom - top)), 0)
        ImageDraw.Draw(mask).text((-left, -top), text, font=font, fill=255, anchor="ls", features=["tnum"])
        return mask

    def _font(self, weight: Weight, size: int) -> ImageFont.FreeTypeFont:
        key = (weight, size)
        if key not in self._fonts:
            path = FONTS / f"{_FAMILY}-{weight}.ttf"
            self._fonts[key] = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)
        return self._fonts[key]


def coarse(picture: Image.Image) -> Image.Image:
    """Take a grey picture down to half its dots both ways, for a printer that doubles them again (GS v 0, m=3).

    A number that is 20 mm high costs four times the bytes at full resolution, and the edge of a dot of 0.25 mm is not
    seen at arm's length.
    """
    half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
    return half.point(lambda shade: 255 if shade >= 128 else 0).convert("1", dither=Image.Dither.NONE)


def _ascent(size: int) -> int:
    return round(0.95 * size)


def _black_on_white(ink: Image.Image) -> Image.Image:
    return ink.point(lambda shade: 255 - shade).convert("1", dither=Image.Dither.NONE)


def _direction(language: str) -> Literal["rtl", "ltr"]:
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"
