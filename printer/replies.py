"""Tell a printer's replies apart in the stream that comes back from it.

Pure. Kinds are told by fixed bits of their first byte (Epson "ESC/POS Command Reference", "Transmission status"):
real-time status 0xx1xx10, automatic status 0xx1xx00 and three more bytes, sensors (GS r) 0xx0xxxx, blocks from 0x37 to
0x00.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from printer.outcome import PaperLeft, Why


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to a DLE EOT; which one is known only to who asked."""

    byte: int


@dataclass(frozen=True, slots=True)
class Auto:
    """A change that the printer tells by itself (GS a)."""

    data: bytes

    @property
    def trouble(self) -> Why:
        """What is wrong, by its four bytes."""
        if self.data[2] & 0x0C:
            return Why.PAPER_OUT
        if self.data[0] & 0x20:
            return Why.COVER_OPEN
        if self.data[1] & 0x6C:
            return Why.ERROR
        return Why.OFFLINE if self.data[0] & 0x08 else Why.NONE

    @property
    def roll(self) -> PaperLeft:
        """The paper."""
        return _roll(self.data[2])


@dataclass(frozen=True, slots=True)
class Sensor:
    """The answer to GS r 1. `alone` tells that no other byte came with it."""

    byte: int
    alone: bool = False

    @property
    def roll(self) -> PaperLeft:
        """The paper."""
        return _roll(self.byte)


@dataclass(frozen=True, slots=True)
class Executed:
    """The answer to GS ( H: everything before the fence with this number was executed."""

    number: bytes


@dataclass(frozen=True, slots=True)
class Cleared:
    """The answer to DLE DC4 fn 8: the printer's memory is empty."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A text: whatever speaks there is no printer, a web page for example."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to GS I 65 and above: the maker's name, the model's, and so on."""

    text: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The answer to GS ( L function 64: the keys of the pictures that it keeps; `more` when it goes on."""

    keys: tuple[bytes, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that no printer says: a wrong speed, a bad cable, or no printer at all."""


Reply = Status | Auto | Sensor | Executed | Cleared | Foreign | Told | Keys | Noise

_LONGEST_BLOCK = 100
_BLOCKS = (0x37, 0x5F, 0x3D)  # they end with a NUL and may hold a text
_FLOW = (0x11, 0x13)  # XON and XOFF, where the line's own driver lets them through
_TEXT = re.compile(rb"[\x20-\x7e]{12}")


class Listener:
    """Keeps the bytes of a reply that is not whole yet."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def hear(self, data: bytes) -> Iterator[Reply]:
        """Yield the replies that are whole now."""
        self._heard += data
        if self._heard and self._heard[0] not in _BLOCKS and _TEXT.match(self._heard):
            self._heard.clear()
            yield Foreign()
        while self._heard:
            first = self._heard[0]
            if first in _BLOCKS:
                end = self._heard.find(0, 1, _LONGEST_BLOCK)
                if end < 0:
                    if len(self._heard) < _LONGEST_BLOCK:
                        return
                    del self._heard[0]
                    yield Noise()
                    continue
                block = bytes(self._heard[:end])
                del self._heard[: end + 1]
                if block[:2] == b"\x37\x22" and len(block) == 6:
                    yield Executed(block[2:])
                elif block == b"\x37\x25":
                    yield Cleared()
                elif block[:2] == b"\x37\x72":
                    keys = tuple(block[at : at + 2] for at in range(3, len(block) - 1, 2))
                    yield Keys(keys, block[2:3] == b"\x41")
                elif first == 0x5F:
                    yield Told(block[1:].decode("ascii", errors="replace"))
            elif first & 0x93 == 0x10:
                if len(self._heard) < 4:
                    return
                if any(byte & 0x90 for byte in self._heard[1:4]):
                    del self._heard[0]
                    yield Noise()
                    continue
                report = bytes(self._heard[:4])
                del self._heard[:4]
                yield Auto(report)
            else:
                del self._heard[0]
                if first & 0x93 == 0x12:
                    yield Status(first)
                elif first & 0x90 == 0x00:
                    yield Sensor(first, alone=len(data) == 1)
                elif first not in _FLOW:
                    yield Noise()


def _roll(byte: int) -> PaperLeft:
    if byte & 0x0C:
        return PaperLeft.OUT
    return PaperLeft.NEAR_END if byte & 0x03 else PaperLeft.OK
