"""The server's own signing key: bookings' codes, which kiosks read without asking anybody, and revocations.

What is signed of either kind begins otherwise ("B1.", "dawr-revoked-1"), so one is never taken for the other. It is
made at the first start and kept in `<data>/keys/booking.pem` (0600). With another key every code that people have on
their phones would be unreadable and no device would believe a revocation, so it is never overwritten.
"""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from server.vault import KEYS, VaultError, keep_key, kept_key
from sync.codes import BookingCode, sign_booking
from sync.revocation import Word, word_of

_FILE = "booking.pem"


class ServerKey:
    """Signs in the server's name."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def open(cls, data: Path) -> ServerKey:
        """Read the key, or make it where there is none. Raises VaultError."""
        path = data / KEYS / _FILE
        if not path.exists():
            fresh = Ed25519PrivateKey.generate()
            keep_key(path, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return cls.read(data)

    @classmethod
    def read(cls, data: Path) -> ServerKey:
        """Read the key. Raises VaultError, also where there is none."""
        path = data / KEYS / _FILE
        try:
            private = load_pem_private_key(kept_key(path), password=None)
        except ValueError as error:
            raise VaultError(f"{path}: holds no key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise VaultError(f"{path}: holds no Ed25519 key")
        return cls(private)

    @property
    def public(self) -> str:
        """The public key as devices are told it: base64 of its 32 bytes."""
        return base64.b64encode(self._public.public_bytes_raw()).decode("ascii")

    def code(self, booking: BookingCode) -> str:
        """Return the text of a booking's QR. Raises ValueError for ids that a code cannot hold."""
        return sign_booking(booking, self._private.sign)

    def revocation(self, device: str, incarnation: int, at: datetime) -> Word:
        """Return the word that an incarnation of a device may no longer take part, since `at`."""
        return word_of(device, incarnation, at, self._private.sign)

    @property
    def _public(self) -> Ed25519PublicKey:
        return self._private.public_key()
