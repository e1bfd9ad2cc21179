"""The emulated paper: commands put ink on it, a cut takes it away as a picture.

It does what the bytes say, in order and at the dots of the head, so that a picture is evidence. What it does not
know it notes in `oddities` instead of guessing.
"""

from __future__ import annotations

from dataclasses import dataclass

import qrcode  # type: ignore[import-untyped]  # it comes without types
from PIL import Image, ImageOps

from printer.emulator.commands import Command
from printer.emulator.glyphs import glyph

_HEAD_TO_KNIFE_MM = 14  # the paper between the head and the knife
_COARSE = (512, 360)  # printers of 180 dots an inch have such lines
_LONGEST = 4000  # dots: half a metre, then the roll is taken to have run on
_PAGES = {0: "cp437", 16: "cp1252"}
_QR_LEVELS = {
    48: qrcode.constants.ERROR_CORRECT_L,
    49: qrcode.constants.ERROR_CORRECT_M,
    50: qrcode.constants.ERROR_CORRECT_Q,
    51: qrcode.constants.ERROR_CORRECT_H,
}


@dataclass(slots=True)
class Style:
    """The settings that ESC @ brings back."""

    align: int = 0
    bold: bool = False
    underline: int = 0
    invert: bool = False
    small: bool = False
    wide: int = 1
    high: int = 1
    spacing: int = 30
    gap: int = 0
    left: int = 0
    area: int | None = None
    qr_module: int = 3
    qr_level: int = 48
    qr_text: bytes = b""
    page: str = "cp437"


class Page:
    """Paper of a width in dots. `pictures` are the pieces that were cut off, oldest first.

    `stored` is the printer's own memory of pictures, by key code; `fed` counts the dots that have passed the head.
    """

    def __init__(self, width: int = 576, *, cutter: bool = True, stored: dict[bytes, bytes] | None = None) -> None:
        self.width = width
        self.fed = 0
        self._dpi = 180 if width in _COARSE else 203
        self.dots_per_mm = 180 / 25.4 if width in _COARSE else 8.0
        self.head_to_knife = round(_HEAD_TO_KNIFE_MM * self.dots_per_mm)
        self._cutter = cutter
        self._kept = {} if stored is None else stored
        self.pictures: list[Image.Image] = []
        self.oddities: list[str] = []
        self.inked = False
        self._style = Style()
        self._unit = 1.0
        self._line: list[tuple[Image.Image, int]] = []
        self._x = 0
        self._graphics: tuple[Image.Image, int, int] | None = None
        self._fresh()

    def execute(self, command: Command) -> None:  # one flat table of a printer's commands
        """Do what a command says."""
        if command.name in (b"\x1dV", b"\x1bi", b"\x1bm", b"\x1cP"):
            # FS P feeds to the knife as GS V 66 does, then presents.
            self._cut(b"\x42\x00" if command.name == b"\x1cP" else command.args or b"\x01")
            return
        before = self._y
        self._do(command)
        self.fed += max(0, self._y - before)

    def _do(self, command: Command) -> None:
        style, args = self._style, command.args
        match command.name:
            case b"text":
                self._text(command.data)
            case b"\n":
                self._flush(style.spacing)
            case b"\r" | b"\x18" | b"\x0c":
                pass
            case b"\t":
                step = 8 * self._cell()[0]
                self._x = (self._x // step + 1) * step
            case b"\x1b@":
                self._style, self._line, self._x = Style(), [], 0
            case b"\x1ba":
                style.align = args[0] & 3
            case b"\x1bE" | b"\x1bG":
                style.bold = bool(args[0] & 1)
            case b"\x1b-":
                style.underline = args[0] & 3
            case b"\x1dB":
                style.invert = bool(args[0] & 1)
            case b"\x1bM":
                style.small = bool(args[0] & 1)
            case b"\x1b!":
                style.small, style.bold = bool(args[0] & 1), bool(args[0] & 8)
                style.high, style.wide = (2 if args[0] & 16 else 1), (2 if args[0] & 32 else 1)
                style.underline = 1 if args[0] & 128 else 0
            case b"\x1d!":
                style.wide, style.high = (args[0] >> 4 & 7) + 1, (args[0] & 7) + 1
            case b"\x1b3":
                style.spacing = self._dots(args[0])
            case b"\x1b2":
                style.spacing = 30
            case b"\x1b ":
                style.gap = args[0]
            case b"\x1bJ":
                self._flush(self._dots(args[0]), at_least=False)
            case b"\x1bd":
                self._flush(style.spacing * args[0], at_least=False)
            case b"\x1b$":
                self._x = args[0] + 256 * args[1]
            case b"\x1b\\":
                self._x += int.from_bytes(args, "little", signed=True)
            case b"\x1dL":
                style.left = args[0] + 256 * args[1]
            case b"\x1dW":
                style.area = args[0] + 256 * args[1]
            case b"\x1dP":
                # 0 is the printer's own unit, which is one dot here.
                self._unit = self._dpi / args[1] if args[1] else 1.0
            case b"\x1dv0":
                self._raster(args, command.data)
            case b"\x1b*":
                self._columns(args, command.data)
            case b"\x1d(k":
                self._code(command.data)
            case b"\x1d(L":
                self._stored(command.data)
            case b"unknown":
                self.oddities.append(f"unknown {args.hex(' ')}")
            case b"\x1bt":
                style.page = _PAGES.get(args[0], "cp437")
            case b"\x1bR" | b"\x1b{" | b"\x1b=" | b"\x1bp" | b"\x1db" | b"\x1bc3" | b"\x1bc4" | b"\x1bc5":
                pass
            case b"\x10\x04" | b"\x10\x05" | b"\x10\x14" | b"\x1da" | b"\x1dr" | b"\x1d(H" | b"\x1dI" | b"\x1bv":
                pass  # the machine has answered them
            case b"\x1c(A" | b"\x1cS" | b"\x1c-":
                pass  # letters of two bytes, which are not here
            case b"\x1bS" | b"\x1bU" | b"\x1c." | b"\x1dH" | b"\x1dh" | b"\x1dw" | b"\x1df":
                pass
            case name:
                self.oddities.append(f"not emulated {name.hex(' ')}")

    def start_over(self) -> None:
        """Forget the line and the settings, as after DLE DC4 fn 8; what is printed stays on the paper."""
        self._style, self._line, self._x = Style(), [], 0

    def tear_off(self) -> None:
        """Take away what is not cut yet."""
        self._fresh()

    def tear(self) -> None:
        """Tear at the edge where a knife would be: what comes off is a piece."""
        self._part()

    def _text(self, data: bytes) -> None:
        self.inked = True
        width, height = self._cell()
        for character in data.decode(self._style.page, errors="replace"):
            if self._x + width > self._area():
                self._flush(self._style.spacing)
            cell = glyph(character, bold=self._style.bold, small=self._style.small)
            cell = cell.resize((width - self._style.gap, height), Image.Resampling.NEAREST)
            if self._style.underline:
                cell = cell.copy()
                cell.paste(0, (0, height - 2, cell.width, height))
            if self._style.invert:
                cell = ImageOps.invert(cell)
            self._line.append((cell, self._x))
            self._x += width

    def _cell(self) -> tuple[int, int]:
        style = self._style
        width, height = (9, 17) if style.small else (12, 24)
        return (width + style.gap) * style.wide, height * style.high

    def _area(self) -> int:
        area = self._style.area if self._style.area is not None else self.width
        return min(area, self.width - self._style.left)

    def _dots(self, units: int) -> int:
        return round(units * self._unit)

    def _flush(self, feed: int, *, at_least: bool = True) -> None:
        """Print the line that has gathered and feed; the line's own height is the least feed of a line feed."""
        if self._line:
            height = max(cell.height for cell, _ in self._line)
            for cell, x in self._line:
                # Letters of several sizes stand on one base line.
                self._paste(cell, self._offset(self._x) + x, height - cell.height)
            feed = max(feed, height) if at_least else max(feed, 0)
        self._line, self._x = [], 0
        self._y += feed

    def _offset(self, width: int) -> int:
        free = max(0, self._area() - width)
        return self._style.left + (0, free // 2, free, 0)[self._style.align]

    def _paste(self, picture: Image.Image, x: int, dy: int = 0) -> None:
        top = self._y + dy
        if top + picture.height > self._paper.height:
            self.oddities.append("half a metre without a cut")
            return
        self._paper.paste(0, (x, top), ImageOps.invert(picture.convert("L")))

    def _raster(self, args: bytes, data: bytes) -> None:
        columns, rows = args[1] + 256 * args[2], args[3] + 256 * args[4]
        if not columns or not rows:
            return
        wide, high = 1 + (args[0] & 1), 1 + (args[0] >> 1 & 1)
        self._picture(_bits(data, columns * 8, rows), wide, high)

    def _picture(self, picture: Image.Image, wide: int, high: int) -> None:
        if self._line:
            self._flush(self._style.spacing)
        self.inked = True
        picture = picture.resize((picture.width * wide, picture.height * high), Image.Resampling.NEAREST)
        if picture.width > self._area():
            self.oddities.append(f"a picture of {picture.width} dots")
            picture = picture.crop((0, 0, self._area(), picture.height))
        self._paste(picture, self._offset(picture.width))
        self._y += picture.height

    def _columns(self, args: bytes, data: bytes) -> None:
        self.inked = True
        mode, count = args[0], args[1] + 256 * args[2]
        rows = 24 if mode in (32, 33) else 8
        upright = _bits(data, rows, count)
        picture = upright.transpose(Image.Transpose.TRANSPOSE)
        wide = 1 if mode in (1, 33) else 2
        picture = picture.resize((picture.width * wide, 24), Image.Resampling.NEAREST)
        self._line.append((picture, self._x))
        self._x += picture.width

    def _code(self, data: bytes) -> None:
        if len(data) < 3 or data[0] != 49:
            self.oddities.append("a two-dimensional code that is no QR")
            return
        function, rest = data[1], data[2:]
        if function == 67:
            self._style.qr_module = rest[0]
        elif function == 69:
            self._style.qr_level = rest[0]
        elif function == 80:
            self._style.qr_text = rest[1:]
        elif function == 81 and self._style.qr_text:
            level = _QR_LEVELS.get(self._style.qr_level, qrcode.constants.ERROR_CORRECT_L)
            code = qrcode.QRCode(box_size=1, border=0, error_correction=level)
            code.add_data(self._style.qr_text)
            code.make(fit=True)
            side = len(code.modules)
            picture = Image.new("L", (side, side), 255)
            picture.putdata([0 if dark else 255 for row in code.modules for dark in row])
            self._picture(picture, self._style.qr_module, self._style.qr_module)

    def _stored(self, data: bytes) -> None:
        if data[1:2] == b"p":
            wide, high = data[3], data[4]
            columns, rows = data[6] + 256 * data[7], data[8] + 256 * data[9]
            self._graphics = (_bits(data[10:], (columns + 7) // 8 * 8, rows), wide, high)
        elif data[1:2] in (b"2", b"\x02") and self._graphics:
            self._picture(*self._graphics)
            self._graphics = None
        elif data[1:2] == b"C":  # define in the memory that survives: tone, key code, colours, size, picture
            self._kept[data[3:5]] = data[6:]
        elif data[1:2] == b"E" and data[2:4] in self._kept:
            kept, (wide, high) = self._kept[data[2:4]], data[4:6]
            columns, rows = kept[0] + 256 * kept[1], kept[2] + 256 * kept[3]
            self._picture(_bits(kept[5:], (columns + 7) // 8 * 8, rows), wide, high)
        elif data[1:2] in (b"@", b"B"):
            if data[1:2] == b"B":
                self._kept.pop(data[2:4], None)
        else:
            self.oddities.append(f"not emulated 1d 28 4c function {data[1:2].hex()}")

    def _cut(self, args: bytes) -> None:
        if self._line:
            self._flush(self._style.spacing)
        if args[0] in (65, 66, 97, 98):
            # Only this form brings the paper to the knife by itself.
            feed = self.head_to_knife + self._dots(args[1])
            self._y += feed
            self.fed += feed
        if self._cutter:
            self._part()

    def _part(self) -> None:
        end = min(self._y, self._paper.height)
        # The knife stands after the head: what lies between them falls to the next piece, ink too.
        length = max(0, end - self.head_to_knife)
        between = self._paper.crop((0, length, self.width, end))
        if self.inked and length:
            self.pictures.append(self._paper.crop((0, 0, self.width, length)).convert("1"))
        self._fresh()
        self._paper.paste(between, (0, 0))
        self.inked = between.getextrema() != (255, 255)

    def _fresh(self) -> None:
        self._paper = Image.new("L", (self.width, _LONGEST), 255)
        self._y = self.head_to_knife
        self.inked = False


def _bits(data: bytes, width: int, height: int) -> Image.Image:
    flipped = bytes(byte ^ 0xFF for byte in data.ljust(width // 8 * height, b"\0"))
    return Image.frombytes("1", (width, height), flipped)
