"""How a customer finds the own ticket on a phone: an id that tells nothing, and the address that the ticket's QR says.

It opens nothing and serves nothing; `follow` does.
"""

from __future__ import annotations

import re
from base64 import b32encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # It loads OpenSSL, which a kiosk's first frame does without.
    from queueing.wire import Event

LINK_MAX = 45
"""Characters of a centre's address, so that the whole text stays a small QR."""

_ID = re.compile(r"[A-Z2-7]{16}")
_ADDRESS = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")


def follow_id(taken: Event) -> str:
    """Return the id under which a ticket is followed: 80 bits of its TicketTaken event's hash in upper-case base32.

    It follows from the event, so every device that has the event knows it; nothing can be read back from it.
    """
    return b32encode(bytes.fromhex(taken.hash)[:10]).decode("ascii")


def read_id(text: str) -> str | None:
    """Return the follow id that a text tells, however its letters are written; None when it has not the form of one."""
    told = text.upper()
    return told if _ID.fullmatch(told) else None


def is_address(text: str) -> bool:
    """Say whether a text may be a centre's `follow_url`: scheme and host, short, without a path.

    It is written in capitals, which a scheme and a host bear and a path does not: the QR stays alphanumeric.
    """
    return len(text) <= LINK_MAX and _ADDRESS.fullmatch(text) is not None


def follow_link(address: str, identity: str) -> str:
    """Return what a ticket's QR says: where it is followed, or the bare id where the centre has no such address."""
    return f"{address.upper()}/T/{identity}" if address else identity
