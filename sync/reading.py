"""Reads the events of a push fast, when they have the very form in which this house writes them.

What is unusual (numbers beyond 64 bits, floats in a body, parts of a later version, anything wrong) is left to
`Event.from_wire`: here is no refusal and no rule that is not there too. Both come to the same events and hashes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from operator import itemgetter

import orjson

from queueing.wire import Event

_PARTS = ("at", "body", "boot", "dev", "inc", "mono", "prev", "seq", "type", "v")
_parts = itemgetter(*_PARTS)
_NAMES = ("at", "body", "boot", "device", "incarnation", "mono", "prev", "seq", "type", "version", "text", "hash")
_HASH = re.compile("[0-9a-f]{64}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def said_in(body: bytes) -> object:
    """Return what a JSON text says, None when it is not usual JSON."""
    try:
        said: object = orjson.loads(body)
    except ValueError:
        return None
    return said


def usual(wires: Sequence[object]) -> list[Event] | None:
    """Return the events of JSON objects as `orjson` reads them, their texts and hashes made; None if one is unusual."""
    events = []
    for wire in wires:
        if type(wire) is not dict or len(wire) != len(_PARTS):
            return None
        try:
            at, body, boot, device, incarnation, mono, prev, seq, kind, version = _parts(wire)
            if not (
                type(device) is type(boot) is type(kind) is type(prev) is str
                and device
                and "." not in device
                and type(incarnation) is type(seq) is type(version) is int
                and incarnation >= 1
                and seq >= 1
                and version >= 1
                # Within these bounds Python and orjson write a float alike.
                and type(mono) is float
                and 1e-4 <= mono < 1e16
                and _HASH.fullmatch(prev)
                and _INSTANT.fullmatch(at)
                and type(body) is dict
                and _is_written_alike(body)
            ):
                return None
            moment = datetime.fromisoformat(at)
            text = orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)
        except (KeyError, TypeError, ValueError):
            return None
        event: Event = object.__new__(Event)
        # An event is frozen: twelve guarded assignments would take as long as all the rest.
        event.__dict__.update(
            zip(
                _NAMES,
                (
                    *(moment, body, boot, device, incarnation, mono, prev, seq, kind, version),
                    *(text.decode(), sha256(text).hexdigest()),
                ),
                strict=True,
            )
        )
        events.append(event)
    return events


def _is_written_alike(value: object) -> bool:
    """Say whether there is no float in a value: the two JSON writers may write one differently."""
    kind = type(value)
    if kind is dict:
        return all(type(one) in _PLAIN or _is_written_alike(one) for one in value.values())  # type: ignore[attr-defined]  # mypy does not follow `kind`
    if kind is list:
        return all(type(one) in _PLAIN or _is_written_alike(one) for one in value)  # type: ignore[attr-defined]
    return kind in _PLAIN


_PLAIN = frozenset({str, int, bool, type(None)})
