"""The durable outbox: each message once by its id, its life, and the limits; on a shelf, as a rule a SQLite file.

What a method has done is on the disk when it returns. Any thread may call; nothing is sent here (`sms.sender`). Numbers
and texts are erased by schedule.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sms.life import SETTLED, Answer, Life, Report, Stage, Why, answered, begun, interrupted, passed, reported
from sms.message import FIRST, VALID_S, WAITS, Kind, Message
from sms.shelf import FileShelf, Shelf

log = logging.getLogger(__name__)

State = Literal["accepted", "sent", "delivered", "failed", "unknown"]
"""What a sender is told of its message; `accepted`: it is safe here and has not gone out."""

_STATES: Mapping[Stage, State] = {
    Stage.QUEUED: "accepted",
    Stage.SENDING: "accepted",
    Stage.SENT: "sent",
    Stage.DELIVERED: "delivered",
    Stage.FAILED: "failed",
    Stage.UNKNOWN: "unknown",
}
_DAY_S = 86_400.0
KEPT_S = 3 * _DAY_S
"""A message's end is remembered so long, that a late repetition of its id sends nothing again."""

_TURN_LOOK_S = 2.0
"""While another process sends, so often it is looked whether it still does."""

_LIFE = "stage, due_at, until, tries, sent_at, why"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages may go: to one number in ten minutes and in a day, codes to one number, all in a day."""

    ten_minutes: int = 10
    day: int = 30
    codes: int = 3
    """One-time codes to a number in ten minutes."""
    all_day: int = 20_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message whose request goes out next. `token` names it in delivery reports and tells nothing."""

    message: Message
    token: str
    valid_s: float


@dataclass(frozen=True, slots=True)
class Told:
    """What a sender is told of a message; `why` is a word of `sms.life.Why`."""

    state: State
    why: str = ""


class Outbox:
    """The open outbox, at a file or another shelf. Raises what the shelf does: sqlite3.Error.

    `wall` gives seconds of the wall clock, `chance` a number from 0 to 1. `on_change(id, stage)` hears of each message
    that moved, once that is on the disk, in the thread that moved it.
    """

    def __init__(
        self,
        shelf: Path | Shelf,
        *,
        wall: Callable[[], float],
        chance: Callable[[], float],
        limits: Limits | None = None,
        on_change: Callable[[str, Stage], None] = lambda _id, _stage: None,
    ) -> None:
        self._shelf: Shelf = FileShelf(shelf) if isinstance(shelf, Path) else shelf
        self._wall = wall
        self._chance = chance
        self._limits = limits or Limits()
        self._on_change = on_change
        self._lock = threading.Lock()
        self._turn = 0
        self._takes_turn()

    def close(self) -> None:
        """Close the shelf."""
        with self._lock:
            self._shelf.close()

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        """Take messages, each id once and for ever; return what is known of each. They are on the disk by then.

        `valid_s` may shorten, by id, for how long one is worth sending. One over a limit is kept as failed, but one of
        `WAITS`: that is told so and not kept, so that it can be handed over again.
        """
        now = self._wall()
        with self._transaction():
            too_many: dict[str, Told] = {}
            for message in messages:
                if self._shelf.execute("SELECT 1 FROM message WHERE id = ?", (message.id,)).fetchone():
                    continue
                is_over = self._over_limit(message, now)
                if is_over and message.kind in WAITS:
                    too_many[message.id] = Told("failed", Why.LIMIT.value)
                else:
                    self._insert(message, (valid_s or {}).get(message.id), now, is_over=is_over)
            return self._told([message.id for message in messages]) | too_many

    def states(self, ids: Iterable[str]) -> dict[str, Told]:
        """Return what is known of messages; an id that was never taken is left out."""
        with self._lock:
            return self._told(ids)

    def begin(self, count: int) -> list[Outgoing]:
        """Return the messages to send next and note that they are being sent: from here on each may be out."""
        if not self._takes_turn():
            return []
        now = self._wall()
        with self._transaction():
            # One that is due much later than any retry was put off under another clock: it is due.
            rows = self._shelf.execute(
                f"SELECT id, number, lang, kind, text, token, {_LIFE} FROM message"  # noqa: S608  # our own columns
                " WHERE stage = 'queued' AND (due_at <= ? OR due_at > ?) ORDER BY urgent DESC, row LIMIT ?",
                (now, now + 600.0, count),
            ).fetchall()
            outgoing = []
            for identity, number, lang, kind, text, token, *life in rows:
                standing = passed(_life(life), now)
                if standing.stage is Stage.QUEUED:
                    standing = begun(standing)
                    to, said = self._shelf.opened(identity, number, text)
                    message = Message(identity, to, lang, Kind(kind), said)
                    outgoing.append(Outgoing(message, token, standing.until - now))
                self._move(identity, standing)
            return outgoing

    def settle(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Note what the gateway answered, by message id."""
        now = self._wall()
        with self._transaction() as moved:
            for identity, answer in answers:
                found = self._find("id", identity)
                if found is not None:
                    moved.append(self._move(identity, answered(found[1], answer, now, self._chance())))

    def report(self, token: str, report: Report, foreign_id: str = "") -> bool:
        """Note a delivery report; False when no message has that token."""
        with self._transaction() as moved:
            found = self._find("token", token)
            if found is None:
                return False
            moved.append(self._move(found[0], reported(found[1], report, self._wall())))
            if foreign_id:
                self._shelf.execute("UPDATE message SET foreign_id = ? WHERE id = ?", (foreign_id, found[0]))
        log.info("message=%s report=%s", found[0], report.name.lower())
        return True

    def pass_time(self) -> None:
        """Settle what time has settled, erase numbers and texts that nobody needs any more, forget old ends."""
        now = self._wall()
        with self._transaction() as moved:
            rows = self._shelf.execute(
                f"SELECT id, {_LIFE} FROM message WHERE stage IN ('queued', 'sent')"  # noqa: S608  # our own columns
            ).fetchall()
            for identity, *life in rows:
                before = _life(life)
                after = passed(before, now)
                if after is not before:
                    moved.append(self._move(identity, after))
            self._shelf.execute(
                "UPDATE message SET number = NULL WHERE number IS NOT NULL AND taken_at < ?"
                " AND stage IN ('delivered', 'failed', 'unknown')",
                (now - _DAY_S,),
            )
            self._shelf.execute("DELETE FROM message WHERE taken_at < ?", (now - KEPT_S,))

    def next_due_s(self) -> float | None:
        """Return in how many seconds a message is due (0: now) or is to be looked for, None when none waits."""
        if self._turn == 0:
            return _TURN_LOOK_S
        with self._lock:
            found = self._shelf.execute("SELECT min(due_at) FROM message WHERE stage = 'queued'").fetchone()
        due_at = None if found is None else found[0]
        return None if due_at is None else max(0.0, min(due_at - self._wall(), 60.0))

    def _insert(self, message: Message, valid_s: float | None, now: float, *, is_over: bool) -> None:
        valid = VALID_S[message.kind] if valid_s is None else min(valid_s, VALID_S[message.kind])
        life = Life(Stage.QUEUED, now, now + valid)
        if is_over:
            life = Life(Stage.FAILED, now, now, why=Why.LIMIT)
            log.warning("message=%s kind=%s refused=limit", message.id, message.kind)
        kept = self._shelf.kept(message) if life.stage is Stage.QUEUED else (None, None)
        self._shelf.execute(
            f"INSERT INTO message (id, token, number, text, lang, kind, urgent, taken_at, {_LIFE})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(message.id, secrets.token_urlsafe(16), *kept, message.lang, message.kind.value),
                *(int(message.kind in FIRST), now),
                *_row(life),
            ),
        )

    def _over_limit(self, message: Message, now: float) -> bool:
        limits, number = self._limits, self._shelf.hidden(message.to)
        checks = [
            (limits.ten_minutes, "number = ? AND taken_at > ?", (number, now - 600.0)),
            (limits.day, "number = ? AND taken_at > ?", (number, now - _DAY_S)),
            (limits.all_day, "why != 'limit' AND taken_at > ?", (now - _DAY_S,)),
        ]
        if message.kind is Kind.ONE_TIME_CODE:
            code = Kind.ONE_TIME_CODE.value
            checks.append((limits.codes, "number = ? AND taken_at > ? AND kind = ?", (number, now - 600.0, code)))
        for most, where, values in checks:
            # `where` is one of the literals above.
            query = f"SELECT count(*) FROM (SELECT 1 FROM message WHERE {where} LIMIT {most:d}) AS taken"  # noqa: S608
            found = self._shelf.execute(query, values).fetchone()
            if found is not None and found[0] >= most:
                return True
        return False

    def _takes_turn(self) -> bool:
        """Tell whether it is us who send; what another was sending before may be out."""
        with self._lock:
            turn = self._shelf.turn()
        if turn not in (0, self._turn):
            self._settle_interrupted()
        self._turn = turn
        return turn != 0

    def _settle_interrupted(self) -> None:
        with self._transaction():
            rows = self._shelf.execute(
                f"SELECT id, {_LIFE} FROM message WHERE stage = 'sending'"  # noqa: S608  # our own columns
            ).fetchall()
            for identity, *life in rows:
                self._move(identity, interrupted(_life(life)))
        if rows:
            log.warning("messages=%d interrupted", len(rows))

    def _find(self, key: Literal["id", "token"], value: str) -> tuple[str, Life] | None:
        found = self._shelf.execute(
            f"SELECT id, {_LIFE} FROM message WHERE {key} = ?",  # noqa: S608  # one of two literals
            (value,),
        ).fetchone()
        return None if found is None else (found[0], _life(found[1:]))

    def _move(self, identity: str, life: Life) -> tuple[str, Stage]:
        # A text is needed until it is out; a code must not lie about afterwards. The number is counted for a day.
        text = ", text = NULL" if life.stage in SETTLED or life.stage is Stage.SENT else ""
        self._shelf.execute(
            f"UPDATE message SET stage = ?, due_at = ?, until = ?, tries = ?, sent_at = ?, why = ?{text}"  # noqa: S608
            " WHERE id = ?",
            (*_row(life), identity),
        )
        return identity, life.stage

    def _told(self, ids: Iterable[str]) -> dict[str, Told]:
        found = {}
        for identity in ids:
            row = self._shelf.execute("SELECT stage, why FROM message WHERE id = ?", (identity,)).fetchone()
            if row is not None:
                found[identity] = Told(_STATES[Stage(row[0])], row[1])
        return found

    @contextmanager
    def _transaction(self) -> Iterator[list[tuple[str, Stage]]]:
        """Give a list for what moved; tell of it after the commit, outside the lock."""
        moved: list[tuple[str, Stage]] = []
        with self._lock, self._shelf.transaction():
            yield moved
        for identity, stage in moved:
            self._on_change(identity, stage)


def _life(row: Sequence[object]) -> Life:
    stage, due_at, until, tries, sent_at, why = row
    return Life(Stage(str(stage)), _seconds(due_at), _seconds(until), int(str(tries)), _instant(sent_at), Why(str(why)))


def _row(life: Life) -> tuple[str, float, float, int, float | None, str]:
    return life.stage.value, life.due_at, life.until, life.tries, life.sent_at, life.why.value


def _seconds(value: object) -> float:
    return float(str(value))


def _instant(value: object) -> float | None:
    return None if value is None else float(str(value))
