"""Everything of the kiosk that waits: the log, the printer's spool, the line to the hub. Opened after the first frame.

Called from the GUI thread, never makes it wait; answers and news go to the callboard. It decides nothing about a visit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as dawn
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.barring import Barring
from kiosk.caretaker import Caretaker
from kiosk.config import KioskConfig
from kiosk.contacts import Contact, Courier
from kiosk.desk import Desk, Taken
from kiosk.hubtime import HubTime
from kiosk.known import Board, Known
from kiosk.moves import (
    CutOff,
    Draft,
    Followed,
    Input,
    Issued,
    LookedUp,
    NotIssued,
    PhoneRefused,
    PrintEnded,
    Printing,
    Reason,
    Ticket,
)
from kiosk.paper import paper_of
from kiosk.registry import AnswerError, answer_of, followed_of
from kiosk.session import Callboard
from kiosk.settings import Settings, SettingsError
from printer import Outcome, Spool
from printer.layout import Width
from queueing.wire import Stream
from screen.enrolling import usable_key
from sync.care import OF_LOG, Keeper, open_log
from sync.clock import Clock, boot_id
from sync.codes import BookingCode
from sync.identity import Signer
from sync.line import PeerLine, PeerUnavailable
from sync.link import Link
from sync.log import StorageUnavailable
from sync.revocation import Judge
from sync.storage import known_failures
from sync.watch import Watch
from sync.writer import WriterClosedError

if TYPE_CHECKING:
    from kiosk.reader import Reader
    from kiosk.staff.errands import Errands
    from kiosk.staff.moves import Heard

log = logging.getLogger(__name__)

LOG_FILE = "log.db"
LOOK_UP_WITHIN_S = 2.0
_SETTINGS_WITHIN_S = 5.0


class Office:
    """The back of one kiosk. `open` raises StorageUnavailable; until it has returned nothing else may be called."""

    def __init__(
        self,
        config: KioskConfig,
        callboard: Callboard,
        clock: Clock,
        settings: Settings | None,
        hub_time: HubTime | None = None,
    ) -> None:
        """`hub_time` is told how wrong the clock is, for those who show the time."""
        self._config = config
        self._callboard = callboard
        self._clock = clock
        self._hub_time = hub_time or HubTime(clock)
        self._settings = settings
        self._touched: dict[str, float] = {}
        stream = Stream(config.device, config.incarnation)
        self._desk = Desk(
            lambda: open_log(config.data / LOG_FILE, stream, clock, boot_id()),
            config.series,
        )
        self._barring = Barring(
            config.data, stream, self._desk.writer, callboard, Judge(stream, config.server_key), self._forget
        )
        self._keeper = Keeper(config.data, {LOG_FILE: OF_LOG}, clock)
        self._spool: Spool | None = None
        self._link: Link | None = None
        self._watch: Watch | None = None
        self._courier: Courier | None = None
        self._reader: Reader | None = None
        self._signer = self._signer_of(config, clock)
        if self._signer is not None:
            self._hub_time.follow(self._signer)
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self._fetching = ThreadPoolExecutor(1, thread_name_prefix="settings")
        self._fetch_pending = threading.Event()
        self._lines = {
            pool: PeerLine(config.hub_url, self._signer) for pool in ("ask", "fetch", "hand", "health") if self._signer
        }
        self.caretaker = Caretaker(
            config, callboard, clock, self._hub_time, self._desk, lambda: self._settings, self._lines.get("health")
        )

    def open(self) -> None:
        """Open the log, then the printer, then the line. Raises StorageUnavailable when there is no log."""
        self._desk.start()
        with known_failures():
            self._spool = Spool(
                self._config.data / "spool.db",
                self._config.printer,
                self._settled,
                on_health=self.caretaker.printer_said,
                on_first_byte=self._first_byte,
                width=Width.MM80 if self._config.paper_mm == 80 else Width.MM58,
                logo=Path(self._config.logo) if self._config.logo else None,
            )
        self._spool.start()
        self._keeper.start()
        if self._signer is not None:
            self._link = Link(
                "hub", self._config.hub_url, self._desk.writer, self._signer, on_status=self._barring.link_says
            )
            self._link.start()
            self._watch = Watch(
                self._config.hub_url,
                "kiosk",
                self._signer,
                self._board_came,
                self._line_changed,
                on_revoked=self._barring.revoked,
            )
            self._watch.start()
            self._courier = Courier(
                self._desk.writer, self._hand_over, self._phone_refused, self._clock, self._day_began
            )
            self._courier.start()
            self._fetch()
        else:
            if self._config.hub_url:
                # It has no key, so its tickets would reach nobody who calls them.
                self._callboard.teach(lambda known: replace(known, barred="new"))
            self._callboard.teach(lambda known: known.with_line(False))
        self.caretaker.open(self._spool, self._link)
        if self._config.scanner:
            self._open_reader()

    def close(self) -> None:
        """End every thread; what is not sent or printed waits on the disk."""
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._fetching.shutdown(wait=False, cancel_futures=True)
        self.caretaker.close()
        self._keeper.close(0.2)
        if self._reader is not None:
            self._reader.close()
        if self._courier is not None:
            self._courier.close(0.2)
        if self._watch is not None:
            self._watch.close(0.2)
        if self._link is not None:
            self._link.close()
        if self._spool is not None:
            self._spool.close()
        self._desk.close()
        for line in self._lines.values():
            line.close()

    def errands(self, tell: Callable[[Heard], None]) -> Errands:
        """Return who does what staff ask for; `tell` takes the answers."""
        return self.caretaker.errands(tell)

    def look_up(self, turn: int, number: str) -> None:
        """Ask the hub who a customer is; after two seconds the answer is that nobody can be asked."""
        settings = self._settings
        if settings is None:
            self._callboard.tell(NotIssued(turn, Reason.NOT_READY))
            return
        customer = settings.customer(number)
        self._who_is(turn, customer, {"customer": customer})

    def check_in(self, turn: int, code: BookingCode) -> None:
        """Ask the hub for the customer of a booking that was scanned, and for that booking, as `look_up` does."""
        self._who_is(turn, code.customer, {"customer": code.customer, "appointment": code.appointment})

    def find_ticket(self, turn: int, follow: str) -> None:
        """Ask the hub how a ticket stands; without it, a ticket of this very kiosk is known all the same."""
        cut_off = Followed(turn, self._desk.taken_as(follow), is_sure=False)

        def answer(content: object) -> Input:
            return followed_of(content, turn)

        self._ask(cut_off, "/v1/followed", {"follow": follow}, answer)

    def _who_is(self, turn: int, customer: str, question: Mapping[str, object]) -> None:
        cut_off = CutOff(turn, customer, self._desk.held_by(customer))
        self._ask(cut_off, "/v1/lookup", question, lambda content: LookedUp(turn, answer_of(content, customer)))

    def _ask(
        self, cut_off: Input, target: str, question: Mapping[str, object], read: Callable[[object], Input]
    ) -> None:
        """Ask the hub in a thread and tell the answer; `cut_off` when there is none within the deadline."""
        if not self._lines:
            self._callboard.tell(cut_off)
            return
        first = threading.Lock()

        def tell(news: Input) -> None:
            # Whichever comes first, the hub's word or the end of waiting: one question has one answer.
            if first.acquire(blocking=False):
                self._callboard.tell(news)

        deadline = threading.Timer(LOOK_UP_WITHIN_S, tell, [cut_off])
        deadline.daemon = True
        deadline.start()

        def ask() -> None:
            try:
                news = read(self._lines["ask"].post(target, question, timeout_s=LOOK_UP_WITHIN_S))
            except (PeerUnavailable, AnswerError) as error:
                log.warning("question_failed target=%s why=%r", target, str(error))
                news = cut_off
            deadline.cancel()
            tell(news)

        self._asking.submit(ask)

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        """Commit the ticket; then show it and give it to the printer."""
        assert known.centre is not None
        if self._barring.why:
            # Nobody would ever call it.
            self._callboard.tell(NotIssued(turn, Reason.STORAGE))
            return

        def taken(ticket: Taken) -> None:
            log.info(
                "ticket_committed ticket=%s number=%s ms=%.2f",
                *(ticket.ticket, ticket.fact.number, (time.perf_counter() - touched) * 1000),
            )
            now = known.service_now(draft.service)
            printing: Printing = "working" if draft.delivery == "paper" else "none"
            ahead, low_s, high_s = (now.count, now.low_s, now.high_s) if now is not None else (None, None, None)
            shown = Ticket(ticket.ticket, ticket.fact.number, draft.service, False, ahead, low_s, high_s, printing)
            self._callboard.tell(Issued(turn, shown))
            self.caretaker.chime.ring()
            if draft.phone is not None and self._courier is not None:
                self._courier.wake()
            if draft.delivery == "paper":
                self._print(ticket, known, touched)

        def refused() -> None:
            self._callboard.tell(NotIssued(turn, Reason.STORAGE))

        self._desk.take(draft, known.centre, self._day(known), taken, refused)

    def _print(self, ticket: Taken, known: Known, touched: float) -> None:
        assert self._spool is not None
        self._touched = {ticket.ticket: touched}
        try:
            with known_failures():
                self._spool.submit(ticket.ticket, paper_of(ticket, known, self._hub_time.offset))
        except StorageUnavailable as error:
            # The ticket is safe, its paper is not: the customer reads the number from the screen.
            log.error("spool_unavailable reason=%s", error.reason)
            self._callboard.tell(PrintEnded(ticket.ticket, "not printed"))

    def _settled(self, ticket: str, outcome: Outcome) -> None:
        if self.caretaker.settled(ticket, outcome):
            return
        try:
            self._desk.settle(ticket, outcome.state.value, str(outcome.why), copy=outcome.copy)
        except (StorageUnavailable, WriterClosedError) as error:
            log.error("print_outcome_lost ticket=%s error=%s", ticket, type(error).__name__)
        if not outcome.copy:
            self._callboard.tell(PrintEnded(ticket, outcome.state.value))

    def _first_byte(self, ticket: str, at: float) -> None:
        touched = self._touched.pop(ticket, None)
        if touched is not None:
            log.info("printer_first_byte ticket=%s ms=%.2f", ticket, (at - touched) * 1000)

    def _hand_over(self, contact: Contact) -> None:
        self._lines["hand"].post("/v1/contacts", contact.to_json())

    def _phone_refused(self, ticket: str) -> None:
        self._callboard.tell(PhoneRefused(ticket))

    def _day_began(self, at: datetime) -> datetime:
        """Return when the day of an instant began at the centre; where that is not known, a day before."""
        if self._settings is None:
            return at - timedelta(days=1)
        return datetime.combine(at.astimezone(self._settings.centre.zone).date(), dawn.min, self._settings.centre.zone)

    def _open_reader(self) -> None:
        # Only a kiosk with a scanner pays for it.
        from kiosk.reader import Reader  # noqa: PLC0415
        from kiosk.scanner import ScannerUrlError  # noqa: PLC0415

        def is_there(present: bool) -> None:
            self._callboard.teach(lambda known: replace(known, scanner=present))

        try:
            self._reader = Reader(
                self._config.scanner, self._booking_key, self._callboard.tell, is_there, self._clock.monotonic
            )
        except ScannerUrlError as error:
            # A visit needs no scanner.
            log.error("no_scanner error=%s", error)
            return
        self._reader.start()

    def _booking_key(self) -> bytes:
        return self._settings.booking_key if self._settings is not None else b""

    def _day(self, known: Known) -> str:
        """Return the business day: the hub's while it is told, else the date at the centre.

        Never one before a day that a hub told of: a ticket of a day that is over would stand in no line, and after a
        hub that was a day ahead the numbers of today's morning would be given again.
        """
        assert known.centre is not None
        told = known.fresh.day if known.fresh is not None else ""
        return max(told or known.centre.local_day(known.now), self._desk.day_told)

    def _board_came(self, snapshot: Mapping[str, object]) -> None:
        state = snapshot.get("state")
        if not isinstance(state, dict):
            return
        board = Board.from_json(state, self._hub_time.now())
        self._callboard.teach(lambda known: known.with_board(board))
        if board.day:
            self._desk.day_began(board.day)
            self.caretaker.day_is(board.day)
        if self._settings is None or board.settings_version not in (None, self._settings.version):
            self._fetch()

    def _forget(self) -> None:
        self._settings = None

    def _line_changed(self, up: bool, why: str) -> None:
        if up:
            self._barring.heard()
        self._callboard.teach(lambda known: known.with_line(up))
        if up and self._courier is not None:
            self._courier.wake()
        if up and self._settings is None:
            self._fetch()

    def _fetch(self) -> None:
        """Get the settings, unless they are being got."""
        if not self._fetch_pending.is_set():
            self._fetch_pending.set()
            try:
                self._fetching.submit(self._fetch_settings)
            except RuntimeError:
                log.info("settings_not_fetched why=closing")

    def _fetch_settings(self) -> None:
        try:
            settings = Settings.from_json(self._lines["fetch"].get("/v1/settings", timeout_s=_SETTINGS_WITHIN_S))
        except (PeerUnavailable, SettingsError) as error:
            log.warning("settings_not_fetched why=%r", str(error))
            return
        finally:
            self._fetch_pending.clear()
        if settings == self._settings or self._barring.why == "revoked":
            return
        self._settings = settings
        log.info("settings version=%d centre=%s", settings.version, settings.centre.id)
        self._callboard.teach(lambda known: replace(known, centre=settings.centre))
        try:
            settings.keep(self._config.data)
        except OSError as error:
            log.error("settings_copy_not_kept error=%s", error.strerror)

    @staticmethod
    def _signer_of(config: KioskConfig, clock: Clock) -> Signer | None:
        key = usable_key(config.data) if config.hub_url else None
        return Signer(key, config.device, config.incarnation, clock) if key is not None else None
