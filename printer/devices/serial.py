"""A printer on a serial line (RS-232, or USB's virtual COM port), by pyserial."""

from __future__ import annotations

import logging
import os
import select
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import serial  # type: ignore[import-untyped]  # it comes without types

from printer.devices import BadUrlError, GoneError, UnreachableError

log = logging.getLogger(__name__)

_DRAIN_S = 0.3


@dataclass(frozen=True, slots=True)
class Settings:
    """The line's settings: bits a second, and which flow control the printer is set to."""

    baud: int = 115_200
    flow: str = "rtscts"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read the query of a URL: `baud`, `flow` (rtscts, xonxoff or none). Raises BadUrlError."""
        if unknown := query.keys() - {"baud", "flow"}:
            raise BadUrlError(f"unknown in a serial URL: {', '.join(sorted(unknown))}")
        baud, flow = query.get("baud", "115200"), query.get("flow", "rtscts")
        if not baud.isascii() or not baud.isdigit() or int(baud) == 0:
            raise BadUrlError(f"baud={baud}")
        if flow not in ("rtscts", "xonxoff", "none"):
            raise BadUrlError(f"flow={flow}: expected rtscts, xonxoff or none")
        return cls(int(baud), flow)


class SerialDevice:
    """An open line. Only one process can have it."""

    def __init__(self, line: serial.Serial) -> None:
        self._line = line

    @classmethod
    def open(cls, path: str, settings: Settings) -> Self:
        """Open the line and forget what came in before. Raises UnreachableError."""
        try:
            line = serial.Serial(
                path,
                settings.baud,
                timeout=0,
                write_timeout=0,
                rtscts=settings.flow == "rtscts",
                xonxoff=settings.flow == "xonxoff",
                exclusive=True,
            )
            line.reset_input_buffer()
        except (OSError, ValueError, termios.error) as error:
            # SerialException is an OSError, termios.error is none; ValueError is a speed that the line does not have.
            raise UnreachableError(f"{path}: {error}") from error
        return cls(line)

    def fileno(self) -> int:
        """Return the line's descriptor."""
        return int(self._line.fileno())

    def send(self, data: bytes) -> int:
        """Hand bytes over, as many as the line's buffer takes. Raises GoneError."""
        try:
            # Not pyserial's write: with a write_timeout of 0 it spins while the line is held by flow control.
            return os.write(self.fileno(), data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise GoneError(str(error)) from error

    def receive(self) -> bytes:
        """Return what came in. Raises GoneError."""
        try:
            return os.read(self.fileno(), 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise GoneError(str(error)) from error

    def close(self, *, discard: bool) -> None:
        """Close; with `discard` the unsent bytes are dropped at once, without it after a moment.

        The kernel would wait for half a minute for a line that is held by flow control.
        """
        try:
            if not discard:
                self._drain()
            self._line.reset_output_buffer()
        except (OSError, termios.error) as error:
            # The cable is out, and nothing waits in it.
            log.info("line=%s not emptied reason=%s", self._line.name, error)
        with suppress(OSError):
            self._line.close()

    def _drain(self) -> None:
        until = time.monotonic() + _DRAIN_S
        while self._line.out_waiting and time.monotonic() < until:
            select.select([], [], [], 0.01)
