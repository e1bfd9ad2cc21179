"""A wire tap between the kiosk and a printer: passes every byte on, both ways, and keeps what reached the printer.

It listens on TCP and speaks to the printer by its URL, so that the kiosk prints on any printer while being recorded.
It understands nothing of what passes.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import serial  # type: ignore[import-untyped]  # it ships no types

_CHUNK = 65_536
_WAIT_S = 0.2


class Printer(Protocol):
    """The far side of the wire: a file descriptor that can be waited for, read and written."""

    def fileno(self) -> int:
        """Return what to wait on."""

    def close(self) -> None:
        """Let go of it."""


class _Usb:
    """A printer's character device, such as /dev/usb/lp0."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        os.close(self._descriptor)


def connect(url: str) -> Printer:
    """Open a printer by its URL: tcp://host:9100, serial:///dev/ttyUSB0?baud=115200, usb:///dev/usb/lp0.

    Raises OSError when it cannot be reached (a serial port's own error is one), ValueError for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 9100), timeout=5)
    if parts.scheme == "serial":
        baud = int(parse_qs(parts.query).get("baud", ["115200"])[0])
        try:
            port: Printer = serial.Serial(parts.path, baud, timeout=0, rtscts=True)
        except (OSError, ValueError):
            # A pseudo terminal has no such lines to hold.
            port = serial.Serial(parts.path, baud, timeout=0)
        return port
    if parts.scheme == "usb":
        return _Usb(parts.path)
    raise ValueError(f"no printer can be reached by {url!r}")


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that the printer took, and the monotonic second at which it had them."""

    at: float
    data: bytes


class Recorder:
    """Listens on `url`; one client at a time, as on a real printer's port 9100."""

    def __init__(self, printer_url: str) -> None:
        self._printer_url = printer_url
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_WAIT_S)
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._passed: list[Passed] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="recorder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; what passed stays readable."""
        self._ending.set()
        self._thread.join(5)
        self._listener.close()

    def passed(self) -> list[Passed]:
        """Everything that reached the printer so far, in order."""
        with self._lock:
            return list(self._passed)

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client:
                try:
                    printer = connect(self._printer_url)
                except OSError:
                    continue  # the client sees a closed connection, as it would from a printer that is off
                try:
                    self._pump(client, printer)
                except OSError:
                    pass  # either side went away: the other is closed too, and the kiosk draws its own conclusion
                finally:
                    printer.close()

    def _pump(self, client: socket.socket, printer: Printer) -> None:
        client.setblocking(False)
        os.set_blocking(printer.fileno(), False)
        while not self._ending.is_set():
            ready, _, _ = select.select([client, printer], [], [], _WAIT_S)
            if client in ready:
                data = client.recv(_CHUNK)
                if not data:
                    return
                self._hand_over(printer, data)
            if printer in ready:
                answer = os.read(printer.fileno(), _CHUNK)
                if not answer:
                    return
                client.setblocking(True)
                client.sendall(answer)
                client.setblocking(False)

    def _hand_over(self, printer: Printer, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self._ending.is_set():
            _, writable, _ = select.select([], [printer], [], _WAIT_S)
            if not writable:
                continue
            try:
                count = os.write(printer.fileno(), rest)
            except BlockingIOError:
                continue
            with self._lock:
                self._passed.append(Passed(time.monotonic(), bytes(rest[:count])))
            rest = rest[count:]
