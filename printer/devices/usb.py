"""A printer on USB by the kernel's own driver, `/dev/usb/lpN`. No vendor library."""

from __future__ import annotations

import os
from typing import Self

from printer.devices import GoneError, UnreachableError


class UsbDevice:
    """The open character device."""

    def __init__(self, descriptor: int, *, answers: bool) -> None:
        self._descriptor = descriptor
        self._answers = answers

    @classmethod
    def open(cls, path: str) -> Self:
        """Open without waiting; for writing only where the printer has no way back. Raises UnreachableError."""
        try:
            return cls(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), answers=True)
        except PermissionError as error:
            try:
                flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                return cls(os.open(path, flags), answers=False)
            except OSError:
                raise UnreachableError(f"{path}: {error}") from error
        except OSError as error:
            raise UnreachableError(f"{path}: {error}") from error

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def send(self, data: bytes) -> int:
        """Hand bytes over. Raises GoneError."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise GoneError(str(error)) from error

    def receive(self) -> bytes:
        """Return what came in; an empty read means nothing here, not the end. Raises GoneError."""
        if not self._answers:
            return b""
        try:
            return os.read(self._descriptor, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise GoneError(str(error)) from error

    def close(self, *, discard: bool) -> None:
        """Close. The driver keeps at most one transfer, which cannot be taken back."""
        del discard
        os.close(self._descriptor)
