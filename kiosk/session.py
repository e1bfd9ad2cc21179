"""The visit on its screen: turns touches and answers into steps of the machine, and states into faces.

It lives in the GUI thread and waits for nothing. What takes time is `Backstage`'s, which answers through `Callboard`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, assert_never

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kiosk import faces
from kiosk.known import Known
from kiosk.models.checkin import AskBookedModel, CprModel, FoundModel
from kiosk.models.frame import FrameModel, RefusedModel, StartModel, ThanksModel
from kiosk.models.handing import DeliveryModel, PhoneModel
from kiosk.models.taking import DetailsModel, ServicesModel, TicketModel
from kiosk.moves import (
    Answered,
    BookingScan,
    CheckIn,
    CprScan,
    Draft,
    FindTicket,
    Input,
    LookUp,
    NoScan,
    Press,
    Take,
    TicketScan,
    Type,
)
from kiosk.visit import Pace, Page, Visit, fresh, next_tick, step
from queueing import cpr
from screen.look import Look
from screen.texts import TextSource

if TYPE_CHECKING:
    from sync.codes import BookingCode

log = logging.getLogger(__name__)

_REST_AFTER_MS = 60
_TYPED_ON = (Page.CPR, Page.PHONE)

Change = Callable[[Known], Known]
"""What was learnt: a function from what was known to what is known."""


class Backstage(Protocol):
    """Whatever waits for a disk, a printer or a line. Each call returns at once; answers come by the callboard."""

    def look_up(self, turn: int, number: str) -> None:
        """Ask the registry for a CPR (nine digits); answers LookedUp or CutOff within the deadline."""
        ...

    def check_in(self, turn: int, code: BookingCode) -> None:
        """Ask the registry for a booking that was scanned; answers LookedUp or CutOff within the deadline."""
        ...

    def find_ticket(self, turn: int, follow: str) -> None:
        """Ask how a ticket stands that was scanned, by its follow id; answers Followed within the deadline."""
        ...

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        """Take a ticket; answers Issued or NotIssued, later PrintEnded. `touched`: perf_counter of the last tap."""
        ...


class Callboard(QObject):
    """Where other threads leave their news; the session hears it in the GUI thread."""

    heard = Signal(object)
    learnt = Signal(object)

    def tell(self, news: Input) -> None:
        """Leave an answer to a visit. Any thread."""
        self.heard.emit(news)

    def teach(self, change: Change) -> None:
        """Leave something learnt of the centre. Any thread."""
        self.learnt.emit(change)


class Session(QObject):
    """The visits of one kiosk, one after another."""

    def __init__(
        self,
        *,
        texts: TextSource,
        look: Look,
        backstage: Backstage,
        callboard: Callboard,
        known: Known,
        language: str,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        pace: Pace,
    ) -> None:
        super().__init__()
        self._texts, self._look, self._backstage = texts, look, backstage
        self._now, self._monotonic, self._pace = now, monotonic, pace
        self._home = language
        self.known = known
        self.visit = Visit(language=language)
        self.touched = 0.0
        self.turned = False
        self._held = False
        self._closed = False
        self.frame = FrameModel(self.send, self.press)
        self.start = StartModel(self.send)
        self.cpr = CprModel(self.send)
        self.found = FoundModel(self.send)
        self.ask_booked = AskBookedModel(self.send)
        self.services = ServicesModel(self.send)
        self.details = DetailsModel(self.send)
        self.delivery = DeliveryModel(self.send)
        self.phone = PhoneModel(self.send)
        self.ticket = TicketModel(self.send)
        self.refused = RefusedModel(self.send)
        self.thanks = ThanksModel(self.send)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._tick)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_AFTER_MS)
        self._rest.timeout.connect(self._show_all)
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._next_minute)
        callboard.heard.connect(self._hear)
        callboard.learnt.connect(self._learn)
        self._next_minute()
        self._show_all()

    def close(self) -> None:
        """End for good: no timer fires and nothing is heard any more, since window, words and look go now."""
        self._closed = True
        for timer in (self._due, self._rest, self._minute):
            timer.stop()

    @property
    def models(self) -> Mapping[str, QObject]:
        """The view models by the names that the QML window asks for."""
        return {
            "frame": self.frame,
            "start": self.start,
            "cpr": self.cpr,
            "found": self.found,
            "askBooked": self.ask_booked,
            "services": self.services,
            "details": self.details,
            "delivery": self.delivery,
            "phone": self.phone,
            "ticket": self.ticket,
            "refused": self.refused,
            "thanks": self.thanks,
        }

    def send(self, given: Input) -> None:
        """Take an input: a touch from a view model, an answer from backstage, or the clock."""
        if self._held and not isinstance(given, Answered):
            return
        if given is not Press.TICK and not isinstance(given, Answered):
            self.touched = time.perf_counter()
            self.turned = True
        else:
            self.turned = False
        if self.visit.page is Page.THANKS and isinstance(given, CprScan | TicketScan | BookingScan | NoScan):
            # The next customer is there already.
            self.start_again()
        before = self.visit
        known = replace(self.known, now=self._now())
        self.known = known
        after, effects = step(before, given, known, self._monotonic(), self._pace)
        if after.turn != before.turn and after.page is Page.START:
            # The next customer finds the house as it was, in its own language.
            after = replace(after, language=self._home)
        self.visit = after
        for effect in effects:
            match effect:
                case LookUp(turn, number):
                    self._backstage.look_up(turn, number)
                case CheckIn(turn, code):
                    self._backstage.check_in(turn, code)
                case FindTicket(turn, follow):
                    self._backstage.find_ticket(turn, follow)
                case Take(turn, draft):
                    self._backstage.take(turn, draft, known, self.touched)
                case _ as never:
                    assert_never(never)
        if after.page is before.page:
            self.turned = False
        if after != before:
            self._follow(before)

    def start_again(self) -> None:
        """Leave whatever is on the screen and go to the start."""
        before, self.visit = self.visit, fresh(self.visit, self._home)
        self._follow(before)

    def hold(self) -> bool:
        """Let the visit wait while staff are at the screen; return whether there is one. Answers are still heard."""
        self._held = True
        self._due.stop()
        self._look.wear("light")
        self._look.enlarge(False)
        return self.visit.page not in (Page.START, Page.THANKS)

    def go_on(self) -> None:
        """Let the visit go on where it was, with all its time before it."""
        self._held = False
        self.visit = replace(self.visit, touched_at=self._monotonic(), warned_at=None)
        self._follow(self.visit)

    def press(self, key: str, text: str) -> bool:
        """Take a key of a keyboard or keypad; return whether it meant something.

        `key` is "escape", "erase", "enter" or empty; `text` what it would write.
        """
        page = self.visit.page
        if key == "escape":
            self.send(Press.START_OVER)
        elif key == "erase":
            self.send(Press.ERASE if self._typed() else Press.BACK)
        elif key == "enter":
            return self._enter()
        elif page in _TYPED_ON and cpr.ascii_digits(text) and self.visit.warned_at is None:
            self.send(Type(text))
        else:
            return False
        return True

    def _typed(self) -> str:
        """Return what is typed on this page."""
        page = self.visit.page
        return self.visit.digits if page is Page.CPR else self.visit.phone if page is Page.PHONE else ""

    def _enter(self) -> bool:
        """Do what the largest button of the page does; leave it to the focused item where there is none."""
        if self.visit.warned_at is not None:
            self.send(Press.STAY)
            return True
        answers: dict[Page, Input] = {
            Page.CPR: Press.SUBMIT,
            Page.DETAILS: Press.TAKE,
            Page.PHONE: Press.SUBMIT,
            Page.TICKET: Press.DONE,
            Page.THANKS: Press.DONE,
            Page.REFUSED: Press.FIRST_STEP,
        }
        given = answers.get(self.visit.page)
        if given is not None:
            self.send(given)
        return given is not None

    @Slot(object)
    def _hear(self, news: Input) -> None:
        # What another thread had told is delivered even when nobody listens any more.
        if not self._closed:
            self.send(news)

    @Slot(object)
    def _learn(self, change: Change) -> None:
        if self._closed:
            return
        self.known = change(replace(self.known, now=self._now()))
        self._show()
        # What the news makes needed is made out of sight, before anybody comes or comes back to the start.
        self._rest.start()

    @Slot()
    def _tick(self) -> None:
        self.send(Press.TICK)
        self._wait()

    @Slot()
    def _next_minute(self) -> None:
        now = self._now()
        self.known = replace(self.known, now=now)
        self._minute.start(round((60 - now.second) * 1000 - now.microsecond / 1000) + 20)
        if self.visit.page is Page.START:
            self._show()

    def _follow(self, before: Visit) -> None:
        after = self.visit
        if not self._held:
            self._texts.speak(after.language)
            self._look.wear("contrast" if after.contrast else "light")
            self._look.enlarge(after.large)
        self._show()
        if after.turn != before.turn or after.language != before.language or (before.phone and not after.phone):
            # The pages out of sight follow when this one is on the glass.
            self._rest.start()
        self._wait()
        if after.page is not before.page:
            log.debug("page=%s", after.page)

    def _wait(self) -> None:
        due = next_tick(self.visit, self._pace)
        if due is None or self._held:
            self._due.stop()
        else:
            self._due.start(max(0, round((due - self._monotonic()) * 1000)))

    def _show(self) -> None:
        # The page's own face before the frame's: what appears is complete in its first frame.
        self._show_page(self.visit.page)
        self.frame.show(faces.frame(self.visit, self.known, self._texts.catalogues))

    @Slot()
    def _show_all(self) -> None:
        """Give every page its face, also those out of sight: of the customer before nothing stays in any."""
        for page in Page:
            self._show_page(page)
        self.frame.show(faces.frame(self.visit, self.known, self._texts.catalogues))

    def _show_page(self, page: Page) -> None:
        visit, known, words = self.visit, self.known, self._texts.catalogue
        match page:
            case Page.START:
                self.start.show(faces.start(visit, known, self._texts.catalogues))
            case Page.CPR:
                self.cpr.show(faces.cpr_entry(visit, known, words))
            case Page.FOUND:
                self.found.show(faces.found(visit, known, words))
            case Page.SERVICES:
                self.services.show(faces.services(visit, known, words))
            case Page.DETAILS:
                self.details.show(faces.details(visit, known, words))
            case Page.DELIVERY:
                self.delivery.show(faces.choice(visit, known, words))
            case Page.PHONE:
                self.phone.show(faces.phone(visit, known, words))
            case Page.TICKET:
                self.ticket.show(faces.ticket(visit, known, words))
            case Page.REFUSED:
                self.refused.show(faces.refused(visit, known, words))
            case Page.THANKS:
                self.thanks.show(faces.thanks(visit))
            case Page.ASK_BOOKED | Page.LOOKING:
                pass
