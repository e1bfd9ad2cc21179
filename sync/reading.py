"""Reads what a push says: fast, when its events have the very form in which this house writes them.

What is unusual (numbers beyond 64 bits, floats in a body, parts of a later version, anything wrong) is left to
`Event.from_wire`: the fast reader has no refusal and no rule that is not there too. Both come to the same events and
hashes. It knows no rights, and nothing of what an event means.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from operator import itemgetter

import orjson

from queueing.wire import Event, Stream, WireError
from sync.exchange import BATCH
from sync.problems import Problem

UNPACKED_MAX = 8 << 20
"""Bytes of a gzip body unpacked."""

_PARTS = ("at", "body", "boot", "dev", "inc", "mono", "prev", "seq", "type", "v")
_parts = itemgetter(*_PARTS)
_NAMES = ("at", "body", "boot", "device", "incarnation", "mono", "prev", "seq", "type", "version", "text", "hash")
_HASH = re.compile("[0-9a-f]{64}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def unpacked(body: bytes, encoding: str | None) -> bytes:
    """Return a request's body as it was before it was packed. Raises Problem 413, 415, 422."""
    if encoding in (None, "", "identity"):
        return body
    if encoding != "gzip":
        raise Problem(415, "ENCODING", "A body is plain or gzip")
    unpacker = zlib.decompressobj(wbits=31)  # 16 + 15: a gzip header and no other
    try:
        plain = unpacker.decompress(body, UNPACKED_MAX)
    except zlib.error as error:
        raise _invalid("the body is not gzip") from error
    if unpacker.unconsumed_tail:
        raise Problem(413, "TOO_LARGE", "The body is too large", limit=UNPACKED_MAX)
    if not unpacker.eof or unpacker.unused_data:
        raise _invalid("the body is not one whole gzip stream")
    return plain


def events_of(body: bytes) -> tuple[Stream, list[Event], Mapping[str, object]]:
    """Return the stream that the body of POST /v1/events is of, its events, and all that was said with them.

    By hand: pydantic would cost as much as the commit itself. Raises Problem 413 and 422.
    """
    said = said_in(body)
    wires = said.get("events") if isinstance(said, dict) else None
    events = usual(wires) if isinstance(wires, list) and len(wires) <= BATCH else None
    if events is None:
        said, events = _slowly(body)
    if not events:
        raise _invalid("events is empty")
    assert isinstance(said, dict)
    stream, first_seq = events[0].stream, events[0].seq
    if (said.get("dev"), said.get("inc"), said.get("first_seq")) != (*stream, first_seq) or stream.incarnation >= 2**31:
        raise _invalid("dev, inc and first_seq are those of the first event")
    is_in_order = [event.seq for event in events] == list(range(first_seq, first_seq + len(events)))
    if not is_in_order or {(event.device, event.incarnation) for event in events} != {stream}:
        raise _invalid("events are of one stream, one after another")
    return stream, events, said


def _slowly(body: bytes) -> tuple[dict[str, object], list[Event]]:
    """Read what is not in this house's usual form, or say what is wrong with it."""
    try:
        said = _DECODER.decode(body.decode())
        if not isinstance(said, dict) or not isinstance(said.get("events"), list):
            raise _invalid("events is a list")
        if len(said["events"]) > BATCH:
            raise Problem(413, "TOO_LARGE", "There are too many events", limit=BATCH)
        events = [Event.from_wire(wire) for wire in said["events"]]
        for event in events:
            event.hash  # noqa: B018  # kept by the event; made here, the writer's thread has less to do
    except (RecursionError, UnicodeError, ValueError) as error:
        # WireError names the part and never the value; the others' words may quote the body.
        raise _invalid(str(error) if isinstance(error, WireError) else "the body is not JSON of events") from error
    return said, events


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _invalid(why: str) -> Problem:
    return Problem(422, "INVALID", "The request does not have the form that it has to have", why=why)


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
        except (KeyError, RecursionError, TypeError, ValueError):
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
