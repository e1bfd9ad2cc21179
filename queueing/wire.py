"""The form of an event between devices: an envelope with a hash chain, and its canonical JSON.

It knows nothing of what an event means (that is `facts`), so an event of a later version travels on unhurt.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring as quoted
from typing import Generic, NamedTuple, Self, TypeVar

T = TypeVar("T")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

GENESIS = "0" * 64
"""What the first event of a stream names as the hash of the one before it."""


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)


_PARTS = 10
"""Of an event's JSON object."""


class WireError(ValueError):
    """What came is not an event: it lacks a part, or a part is of another kind than it has to be."""


class Stream(NamedTuple):
    """One device's log since it was enrolled; a device that was enrolled anew begins another."""

    device: str
    incarnation: int

    def __str__(self) -> str:
        """Return it as `device.incarnation`."""
        return f"{self.device}.{self.incarnation}"


class _Kept(Generic[T]):
    """A property made once: `functools.cached_property` without its lock, which costs as much as what is kept here."""

    def __init__(self, make: Callable[[Event], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, event: Event, owner: type[Event]) -> T:
        """Make the value and leave it where it is found from now on."""
        value = event.__dict__[self._name] = self._make(event)
        return value


@dataclass(frozen=True)
class Event:
    """Something that happened, as its device wrote it down.

    `seq` counts from 1 without gaps. `at` is the device's wall clock (aware, UTC), `mono` its monotonic clock, seconds
    since the boot that `boot` names. `prev` is the hash of the stream's event before, GENESIS for the first.
    """

    device: str
    incarnation: int
    seq: int
    type: str
    version: int
    at: datetime
    boot: str
    mono: float
    prev: str
    body: Mapping[str, Json]

    @_Kept
    def stream(self) -> Stream:
        """Return the log that it belongs to."""
        return Stream(self.device, self.incarnation)

    @_Kept
    def id(self) -> str:
        """Its name in the whole system, for example `kiosk-1.1.42`; a ticket's id is that of its TicketTaken."""
        return f"{self.device}.{self.incarnation}.{self.seq}"

    @_Kept
    def hash(self) -> str:
        """Return the SHA-256 of its canonical JSON, in hexadecimal: what the next event names as `prev`."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @_Kept
    def text(self) -> str:
        """Its canonical JSON, which is hashed and kept: `canonical(self.to_wire())`, made once and in half the time."""
        body = _CANONICAL.encode(dict(self.body))
        return (
            f'{{"at":"{instant_to_wire(self.at)}","body":{body},"boot":{quoted(self.boot)},'
            f'"dev":{quoted(self.device)},"inc":{self.incarnation},"mono":{self.mono!r},"prev":{quoted(self.prev)},'
            f'"seq":{self.seq},"type":{quoted(self.type)},"v":{self.version}}}'
        )

    def to_wire(self) -> dict[str, Json]:
        """Return its JSON object."""
        return {
            "dev": self.device,
            "inc": self.incarnation,
            "seq": self.seq,
            "type": self.type,
            "v": self.version,
            "at": instant_to_wire(self.at),
            "boot": self.boot,
            "mono": self.mono,
            "prev": self.prev,
            "body": dict(self.body),
        }

    @classmethod
    def from_wire(cls, wire: object) -> Self:
        """Return the event that a JSON object tells. Parts that a later version added stay in its text and its hash.

        Raises WireError, which names the part that is wrong and never its value (a value may be somebody's).
        """
        if not isinstance(wire, dict):
            raise WireError("an event is a JSON object")
        device, boot, kind = _text(wire, "dev"), _text(wire, "boot"), _text(wire, "type")
        if not device or "." in device:
            raise WireError("dev is a name without a full stop")
        prev = _text(wire, "prev")
        if len(prev) != 64 or not set(prev) <= set("0123456789abcdef"):
            raise WireError("prev is 64 hexadecimal digits")
        mono = seconds_of(wire.get("mono"))
        if mono is None:
            raise WireError("mono is a number of seconds")
        body = wire.get("body")
        if not isinstance(body, dict):
            raise WireError("body is a JSON object")
        event = cls(
            device=device,
            incarnation=_count(wire, "inc"),
            seq=_count(wire, "seq"),
            type=kind,
            version=_count(wire, "v"),
            at=instant_from_wire(_text(wire, "at")),
            boot=boot,
            mono=mono,
            prev=prev,
            body=body,
        )
        if len(wire) > _PARTS:
            # Its device hashed them, too: without them the next event would name another hash than ours.
            event.__dict__["text"] = _CANONICAL.encode(wire)
        return event


def seconds_of(value: object) -> float | None:
    """Return the seconds that a JSON number tells; None when it is no number, or one that no clock shows."""
    # Not isinstance: True is no number here.
    if type(value) is not float and type(value) is not int:
        return None
    try:
        told = float(value)
    except OverflowError:
        return None
    return told if math.isfinite(told) else None


def canonical(wire: object) -> bytes:
    """Return the one JSON form that is hashed: sorted keys, no white space, UTF-8."""
    return _CANONICAL.encode(wire).encode()


def instant_to_wire(at: datetime) -> str:
    """Return an aware instant as `2026-11-21T07:31:02.123456Z`. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant has to be aware")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    # isoformat: strftime takes five times as long.
    return f"{at.isoformat('T', 'microseconds')[:-6]}Z"


def instant_from_wire(text: str) -> datetime:
    """Return the instant (UTC) that a text of ISO 8601 with an offset tells. Raises WireError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise WireError("an instant is ISO 8601") from error
    if at.tzinfo is None:
        raise WireError("an instant has an offset or Z")
    return at.astimezone(UTC)


def _text(wire: Mapping[str, object], name: str) -> str:
    value = wire.get(name)
    if not isinstance(value, str):
        raise WireError(f"{name} is a text")
    return value


def _count(wire: Mapping[str, object], name: str) -> int:
    value = wire.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise WireError(f"{name} is a whole number from 1")
    return value
