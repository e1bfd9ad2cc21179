"""Cut a stream of ESC/POS into commands, in order and without guessing at their meaning.

Pure: bytes in, commands out; what a command does to the paper is `printer.emulator.page`'s business. Source: Epson's
"ESC/POS Command Reference" for TM printers.
"""

from __future__ import annotations

from dataclasses import dataclass

# Commands with a fixed number of bytes after their name.
_FIXED = {
    b"\x1b@": 0, b"\x1b2": 0, b"\x1b3": 1, b"\x1bJ": 1, b"\x1bd": 1, b"\x1bK": 1, b"\x1be": 1,
    b"\x1b!": 1, b"\x1ba": 1, b"\x1bE": 1, b"\x1bG": 1, b"\x1b-": 1, b"\x1bM": 1, b"\x1b ": 1, b"\x1bt": 1,
    b"\x1bR": 1, b"\x1b{": 1, b"\x1bV": 1, b"\x1b$": 2, b"\x1b\\": 2, b"\x1b=": 1, b"\x1bp": 3, b"\x1br": 1,
    b"\x1bc3": 1, b"\x1bc4": 1, b"\x1bc5": 1, b"\x1bi": 0, b"\x1bm": 0, b"\x1bS": 0, b"\x1bL": 0, b"\x1bT": 1,
    b"\x1bW": 8, b"\x1b%": 1, b"\x1b?": 1, b"\x1bU": 1, b"\x1bv": 0, b"\x1bu": 1, b"\x1b<": 0, b"\x1b\x0c": 0,
    b"\x1d!": 1, b"\x1dB": 1, b"\x1db": 1, b"\x1dL": 2, b"\x1dW": 2, b"\x1dP": 2, b"\x1da": 1, b"\x1dr": 1,
    b"\x1dI": 1, b"\x1dH": 1, b"\x1dh": 1, b"\x1dw": 1, b"\x1df": 1, b"\x1d/": 1, b"\x1d:": 0, b"\x1d$": 2,
    b"\x1d\\": 2, b"\x1d^": 3, b"\x1dj": 1, b"\x1dT": 1,
    b"\x1c.": 0, b"\x1c&": 0, b"\x1cC": 1, b"\x1c!": 1, b"\x1c-": 1, b"\x1cS": 2, b"\x1cp": 2, b"\x1cP": 4,
    b"\x10\x04": 1, b"\x10\x05": 1,
}  # fmt: skip
_CONTROL = {0x09, 0x0A, 0x0C, 0x0D, 0x18}


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name as bytes (`b"text"` for letters), its parameters and the rest of its bytes."""

    name: bytes
    args: bytes = b""
    data: bytes = b""


TEXT = b"text"
UNKNOWN = b"unknown"


def take(stream: bytes | bytearray, at: int = 0) -> tuple[Command, int] | None:
    """Return the command that begins at an offset, and the offset after it; None while bytes of it are missing."""
    if at >= len(stream):
        return None
    byte = stream[at]
    if byte in _CONTROL:
        return Command(bytes((byte,))), at + 1
    if byte not in (0x10, 0x1B, 0x1C, 0x1D):
        end = at
        while end < len(stream) and stream[end] >= 0x20:
            end += 1
        if end == at:
            return Command(UNKNOWN, bytes((byte,))), at + 1
        return Command(TEXT, data=bytes(stream[at:end])), end
    try:
        return _escaped(stream, at)
    except IndexError:
        return None


def _escaped(stream: bytes | bytearray, at: int) -> tuple[Command, int]:
    """Cut out a command that begins with DLE, ESC, FS or GS. Raises IndexError when it is not whole."""
    name = bytes((stream[at], stream[at + 1]))
    if name == b"\x1bc":
        name += bytes((stream[at + 2],))
    start = at + len(name)
    if name in _FIXED:
        return _cut(stream, name, start, _FIXED[name])
    if name == b"\x10\x14":
        return _cut(stream, name, start, {1: 3, 2: 3, 3: 5, 7: 2, 8: 8}.get(stream[start], 1))
    if name == b"\x1dV":
        return _cut(stream, name, start, 1 if stream[start] in (0, 1, 48, 49) else 2)
    if name == b"\x1dv":
        _need(stream, start + 6)
        size = _pair(stream, start + 2) * _pair(stream, start + 4)
        return _cut(stream, b"\x1dv0", start + 1, 5, size)
    if name == b"\x1b*":
        _need(stream, start + 3)
        height = 3 if stream[start] in (32, 33) else 1
        return _cut(stream, name, start, 3, height * _pair(stream, start + 1))
    if name in (b"\x1d(", b"\x1c(", b"\x1b("):
        _need(stream, start + 3)
        return _cut(stream, name + bytes((stream[start],)), start + 1, 2, _pair(stream, start + 1))
    if name == b"\x1d8":
        # GS 8 L is GS ( L for what is longer than two bytes can say.
        _need(stream, start + 5)
        size = int.from_bytes(stream[start + 1 : start + 5], "little")
        return _cut(stream, b"\x1d(" + bytes((stream[start],)), start + 1, 4, size)
    if name == b"\x1dk":
        if stream[start] >= 65:
            return _cut(stream, name, start, 2, stream[start + 1])
        end = bytes(stream).index(0, start + 1) if 0 in stream[start + 1 :] else len(stream)
        return _cut(stream, name, start, 1, end - start)
    if name == b"\x1bD":
        end = start
        while stream[end]:
            end += 1
        return _cut(stream, name, start, 0, end + 1 - start)
    return Command(UNKNOWN, name), start


def _cut(stream: bytes | bytearray, name: bytes, start: int, args: int, data: int = 0) -> tuple[Command, int]:
    end = start + args + data
    _need(stream, end)
    return Command(name, bytes(stream[start : start + args]), bytes(stream[start + args : end])), end


def _need(stream: bytes | bytearray, end: int) -> None:
    if end > len(stream):
        raise IndexError(end)


def _pair(stream: bytes | bytearray, at: int) -> int:
    return stream[at] + 256 * stream[at + 1]
