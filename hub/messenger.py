"""Tells customers by SMS: decides from the hall what is due, hands it to the server, or to the modem in its stead.

A message is decided once, in the log's own file, and its way is written down before it is tried: once a request to the
server may have arrived it is the server's for ever, so it never goes out by both. A thread of its own; the hall never
waits for it. Phones come from `contacts` and go nowhere but to the gateway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from urllib.parse import quote

from assets.texts import Catalogue
from hub import contacts
from hub.arbiter import Arbiter
from hub.contacts import Contact
from hub.due import OVER, due
from hub.modem import ModemPost
from queueing.centre import Centre
from queueing.facts import MessageKind, MessageOutcome, MessageSettled
from queueing.following import follow_id
from queueing.outlook import outlook
from queueing.state import Ticket
from queueing.wire import Stream, instant_from_wire, instant_to_wire
from sms.message import VALID_S, Kind, Message
from sms.outbox import Told
from sms.texts import Values, compose
from sync.clock import Clock
from sync.line import PeerLine, PeerUnavailable
from sync.log import StorageUnavailable, Transaction
from sync.writer import WriterClosedError

ROUND_S = 1.0
ASK_S, ASK_SOON_S = 10.0, 2.0
"""The server is asked how messages stand so often; while some are new, that often."""
ASK_OF_UNKNOWN_S = 300.0
NEW_FOR_S = 120.0
FRESH_S = 30.0
"""What the server last said of its gateway counts for so long."""
_MOST = 100
_KEPT = timedelta(days=3)
_ANSWER_WITHIN_S = 5.0

Way = Literal["", "server", "modem"]
"""Who may send a message: nobody yet, the server (a request may have reached it), the modem."""

_NEW, _LEFT_OUT = "new", "left out"
_SETTLED = frozenset({"delivered", "failed", "unknown"})

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


class Messenger:
    """Decides and hands over. `line` is a line of its own to the server, None without one; `modem` may be None.

    `on_ready(bool)` hears whether a message that is taken now can arrive, in the messenger's thread. `catalogues` are
    the texts by language. The modem gets what the server has certainly not taken for `modem_after_s` seconds.
    """

    def __init__(
        self,
        arbiter: Arbiter,
        clock: Clock,
        catalogues: Mapping[str, Catalogue],
        on_ready: Callable[[bool], None],
        *,
        line: PeerLine | None = None,
        modem: ModemPost | None = None,
        modem_after_s: float = 30.0,
    ) -> None:
        self._arbiter = arbiter
        self._clock = clock
        self._catalogues = catalogues
        self._on_ready = on_ready
        self._line = line
        self._modem = modem
        self._modem_after_s = modem_after_s
        self._was_ready = False
        self._gateway_heard_at = float("-inf")
        self._asked_at = self._asked_of_unknown_at = self._tidied_at = float("-inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="messenger", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        if self._modem is not None:
            self._modem.start()
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread, then the modem and the line."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._modem is not None:
            self._modem.close()
        if self._line is not None:
            self._line.close()

    def round(self) -> None:
        """Do what is due now: decide, hand over, ask, note. In the messenger's thread, or a test's.

        Raises StorageUnavailable, WriterClosedError.
        """
        pending = self._arbiter.writer.submit(self._decide).result()
        told = self._with_server(pending)
        if self._ended.is_set():
            return  # What was told is asked for again after the next start.
        told |= self._with_modem(pending)
        told |= {
            each.id: Told("failed", "too_late")
            for each in pending
            if each.way == "" and each.valid_s <= 0 and each.id not in told
        }
        self._note(pending, told)
        self._tell_ready()

    def _serve(self) -> None:
        try:
            while not self._ended.wait(ROUND_S):
                try:
                    self.round()
                except StorageUnavailable as error:
                    _log.error("messenger_waits reason=%s", error.reason)
        except WriterClosedError:
            _log.info("messenger_ends reason=writer_closed")

    def _tell_ready(self) -> None:
        ready = self._can_arrive()
        if ready != self._was_ready:
            _log.info("messages can_arrive=%s", ready)
        self._was_ready = ready
        self._on_ready(ready)

    def _can_arrive(self) -> bool:
        if self._modem is not None and self._modem.ready:
            return True
        return self._clock.monotonic() - self._gateway_heard_at <= FRESH_S

    # --- what is due, in the writer's thread

    def _decide(self, tx: Transaction) -> list[Pending]:
        """Write down what is due now; return all that has not come to an end."""
        now = self._clock.now()
        connection = tx.connection
        if self._clock.monotonic() - self._tidied_at >= 3600.0:
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
                state = _NEW if fate == "send" else _LEFT_OUT
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
        needed = {each.ticket for each in pending if each.state == _NEW}
        tickets = self._arbiter.hall.state.tickets
        over = [each for each in phones if each in tickets and tickets[each].status in OVER and each not in needed]
        if over:
            contacts.erase(tx, over)

    # --- the server

    def _with_server(self, pending: Sequence[Pending]) -> dict[str, Told]:
        """Ask how messages stand and hand new ones over; return what was told, by id."""
        if self._line is None:
            return {}
        now = self._clock.monotonic()
        fresh = [each for each in pending if each.way == "" and each.valid_s > 0 and each.phone is not None]
        theirs = [each for each in pending if each.way == "server"]
        of_unknown = now - self._asked_of_unknown_at >= ASK_OF_UNKNOWN_S
        asked = [each for each in theirs if of_unknown or each.state != "unknown"]
        is_new = any(each.age_s < NEW_FOR_S for each in asked if each.state != "unknown")
        unsure = [each for each in theirs if each.state == _NEW]
        if not fresh and not unsure and now - self._asked_at < (ASK_SOON_S if is_new else ASK_S):
            return {}
        self._asked_at = now
        self._asked_of_unknown_at = now if of_unknown else self._asked_of_unknown_at
        try:
            told = self._ask(self._line, asked)
        except PeerUnavailable as error:
            _log.info("messages_not_asked why=%s", error)
            return {}
        lost = [each for each in unsure if each.id not in told]
        # It was never taken, and now it is too late: the question just answered came after the request that was lost.
        told |= {each.id: Told("failed", "too_late") for each in lost if each.valid_s <= 0 or each.phone is None}
        again = [each for each in lost if each.id not in told]
        if fresh and self._modem is not None and not self._is_gateway_heard():
            fresh = []  # The server could only keep them; the modem can send them.
        return told | self._hand_over(self._line, fresh, again)

    def _is_gateway_heard(self) -> bool:
        return self._gateway_heard_at == self._asked_at

    def _ask(self, line: PeerLine, asked: Sequence[Pending]) -> dict[str, Told]:
        told: dict[str, Told] = {}
        for first in range(0, max(1, len(asked)), _MOST):
            ids = ",".join(each.id for each in asked[first : first + _MOST])
            answer = line.get(f"/v1/messages?ids={quote(ids, safe=':,.-_')}", timeout_s=_ANSWER_WITHIN_S)
            told |= self._read(answer)
        return told

    def _hand_over(self, line: PeerLine, fresh: Sequence[Pending], again: Sequence[Pending]) -> dict[str, Told]:
        """Hand messages over; those of `fresh` that the server has certainly not taken stay nobody's."""
        told: dict[str, Told] = {}
        batch = [*again, *fresh]
        for first in range(0, len(batch), _MOST):
            part = batch[first : first + _MOST]
            mine = [each for each in part if each.way == ""]
            self._give_way(mine, "server")
            try:
                told |= self._read(
                    line.post("/v1/messages", {"messages": [_wire(each) for each in part]}, timeout_s=_ANSWER_WITHIN_S)
                )
            except PeerUnavailable as error:
                _log.warning("messages_not_handed_over count=%d taken=%s why=%s", len(part), error.taken, error)
                if not error.taken:
                    self._give_way(mine, "")
                break
        return told

    def _read(self, answer: object) -> dict[str, Told]:
        """Return what the server said of messages, and take notice of its gateway."""
        said = answer if isinstance(answer, dict) else {}
        if said.get("gateway") is True:
            self._gateway_heard_at = self._asked_at
        else:
            self._gateway_heard_at = float("-inf")
        states, why = said.get("states"), said.get("why")
        reasons = why if isinstance(why, dict) else {}
        return {
            str(identity): Told(state, str(reasons.get(identity, "")))
            for identity, state in (states.items() if isinstance(states, dict) else ())
            if state in ("accepted", "sent") or state in _SETTLED
        }

    # --- the modem

    def _with_modem(self, pending: Sequence[Pending]) -> dict[str, Told]:
        """Give the modem what nobody has taken for too long; return what it says of its own, by id."""
        if self._modem is None:
            return {}
        own = [each for each in pending if each.way == "modem"]
        told = self._modem.states([each.id for each in own]) if own else {}
        # A start that was cut off between the two writes: the outbox takes an id once, so it is given again.
        given = [each for each in own if each.id not in told]
        waited_s = self._modem_after_s if self._line is not None else 0.0
        ways = self._ways([each.id for each in pending if each.way == ""])
        for each in pending:
            is_nobodys = ways.get(each.id) == "" and each.phone is not None and each.valid_s > 0
            if is_nobodys and each.age_s >= waited_s and self._modem.ready:
                given.append(each)
        new = [each for each in given if each.way == ""]
        self._give_way(new, "modem")
        ready = [(each, each.phone) for each in given if each.phone is not None and each.valid_s > 0]
        messages = [Message(each.id, phone, each.lang, each.kind, each.text) for each, phone in ready]
        if messages:
            _log.warning("messages_by_modem count=%d", len(messages))
            told |= self._modem.submit(messages, {each.id: each.valid_s for each, _ in ready})
        told |= {each.id: Told("failed", "too_late") for each in own if each.id not in told and each.valid_s <= 0}
        return told

    # --- what is written down

    def _ways(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the ways of messages as they are now: the hand-over may have changed them."""

        def look(tx: Transaction) -> dict[str, str]:
            query = "SELECT way FROM message WHERE id = ?"
            return {each: tx.connection.execute(query, (each,)).fetchone()[0] for each in ids}

        return self._arbiter.writer.submit(look).result() if ids else {}

    def _give_way(self, messages: Sequence[Pending], way: Way) -> None:
        """Write down who may send messages; it is on the disk when this returns."""
        if not messages:
            return

        def write(tx: Transaction) -> None:
            tx.connection.executemany("UPDATE message SET way = ? WHERE id = ?", [(way, each.id) for each in messages])

        self._arbiter.writer.submit(write).result()

    def _note(self, pending: Sequence[Pending], told: Mapping[str, Told]) -> None:
        """Write down what became of messages; an end is a fact."""
        moved = [(each, told[each.id]) for each in pending if each.id in told and told[each.id].state != each.state]
        if not moved:
            return

        def write(tx: Transaction) -> None:
            at = instant_to_wire(self._clock.now())
            for each, end in moved:
                text = ", text = ''" if end.state in _SETTLED else ""
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
                    if end.state in _SETTLED
                ],
            )

        self._arbiter.writer.submit(write).result()
        for each, end in moved:
            _log.info("message=%s way=%s state=%s why=%s", each.id, each.way, end.state, end.why)


def _pending(row: Sequence[str], phones: Mapping[str, Contact], now: datetime) -> Pending:
    identity, ticket, kind, lang, text, way, state, decided_at = row
    contact = phones.get(ticket)
    # A clock that was set back makes nothing younger than new.
    age_s = max(0.0, (now - instant_from_wire(decided_at)).total_seconds())
    phone = None if contact is None else contact.phone
    return Pending(identity, ticket, Kind(kind), lang, text, cast(Way, way), state, age_s, phone)


def _wire(message: Pending) -> dict[str, object]:
    return {
        "id": message.id,
        "to": message.phone,
        "lang": message.lang,
        "kind": message.kind.value,
        "text": message.text,
        "valid_s": message.valid_s,
    }


def _link(tx: Transaction, ticket: str, centre: Centre) -> str:
    """Return where a ticket is followed, "" where it cannot be."""
    if not centre.follow_url:
        return ""
    device, incarnation, seq = ticket.rsplit(".", 2)
    taken = tx.log.read_stream(Stream(device, int(incarnation)), int(seq) - 1, 1)
    return f"{centre.follow_url}/t/{follow_id(taken[0])}" if taken else ""
