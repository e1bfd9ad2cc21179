"""Phones on their way to the hub: a side table in the log's file, written with the ticket and erased when handed over.

A phone stands nowhere else on this machine: in no event, no log line, no repr. What could not be handed over is erased
when its day is over. Nothing here decides about messages; the hub does.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from queueing.wire import instant_from_wire, instant_to_wire
from sync.clock import Clock
from sync.line import PeerUnavailable
from sync.storage import StorageUnavailable, known_failures
from sync.transaction import Transaction
from sync.writer import LogWriter, WriterClosedError

log = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0

# By hand, not by SQLModel: a kiosk that starts on an existing file does not pay for it.
_TABLE = """
CREATE TABLE IF NOT EXISTS contact (
    ticket VARCHAR NOT NULL PRIMARY KEY, phone VARCHAR NOT NULL, lang VARCHAR NOT NULL, taken_at VARCHAR NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a ticket's messages go to: `phone` is + and digits, `lang` the language of the visit."""

    ticket: str
    phone: str = field(repr=False)
    lang: str
    taken_at: datetime

    def to_json(self) -> dict[str, object]:
        """Return what the hub is told."""
        return {"ticket": self.ticket, "phone": self.phone, "lang": self.lang}


def make(tx: Transaction) -> None:
    """Make the table where there is none. Once for each opening of the file: what is erased is overwritten there."""
    with known_failures():
        tx.connection.execute("PRAGMA secure_delete = ON")
        tx.connection.execute(_TABLE)


def keep(tx: Transaction, contact: Contact) -> None:
    """Keep a ticket's phone, in the commit that keeps the ticket."""
    with known_failures():
        tx.connection.execute(
            "INSERT INTO contact (ticket, phone, lang, taken_at) VALUES (?, ?, ?, ?)",
            (contact.ticket, contact.phone, contact.lang, instant_to_wire(contact.taken_at)),
        )


def kept(tx: Transaction) -> list[Contact]:
    """Return the phones that wait, oldest first."""
    with known_failures():
        rows = tx.connection.execute("SELECT ticket, phone, lang, taken_at FROM contact ORDER BY rowid").fetchall()
    return [Contact(ticket, phone, lang, instant_from_wire(at)) for ticket, phone, lang, at in rows]


def erase(tx: Transaction, ticket: str) -> None:
    """Erase a ticket's phone for good: from the file, and from what was written ahead of it."""
    with known_failures():
        if tx.connection.execute("DELETE FROM contact WHERE ticket = ?", (ticket,)).rowcount:
            tx.leaves_no_trace = True


class Courier:
    """Hands the phones over, one after another, in a thread of its own.

    `tell` sends one and returns when it was taken; it raises PeerUnavailable. `refused` hears, in this thread, of a
    ticket to whose phone no message can ever go. `day_began` gives the instant at which
    the day of an instant began at the centre. `peer` is the log's name for who gets the events: a phone waits until its
    ticket is there, so it never goes before an event. `jitter` is a random number from 0 to 1.
    """

    def __init__(
        self,
        writer: LogWriter,
        tell: Callable[[Contact], None],
        refused: Callable[[str], None],
        clock: Clock,
        day_began: Callable[[datetime], datetime],
        *,
        peer: str = "hub",
        jitter: Callable[[], float] = random.random,
        longest_wait_s: float = _LONGEST_WAIT_S,
    ) -> None:
        self._writer = writer
        self._tell = tell
        self._refused = refused
        self._clock = clock
        self._day_began = day_began
        self._peer = peer
        self._jitter = jitter
        self._longest_wait_s = longest_wait_s
        self._news = threading.Event()
        self._ended = threading.Event()
        self._tries = 0
        self._thread = threading.Thread(target=self._serve, name="contacts", daemon=True)

    def start(self) -> None:
        """Begin with what waits from before."""
        self._thread.start()

    def wake(self) -> None:
        """Look again: a ticket was taken, or the line is up. Any thread."""
        self._tries = 0
        self._news.set()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread; what is not handed over waits on the disk."""
        self._ended.set()
        self._news.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _serve(self) -> None:
        while not self._ended.is_set():
            self._news.clear()
            try:
                waits = self._writer.submit(self._look).result()
                done = self._hand_over(waits)
            except WriterClosedError:
                return
            except StorageUnavailable as error:
                log.error("contacts_unavailable reason=%s", error.reason)
                done = False
            self._news.wait(self._longest_wait_s if done else self._pause_s())

    def _look(self, tx: Transaction) -> tuple[list[Contact], bool]:
        """Erase what is of an earlier day; return what may go now, and whether that is all."""
        began_at, waits = self._day_began(self._clock.now()), kept(tx)
        over = [each for each in waits if each.taken_at < began_at]
        for each in over:
            erase(tx, each.ticket)
            log.warning("contact_erased ticket=%s why='its day is over'", each.ticket)
        rest = [each for each in waits if each not in over]
        acked = tx.log.acked(self._peer, tx.log.stream)
        ready = [each for each in rest if int(each.ticket.rpartition(".")[2]) <= acked]
        return ready, len(ready) == len(rest)

    def _hand_over(self, found: tuple[list[Contact], bool]) -> bool:
        """Hand over what may go; return whether nothing is left."""
        ready, is_all = found
        for contact in ready:
            if self._ended.is_set():
                return False
            try:
                self._tell(contact)
            except PeerUnavailable as error:
                if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                    log.info("contact_waits ticket=%s why=%r", contact.ticket, str(error))
                    return False
                # The number can get no message, now or later; the ticket itself is good.
                log.warning("contact_refused ticket=%s", contact.ticket)
                self._refused(contact.ticket)
            self._erase(contact.ticket).result()
            self._tries = 0
        return is_all

    def _erase(self, ticket: str) -> Future[None]:
        return self._writer.submit(lambda tx: erase(tx, ticket))

    def _pause_s(self) -> float:
        """Return how long to wait before another try: at random up to a bound that doubles."""
        self._tries += 1
        bound: float = min(self._longest_wait_s, _FIRST_WAIT_S * 2 ** min(self._tries - 1, 16))
        return bound * self._jitter()
