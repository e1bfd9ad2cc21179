"""Reads back what a log keeps and says where it is not what was written: every event's hash, and its place.

It opens nothing, mends nothing and goes on after a fault: the first of each stream is told. In memory are the streams,
never their events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from queueing.wire import Stream
from sync.receiving import NO_HEAD, ForkError, GapError, Head
from sync.storage import StorageReason, StorageUnavailable


class Why(StrEnum):
    """In which way a log is not what was written."""

    CHANGED = "changed"
    """The event's text does not fit its hash, or is no event's any more."""
    MISSING = "missing"
    """An event that was here is not."""
    HISTORY = "history"
    """The event fits its own hash and not the one before it: somebody put another in."""
    PLACE = "place"
    """The event is kept under another stream's name, or another number, than its own."""


class Kept(NamedTuple):
    """An event as a log keeps it: by its columns, and its canonical JSON."""

    position: int
    stream: Stream
    seq: int
    hash: str
    wire: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a stream is broken first; `stream` None: where the log's own counting is, `seq` is a position then."""

    stream: Stream | None
    seq: int
    why: Why


class Chains:
    """Hand it every event in the order of arrival, then `end` it; `faults` has what was found."""

    def __init__(self) -> None:
        self.events = 0
        self.faults: list[Fault] = []
        self.heads: dict[Stream, Head] = {}
        """Of every stream that was seen, the last event that was as it should be."""
        self._position = 0
        self._broken: set[Stream | None] = set()

    def follow(self, kept: Kept, *, is_found: bool = True) -> None:
        """Take the log's next event; `is_found`: who looks for it by what the log says of its stream finds it."""
        self.events += 1
        if kept.position != self._position + 1:
            self._fault(None, self._position + 1, Why.MISSING if kept.position > self._position else Why.PLACE)
        self._position = kept.position
        stream = kept.stream
        head = self.heads.setdefault(stream, NO_HEAD)
        if stream in self._broken:
            return
        try:
            said = _said(kept.wire)
            if not _fits(kept.wire, kept.hash):
                self._fault(stream, kept.seq, Why.CHANGED)
            elif not is_found or (said.stream, said.seq) != (stream, kept.seq):
                self._fault(stream, kept.seq, Why.PLACE)
            else:
                self.heads[stream] = _next(head, said, kept.hash)
        except StorageUnavailable:
            self._fault(stream, kept.seq, Why.CHANGED)
        except GapError as error:
            self._fault(stream, error.expect_seq, Why.MISSING)
        except ForkError as error:
            self._fault(stream, error.seq, Why.HISTORY)

    def end(self, heads: Mapping[Stream, Head], position: int) -> None:
        """Compare with the newest event of each stream, and of all, as the log itself counts them."""
        for stream, head in sorted(heads.items()):
            mine = self.heads.get(stream, NO_HEAD)
            if mine != head:
                self._fault(stream, min(mine.seq + 1, head.seq), Why.MISSING if mine.seq < head.seq else Why.HISTORY)
        for stream in sorted(self.heads.keys() - heads.keys()):
            self._fault(stream, 1, Why.PLACE)
        if self._position < position:
            self._fault(None, self._position + 1, Why.MISSING)

    def _fault(self, stream: Stream | None, seq: int, why: Why) -> None:
        if stream not in self._broken:
            self._broken.add(stream)
            self.faults.append(Fault(stream, seq, why))


def verify_chains(rows: Iterable[tuple[str, str]]) -> Head:
    """Check what a log keeps, (canonical JSON, hash) by stream and seq; return the last head.

    Raises GapError or ForkError at the first that is bad; StorageUnavailable (CORRUPT) where one is no event any more.
    """
    stream, head = None, NO_HEAD
    for wire, hash_ in rows:
        said = _said(wire)
        if said.stream != stream:
            stream, head = said.stream, NO_HEAD
        head = _next(head, said, hash_)
        if not _fits(wire, hash_):
            raise ForkError(said.stream, said.seq)
    return head


class _Said(NamedTuple):
    stream: Stream
    seq: int
    prev: str


def _said(wire: str) -> _Said:
    """Return what an event says of its place. Raises StorageUnavailable (CORRUPT)."""
    try:
        said = json.loads(wire)
        told = _Said(Stream(str(said["dev"]), int(said["inc"])), int(said["seq"]), str(said["prev"]))
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        # Only what Event.text gave is ever written: the disk has changed it.
        raise StorageUnavailable(StorageReason.CORRUPT, "an event's text cannot be read") from error
    return told


def _fits(wire: str, hash_: str) -> bool:
    return sha256(wire.encode()).hexdigest() == hash_


def _next(head: Head, said: _Said, hash_: str) -> Head:
    """Return the head after an event, which has to fit the one before. Raises GapError, ForkError."""
    if said.seq != head.seq + 1:
        raise GapError(said.stream, head.seq + 1)
    if said.prev != head.hash:
        raise ForkError(said.stream, said.seq)
    return Head(said.seq, hash_)
