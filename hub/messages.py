"""The hub's messages as they are written down: decided once, by which way, and what became of each.

All of it is in the log's own file, so that an end and its fact are one commit. It hands nothing over (`messenger`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from assets.texts import Catalogue
from hub import contacts
from hub.arbiter import Arbiter
from hub.contacts import Contact
from hub.due import OVER, due
from queueing.centre import Centre
from queueing.facts import MessageKind, MessageOutcome, MessageSettled
from queueing.following import follow_id
from queueing.outlook import outlook
from queueing.ticket import Ticket
from queueing.wire import Stream, instant_from_wire, instant_to_wire
from sms.message import VALID_S, Kind
from sms.outbox import Told
from sms.texts import Values, compose
from sync.clock import Clock
from sync.log import Transaction

NEW = "new"
"""The state of a message that nobody has said anything of yet."""
SETTLED = frozenset({"delivered", "failed", "unknown"})
_LEFT_OUT = "left out"
_KEPT = timedelta(days=3)
_TIDY_S = 3600.0

Way = Literal["", "server", "modem"]
"""Who may send a message: nobody yet, the server (a request may have reached it), the modem."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that was decided and has not come to a certain end. `age_s`: how long ago it was decided."""

    id: str
    ticket: str
    kind: Kind
    lang: str
    text: str
    way: Way
    state: str
    age_s: float
    phone: str | None

    @property
    def valid_s(self) -> float:
        """Seconds for which it is still worth sending, negative when it is not."""
        return VALID_S[self.kind] - self.age_s

    def __repr__(self) -> str:
        """Name it without its phone and its text: a repr ends in logs."""
        return f"Pending({self.id!r}, {self.way!r}, {self.state!r})"


class MessageBook:
    """The table of messages. Its verbs wait for the writer; each raises StorageUnavailable and WriterClosedError.

    `catalogues` are the texts by language.
    """

    def __init__(self, arbiter: Arbiter, clock: Clock, catalogues: Mapping[str, Catalogue]) -> None:
        self._arbiter = arbiter
        self._clock = clock
        self._catalogues = catalogues
        self._tidied_at = float("-inf")

    def decide(self) -> list[Pending]:
        """Write down what is due now; return all that has not come to an end, and what may still be corrected."""
        return self._arbiter.writer.submit(self._decide).result()

    def ways(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the ways of messages as they are now: the hand-over may have changed them."""

        def look(tx: Transaction) -> dict[str, str]:
            query = "SELECT way FROM message WHERE id = ?"
            return {each: tx.connection.execute(query, (each,)).fetchone()[0] for each in ids}

        return self._arbiter.writer.submit(look).result() if ids else {}

    def give_way(self, messages: Sequence[Pending], way: Way) -> None:
        """Write down who may send messages; it is on the disk when this returns."""
        if not messages:
            return

        def write(tx: Transaction) -> None:
            tx.connection.executemany("UPDATE message SET way = ? WHERE id = ?", [(way, each.id) for each in messages])

        self._arbiter.writer.submit(write).result()

    def note(self, pending: Sequence[Pending], told: Mapping[str, Told]) -> None:
        """Write down what became of messages; an end is a fact."""
        moved = [(each, told[each.id]) for each in pending if each.id in told and told[each.id].state != each.state]
        if not moved:
            return

        def write(tx: Transaction) -> None:
            at = instant_to_wire(self._clock.now())
            for each, end in moved:
                text = ", text = ''" if end.state in SETTLED else ""
                tx.connection.execute(
                    f"UPDATE message SET state = ?, moved_at = ?{text} WHERE id = ?",  # noqa: S608  # one of two
                    (end.state, at, each.id),
                )
            self._arbiter.note(
                tx,
                [
                    MessageSettled(
                        each.ticket,
                        cast(MessageKind, each.kind.value),
                        cast(MessageOutcome, end.state),
                        end.why,
                    )
                    for each, end in moved
                    if end.state in SETTLED
                ],
            )

        self._arbiter.writer.submit(write).result()
        for each, end in moved:
            _log.info("message=%s way=%s state=%s why=%s", each.id, each.way, end.state, end.why)

    # What follows runs in the writer's thread.

    def _decide(self, tx: Transaction) -> list[Pending]:
        now = self._clock.now()
        connection = tx.connection
        if self._clock.monotonic() - self._tidied_at >= _TIDY_S:
            self._tidied_at = self._clock.monotonic()
            contacts.purge(tx, now)
            connection.execute("DELETE FROM message WHERE decided_at < ?", (instant_to_wire(now - _KEPT),))
        phones = {contact.ticket: contact for contact in contacts.all_of(connection)}
        if phones:
            self._decide_for(tx, phones, now)
        rows = connection.execute(
            "SELECT id, ticket, kind, lang, text, way, state, decided_at FROM message"
            " WHERE state IN ('new', 'accepted', 'sent', 'unknown') ORDER BY decided_at, id"
        ).fetchall()
        pending = [_pending(row, phones, now) for row in rows]
        self._erase(tx, phones, pending)
        return pending

    def _decide_for(self, tx: Transaction, phones: Mapping[str, Contact], now: datetime) -> None:
        hall, centre = self._arbiter.hall, self._arbiter.settings.centre
        decided: dict[str, set[Kind]] = {}
        for ticket_id, kind in tx.connection.execute(
            "SELECT message.ticket, message.kind FROM message JOIN contact ON contact.ticket = message.ticket"
        ):
            decided.setdefault(ticket_id, set()).add(Kind(kind))
        tickets = [hall.state.tickets[each] for each in phones if each in hall.state.tickets]
        tickets = [ticket for ticket in tickets if hall.state.is_today(ticket) and ticket.status not in OVER]
        # The whole line is reckoned only when somebody in it still has to be told that the turn is near.
        may_be_near = any(t.status == "waiting" and Kind.NEAR not in decided.get(t.id, ()) for t in tickets)
        waits = outlook(hall.state, centre, now) if may_be_near else {}
        for ticket in tickets:
            wait = waits.get(ticket.id)
            for kind, fate in due(ticket, decided.get(ticket.id, set()), wait, centre, now).items():
                lang = self._language(phones[ticket.id].lang, centre)
                ahead = 0 if wait is None else wait.ahead
                text = self._text(tx, kind, ticket, ahead, centre, lang) if fate == "send" else ""
                state = NEW if fate == "send" else _LEFT_OUT
                at = instant_to_wire(now)
                tx.connection.execute(
                    "INSERT OR IGNORE INTO message (id, ticket, kind, lang, text, way, state, decided_at, moved_at)"
                    " VALUES (?, ?, ?, ?, ?, '', ?, ?, ?)",
                    (f"{ticket.id}:{kind.value}", ticket.id, kind.value, lang, text, state, at, at),
                )
                _log.info("message=%s:%s decided=%s", ticket.id, kind, fate)

    def _text(self, tx: Transaction, kind: Kind, ticket: Ticket, ahead: int, centre: Centre, lang: str) -> str:
        service = centre.service(ticket.service)
        place = centre.counter(ticket.counter) if ticket.counter else None
        names = {} if service is None else service.name
        values = Values(
            number=ticket.number,
            service=names.get(lang, ""),
            centre=centre.name.get(lang, ""),
            counter=place.label if place is not None else (ticket.counter or ""),
            count=ahead,
            url=_link(tx, ticket.id, centre),
        )
        return compose(kind, values, self._catalogues[lang])

    def _language(self, wished: str, centre: Centre) -> str:
        return next(lang for lang in (wished, *centre.languages, *self._catalogues) if lang in self._catalogues)

    def _erase(self, tx: Transaction, phones: Mapping[str, Contact], pending: Iterable[Pending]) -> None:
        """Erase the phones of tickets that are over, once nothing of them waits to be handed over."""
        needed = {each.ticket for each in pending if each.state == NEW}
        tickets = self._arbiter.hall.state.tickets
        over = [each for each in phones if each in tickets and tickets[each].status in OVER and each not in needed]
        if over:
            contacts.erase(tx, over)


def _pending(row: Sequence[str], phones: Mapping[str, Contact], now: datetime) -> Pending:
    identity, ticket, kind, lang, text, way, state, decided_at = row
    contact = phones.get(ticket)
    # A clock that was set back makes nothing younger than new.
    age_s = max(0.0, (now - instant_from_wire(decided_at)).total_seconds())
    phone = None if contact is None else contact.phone
    return Pending(identity, ticket, Kind(kind), lang, text, cast(Way, way), state, age_s, phone)


def _link(tx: Transaction, ticket: str, centre: Centre) -> str:
    """Return where a ticket is followed, "" where it cannot be."""
    if not centre.follow_url:
        return ""
    device, incarnation, seq = ticket.rsplit(".", 2)
    taken = tx.log.read_stream(Stream(device, int(incarnation)), int(seq) - 1, 1)
    return f"{centre.follow_url}/t/{follow_id(taken[0])}" if taken else ""
