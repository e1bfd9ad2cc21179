"""The staff menu on its screen: turns touches and answers into steps of the machine, and states into faces.

It lives in the GUI thread and waits for nothing. What takes time is `Backroom`'s, which answers by `tell`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kiosk.known import Known
from kiosk.staff.faces import face
from kiosk.staff.menu import Menu, opened, step
from kiosk.staff.model import StaffModel
from kiosk.staff.moves import (
    Check,
    Close,
    Effect,
    Input,
    Leave,
    List,
    Look,
    Loud,
    Note,
    Press,
    Print,
)
from kiosk.staff.moves import Type as Typed
from screen.texts import TextSource

log = logging.getLogger(__name__)

_TICK_MS = 1000


class Backroom(Protocol):
    """Whatever waits for a disk, a printer or a hash. Each call returns at once; answers come by `tell`."""

    def check(self, staff: str, pin: str) -> None:
        """Try a PIN; answers LetIn or TurnedAway."""
        ...

    def look(self, *, printer: bool) -> None:
        """Look at the machine, and first at the printer if wanted; answers Seen."""
        ...

    def list(self) -> None:
        """Look for the last tickets; answers Found."""
        ...

    def print(self, ticket: str) -> None:
        """Print a copy of a ticket, or a test for ""; answers Came."""
        ...

    def loud(self, volume: int) -> None:
        """Be as loud as this, 0 to 100, and let it be heard."""
        ...

    def close_kiosk(self, by: str, *, closed: bool, day: bool) -> None:
        """Close the kiosk (with `day` for this business day) or open it."""
        ...

    def note(self, by: str, act: str, detail: str) -> None:
        """Write down what staff did."""
        ...


class StaffSession(QObject):
    """One opening of the menu after another. `ended` comes when the screen is the customers' again."""

    ended = Signal()
    _told = Signal(object)

    def __init__(
        self,
        *,
        texts: TextSource,
        known: Callable[[], Known],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__()
        self._texts, self._known, self._now, self._monotonic = texts, known, now, monotonic
        self._backroom: Backroom | None = None
        self._menu: Menu | None = None
        self.model = StaffModel(self.send, self._speak)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._later)
        self._told.connect(self.send)

    @property
    def menu(self) -> Menu | None:
        """Where the conversation stands; None while nobody is there."""
        return self._menu

    def tell(self, news: Input) -> None:
        """Leave an answer. Any thread."""
        self._told.emit(news)

    def open(self, backroom: Backroom, *, visit_waits: bool) -> None:
        """Begin. `visit_waits`: a customer's visit is under way beneath."""
        self._backroom = backroom
        self._menu = opened(visit_waits, self._monotonic())
        self._show()
        self._tick.start()
        log.info("staff_menu opened visit_waits=%s", visit_waits)

    def close(self) -> None:
        """End for good, whoever is there: nothing fires and nothing is heard, since window and words go now."""
        self._menu = None
        self._tick.stop()

    @Slot(object)
    def send(self, given: Input) -> None:
        """Take an input: a touch, an answer, or the clock."""
        if self._menu is None or self._backroom is None:
            return
        self._menu, effects = step(self._menu, given, self._monotonic())
        for effect in effects:
            self._do(effect, self._backroom)
        if self._menu is not None:
            self._show()

    def key(self, key: str, text: str) -> None:
        """Take a key of a keyboard (see `kiosk.session.Session.press`)."""
        if key == "escape":
            self.send(Press.LEAVE)
        elif key == "erase":
            self.send(Press.ERASE)
        elif key == "enter":
            self.send(Press.SUBMIT)
        elif len(text) == 1:
            self.send(Typed(text))

    def _do(self, effect: Effect, backroom: Backroom) -> None:
        match effect:
            case Check(staff, pin):
                backroom.check(staff, pin)
            case Look(printer):
                backroom.look(printer=printer)
            case List():
                backroom.list()
            case Print(ticket):
                backroom.print(ticket)
            case Loud(volume):
                backroom.loud(volume)
            case Close(by, closed, day):
                backroom.close_kiosk(by, closed=closed, day=day)
            case Note(by, act, detail):
                backroom.note(by, act, detail)
            case Leave():
                self._menu = None
                self._tick.stop()
                log.info("staff_menu closed")
                self.ended.emit()

    @Slot()
    def _later(self) -> None:
        self.send(Press.TICK)

    def _speak(self, language: str) -> None:
        if self._menu is not None:
            self._menu = replace(self._menu, touched_at=self._monotonic())
            self._texts.speak(language)
            self._show()

    def _show(self) -> None:
        if self._menu is None:
            return
        known = replace(self._known(), now=self._now())
        words = self._texts.catalogues
        others: list[object] = [
            {"code": code, "name": words[code].t("kiosk.language")}
            for code in known.languages
            if code != self._texts.catalogue.language
        ]
        self.model.show(face(self._menu, known, self._texts.catalogue, self._monotonic()), others)
