"""The wires to a printer, chosen by URL: `tcp://host:9100`, `serial:///dev/ttyUSB0?baud=115200`, `usb:///dev/usb/lp0`.

`cups://QUEUE` is an address too, and no wire: what is sent there has to go as jobs, by `printer.cups`.

A device only carries bytes, never waits (`open_device` alone may, up to its deadline) and knows nothing of printing. It
is opened for one conversation and closed after it: a cable that was pulled and put back needs no repair.

    DeviceError
     ├─ BadUrlError       nothing to retry: the configuration is wrong
     ├─ UnreachableError  it could not be opened
     └─ GoneError         it was open and went away
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import SplitResult, parse_qsl, urlsplit


class DeviceError(Exception):
    """A printer cannot be spoken with."""


class BadUrlError(DeviceError):
    """The URL names no printer that can be opened."""


class UnreachableError(DeviceError):
    """The device did not open within its deadline."""


class GoneError(DeviceError):
    """The device was open and went away."""


class Device(Protocol):
    """An open wire to a printer. No method waits."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def send(self, data: bytes) -> int:
        """Hand bytes over; return how many were taken, 0 for none at present. Raises GoneError."""

    def receive(self) -> bytes:
        """Return what has come in, empty for nothing. Raises GoneError."""

    def close(self, *, discard: bool) -> None:
        """Close. With `discard` the bytes that the system still holds are thrown away, not delivered later."""


def open_device(url: str, timeout: float = 3.0) -> Device:
    """Open the printer of a URL within `timeout` seconds. Raises BadUrlError and UnreachableError."""
    parts = parse(url)
    if parts.scheme == "cups":
        raise BadUrlError(f"{url}: a queue is no wire")
    # Imported here: a kiosk with a USB printer needs no pyserial in its memory.
    if parts.scheme == "tcp":
        from printer.devices.tcp import TcpDevice  # noqa: PLC0415

        return TcpDevice.open(str(parts.hostname), parts.port or 9100, timeout)
    if parts.scheme == "serial":
        from printer.devices.serial import SerialDevice, Settings  # noqa: PLC0415

        query = dict(parse_qsl(parts.query))
        query.pop("profile", None)
        return SerialDevice.open(parts.path, Settings.of(query))
    from printer.devices.usb import UsbDevice  # noqa: PLC0415

    return UsbDevice.open(parts.path)


def profile_in(url: str) -> str:
    """Return the profile that a printer's URL names, empty for none. Raises BadUrlError."""
    return dict(parse_qsl(parse(url).query)).get("profile", "")


def is_queue(url: str) -> bool:
    """Whether a printer's URL names a queue of CUPS. Raises BadUrlError."""
    return parse(url).scheme == "cups"


def parse(url: str) -> SplitResult:
    """Check a printer's URL and return its parts. Raises BadUrlError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadUrlError(f"{url}: {error}") from error
    if parts.scheme == "tcp":
        if not parts.hostname or port == 0:
            raise BadUrlError(f"{url}: expected tcp://HOST:PORT")
    elif parts.scheme in ("serial", "usb"):
        if parts.netloc or not parts.path.startswith("/"):
            raise BadUrlError(f"{url}: expected {parts.scheme}:///dev/...")
    elif parts.scheme == "cups":
        known = parts.path in ("", "/") and dict(parse_qsl(parts.query)).keys() <= {"profile", "socket"}
        if not parts.netloc or not known:
            raise BadUrlError(f"{url}: expected cups://QUEUE")
    else:
        raise BadUrlError(f"{url}: expected tcp://, serial://, usb:// or cups://")
    return parts
