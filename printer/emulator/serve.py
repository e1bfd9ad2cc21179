"""The emulated printer's wires: TCP and a pty, one client at a time as with the real ones, and a line for tests.

The control line takes one order a line and answers "ok", a JSON object or "error: ...":
    paper ok|near-end|out    cover open|closed    error on|off    paper-out-after BYTES
    answers all|none|eot,asb,gs_r,gs_h,clear,id   delay MS (of replies)
    reading on|off (off: takes no byte)           drop (the cable is pulled)   refuse on|off   state
"""

from __future__ import annotations

import json
import logging
import os
import select
import selectors
import socket
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Never

from printer.emulator.machine import ANSWERS, Machine, Piece
from printer.emulator.page import DOTS_PER_MM

log = logging.getLogger(__name__)

_CHUNK = 1024
_HOLDS = 65_536  # bytes that the printer keeps; a full one takes no more


class Server:
    """Wires around one machine. `clock` is monotonic; `out` is the folder that pieces are kept in."""

    def __init__(self, machine: Machine, out: Path, clock: Callable[[], float], baud: int = 0) -> None:
        self._machine = machine
        self._out = out
        self._clock = clock
        self._bytes_a_second = baud / 10
        self._selector = selectors.DefaultSelector()
        self._client: socket.socket | None = None
        self._pty: int | None = None
        self._reading = True
        self._refusing = False
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
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        return self._address[1]

    def open_pty(self, link: Path) -> None:
        """Serve a pty; `link` becomes a symbolic link to its end for the client."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        # `slave` stays open here: without an opener the master's reads would fail between two clients.
        with suppress(FileNotFoundError):
            link.unlink()
        link.symlink_to(os.ttyname(slave))
        self._pty = master
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

    def step(self, timeout: float) -> None:
        """Serve what is due, waiting at most `timeout` seconds for it."""
        if self._later:
            timeout = min(timeout, max(0.0, self._later[0][0] - self._clock()))
        if self._bytes_a_second:
            timeout = min(timeout, 0.005)
        for key, _ in self._selector.select(timeout):
            if not (self._held_back() and key.data in (self._read_client, self._read_pty)):
                key.data()
        while self._later and self._later[0][0] <= self._clock():
            self._write(self._later.pop(0)[1])

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
        back = not self._reading or self._machine.held > _HOLDS or self._portion() < 1
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

    def _take(self, data: bytes) -> None:
        if self._bytes_a_second:
            self._allowance -= len(data)
        self._answer(self._machine.feed(data))

    def _answer(self, replies: bytes) -> None:
        self._keep()
        if replies and self._delay_s:
            self._later.append((self._clock() + self._delay_s, replies))
        elif replies:
            self._write(replies)

    def _write(self, replies: bytes) -> None:
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
            keep(piece, stem)
            log.info("ticket=%d bytes=%d mm=%.1f", self._kept, len(piece.data), piece.picture.height / DOTS_PER_MM)
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

    def _refuse(self, refuse: bool) -> None:
        if refuse and self._listener is not None:
            self._hang_up(reset=True)
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        elif not refuse and self._listener is None:
            self.listen(*self._address)


def keep(piece: Piece, stem: Path) -> None:
    """Write a piece as STEM.png, STEM.bin and STEM.json; each appears whole, the picture last."""
    facts = {
        "bytes": len(piece.data),
        "mm": piece.picture.height / DOTS_PER_MM,
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
