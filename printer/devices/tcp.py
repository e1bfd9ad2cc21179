"""A printer on the network, raw TCP (port 9100)."""

from __future__ import annotations

import fcntl
import ipaddress
import queue
import socket
import struct
import termios
import threading
import time
from typing import Self

from printer.devices import GoneError, UnreachableError

# Small, so that "taken" means nearly "arrived": a large buffer swallows a ticket whole for a printer without paper.
_SEND_BUFFER = 4096


class TcpDevice:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    @classmethod
    def open(cls, host: str, port: int, timeout: float) -> Self:
        """Connect within `timeout` seconds, the name's look-up included. Raises UnreachableError."""
        until = time.monotonic() + timeout
        try:
            address = _address(host, timeout)
            connection = socket.create_connection((address, port), max(0.1, until - time.monotonic()))
        except OSError as error:
            raise UnreachableError(f"{host}:{port}: {error}") from error
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        return cls(connection)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def send(self, data: bytes) -> int:
        """Hand bytes over. Raises GoneError."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise GoneError(str(error)) from error

    def receive(self) -> bytes:
        """Return what came in. Raises GoneError, also when the printer closed its side."""
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise GoneError(str(error)) from error
        if not data:
            raise GoneError("closed by the printer")
        return data

    def close(self, *, discard: bool) -> None:
        """Close; `discard` drops bytes that did not arrive, by a reset: they would print after a refill."""
        if discard and self._unsent():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _unsent(self) -> int:
        """Return the bytes that the printer's side has not acknowledged (Linux tcp(7), SIOCOUTQ)."""
        (count,) = struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0\0\0\0"))
        return int(count)


def _address(host: str, timeout: float) -> str:
    """Resolve a name within a deadline, which the system's resolver does not keep. Raises OSError."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    answers: queue.SimpleQueue[str | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put(str(found[0][4][0]))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"no address for {host} in {timeout:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
