"""Reads what the processes left: a device's log from beside, and the figures in the lines that the apps write."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from queueing.wire import Event


def events(log: Path) -> list[Event]:
    """Return every event of a log's file, in order of arrival; its process may be running. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True, timeout=5)) as connection:
        rows = connection.execute("SELECT wire FROM event ORDER BY position").fetchall()
    return [Event.from_wire(json.loads(wire)) for (wire,) in rows]


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a log that says how long something took, in milliseconds, with its other words."""

    name: str
    ms: float
    words: dict[str, str]


def figures(output: str, name: str) -> Iterator[Said]:
    """Give each line such as `ticket_committed ticket=kiosk-1.1.7 ms=3.2` of that name, in order."""
    for match in re.finditer(rf"(?:^|\s){re.escape(name)}((?: +[a-z_]+=\S+)+)", output, re.MULTILINE):
        words = dict(pair.split("=", 1) for pair in match[1].split())
        try:
            yield Said(name, float(words["ms"]), words)
        except (KeyError, ValueError):
            continue
