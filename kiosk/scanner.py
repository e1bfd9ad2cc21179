"""A serial scanner: USB in CDC mode, a carriage return (or line feed) after each scan, read in a thread of its own.

It is found where the configuration says, or by its USB identity wherever it is plugged in, and found again after it
was pulled out. It knows no meaning of what it reads, and writes none of it down.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import serial  # type: ignore[import-untyped]
from serial.tools import list_ports  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

LINE_MAX = 512
"""Bytes of a scan at most; what is longer is told as one scan that cannot be read."""
GAP_S = 1.0
"""Seconds after which the beginning of a scan is given up: its rest was lost with a plug."""
BAUD = 9600
TOO_LONG = "\ufffd"

_USB = re.compile(r"/usb/(?P<vid>[0-9a-fA-F]{4}):(?P<pid>[0-9a-fA-F]{4})(?::(?P<serial>[^/?]+))?")


class ScannerUrlError(ValueError):
    """The address names no scanner."""


class UsbPort(Protocol):
    """What is known of a serial port (`serial.tools.list_ports_common.ListPortInfo`)."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scanner is: a device's path, or a USB identity (`serial` empty: any)."""

    path: str = ""
    vid: int = 0
    pid: int = 0
    serial: str = ""
    baud: int = BAUD

    def found(self, ports: Iterable[UsbPort]) -> str | None:
        """Return the path of the device now, None while none with that identity is plugged in."""
        if self.path:
            return self.path
        for port in ports:
            if (port.vid, port.pid) == (self.vid, self.pid) and self.serial in ("", port.serial_number):
                return port.device
        return None


def place_of(url: str) -> Place:
    """Read `serial:///dev/ttyACM0` or `serial:///usb/VID:PID[:SERIAL]` (hexadecimal), either with `?baud=`.

    Raises ScannerUrlError.
    """
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    baud = asked.pop("baud", [str(BAUD)])[0]
    if parts.scheme != "serial" or parts.netloc or asked or not baud.isdecimal():
        raise ScannerUrlError("scanner: serial:///dev/NAME or serial:///usb/VID:PID[:SERIAL], with ?baud= if need be")
    usb = _USB.fullmatch(parts.path)
    if usb is not None:
        return Place("", int(usb["vid"], 16), int(usb["pid"], 16), usb["serial"] or "", int(baud))
    if parts.path.startswith("/usb/") or len(parts.path) < 2:
        raise ScannerUrlError("scanner: VID and PID are four hexadecimal digits each")
    return Place(parts.path, baud=int(baud))


class Framer:
    """Cuts a stream of bytes into lines; pure. A line's end is CR, LF or both."""

    def __init__(self, line_max: int = LINE_MAX, gap_s: float = GAP_S) -> None:
        self._line_max = line_max
        self._gap_s = gap_s
        self._begun = bytearray()
        self._too_long = False
        self._at = 0.0

    def take(self, data: bytes, now: float) -> list[str]:
        """Return the lines that these bytes complete, empty ones left out. `now` is monotonic seconds.

        What is not ASCII is replaced, so that garbage stays one scan that means nothing.
        """
        if now - self._at > self._gap_s:
            self.forget()
        self._at = now
        lines: list[str] = []
        for byte in data:
            if byte not in b"\r\n":
                if len(self._begun) < self._line_max:
                    self._begun.append(byte)
                else:
                    self._too_long = True
                continue
            if self._too_long:
                lines.append(TOO_LONG)
            elif self._begun:
                lines.append(self._begun.decode("ascii", "replace"))
            self.forget()
        return lines

    def forget(self) -> None:
        """Let go of a line that was begun."""
        self._begun.clear()
        self._too_long = False


class Scanner:
    """Reads one scanner until it is closed.

    `on_line(text, now)` is called in the scanner's thread for each line, `on_presence(is_there)` when it was found or
    lost. `ports` lists the serial ports. A device that is not there is looked for every `retry_s` seconds. Raises
    ScannerUrlError.
    """

    def __init__(
        self,
        url: str,
        on_line: Callable[[str, float], None],
        on_presence: Callable[[bool], None],
        monotonic: Callable[[], float],
        *,
        ports: Callable[[], Iterable[UsbPort]] = list_ports.comports,
        retry_s: float = 1.0,
    ) -> None:
        self._place = place_of(url)
        self._on_line = on_line
        self._on_presence = on_presence
        self._monotonic = monotonic
        self._ports = ports
        self._retry_s = retry_s
        self._port: serial.Serial | None = None
        self._door = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="scanner", daemon=True)

    def start(self) -> None:
        """Begin to look for it and to read it."""
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread."""
        self._ended.set()
        with self._door:
            if self._port is not None:
                self._port.cancel_read()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _serve(self) -> None:
        why_before = ""
        while not self._ended.is_set():
            port, why = self._open()
            if port is None:
                # Once for each reason: a scanner may be away for days.
                if why != why_before:
                    log.warning("scanner_away why=%r", why)
                why_before = why
                self._ended.wait(self._retry_s)
                continue
            why_before = ""
            log.info("scanner_found device=%s", port.port)
            self._on_presence(True)
            try:
                self._read(port)
            except (serial.SerialException, OSError) as error:
                log.warning("scanner_lost error=%s", type(error).__name__)
            finally:
                with self._door:
                    self._port = None
                port.close()
            if not self._ended.is_set():
                self._on_presence(False)

    def _open(self) -> tuple[serial.Serial | None, str]:
        path = self._place.found(() if self._place.path else self._ports())
        if path is None:
            return None, "no such USB device"
        try:
            port = serial.Serial(path, self._place.baud, exclusive=True)
        except (serial.SerialException, OSError, ValueError) as error:
            return None, type(error).__name__
        # Opening has emptied the line: what lay in it before anybody stood here is nobody's scan.
        with self._door:
            self._port = port
        return port, ""

    def _read(self, port: serial.Serial) -> None:
        framer = Framer()
        while not self._ended.is_set():
            data = port.read(max(1, port.in_waiting))
            now = self._monotonic()
            for line in framer.take(data, now):
                self._on_line(line, now)
