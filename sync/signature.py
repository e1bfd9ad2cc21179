"""Whether a device signed a message: Ed25519 by libsodium, in half of OpenSSL's time, the interpreter free meanwhile.

Only who checks signatures imports this; who signs takes `sync.identity`.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


def is_signed(public: str, message: bytes, sig: str) -> bool:
    """Tell whether `sig` (base64) is the message's by a public key (base64 of 32 bytes). ValueError: no such key."""
    key = _key(public)
    try:
        key.verify(message, base64.b64decode(sig, validate=True))
    except (BadSignatureError, ValueError):  # A ValueError: no base64, or not of 64 bytes.
        return False
    return True


@lru_cache(maxsize=4096)
def _key(public: str) -> VerifyKey:
    return VerifyKey(base64.b64decode(public))
