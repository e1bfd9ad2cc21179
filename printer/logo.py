"""A centre's logo, kept once in the printer's own memory and printed by its key: it costs a ticket eleven bytes.

Source: Epson "ESC/POS Command Reference", GS ( L functions 64 (which are kept), 67 (keep a picture), 69 (print it).
The key follows from the picture, so that a new logo is stored beside the old one and no ticket shows the wrong one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from PIL import Image, ImageOps

from printer.layout import Width

_HIGHEST_MM, _WIDEST = 8, 0.6


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture at the printer's dots: `bits` are its rows, black set, each a whole number of bytes."""

    key: bytes
    width: int
    height: int
    bits: bytes

    @classmethod
    def load(cls, path: Path, width: Width) -> Self:
        """Read a picture, dark on light or on nothing, and bring it to a ticket's size.

        Raises OSError for a file that cannot be read or is no picture.
        """
        with Image.open(path) as opened:
            rgba = opened.convert("RGBA")
            paper = Image.new("RGBA", rgba.size, "white")
            paper.alpha_composite(rgba)
        grey = paper.convert("L")
        grey = grey.crop(ImageOps.invert(grey).getbbox() or (0, 0, *grey.size))
        scale = min(_HIGHEST_MM * width.dots_per_mm / grey.height, _WIDEST * width / grey.width)
        size = (max(8, round(grey.width * scale) // 8 * 8), max(1, round(grey.height * scale)))
        ink = ImageOps.invert(grey.resize(size, Image.Resampling.LANCZOS)).point(lambda shade: 255 * (shade >= 128))
        # Printers look for real-time commands inside pictures too: 0x10 is a dot with white on both sides.
        bits = ink.convert("1", dither=Image.Dither.NONE).tobytes().replace(b"\x10", b"\x30")
        digest = hashlib.sha256(repr(size).encode() + bits).digest()
        return cls(bytes(32 + byte % 95 for byte in digest[:2]), *size, bits)

    @property
    def store(self) -> bytes:
        """The order to keep it."""
        size = self.width.to_bytes(2, "little") + self.height.to_bytes(2, "little")
        body = b"0C0" + self.key + b"\x01" + size + b"1" + self.bits
        return b"\x1d(L" + len(body).to_bytes(2, "little") + body

    @property
    def reference(self) -> bytes:
        """The order to print what is kept."""
        return b"\x1d(L\x06\x000E" + self.key + b"\x01\x01"
