"""Whether a PIN belongs to a hash; argon2 and its megabytes come with the first question and leave after each."""

from __future__ import annotations

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3
_APART_FROM = 4 << 20


def is_pin(pin_hash: str, pin: str) -> bool:
    """Say whether a PIN is the one of a hash (argon2id's own text); of a spoilt hash none is. It takes its time."""
    from argon2 import PasswordHasher  # noqa: PLC0415  # no customer needs it
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    _take_apart()
    try:
        return PasswordHasher().verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def _take_apart() -> None:
    """Have the memory of a hash taken from the machine and given back to it, see mallopt(3).

    glibc learns from the first hash to keep room for the next, in this thread's own heap, which it never gives back.
    """
    with contextlib.suppress(AttributeError):  # another C library has other habits
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _APART_FROM)
