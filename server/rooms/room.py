"""What the server needs of a video service: a link to an appointment's room, for the customer and for the clerk.

A room's name is made of the appointment by a key of the server's own: nobody guesses it, and it is the same for as long
as the appointment is, whichever counter calls.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, Protocol

from server.vault import KEYS, VaultError, keep_key, kept_key

_FILE = "rooms.key"
_KEY_BYTES = 32
_NAME_BYTES = 20

Who = Literal["customer", "clerk"]


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment by video as its room has to know it; `lang` is the page's language, "" for the browser's."""

    centre: str
    appointment: str
    slot_at: datetime
    lang: str = ""


class Rooms(Protocol):
    """A video service."""

    def link(self, meeting: Meeting, who: Who) -> str:
        """Return the address that opens a meeting's room; the same meeting has the same address at any time."""
        ...


class Names:
    """Makes the rooms' names."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, data: Path) -> Names:
        """Read `<data>/keys/rooms.key` (0600), or make it where there is none. Raises VaultError."""
        path = data / KEYS / _FILE
        if not path.exists():
            keep_key(path, secrets.token_bytes(_KEY_BYTES))
        key = kept_key(path)
        if len(key) != _KEY_BYTES:
            raise VaultError(f"{path}: a key has {_KEY_BYTES} bytes")
        return cls(key)

    def of(self, centre: str, appointment: str) -> str:
        """Return a room's name: 160 bits of HMAC-SHA256 in small letters and digits, which says nothing."""
        told = f"{len(centre)}/{centre}/{appointment}".encode()
        return b32encode(hmac.new(self._key, told, sha256).digest()[:_NAME_BYTES]).decode("ascii").lower()
