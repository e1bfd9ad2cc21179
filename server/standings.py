"""How far the server is behind each centre, since when, and whether that is an alarm: what headquarters looks at.

A hub says it with whatever it sends. In memory only: a server that starts anew is told again within half a minute.
Where several processes share a database each passes on there what it was told, within seconds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from queueing.wire import Json, instant_to_wire
from server.shared_tables import HubWordRow
from server.storage import Store
from sync.clock import Clock
from sync.lateness import Behind

SILENT_AFTER = timedelta(seconds=60)
"""A hub says hello every 20 seconds at least: one that was not heard for so long is cut off."""

TOPIC = "hub"
"""Of the news; a centre's id is the key."""

_Words = Mapping[str, tuple[datetime, Behind]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A centre as its hub told of it last; `behind` is None before the first word, and of an older hub."""

    centre: str
    state: str
    """`fine`, `behind` (it is being sent), `late` (the alarm), `cut off` (since `heard_at`), `never heard`."""
    heard_at: datetime | None = None
    behind: Behind | None = None

    def to_json(self) -> dict[str, Json]:
        """Return it for programs."""
        behind = self.behind or Behind()
        return {
            "centre": self.centre,
            "state": self.state,
            "heard_at": _instant(self.heard_at),
            "behind": None if self.behind is None else behind.events,
            "behind_since": _instant(behind.since),
        }


class Standings:
    """The newest word of each centre's hub. Any thread."""

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        """With a `store` that others share, their hubs' words count, too; make it before the news begin."""
        self._clock = clock
        self._store = store
        self._lock = threading.Lock()
        self._heard: dict[str, tuple[datetime, Behind]] = {}
        self._unsaid: dict[str, tuple[datetime, Behind]] = {}
        self._listeners: list[Callable[[str, datetime], object]] = []
        if store is not None:
            store.news.listen(TOPIC, lambda _: self.exchange())

    def listen(self, heard_elsewhere: Callable[[str, datetime], object]) -> None:
        """Have it told when another process has heard a centre."""
        self._listeners.append(heard_elsewhere)

    def hear(self, centre: str, behind: Behind) -> None:
        """Take a hub's word. The alarm's beginning and its end are a line of the log each."""
        with self._lock:
            _, before = self._heard.get(centre, (None, Behind()))
            word = self._heard[centre] = self._clock.now(), behind
            self._unsaid[centre] = word
        if self._store is not None and before.late != behind.late:
            self._store.news.hear(TOPIC, centre)
        if behind.late and not before.late:
            _log.error("centre_late centre=%s behind=%d since=%s", centre, behind.events, _instant(behind.since))
        elif before.late and not behind.late:
            _log.info("centre_late_over centre=%s behind=%d", centre, behind.events)

    def all(self, centres: Iterable[str]) -> list[Standing]:
        """Return how each centre stands now."""
        now = self._clock.now()
        with self._lock:
            heard = dict(self._heard)
        return [_standing(centre, heard.get(centre), now) for centre in centres]

    def exchange(self) -> None:
        """Pass on what was heard here, and take what the others heard. Raises StorageUnavailable."""
        if self._store is None:
            return
        with self._lock:
            unsaid, self._unsaid = self._unsaid, {}
        words = self._store.call(lambda session: _passed_on(session, unsaid))
        elsewhere = []
        with self._lock:
            for centre, (at, behind) in words.items():
                known = self._heard.get(centre)
                if known is None or at > known[0]:
                    self._heard[centre] = at, behind
                    elsewhere.append((centre, at))
        for centre, at in elsewhere:
            for listener in self._listeners:
                listener(centre, at)


def _passed_on(session: Session, words: _Words) -> _Words:
    """Store hubs' words that are the newest, and return the newest of all."""
    # In one order: two processes that pass on the same centres must not wait for each other.
    for centre, (at, behind) in sorted(words.items()):
        fresh = insert(HubWordRow).values(
            centre=centre, heard_at=at, behind=behind.events, since=behind.since, late=behind.late
        )
        said = {name: fresh.excluded[name] for name in ("heard_at", "behind", "since", "late")}
        is_newer = fresh.excluded.heard_at > col(HubWordRow.heard_at)
        session.execute(fresh.on_conflict_do_update(index_elements=["centre"], set_=said, where=is_newer))
    rows = session.exec(select(HubWordRow)).all()
    return {row.centre: (row.heard_at, Behind(row.behind, row.since, row.late)) for row in rows}


def _standing(centre: str, heard: tuple[datetime, Behind] | None, now: datetime) -> Standing:
    if heard is None:
        return Standing(centre, "never heard")
    at, behind = heard
    if now - at > SILENT_AFTER:
        state = "cut off"
    elif behind.late:
        state = "late"
    else:
        state = "behind" if behind.events else "fine"
    return Standing(centre, state, at, behind)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_to_wire(at)
