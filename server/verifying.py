"""Looks through the centres' logs as they are kept, beside running servers: every event's hash and place.

It only reads, some hundred events at a time, so it takes no more memory for a year than for a day, and nobody waits for
it. It looks at what was there when it began; it mends nothing (docs/recovery.md says who does).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from queueing.wire import Stream
from server import postgres
from sync.chains import Chains, Fault, Kept
from sync.receiving import Head
from sync.storage import known_failures, only_reading

_PAGE = 500

# One statement, so one moment: the others may commit at any time.
_HEADS = """
SELECT coalesce(log.position, 0), log_stream.centre, log_stream.device, incarnation, seq, hash
FROM log FULL JOIN log_stream ON true
"""
_EVENTS = """
SELECT position, centre, device, incarnation, seq, hash, wire FROM log_event
WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
"""
_EVENTS_OF_FILE = """
SELECT position, device, incarnation, seq, hash, wire FROM event
WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what is wrong with it; at most one fault a stream, the first."""

    streams: int
    events: int
    faults: tuple[Fault, ...]


def verify(log_file: Path, database: str = "") -> Verified:
    """Look through the log in PostgreSQL, or without its URL the one in the file. Raises StorageUnavailable."""
    chains = Chains()
    if database:
        with postgres.known_failures(), postgres.connect(database) as connection:
            _verify_tables(connection, chains)
    elif log_file.exists():  # A server that was never started has none.
        _verify_file(log_file, chains)
    for fault in chains.faults:
        # The device is all that names it: an event's text may be somebody's ticket.
        device, incarnation = fault.stream or ("", 0)
        _log.error("log_broken device=%s incarnation=%d from=%d why=%s", device, incarnation, fault.seq, fault.why)
    return Verified(len(chains.heads), chains.events, tuple(chains.faults))


def _verify_tables(connection: psycopg.Connection, chains: Chains) -> None:
    newest, heads, centres = 0, {}, {}
    for position, centre, device, incarnation, seq, hash_ in connection.execute(_HEADS):
        newest = position
        if device is not None:
            stream = Stream(device, incarnation)
            heads[stream], centres[stream] = Head(seq, hash_), centre
    for position, centre, device, incarnation, seq, hash_, wire in _pages(connection, newest):
        stream = Stream(device, incarnation)
        # Under another centre than its stream's nobody would find it.
        is_found = centres.get(stream) == centre
        chains.follow(Kept(position, stream, seq, hash_, wire), is_found=is_found)
    chains.end(heads, newest)


def _pages(connection: psycopg.Connection, newest: int) -> Iterator[tuple[int, str, str, int, int, str, str]]:
    after = 0
    while rows := connection.execute(_EVENTS, (after, newest, _PAGE)).fetchall():
        yield from rows
        after = rows[-1][0]


def _verify_file(log_file: Path, chains: Chains) -> None:
    with known_failures(), closing(only_reading(log_file)) as file:
        (newest,) = file.execute("SELECT coalesce(max(position), 0) FROM event").fetchone()
        after = 0
        # Page by page: a reading that goes on keeps SQLite's log from being brought into the file.
        while rows := file.execute(_EVENTS_OF_FILE, (after, newest, _PAGE)).fetchall():
            for position, device, incarnation, seq, hash_, wire in rows:
                chains.follow(Kept(position, Stream(device, incarnation), seq, hash_, wire))
            after = rows[-1][0]
