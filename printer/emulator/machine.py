"""The emulated printer without its wires: bytes in, replies out, pieces of paper kept.

Like the real ones it answers real-time commands out of turn (inside a picture's bytes too), stops executing when it has
no paper or its cover is open, goes on with what it holds when that is put right, and forgets it without power.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image

from printer.emulator.commands import Command, take
from printer.emulator.page import Page

ANSWERS = frozenset({"eot", "asb", "gs_r", "gs_h", "esc_v", "clear", "id"})
# They ask or announce; the first byte of a ticket is none of them.
_TALK = frozenset({b"\x10\x04", b"\x10\x05", b"\x10\x14", b"\x1da", b"\x1dr", b"\x1d(H", b"\x1dI", b"\x1bv"})
_CUTS = frozenset({b"\x1dV", b"\x1bi", b"\x1bm", b"\x1cP"})
_REAL_TIME_LENGTH = {4: 3, 5: 3, 0x14: 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the printer is built like; it does not change while it runs.

    `mm_s` is how fast paper passes its head, 0 for no time at all, `cut_s` how long its knife takes.
    """

    width: int = 576
    cutter: bool = True
    presenter: bool = False  # as Custom's: it cuts and presents by FS P, and knows neither GS ( H nor GS r
    maker: str = "DAWR"
    model: str = "emulator"
    mm_s: float = 0.0
    cut_s: float = 0.0


@dataclass(slots=True)
class Condition:
    """What a test or a hand may change while it runs. `answers` are the questions that it answers at all."""

    paper: Literal["ok", "near end", "out"] = "ok"
    cover_open: bool = False
    error: bool = False
    offline: bool = False  # and no cause told
    powered: bool = True
    answers: frozenset[str] = ANSWERS
    paper_out_after: int | None = None  # bytes of the ticket after which the roll ends
    paper_out_at_cut: bool = False
    cover_opens_after: int | None = None  # bytes of the ticket after which somebody opens it

    @property
    def online(self) -> bool:
        """Whether it prints."""
        return self.powered and self.paper != "out" and not (self.cover_open or self.error or self.offline)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of paper that was cut off. Times are the machine's clock."""

    picture: Image.Image
    data: bytes
    mm: float
    first_byte_at: float
    cut_at: float
    oddities: tuple[str, ...] = field(default=())


class Machine:
    """One printer. `clock` gives the times that pieces carry, in seconds, and that paper takes."""

    def __init__(self, clock: Callable[[], float], traits: Traits | None = None) -> None:
        self.traits = traits or Traits()
        self.condition = Condition()
        self.pieces: list[Piece] = []
        self.stored: dict[bytes, bytes] = {}  # pictures in its own memory, which keeps them without power
        self._clock = clock
        self._page = Page(self.traits.width, cutter=self.traits.cutter, stored=self.stored)
        self._buffer = bytearray()
        self._scanned = 0
        self._ticket = bytearray()
        self._first_byte_at: float | None = None
        self._free_at = 0.0
        self._reporting = 0
        self._last_report = b""
        self._replies = bytearray()
        self._late = b""

    @property
    def waiting(self) -> bytes:
        """What was received and not executed."""
        return bytes(self._buffer)

    @property
    def held(self) -> int:
        """How many bytes that is."""
        return len(self._buffer)

    @property
    def busy_until(self) -> float | None:
        """When `settle` goes on with what it holds; None when nothing waits for the paper to pass."""
        return self._free_at if self._buffer and self.condition.online and self._free_at > self._clock() else None

    def feed(self, data: bytes) -> bytes:
        """Take bytes; return the replies."""
        if not self.condition.powered:
            return b""
        self._buffer += data
        self._real_time()
        return self.settle()

    def refill(self) -> None:
        """Put a new roll in: what hung out unfinished is torn off and thrown away."""
        if self.condition.paper == "out":
            self._tear_off()
        self.condition.paper = "ok"
        self.condition.paper_out_after, self.condition.paper_out_at_cut = None, False

    def power(self, *, on: bool) -> None:
        """Switch it: without power it forgets what it holds and who wanted to be told of what."""
        if not on:
            self._buffer.clear()
            self._replies.clear()
            self._scanned = 0
            self._reporting, self._last_report = 0, b""
            self._page.start_over()
        self.condition.powered = on

    def say_later(self, data: bytes) -> None:
        """Say something with the first answer within the next ticket: another job's belated reply."""
        self._late = data

    def settle(self) -> bytes:
        """Go on after the condition was changed or the paper has passed; return the replies."""
        self._report()
        while self.condition.online and self._free_at <= self._clock():
            taken = take(self._buffer)
            if taken is None:
                break
            command, end = taken
            if self._is_within(end, self.condition.paper_out_after):
                self.condition.paper, self.condition.paper_out_after = "out", None
                self._report()
                break
            if self._is_within(end, self.condition.cover_opens_after):
                self.condition.cover_open, self.condition.cover_opens_after = True, None
                self._report()
                break
            self._ticket += self._buffer[:end]
            del self._buffer[:end]
            self._scanned = max(0, self._scanned - end)
            self._execute(command)
            self._report()
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def _is_within(self, length: int, after: int | None) -> bool:
        """Whether so many bytes of the ticket come to an end before its next `length` bytes are on paper."""
        return after is not None and self._first_byte_at is not None and len(self._ticket) + length > after

    def _execute(self, command: Command) -> None:
        if command.name not in _TALK and self._first_byte_at is None:
            self._first_byte_at = self._clock()
            self._replies += self._late
            self._late = b""
        self._answer(command)
        before = self._page.fed
        self._page.execute(command)
        if self.traits.mm_s:
            passed_s = (self._page.fed - before) / self._page.dots_per_mm / self.traits.mm_s
            self._free_at = max(self._free_at, self._clock()) + passed_s
            if command.name in _CUTS:
                self._free_at += self.traits.cut_s
        if self._page.pictures:
            self._cut_off()
            if self.condition.paper_out_at_cut:
                self.condition.paper, self.condition.paper_out_at_cut = "out", False
        elif command.name in _CUTS and self.traits.cutter and not self._page.inked:
            self._ticket.clear()

    def _answer(self, command: Command) -> None:
        answers = self.condition.answers
        if self.traits.presenter:
            answers &= {"eot", "esc_v"}
        match command.name:
            case b"\x1bv" if "esc_v" in answers:
                self._replies.append({"ok": 0, "near end": 0x03, "out": 0x0C}[self.condition.paper])
            case b"\x1da":
                self._reporting, self._last_report = command.args[0], b""
            case b"\x1dr" if "gs_r" in answers and command.args[0] in (1, 49):
                self._replies.append({"ok": 0, "near end": 0x03, "out": 0x0C}[self.condition.paper])
            case b"\x1d(H" if "gs_h" in answers and command.data[:2] == b"\x30\x30":
                self._replies += b"\x37\x22" + command.data[2:6] + b"\x00"
            case b"\x1dI" if "id" in answers:
                self._replies += self._identity(command.args[0])
            case b"\x1d(L" if "id" in answers and command.data[:2] == b"\x30\x40":
                self._replies += b"\x37\x72\x40" + b"".join(self.stored) + b"\x00"

    def _identity(self, asked: int) -> bytes:
        if asked < 65:
            return b"\x20" if asked in (1, 49) else bytes((0x02 if self.traits.cutter else 0x00,))
        told = {66: self.traits.maker, 67: self.traits.model}.get(asked, "")
        return b"\x5f" + told.encode("ascii") + b"\x00"

    def _cut_off(self) -> None:
        now = self._clock()
        for picture in self._page.pictures:
            first = now if self._first_byte_at is None else self._first_byte_at
            oddities = tuple(self._page.oddities)
            mm = picture.height / self._page.dots_per_mm
            self.pieces.append(Piece(picture, bytes(self._ticket), mm, first, now, oddities))
        self._page.pictures.clear()
        self._page.oddities.clear()
        self._ticket.clear()
        self._first_byte_at = None

    def _tear_off(self) -> None:
        self._page.tear_off()
        self._ticket.clear()
        self._first_byte_at = None

    def tear(self) -> None:
        """Tear the paper off by hand, as at a printer without a knife: what hangs out becomes a piece."""
        self._page.tear()
        if self._page.pictures:
            self._cut_off()

    def _real_time(self) -> None:
        """Answer the real-time commands among the bytes that have just come, wherever they stand."""
        while True:
            at = self._buffer.find(0x10, self._scanned)
            if at < 0 or at + 1 >= len(self._buffer):
                self._scanned = len(self._buffer) if at < 0 else at
                return
            length = _REAL_TIME_LENGTH.get(self._buffer[at + 1], 0)
            if at + length > len(self._buffer):
                self._scanned = at
                return
            command = bytes(self._buffer[at : at + length])
            self._scanned = at + max(1, length)
            if command[:2] == b"\x10\x04" and "eot" in self.condition.answers:
                self._replies += self._status(command[2])
            elif command[:3] == b"\x10\x14\x08" and "clear" in self.condition.answers:
                self._forget(at + length)

    def _forget(self, until: int) -> None:
        del self._buffer[:until]
        self._scanned = 0
        self._page.start_over()
        self._replies += b"\x37\x25\x00"

    def _status(self, asked: int) -> bytes:
        condition = self.condition
        out = condition.paper == "out"
        if asked == 1:
            return bytes((0x16 | (0 if condition.online else 0x08),))
        if asked == 2:
            cover, end = (0x04 if condition.cover_open else 0), (0x20 if out else 0)
            return bytes((0x12 | cover | end | (0x40 if condition.error else 0),))
        if asked == 3:
            return bytes((0x12 | (0x08 if condition.error else 0),))
        return bytes((0x12 | (0 if condition.paper == "ok" else 0x0C) | (0x60 if out else 0),))

    def _report(self) -> None:
        """Tell a change by itself, when GS a has asked for it."""
        if not self._reporting or "asb" not in self.condition.answers:
            return
        condition = self.condition
        first = 0x10 | (0 if condition.online else 0x08) | (0x20 if condition.cover_open else 0)
        paper = {"ok": 0, "near end": 0x03, "out": 0x0F}[condition.paper]
        report = bytes((first, 0x08 if condition.error else 0, paper, 0))
        if report != self._last_report:
            self._last_report = report
            self._replies += report
