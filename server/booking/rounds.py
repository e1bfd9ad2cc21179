"""What booking does by itself, in a thread of its own: reads the logs, settles, reminds, hands messages over, forgets.

Each step is a transaction of its own and may be repeated; a process that dies between two loses none and doubles none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from sqlmodel import Session

from assets.texts import Catalogue
from queueing.centre import Centre
from server import limits, nonces
from server.api import once
from server.booking import attendance, notices, reminders, served, signing_in, virtual
from server.booking.notices import Outlet
from server.postgres import Turn
from server.registers import Registers
from server.storage import Store
from sync.clock import Clock
from sync.commit import Commit
from sync.log import Page, UnknownCursorError
from sync.storage import StorageUnavailable
from sync.writer import Writer, WriterClosedError

EVERY_S = 5.0
"""How often it goes round; a message that was decided on goes out at once."""
GATHERS_S = 0.2
"""After one message others are waited for, so that a rush of them is handed over together."""
FORGETS_EVERY_S = 3600.0
TOPIC = "rounds"
"""Of the news: there is something to hand over."""

_log = logging.getLogger(__name__)


class Rounds:
    """The thread. `wake` it when a message was decided on."""

    def __init__(
        self,
        store: Store,
        registers: Registers,
        writer: Writer[Commit],
        clock: Clock,
        outlet: Outlet | None,
        catalogue: Callable[[str], Catalogue] | None = None,
        *,
        turn: Turn | None = None,
    ) -> None:
        """`turn`: where several processes have one database, the one that has it goes round, and no other."""
        self._store = store
        self._registers = registers
        self._writer = writer
        self._clock = clock
        self._outlet = outlet
        self._catalogue = catalogue or cache(Catalogue.load)
        self._also: list[Callable[[], object]] = []
        self._turn = turn or Turn()
        self._has_turn = False
        store.news.listen(TOPIC, lambda _: self._woken.set())
        self._forgot_at: float | None = None
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="booking", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def also(self, step: Callable[[], object]) -> None:
        """Have another step gone in each round, after what is settled; before the start."""
        self._also.append(step)

    def wake(self) -> None:
        """Hand over now, or have the process do so that has the turn. Any thread."""
        self._woken.set()
        if not self._has_turn:
            self._store.news.tell(TOPIC)

    def close(self, timeout_s: float = 15.0) -> None:
        """End after the step in hand."""
        self._ended.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def go(self) -> None:
        """Go round once. Raises StorageUnavailable, WriterClosedError."""
        self.hand_over()
        self.read_logs()
        self.settle()
        for step in self._also:
            step()
        while self._store.call(lambda session: reminders.remind(session, self._clock.now())):
            pass
        self.hand_over()
        self._forget()

    def hand_over(self) -> None:
        """Hand the messages that wait to the outbox; where there is none, they lapse. Raises StorageUnavailable."""
        if self._outlet is None:
            self._store.call(partial(notices.lapse, now=self._clock.now()))
            return
        while self._hand_some_over(self._outlet) >= notices.MOST:
            pass

    def read_logs(self) -> None:
        """Read what the centres' logs say about who came and was served, to their end. Raises StorageUnavailable."""
        after = self._store.call(attendance.cursor)
        while not self._ended.is_set():
            page = self._page(after)
            if page.cursor == after:
                return
            self._store.call(partial(self._take_in, page=page, now=self._clock.now()))
            if not page.more:
                return
            after = page.cursor

    def settle(self) -> None:
        """Settle the appointments that nobody came to, centre by centre. Raises StorageUnavailable."""
        for centre in list(self._registers.centres.values()):
            for settle_due in (attendance.settle_due, virtual.settle_due):
                while self._settle_some(settle_due, centre) == attendance.AT_ONCE:
                    pass

    def _take_in(self, session: Session, page: Page, now: datetime) -> None:
        centres = self._registers.centres
        attendance.keep(session, attendance.read(page.events, self._registers, now), page.cursor, centres, now)
        virtual.keep(session, virtual.read(page.events, self._registers), centres, now)
        served.keep(session, served.read(page.events, self._registers, now))

    def _settle_some(self, settle_due: Callable[[Session, Centre, Registers, datetime], int], centre: Centre) -> int:
        now = self._clock.now()
        return self._store.call(lambda session: settle_due(session, centre, self._registers, now))

    def _hand_some_over(self, outlet: Outlet) -> int:
        now, centres, vault = self._clock.now(), self._registers.centres, self._store.vault
        due = self._store.call(
            lambda session: notices.waiting(session, vault, centres, self._catalogue, outlet.countries, now)
        )
        if not due:
            return 0
        messages = [each.message for each in due if each.message is not None]
        told = outlet.submit(messages, {each.id: each.valid_s for each in due})
        return self._store.call(lambda session: notices.settle(session, due, told, now))

    def _page(self, after: str) -> Page:
        try:
            return self._writer.submit(lambda tx: tx.log.read(after)).result()
        except UnknownCursorError:
            # The log was replaced, and the hubs fill the new one: to read something twice changes nothing.
            return self._writer.submit(lambda tx: tx.log.read("")).result()

    def _forget(self) -> None:
        monotonic = self._clock.monotonic()
        if self._forgot_at is not None and monotonic - self._forgot_at < FORGETS_EVERY_S:
            return
        self._forgot_at = monotonic
        now = self._clock.now()
        for forget in (
            signing_in.forget_old,
            notices.forget_old,
            attendance.forget_old,
            virtual.forget_old,
            served.forget_old,
            once.forget_old,
        ):
            self._store.call(partial(forget, now=now))
        for forget_shared in (limits.forget_old, nonces.forget_old):
            self._store.call(partial(forget_shared, now=now))

    def _serve(self) -> None:
        went_at = self._clock.monotonic() - EVERY_S
        while not self._ended.is_set():
            self._woken.clear()
            try:
                self._has_turn = self._turn.is_mine()
                if not self._has_turn:
                    pass
                elif self._clock.monotonic() - went_at >= EVERY_S:
                    went_at = self._clock.monotonic()
                    self.go()
                else:
                    self.hand_over()
            except StorageUnavailable as error:
                _log.error("booking_unavailable reason=%s", error.reason)
                self._ended.wait(EVERY_S)
            except WriterClosedError:
                return
            if self._woken.wait(EVERY_S):
                self._ended.wait(GATHERS_S)
