"""An emulated thermal printer that executes ESC/POS in order and keeps what came out as pictures.

As a process (`python -m printer.emulator`) it stands in for a printer over TCP or a pty; as a library `execute` turns
recorded bytes into pictures. For development, tests and the tour; nothing of the product imports it.
"""

from __future__ import annotations

from PIL import Image

from printer.emulator.commands import take
from printer.emulator.page import Page


def execute(stream: bytes, width: int = 576) -> list[Image.Image]:
    """Return what a printer of `width` dots would have cut off after these bytes, oldest first."""
    page, at = Page(width), 0
    while (taken := take(stream, at)) is not None:
        command, at = taken
        page.execute(command)
    return page.pictures


__all__ = ["Page", "execute"]
