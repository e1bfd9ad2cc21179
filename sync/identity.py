"""Who a device is: its Ed25519 key file, and the Authorization header that signs each of its requests.

    Authorization: Dawr-Ed25519 dev="kiosk-1",inc="1",ts="<unix ms>",nonce="<hex>",sig="<base64>"

The signature is over ``METHOD\\npath?query\\nsha256hex(body)\\nts\\nnonce``; the body is the bytes on the wire (after gzip).
It decides who calls, never what the caller may do (`sync.rights`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sync.clock import Clock

KEY_FILE = "device.key"


class IdentityError(Exception):
    """The key file is missing, unreadable, or readable by others."""


class DeviceKey:
    """An Ed25519 key pair kept in `<data>/device.key` (PEM, 0600)."""

    @classmethod
    def make(cls, data: Path) -> DeviceKey:
        """Make a key and its file; the folder is made when missing. Raises IdentityError when there is one already."""
        raise NotImplementedError

    @classmethod
    def load(cls, data: Path) -> DeviceKey:
        """Read `<data>/device.key`. Raises IdentityError."""
        raise NotImplementedError

    @property
    def public(self) -> str:
        """The public key as the registers hold it: base64 of its 32 bytes."""
        raise NotImplementedError

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        raise NotImplementedError


class Signer:
    """Signs the requests of one device, by its own clock corrected to its peer's."""

    def __init__(
        self, key: DeviceKey, device: str, incarnation: int, clock: Clock, nonce: Callable[[], str] | None = None
    ) -> None:
        raise NotImplementedError

    def authorization(self, method: str, target: str, body: bytes = b"") -> str:
        """Return the header's value; `target` is the path with its query as sent ("/v1/live?view=board")."""
        raise NotImplementedError

    def correct(self, now: datetime) -> None:
        """Take the peer's `now` (from a 401 with code STALE) as the time from here on."""
        raise NotImplementedError


class Unauthorised(Exception):
    """The request is not shown to come from that device. `code`: MISSING, UNKNOWN, STALE, REPLAYED or SIGNATURE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Verifier:
    """Checks the header on the receiving side; remembers nonces, a bounded number for each device."""

    def __init__(self, clock: Clock, public_key: Callable[[str], str | None], *, window_s: float = 60.0) -> None:
        raise NotImplementedError

    def verify(self, authorization: str | None, method: str, target: str, body: bytes) -> tuple[str, int]:
        """Return (device, incarnation). Raises Unauthorised."""
        raise NotImplementedError
