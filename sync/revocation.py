r"""The server's signed word that a device was taken out of service, and whether that device may believe it.

    {"device", "incarnation", "at", "sig"}

`sig` (base64) is the server's over ``dawr-revoked-1\n<device>\n<incarnation>\n<at>``. A device pins the server's key
when it is enrolled. A hub keeps such words and passes them on; it cannot make one. A word holds for one incarnation and
for ever. It erases nothing: see each app's barring.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from queueing.wire import Json, Stream, instant_to_wire
from sync.signature import is_signed

FIELD = "revocation"
"""Where the word stands in a problem REVOKED, and beside a retired key in a hub's settings."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """A signed word; `at` is when the device was taken out, as it goes over the wire."""

    device: str
    incarnation: int
    at: str
    sig: str

    def to_wire(self) -> dict[str, Json]:
        """Return its JSON."""
        return {"device": self.device, "incarnation": self.incarnation, "at": self.at, "sig": self.sig}


def word_of(device: str, incarnation: int, at: datetime, sign: Callable[[bytes], bytes]) -> Word:
    """Make a word; `sign` makes the 64 bytes of the server's Ed25519 signature."""
    instant = instant_to_wire(at)
    sig = base64.b64encode(sign(_message(device, incarnation, instant))).decode("ascii")
    return Word(device, incarnation, instant, sig)


def read(told: object) -> Word | None:
    """Return the word that a peer's JSON tells, signed by whomever; None when it is none."""
    if not isinstance(told, Mapping):
        return None
    device, incarnation, at, sig = (told.get(name) for name in ("device", "incarnation", "at", "sig"))
    if not (isinstance(device, str) and type(incarnation) is int and isinstance(at, str) and isinstance(sig, str)):
        return None
    return Word(device, incarnation, at, sig)


class Judge:
    """Whether one device believes that it was revoked. `server_key` is the pinned key in base64, "" where none is."""

    def __init__(self, stream: Stream, server_key: str) -> None:
        self._stream = stream
        self._server_key = server_key
        self._why = ""

    def believes(self, told: object) -> bool:
        """Say whether a peer's word on this device is the server's; why not is logged, once for each reason in turn."""
        why = self._fault(read(told))
        if why and why != self._why:
            _log.error("revocation_not_believed device=%s why=%s", self._stream.device, why)
        self._why = why
        return not why

    def _fault(self, word: Word | None) -> str:
        if not self._server_key:
            return "NO_KEY"
        if word is None:
            return "UNSIGNED"
        if word.device != self._stream.device:
            return "OTHER_DEVICE"
        if word.incarnation != self._stream.incarnation:
            return "OTHER_INCARNATION"
        try:
            message = _message(word.device, word.incarnation, word.at)
            return "" if is_signed(self._server_key, message, word.sig) else "SIGNATURE"
        except ValueError:
            return "NO_KEY"


def _message(device: str, incarnation: int, at: str) -> bytes:
    return "\n".join(("dawr-revoked-1", device, str(incarnation), at)).encode()
