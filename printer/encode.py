"""A ticket's layout as the bytes of ESC/POS, by python-escpos; and the two limits that a ticket keeps.

The library only builds bytes here. It never talks to a device: its transports have no write deadline and read silence
as paper. Importing it takes 0.2 s, so that happens when an encoder is made, in the printer's thread.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from PIL import Image, ImageOps

from assets.texts import Catalogue
from printer.layout import LONGEST_MM, Block, Drawn, Gap, Layout, Native, Plate, Qr, Rule, Stored, Width, fits, lay_out
from printer.logo import Logo
from printer.raster import Face, coarse
from printer.ticket import TicketPaper, Wait

MOST_BYTES = 8 * 1024
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the knife and cut, leaving a point
_QR_LEVEL_M = 1
_BLOCKS_KEPT = 128


# Reset, motion units of one dot (printers differ in what ESC J and ESC 3 count in otherwise), code page 1252, and all
# is centred. The library would select the page once for all tickets, and each begins with a reset.
def _start(width: Width) -> bytes:
    return b"\x1b@" + b"\x1dP" + bytes((width.dpi, width.dpi)) + b"\x1bt\x10" + b"\x1ba\x01"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A ticket ready for the wire, the cut after it, and the length of its paper in millimetres.

    `last_at` is the byte at which its last line begins.
    """

    ticket: bytes
    cut: bytes
    mm: float
    last_at: int

    @property
    def fenced(self) -> tuple[bytes, bytes, bytes]:
        """All but the last line, the last line, and the cut: there is a fence behind each of them."""
        return self.ticket[: self.last_at], self.ticket[self.last_at :], self.cut

    @property
    def data(self) -> bytes:
        """Both in one."""
        return self.ticket + self.cut


class _Writer(Protocol):
    """What is used of python-escpos' Dummy, which has no types of its own."""

    @property
    def output(self) -> bytes: ...
    def clear(self) -> None: ...
    def set(self, **style: object) -> None: ...
    def text(self, txt: str) -> None: ...
    def image(self, img_source: Image.Image, **how: object) -> None: ...
    def qr(self, content: str, **how: object) -> None: ...
    def line_spacing(self, spacing: int) -> None: ...
    def _raw(self, msg: bytes) -> None: ...


class Encoder:
    """Makes the bytes of tickets for one width of paper. Not for two threads at once.

    `texts` has a catalogue for each language that a ticket may come in, `logo` is one that the printer keeps.
    """

    def __init__(
        self,
        texts: Mapping[str, Catalogue],
        width: Width = Width.MM80,
        cut: bytes = CUT,
        logo: Logo | None = None,
    ) -> None:
        self._texts = texts
        self._width = width
        self._start = _start(width)
        self._end = cut
        self._logo = logo
        self._face = Face()
        self._writer = _dummy()
        self._made: dict[Block, bytes] = {}
        self._writer.text("A")  # it has selected the page now, and says so no more
        self._writer.clear()

    def encode(self, paper: TicketPaper) -> Encoded:
        """Return a ticket's bytes: at most 8 KiB and 110 mm wherever leaving documents out can reach it.

        Raises KeyError (language without texts), NoGlyphError and LayoutError.
        """
        for fit in fits(paper, logo=self._logo is not None):
            layout = lay_out(paper, self._texts, self._face, self._width, fit, self._logo.height if self._logo else 0)
            if layout.mm > LONGEST_MM or self._estimate(layout, self._light) > MOST_BYTES:
                continue
            if self._estimate(layout, self._exact) <= MOST_BYTES:
                break
        return self._encoded(layout)

    def _light(self, line: Drawn) -> int:
        """Return fewer bytes than a drawn line takes, by its width alone: what is too much even so is not drawn."""
        width = self._face.width(line.text, line.size, line.weight, line.language)
        return max(0, width - line.size // 2) // 8 * round(0.9 * line.size)

    def _exact(self, line: Drawn) -> int:
        image = self._face.line(line.text, line.size, line.weight, line.language).image
        bar = (4 * line.size + 7) // 8 * line.box if line.inverse else 0
        return (image.width + 7) // 8 * image.height + bar

    def _estimate(self, layout: Layout, of_line: Callable[[Drawn], int]) -> int:
        """Return the bytes that a layout will take at most, without making them."""
        total = 64
        for block in layout.blocks:
            match block:
                case Native(text):
                    total += len(text) + 20
                case Drawn():
                    total += of_line(block) + 20
                case Plate():
                    total += (block.widest // 2 + 7) // 8 * (block.box // 2) + 16
                case Qr():
                    total += len(block.text) + 40
                case Rule(width, box):
                    total += (width + 7) // 8 * box + 8
                case Gap() | Stored():
                    total += 14
        return total

    def warm_up(self) -> None:
        """Load what the first ticket would have to wait for."""
        for language, texts in self._texts.items():
            name, now = {language: texts.t("paper.test_service")}, datetime.now(UTC)
            self.encode(TicketPaper("A000", name, name, now, (language,), 3, Wait(5, 10, now), "A"))

    def _encoded(self, layout: Layout) -> Encoded:
        pieces = [self._bytes_of(block) for block in layout.blocks]
        last = max(at for at, block in enumerate(layout.blocks) if not isinstance(block, Gap))
        before, rest = self._start + b"".join(pieces[:last]), b"".join(pieces[last:])
        return Encoded(before + rest, self._end, layout.mm, len(before))

    def _bytes_of(self, block: Block) -> bytes:
        """Return a block's bytes, which for a service's name or documents are those of the ticket before."""
        if (made := self._made.get(block)) is not None:
            return made
        self._writer.clear()
        self._put(block)
        made = self._writer.output
        # A number and a QR never come again: they would only push out what does.
        if not isinstance(block, Plate | Qr):
            if len(self._made) >= _BLOCKS_KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[block] = made
        return made

    def _put(self, block: Block) -> None:
        match block:
            case Native(text, box, bold, tall, small):
                self._writer.line_spacing(box)
                font = "b" if small else "a"
                self._writer.set(bold=bold, font=font, custom_size=True, width=1, height=2 if tall else 1)
                self._writer.text(text + "\n")
            case Drawn():
                self._draw(block)
            case Plate(number, cap, widest, box):
                image = coarse(self._face.plate(number, cap, widest))
                self._raster(image, doubled=True)
                self._feed(box - 2 * image.height)
            case Qr(text, module, _):
                self._writer.qr(text, ec=_QR_LEVEL_M, size=module, native=True)
            case Rule(width, box):
                self._raster(Image.new("1", (width, box), 0))
            case Gap(box):
                self._feed(box)
            case Stored(box) if self._logo is not None:
                self._writer._raw(self._logo.reference)
                self._feed(box - self._logo.height)

    def _draw(self, block: Drawn) -> None:
        line = self._face.line(block.text, block.size, block.weight, block.language)
        image, top = line.image, line.top
        if block.inverse:
            bar = Image.new("1", (image.width + 4 * block.size, block.box - 4), 0)
            bar.paste(ImageOps.invert(image), (2 * block.size, (bar.height - image.height) // 2))
            image, top = bar, 0
        above = min(max(0, top), max(0, block.box - image.height))
        self._feed(above)
        self._raster(image)
        self._feed(block.box - above - image.height)

    def _raster(self, image: Image.Image, *, doubled: bool = False) -> None:
        image = without_real_time(image)
        self._writer.image(image, high_density_vertical=not doubled, high_density_horizontal=not doubled)

    def _feed(self, dots: int) -> None:
        if dots > 0:
            self._writer._raw(b"\x1bJ" + bytes((min(dots, 255),)))


def without_real_time(image: Image.Image) -> Image.Image:
    """Return a picture whose bytes hold no real-time command, by blackening single dots.

    Printers look for DLE EOT, DLE ENQ and DLE DC4 in everything that arrives, the inside of pictures too (Epson's
    reference, "Notes on real-time commands").
    """
    data = bytearray(ImageOps.invert(image).tobytes())
    if not any(command in data for command in _REAL_TIME):
        return image
    for command in _REAL_TIME:
        at = data.find(command)
        while at >= 0:
            # 0x10 is a dot with white on both sides: its neighbour inside the picture is blackened.
            data[at] |= 0x20
            at = data.find(command, at)
    return ImageOps.invert(Image.frombytes("1", image.size, bytes(data)))


def _dummy() -> _Writer:
    """Import python-escpos without what its import does to a process, and return its writer of bytes."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = os.environ.get("ESCPOS_CAPABILITIES_FILE")
    os.environ["ESCPOS_CAPABILITIES_FILE"] = str(Path(__file__).with_name("capabilities.json"))
    try:
        from escpos import capabilities  # type: ignore[import-untyped]  # noqa: PLC0415  # slow; without types
        from escpos.printer.dummy import Dummy  # type: ignore[import-untyped]  # noqa: PLC0415
    finally:
        if before is None:
            del os.environ["ESCPOS_CAPABILITIES_FILE"]
        else:
            os.environ["ESCPOS_CAPABILITIES_FILE"] = before
        # Its basicConfig() would send every message of the app to stderr a second time.
        root.handlers[:] = handlers
        root.setLevel(level)
    # It pickles its profiles into a new temporary folder at each import and leaves it there.
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    writer: Any = Dummy()
    typed: _Writer = writer
    return typed
