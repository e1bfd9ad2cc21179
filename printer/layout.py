"""Where everything stands on a ticket: a pure table of blocks from top to bottom, in the printer's dots.

The order is that of need: whose turn (the number), for what, how long, how to follow it, what to hold ready. Each block
has its height here, so the length of the paper is known before a dot is drawn. No bytes and no device.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from assets.texts import RIGHT_TO_LEFT, Catalogue
from printer.ticket import TicketPaper

if TYPE_CHECKING:
    from printer.raster import Face

Weight = Literal["Regular", "Medium", "SemiBold", "Bold"]

# Every cut leaves the paper between head and knife to the next ticket: 14 mm on the common 80 mm mechanisms.
HEAD_TO_KNIFE_MM = 14
LONGEST_MM = 110

# Alphanumeric and byte capacity of QR versions 1 to 6 at level M (ISO/IEC 18004, table 7).
_QR_CAPACITY = ((20, 14), (38, 26), (61, 42), (90, 62), (122, 84), (154, 106))
_QR_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_CAP_MM = 20
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Width(enum.IntEnum):
    """The printable dots of a line, by the paper's width."""

    MM58 = 384
    MM80 = 576
    MM58_NARROW = 420  # TM-T20 on 58 mm paper
    MM58_COARSE = 360  # 180 dots an inch, as the TM-T88
    MM80_COARSE = 512

    @property
    def paper_mm(self) -> int:
        """The paper's width."""
        return 80 if self in (Width.MM80, Width.MM80_COARSE) else 58

    @property
    def dpi(self) -> int:
        """Dots an inch."""
        return 180 if self in (Width.MM58_COARSE, Width.MM80_COARSE) else 203

    @property
    def dots_per_mm(self) -> float:
        """Dots a millimetre; 203 an inch are taken for eight."""
        return 180 / 25.4 if self.dpi == 180 else 8.0

    @property
    def cap(self) -> int:
        """The height in dots of a number's digits: 20 mm, and a hair for the edges."""
        return math.ceil(_CAP_MM * self.dots_per_mm) + 2

    def scaled(self, dots: int) -> int:
        """Return as many dots as are as long here as `dots` are at eight a millimetre."""
        return round(dots * self.dots_per_mm / 8)

    @property
    def columns(self) -> int:
        """Characters of the printer's own font A in a line."""
        return int(self) // 12


@dataclass(frozen=True, slots=True)
class Fit:
    """How much of a ticket is laid out: widest plate and QR in dots, and how many documents (None: all)."""

    plate: int
    needs: int | None = None
    qr: int = 152  # 19 mm reads well from any telephone
    logo: bool = False


def fits(paper: TicketPaper, *, logo: bool = False) -> Iterator[Fit]:
    """Yield the ways to lay a ticket out, from the best to the least that is still a ticket."""
    count = len(paper.needs.get(paper.languages[0], ()))
    if logo:
        # It gives way to the last document, not to the last of many: the kiosk has shown them all.
        yield Fit(432, logo=True)
        yield from (Fit(352, needs, logo=True) for needs in (None, *range(count - 1, 0, -1)))
        yield Fit(352, min(1, count), 100, logo=True)
    yield Fit(432)
    yield from (Fit(352, needs) for needs in (None, *range(count - 1, -1, -1)))
    yield Fit(352, 0, 100)
    yield Fit(352, 0, 80)


class DrawError(Exception):
    """A ticket cannot be put on paper: its data is wrong, no retry will help."""


class LayoutError(DrawError):
    """A text has no room, for example a QR text that is too long."""


class NoGlyphError(DrawError):
    """A text has characters that cannot be drawn. `characters` are their names."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"no glyph for {', '.join(missing)}")
        self.characters = missing


@dataclass(frozen=True, slots=True)
class Native:
    """A line in the printer's own letters, centred: font A (12 by 24 dots), or the small font B (9 by 17)."""

    text: str
    box: int
    bold: bool = False
    tall: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line that is drawn, centred. `inverse` is white in a black bar."""

    text: str
    language: str
    size: int
    weight: Weight
    box: int
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """The number plate; `cap` is the height of its digits."""

    number: str
    cap: int
    widest: int
    box: int


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of the printer's own making, `module` dots a module."""

    text: str
    module: int
    box: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line."""

    width: int
    box: int


@dataclass(frozen=True, slots=True)
class Gap:
    """White."""

    box: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The logo, which the printer keeps, and white below it."""

    box: int


Block = Native | Drawn | Plate | Qr | Rule | Gap | Stored


@dataclass(frozen=True, slots=True)
class Layout:
    """A ticket's blocks from top to bottom."""

    blocks: tuple[Block, ...]
    width: Width

    @property
    def dots(self) -> int:
        """The length of the ticket from cut to cut."""
        return sum(block.box for block in self.blocks) + round(HEAD_TO_KNIFE_MM * self.width.dots_per_mm)

    @property
    def mm(self) -> float:
        """The same in millimetres."""
        return self.dots / self.width.dots_per_mm


@dataclass(frozen=True, slots=True)
class _Style:
    """How large a line is: `size` when it is drawn, the last three when the printer writes it."""

    size: int
    weight: Weight
    bold: bool = False
    tall: bool = False
    small: bool = False


_CENTRE = _Style(23, "SemiBold", bold=True)
_CENTRE_AGAIN = _Style(22, "Medium", small=True)
_SERVICE = _Style(31, "Bold", bold=True, tall=True)
_SERVICE_AGAIN = _Style(24, "SemiBold", bold=True)
_FACT = _Style(23, "SemiBold", bold=True)
_NOTE = _Style(20, "Medium", small=True)


def lay_out(
    paper: TicketPaper,
    texts: Mapping[str, Catalogue],
    face: Face,
    width: Width = Width.MM80,
    fit: Fit | None = None,
    logo: int = 0,
) -> Layout:
    """Lay a ticket out, as full as `fit` says; `logo` is the height in dots of a logo that the printer keeps.

    Raises KeyError when `texts` lacks one of the ticket's languages, and LayoutError for a QR text over 154 characters.
    """
    fit = fit or next(fits(paper))
    first, *others = paper.languages
    words = texts[first]
    set_lines = _Setter(face, width)
    blocks: list[Block] = []

    def gap(dots: int) -> Gap:
        return Gap(width.scaled(dots))

    if paper.copy:
        for language in paper.languages:
            blocks.append(set_lines.bar(texts[language].t("paper.copy"), language))
        blocks.append(gap(8))
    if logo and fit.logo:
        blocks.append(Stored(logo + width.scaled(8)))
    blocks += set_lines(paper.centre[first], first, _CENTRE)
    for other in others:
        blocks += set_lines(paper.centre.get(other, ""), other, _CENTRE_AGAIN)
    blocks += [gap(8), _plate(paper.number, width, min(width, width.scaled(fit.plate))), gap(8)]
    blocks += set_lines(paper.service[first], first, _SERVICE)
    for other in others:
        blocks += set_lines(paper.service.get(other, ""), other, _SERVICE_AGAIN)
    blocks += [gap(6), Rule(width // 3, 2), gap(8)]

    blocks += set_lines(f"{paper.taken_at:%d/%m/%Y}   {_clock(paper.taken_at)}", "en", _Style(0, "Regular"))
    for text, style in _facts(paper, words):
        digits = paper.digits == "arab" and words.direction == "rtl"
        blocks += set_lines(text.translate(_ARABIC_DIGITS) if digits else text, first, style)
    if paper.qr:
        blocks += [
            gap(20),
            qr_block(paper.qr, width.scaled(fit.qr)),
            gap(16),
            *set_lines(words.t("paper.follow"), first, _NOTE),
        ]
    things = paper.needs.get(first, ())
    if shown := things[: fit.needs]:
        listed = words.t("paper.between").join(shown)
        # The kiosk has shown them all: the dots tell that there are more.
        more = "" if len(shown) == len(things) else "…"
        blocks += [gap(4), *set_lines(words.t("paper.needs", things=listed + more), first, _NOTE)]
    blocks.append(gap(12))  # the knife does not hit the same dot each time
    return Layout(tuple(blocks), width)


def qr_block(text: str, widest: int = 152) -> Qr:
    """Return the block of a QR text: up to `widest` dots, but 3 dots a module at least. Raises LayoutError."""
    alphanumeric = set(text) <= _QR_ALPHANUMERIC
    length = len(text.encode())
    for version, (letters, octets) in enumerate(_QR_CAPACITY, start=1):
        if length <= (letters if alphanumeric else octets):
            modules = 17 + 4 * version
            module = max(3, min(6, widest // modules))
            return Qr(text, module, modules * module)
    raise LayoutError(f"{length} characters are too many for a ticket's QR")


def _clock(instant: datetime) -> str:
    return f"{instant:%H:%M}"


def _facts(paper: TicketPaper, words: Catalogue) -> list[tuple[str, _Style]]:
    found = []
    if paper.ahead is not None:
        if paper.ahead == 0:
            found.append((words.t("paper.nobody_ahead"), _FACT))
        else:
            found.append((words.n("paper.ahead", paper.ahead), _FACT))
    if paper.wait is not None:
        if paper.wait.low == 0:
            found.append((words.n("paper.wait_up_to", max(1, paper.wait.high)), _FACT))
        elif paper.wait.low == paper.wait.high:
            found.append((words.n("paper.wait_about", paper.wait.high), _FACT))
        else:
            both = f"{paper.wait.low}-{paper.wait.high}"
            found.append((words.n("paper.wait", paper.wait.high, range=both), _FACT))
        found.append((words.t("paper.reckoned", time=_clock(paper.wait.reckoned_at)), _NOTE))
    return found


def _plate(number: str, width: Width, widest: int) -> Plate:
    return Plate(number, width.cap, widest, plate_height(width.cap))


def box_height(size: int) -> int:
    """Return the dots from above an alef to below a meem, for text of `size` dots to the em."""
    return round(1.30 * size)


def plate_height(cap: int) -> int:
    """Return the height in dots of a plate whose digits are `cap` high; even, because it is sent at half its dots."""
    return round(cap / 0.84) // 2 * 2


class _Setter:
    """Makes lines of a text: written by the printer where it has the letters, drawn where it has not."""

    def __init__(self, face: Face, width: Width) -> None:
        self._face = face
        self._width = width

    def __call__(self, text: str, language: str, style: _Style) -> list[Block]:
        if not text:
            return []
        if native(text, language):
            columns = self._width // 9 if style.small else self._width.columns
            # The letters have their dots whatever these measure: only the white between lines can give way.
            box = self._width.scaled(6 if style.small or style.tall else 5) + (
                17 if style.small else 48 if style.tall else 24
            )
            lines = _wrapped(text, len, columns)
            return [Native(line, box, style.bold, style.tall, style.small) for line in lines]

        size = self._width.scaled(style.size)

        def dots(part: str) -> int:
            return self._face.width(part, size, style.weight, language)

        box = box_height(size)
        drawn = _wrapped(text, dots, self._width)
        return [Drawn(line, language, size, style.weight, box) for line in drawn]

    def bar(self, text: str, language: str) -> Block:
        """Return the black bar that marks a copy."""
        if native(text, language):
            return Native(f"*** {text} ***", 29, bold=True)
        return Drawn(text, language, self._width.scaled(25), "Bold", self._width.scaled(40), inverse=True)


def native(text: str, language: str) -> bool:
    """Whether the printer's own letters (code page 1252) can write a text, left to right."""
    if language.split("-")[0] in RIGHT_TO_LEFT:
        return False
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return text.isprintable()


def _wrapped(text: str, measure: Callable[[str], int], widest: int) -> Sequence[str]:
    """Break a text into lines that are no wider than `widest`; a longer single word is broken inside."""
    if measure(text) <= widest:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if measure(longer) <= widest:
            line = longer
            continue
        if line:
            lines.append(line)
        while measure(word) > widest:
            fits = next(n for n in range(len(word) - 1, 0, -1) if measure(word[:n]) <= widest)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines
