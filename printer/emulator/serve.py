"""The emulated printer's wires: TCP and a pty, one client at a time as with the real ones, and a line for tests.

The control line takes one order a line and answers "ok", a JSON object or "error: ...":
    paper ok|near-end|out    cover open|closed    error on|off    offline on|off    power on|off
    paper-out-after BYTES|cut                     tear (the paper, where there is no knife)
    answers all|none|eot,asb,gs_r,gs_h,esc_v,clear,id  garbage on|off (instead of answers)
    late HEX (said within the next ticket)        delay MS (of replies)
    reading on|off (off: takes no byte)           baud N (0: as fast as it comes)
    cable in|out      drop (the connection)       refuse on|off       state
"""

from __future__ import annotations

import json
import logging
import os
import random
import select
import selectors
import socket
import string
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Never

from printer.emulator.machine import ANSWERS, Machine, Piece

log = logging.getLogger(__name__)

_CHUNK = 1024
_HOLDS = 65_536  # bytes that the printer keeps; a full one takes no more


class Server:
    """Wires around one machine. `clock` is monotonic; `out` is the folder that pieces are kept in."""

    def __init__(
        self,
        machine: Machine,
        out: Path,
        clock: Callable[[], float],
        baud: int = 0,
        keep: Callable[[Piece, Path], None] | None = None,
    ) -> None:
        """Serve nothing yet; `baud` 0 reads as fast as bytes come, `keep` is told each piece and its name."""
        self._keep_piece = keep or keep_files
        self._machine = machine
        self._out = out
        self._clock = clock
        self._bytes_a_second = baud / 10
        self._selector = selectors.DefaultSelector()
        self._client: socket.socket | None = None
        self._pty: int | None = None
        self._slave: int | None = None
        self._link: Path | None = None
        self._reading = True
        self._plugged = True
        self._withheld = b""
        self._garbage: random.Random | None = None
        self._delay_s = 0.0
        self._later: list[tuple[float, bytes]] = []
        self._allowance = 0.0
        self._paced_at = clock()
        self._kept = 0
        self._listener: socket.socket | None = None
        self._address: tuple[str, int] = ("", 0)

    def listen(self, host: str, port: int) -> int:
        """Serve TCP; return the port."""
        self._address = (host, port)
        self._listener = _listener(host, port)
        self._address = (host, int(self._listener.getsockname()[1]))
        if self._client is None:
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        return self._address[1]

    def open_pty(self, link: Path) -> None:
        """Serve a pty; `link` becomes a symbolic link to its end for the client."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        # The slave stays open here: without an opener the master's reads would fail between two clients.
        with suppress(FileNotFoundError):
            link.unlink()
        link.symlink_to(os.ttyname(slave))
        self._pty, self._slave, self._link = master, slave, link
        self._selector.register(master, selectors.EVENT_READ, self._read_pty)

    def listen_for_orders(self, host: str, port: int) -> int:
        """Serve the control line; return the port."""
        listener = _listener(host, port)
        self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept_orders(listener))
        return int(listener.getsockname()[1])

    def run(self) -> Never:
        """Serve until the process is ended."""
        while True:
            self.step(0.5)

    def close(self) -> None:
        """Close every wire."""
        self._unplug_line()
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        for end in (self._client, self._listener):
            if end is not None:
                end.close()
        self._selector.close()

    def step(self, timeout: float) -> None:
        """Serve what is due, waiting at most `timeout` seconds for it."""
        if self._later:
            timeout = min(timeout, max(0.0, self._later[0][0] - self._clock()))
        if self._bytes_a_second:
            timeout = min(timeout, 0.005)
        if (busy_until := self._machine.busy_until) is not None:
            timeout = min(timeout, max(0.0, busy_until - self._clock()))
        for key, _ in self._selector.select(timeout):
            if not (self._held_back() and key.data in (self._read_client, self._read_pty)):
                key.data()
        while self._later and self._later[0][0] <= self._clock():
            self._write(self._later.pop(0)[1])
        if self._machine.traits.mm_s:
            self._answer(self._machine.settle())

    # Wires

    def _accept(self) -> None:
        if self._listener is None or self._client is not None:
            return
        self._client, _ = self._listener.accept()
        self._client.setblocking(False)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.unregister(self._listener)
        self._selector.register(self._client, selectors.EVENT_READ, self._read_client)

    def _read_client(self) -> None:
        if self._client is None:
            return
        try:
            data = self._client.recv(self._portion())
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(data)
        else:
            self._hang_up()

    def _hang_up(self, *, reset: bool = False) -> None:
        if self._client is None:
            return
        self._selector.unregister(self._client)
        if reset:
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._client.close()
        self._client = None
        if self._listener is not None:
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _read_pty(self) -> None:
        if self._pty is not None:
            with suppress(BlockingIOError):
                self._take(os.read(self._pty, self._portion()))

    def _held_back(self) -> bool:
        """Whether the wire is not read now: the line's speed, a full memory, or an order."""
        deaf = not (self._reading and self._plugged and self._machine.condition.powered)
        back = deaf or self._machine.held > _HOLDS or self._portion() < 1
        if back:
            # The wire stays readable: without a pause the loop would spin.
            select.select([], [], [], 0.002)
        return back

    def _portion(self) -> int:
        if not self._bytes_a_second:
            return _CHUNK
        now = self._clock()
        self._allowance = min(64.0, self._allowance + (now - self._paced_at) * self._bytes_a_second)
        self._paced_at = now
        return int(self._allowance)

    def _drop_what_came(self) -> None:
        """Lose what was sent to a line without a printer that listens."""
        with suppress(OSError):
            while self._pty is not None and os.read(self._pty, _CHUNK):
                pass

    def _power(self, *, on: bool) -> None:
        self._machine.power(on=on)
        if on:
            # A printer that has just been switched on knows nothing of an older connection.
            self._drop_what_came()
            self._hang_up(reset=True)
        self._refuse(not on, hang_up=on)

    def _plug(self, *, into: bool) -> None:
        self._plugged = into
        if into:
            self._write(self._withheld if self._link is None else b"")
            self._withheld = b""
        self._refuse(not into, hang_up=False)
        if self._link is not None and not into:
            self._unplug_line()
        elif self._link is not None and self._pty is None:
            self.open_pty(self._link)

    def _unplug_line(self) -> None:
        if self._pty is None or self._slave is None or self._link is None:
            return
        self._selector.unregister(self._pty)
        self._link.unlink(missing_ok=True)
        os.close(self._pty)
        os.close(self._slave)
        self._pty = self._slave = None

    def _take(self, data: bytes) -> None:
        if self._bytes_a_second:
            self._allowance -= len(data)
        self._answer(self._machine.feed(data))

    def _answer(self, replies: bytes) -> None:
        self._keep()
        if replies and self._garbage is not None:
            replies = self._garbage.randbytes(len(replies))
        if replies and self._delay_s:
            self._later.append((self._clock() + self._delay_s, replies))
        elif replies:
            self._write(replies)

    def _write(self, replies: bytes) -> None:
        if not self._plugged:
            self._withheld += replies
            return
        with suppress(OSError):
            if self._client is not None:
                self._client.send(replies)
            elif self._pty is not None:
                os.write(self._pty, replies)

    # Paper

    def _keep(self) -> None:
        for piece in self._machine.pieces:
            self._kept += 1
            stem = self._out / f"ticket-{self._kept}"
            self._keep_piece(piece, stem)
            log.info("ticket=%d bytes=%d mm=%.1f", self._kept, len(piece.data), piece.mm)
        self._machine.pieces.clear()

    # Orders

    def _accept_orders(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        lines = connection.makefile("rw", encoding="utf-8", newline="\n")

        def read() -> None:
            line = lines.readline()
            if not line:
                self._selector.unregister(connection)
                lines.close()
                connection.close()
                return
            lines.write(self.obey(line.strip()) + "\n")
            lines.flush()

        self._selector.register(connection, selectors.EVENT_READ, read)

    def obey(self, order: str) -> str:
        """Carry out one order of the control line; return its answer."""
        verb, _, value = order.partition(" ")
        condition = self._machine.condition
        match verb, value:
            case "paper", "ok":
                self._machine.refill()
            case "paper", "out":
                condition.paper = "out"
            case "paper", "near-end":
                condition.paper = "near end"
            case "cover", "open" | "closed":
                condition.cover_open = value == "open"
            case "error", "on" | "off":
                condition.error = value == "on"
            case "offline", "on" | "off":
                condition.offline = value == "on"
            case "power", "on" | "off":
                self._power(on=value == "on")
            case "cable", "in" | "out":
                self._plug(into=value == "in")
            case "garbage", "on" | "off":
                # The same garbage each time: a test that fails can be run again.
                self._garbage = random.Random(1) if value == "on" else None
            case "late", text if _is_hex(text):
                self._machine.say_later(bytes.fromhex(text))
            case "baud", number if number.isdigit():
                self._bytes_a_second = int(number) / 10
            case "tear", "":
                self._machine.tear()
            case "paper-out-after", "cut":
                condition.paper_out_at_cut = True
            case "paper-out-after", number if number.isdigit():
                condition.paper_out_after = int(number)
            case "answers", "all" | "none":
                condition.answers = ANSWERS if value == "all" else frozenset()
            case "answers", names if ANSWERS.issuperset(names.split(",")):
                condition.answers = frozenset(names.split(","))
            case "delay", number if number.isdigit():
                self._delay_s = int(number) / 1000
            case "reading", "on" | "off":
                self._reading = value == "on"
            case "refuse", "on" | "off":
                self._refuse(value == "on")
            case "drop", "":
                self._hang_up(reset=True)
            case "state", "":
                return json.dumps({"paper": condition.paper, "tickets": self._kept, "held": self._machine.held})
            case _:
                return f"error: {order!r} is no order"
        self._answer(self._machine.settle())
        return "ok"

    def _refuse(self, refuse: bool, *, hang_up: bool = True) -> None:
        if not self._address[0]:
            return
        if refuse and self._listener is not None:
            if hang_up:
                self._hang_up(reset=True)
            if self._client is None:
                self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        elif not refuse and self._listener is None:
            self.listen(*self._address)


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(sign in string.hexdigits for sign in text)


def keep_files(piece: Piece, stem: Path) -> None:
    """Write a piece as STEM.png, STEM.bin and STEM.json; each appears whole, the picture last."""
    facts = {
        "bytes": len(piece.data),
        "mm": piece.mm,
        "first_byte_monotonic": piece.first_byte_at,
        "cut_monotonic": piece.cut_at,
        "oddities": piece.oddities,
    }
    _write_whole(stem.with_suffix(".bin"), lambda path: path.write_bytes(piece.data))
    _write_whole(stem.with_suffix(".json"), lambda path: path.write_text(json.dumps(facts), encoding="utf-8"))
    _write_whole(stem.with_suffix(".png"), lambda path: piece.picture.save(path, format="PNG", dpi=(203, 203)))


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    passing = path.with_name(path.name + ".new")
    write(passing)
    passing.replace(path)


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port), backlog=8)
    listener.setblocking(False)
    return listener
