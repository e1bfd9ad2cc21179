"""An emulated printer in a thread of the test's own process: real sockets, a real line, and its pieces to look at."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from printer.emulator.machine import Machine, Piece, Traits
from printer.emulator.serve import Server
from printer.phrases import OLD_SENSOR_FENCE, SENSOR_FENCE

_FENCE = re.compile(
    rb"\x1d\(H\x06\x00\x30\x30[0-9]{4}|" + re.escape(SENSOR_FENCE) + b"|" + re.escape(OLD_SENSOR_FENCE), re.DOTALL
)


def without_fences(data: bytes) -> bytes:
    """Return a piece's bytes as the encoder made them: without what the dialogue has put between them."""
    return _FENCE.sub(b"", data)


class Heard(Machine):
    """A machine that remembers every byte that came in."""

    said = b""

    def feed(self, data: bytes) -> bytes:
        self.said += data
        return super().feed(data)


class Rig:
    """One printer at both wires; `pieces` are those that fell, oldest first."""

    def __init__(self, folder: Path, traits: Traits, baud: int, host: str, port: int) -> None:
        self.pieces: list[Piece] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._machine = Heard(time.monotonic, traits)
        self._server = Server(
            self._machine, folder, time.monotonic, baud, keep=lambda piece, _: self.pieces.append(piece)
        )
        self.tcp = f"tcp://{host}:{self._server.listen(host, port)}"
        self._server.open_pty(folder / "line")
        self.serial = f"serial://{folder / 'line'}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._server.step(0.01)
            # Or this thread would have the lock again before anybody who waits for it.
            self._stop.wait(0.0005)

    def _keep(self, piece: Piece, _stem: Path) -> None:
        self.pieces.append(piece)

    def order(self, line: str) -> str:
        with self._lock:
            return self._server.obey(line)

    def whole(self, ticket: bytes) -> int:
        """Count the pieces that bear a whole ticket."""
        with self._lock:
            return sum(ticket in without_fences(piece.data) for piece in self.pieces)

    @property
    def held(self) -> int:
        """Bytes of tickets that it has and has not printed; questions that were answered are none."""
        return len(re.sub(b"\x10\x04.", b"", self._machine.waiting))

    @property
    def said(self) -> bytes:
        return self._machine.said

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self._server.close()


@contextmanager
def rig(
    folder: Path, traits: Traits | None = None, baud: int = 0, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Rig]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Rig(folder, traits or Traits(), baud, host, port)
    try:
        yield made
    finally:
        made.close()


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait for a condition of another thread; return whether it came."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True
