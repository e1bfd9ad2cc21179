"""The text of a booking's QR: what a kiosk has to know of the booking, and the server's signature over it.

    B1.<centre>.<appointment>.<service>.<slot>.<customer>.<signature>

The slot is whole minutes since 1970 (UTC) in base 36, the customer the keyed hash, the signature Ed25519 in base64url
over all that stands before its full stop. The centre stands in it so that a kiosk that is cut off does not take
another centre's booking for its own. Nothing personal can be read from it. It says nothing of whether the booking
still holds: that is the registry's to tell.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

VERSION = "B1"
TEXT_MAX = 400
"""Characters of a code at most; a longer text is none."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SLOT = re.compile(r"[0-9a-z]{1,7}")
_CUSTOMER = re.compile(r"[0-9a-f]{32}")
_SIGNATURE_BYTES = 64
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class BookingCode:
    """A booking as its QR tells it; `customer` is the keyed hash."""

    centre: str
    appointment: str
    service: str
    slot_at: datetime
    customer: str = field(repr=False)


def is_code(text: str) -> bool:
    """Say whether a text means to be a booking's code; whether it is one only `read_booking` can tell."""
    return text.startswith(f"{VERSION}.")


def sign_booking(code: BookingCode, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of a booking's QR; `sign` makes the 64 bytes of an Ed25519 signature.

    Seconds of the slot are left out. Raises ValueError for ids that a code cannot hold.
    """
    if not all(_NAME.fullmatch(name) for name in (code.centre, code.appointment, code.service)):
        raise ValueError("ids in a booking's code are letters, digits, - and _, at most 64")
    if not _CUSTOMER.fullmatch(code.customer):
        raise ValueError("a customer is 32 hexadecimal digits")
    minutes = (code.slot_at - _EPOCH) // timedelta(minutes=1)
    body = ".".join((VERSION, code.centre, code.appointment, code.service, _base36(minutes), code.customer))
    return f"{body}.{base64.urlsafe_b64encode(sign(body.encode('ascii'))).decode('ascii').rstrip('=')}"


def read_booking(text: str, public_key: bytes) -> BookingCode | None:
    """Return the booking that a text tells, None when it is no code or not signed with that Ed25519 key (32 bytes)."""
    # Not before a kiosk's first frame.
    from nacl.exceptions import BadSignatureError  # noqa: PLC0415
    from nacl.signing import VerifyKey  # noqa: PLC0415

    if len(text) > TEXT_MAX or not text.isascii():
        return None
    body, _, signature = text.rpartition(".")
    try:
        VerifyKey(public_key).verify(body.encode("ascii"), _signature(signature))
    except (BadSignatureError, ValueError):
        return None
    parts = body.split(".")
    if len(parts) != 6 or parts[0] != VERSION:
        return None
    _, centre, appointment, service, slot, customer = parts
    if not all(_NAME.fullmatch(name) for name in (centre, appointment, service)):
        return None
    if not _SLOT.fullmatch(slot) or not _CUSTOMER.fullmatch(customer):
        return None
    try:
        slot_at = _EPOCH + timedelta(minutes=int(slot, 36))
    except OverflowError:
        return None
    return BookingCode(centre, appointment, service, slot_at, customer)


def _signature(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises ValueError."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    # One signature has one text: b64decode also takes the usual alphabet's signs, and any value of the last spare bits.
    if len(found) != _SIGNATURE_BYTES or base64.urlsafe_b64encode(found).decode("ascii").rstrip("=") != text:
        raise ValueError("no Ed25519 signature")
    return found


def _base36(number: int) -> str:
    if number < 0:
        raise ValueError("a slot is after 1970")
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
