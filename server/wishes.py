"""The wishes of customers who follow their turns outside: kept until their centre's hub has decided them, or lapsed.

The server decides none of them. A wish's id rises for ever, also when an old copy of the data is put back, since it is
never below the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select, update

from follow.house import NotHeardError
from follow.turn import Asked, Turn, Wish
from server.postgres import one_at_a_time
from server.storage import Store
from server.tables import WishRow
from sync.broadcast import Signal
from sync.clock import Clock
from sync.storage import StorageUnavailable

LAPSES_AFTER = timedelta(minutes=5)
"""A wish that no hub has heard by then is nobody's wish any more: the customer was told so, and may wish again."""
LAPSE_TOLD = timedelta(minutes=10)
"""So long a customer is told that a wish has lapsed."""
SHOWS_WITHIN = timedelta(seconds=4)
"""A wish that was granted shows in the log by then; what does not was refused."""

TOPIC = "wish"
"""Of the news."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that was made: `decided_at` is when its hub said that it is done with it."""

    id: int
    centre: str
    ticket: str
    identity: str
    wish: Wish
    made_at: datetime
    decided_at: datetime | None = None

    @property
    def lapses_at(self) -> datetime:
        """When it is nobody's wish any more."""
        return self.made_at + LAPSES_AFTER


class Wishes:
    """All wishes that matter still, in memory and in the registers; the newest of a ticket counts.

    Its verbs are for the event loop; `asked` for any thread. `moved(identity)` is told when something changes. What
    other processes on the same database take from customers, or hear from hubs, comes here by the news.
    """

    def __init__(self, store: Store, clock: Clock, moved: Callable[[str], None]) -> None:
        """Read those that wait from an earlier run. Raises StorageUnavailable."""
        self._store = store
        self._clock = clock
        self._moved = moved
        self.made = Signal()
        self.is_closed = False
        since = clock.now() - LAPSES_AFTER
        rows = store.call(_rows)
        self._last = max((row.id for row in rows), default=0)
        self._of_ticket = {row.ticket: _waiting(row) for row in rows if row.made_at > since}
        self._unsaid: dict[int, datetime] = {}
        store.news.listen(TOPIC, lambda _: self.heard())

    async def make(self, turn: Turn, wish: Wish) -> None:
        """Keep a wish for its centre's hub. Raises NotHeardError."""
        now = self._clock.now()
        self._forget(now)

        def keep(session: Session) -> Waiting:
            # A hub asks for those above the last that it had: one with a lower id must never be committed later.
            one_at_a_time(session, TOPIC)
            last = max(self._last, session.exec(select(func.max(WishRow.id))).one() or 0)
            row = WishRow(
                id=max(last + 1, round(now.timestamp() * 1000)),
                centre=turn.centre,
                ticket=turn.ticket,
                identity=turn.identity,
                what=wish.value,
                made_at=now,
            )
            session.exec(delete(WishRow).where(col(WishRow.made_at) < now - LAPSES_AFTER))
            session.add(row)
            return _waiting(row)

        try:
            waiting = await self._store.run(keep)
        except StorageUnavailable as error:
            raise NotHeardError from error
        self._last = max(self._last, waiting.id)
        self._of_ticket[waiting.ticket] = waiting
        self.made.notify()
        self._store.news.tell(TOPIC)

    def after(self, centre: str, number: int) -> list[Waiting]:
        """Return a centre's wishes with ids above one, in order; those up to it are decided."""
        now = self._clock.now()
        for waiting in list(self._of_ticket.values()):
            # One that lapsed unheard stays so, though the hub has since gone on to later ones.
            is_heard = waiting.id <= number and now < waiting.lapses_at + SHOWS_WITHIN
            if waiting.centre == centre and is_heard and waiting.decided_at is None:
                self._of_ticket[waiting.ticket] = replace(waiting, decided_at=now)
                self._moved(waiting.identity)
                if self._store.is_shared:
                    self._unsaid[waiting.id] = now
                    self._store.news.hear(TOPIC)
        found = (each for each in list(self._of_ticket.values()) if each.centre == centre and each.id > number)
        return sorted((each for each in found if now < each.lapses_at), key=lambda each: each.id)

    def asked(self, turn: Turn, now: datetime, *, is_cut_off: bool) -> Asked | None:
        """Return what a ticket's customer wished and has no answer to. Any thread."""
        waiting = self._of_ticket.get(turn.ticket)
        if waiting is None or waiting.wish not in turn.may:
            return None  # What is offered no more was granted, or something else came first.
        if waiting.decided_at is not None:
            is_open = now - waiting.decided_at < SHOWS_WITHIN
            return Asked(waiting.wish, waiting.lapses_at) if is_open else None
        if now < waiting.lapses_at:
            return Asked(waiting.wish, waiting.lapses_at, is_cut_off=is_cut_off)
        if now < waiting.lapses_at + LAPSE_TOLD:
            return Asked(waiting.wish, waiting.lapses_at, is_lapsed=True)
        return None

    def close(self) -> None:
        """Let the hubs' questions end, so that the server can stop in peace. Any thread."""
        self.is_closed = True
        self.made.notify()

    def heard(self) -> None:
        """Pass on what hubs decided here, and take what came in other processes. In the thread of the news."""
        decided, since = dict(self._unsaid), self._clock.now() - LAPSES_AFTER
        rows = self._store.call(lambda session: _passed_on(session, decided))
        if decided:
            for number in decided:
                self._unsaid.pop(number, None)
            self._store.news.tell(TOPIC)
        is_new = False
        for row in rows:
            known, said = self._of_ticket.get(row.ticket), _waiting(row)
            if row.made_at <= since or (known is not None and known.id > said.id):
                continue
            if known is not None and known.id == said.id and (known.decided_at or said.decided_at is None):
                continue
            self._last = max(self._last, said.id)
            self._of_ticket[said.ticket] = said
            self._moved(said.identity)
            is_new = True
        if is_new:
            self.made.notify()

    def _forget(self, now: datetime) -> None:
        gone = [each.ticket for each in list(self._of_ticket.values()) if now > each.lapses_at + LAPSE_TOLD]
        for ticket in gone:
            del self._of_ticket[ticket]


def _waiting(row: WishRow) -> Waiting:
    return Waiting(row.id, row.centre, row.ticket, row.identity, Wish(row.what), row.made_at, row.decided_at)


def _rows(session: Session) -> list[WishRow]:
    return list(session.exec(select(WishRow).order_by(col(WishRow.id))))


def _passed_on(session: Session, decided: Mapping[int, datetime]) -> list[WishRow]:
    """Note the wishes that hubs have decided, and return all."""
    for number, at in sorted(decided.items()):
        undecided = update(WishRow).where(col(WishRow.id) == number, col(WishRow.decided_at).is_(None))
        session.execute(undecided.values(decided_at=at))
    return _rows(session)
