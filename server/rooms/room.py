"""What the server needs of a video service: a link to an appointment's room, for the customer and for the clerk.

A room's name is made of the appointment by a key of the server's own: nobody guesses it, and it is the same for as long
as the appointment is, whichever counter calls.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol

from server.vault import Vault

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
    def of_vault(cls, vault: Vault) -> Names:
        """Return those of a server's own keys: whichever of its processes makes a name, it is the same."""
        return cls(vault.derived("rooms"))

    def of(self, centre: str, appointment: str) -> str:
        """Return a room's name: 160 bits of HMAC-SHA256 in small letters and digits, which says nothing."""
        told = f"{len(centre)}/{centre}/{appointment}".encode()
        return b32encode(hmac.new(self._key, told, sha256).digest()[:_NAME_BYTES]).decode("ascii").lower()
