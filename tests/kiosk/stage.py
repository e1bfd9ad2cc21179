"""The real window with the real QML, and a customer's hand; backstage is played by the test."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Queue
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.__main__ import DRAWN_FOR_MM, QML
from kiosk.known import Known
from kiosk.moves import Draft, Input
from kiosk.session import Callboard, Session
from kiosk.staff.door import StaffDoor
from kiosk.staff.session import StaffSession
from kiosk.visit import Pace
from screen.app import Screen
from screen.codeentry import Answer
from screen.installer import Installer
from screen.map import items_of
from sync.codes import BookingCode


class Prompter:
    """Backstage that only notes what it is asked."""

    def __init__(self) -> None:
        self.looked_up: list[tuple[int, str]] = []
        self.checked_in: list[tuple[int, BookingCode]] = []
        self.followed: list[tuple[int, str]] = []
        self.drafts: list[tuple[int, Draft]] = []

    def look_up(self, turn: int, number: str) -> None:
        self.looked_up.append((turn, number))

    def check_in(self, turn: int, code: BookingCode) -> None:
        self.checked_in.append((turn, code))

    def find_ticket(self, turn: int, follow: str) -> None:
        self.followed.append((turn, follow))

    def take(self, turn: int, draft: Draft, known: Known, touched: float) -> None:
        self.drafts.append((turn, draft))


class Backroom:
    """Who does staff's errands, and here only notes them."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def check(self, staff: str, pin: str) -> None:
        self.asked.append(("check", staff, pin))

    def look(self, *, printer: bool) -> None:
        self.asked.append(("look", printer))

    def list(self) -> None:
        self.asked.append(("list",))

    def print(self, ticket: str) -> None:
        self.asked.append(("print", ticket))

    def loud(self, volume: int) -> None:
        self.asked.append(("loud", volume))

    def close_kiosk(self, by: str, *, closed: bool, day: bool) -> None:
        self.asked.append(("close", by, closed, day))

    def note(self, by: str, act: str, detail: str) -> None:
        self.asked.append(("note", by, act, detail))


class Machine:
    """A machine that a code makes a device of; the test answers."""

    def __init__(self) -> None:
        self.hub = "http://10.0.0.5:8461"
        self.name = "dawr-box-07"
        self.codes: list[str] = []
        self.answers: Queue[Answer] = Queue()
        self.another = False

    def enrol(self, code: str) -> Answer:
        self.codes.append(code)
        return self.answers.get(timeout=20)

    def is_another(self) -> bool:
        return self.another


class Stage:
    """One kiosk on its screen."""

    sizes: ClassVar = {"portrait": (1080, 1920), "landscape": (1920, 1080)}

    def __init__(
        self,
        qtbot: QtBot,
        known: Known,
        *,
        language: str = "ar",
        layout: str = "portrait",
        short_mm: float = 336.0,
        pace: Pace = Pace(),  # noqa: B008  # frozen
        warm: bool = True,
    ) -> None:
        """`warm`: the first frame has been, and the rest was made."""
        self.qtbot = qtbot
        self.pixels = self.sizes[layout]
        self.px_per_mm = min(self.pixels) / short_mm
        glass = (short_mm, short_mm * 16 / 9) if layout == "portrait" else (short_mm * 16 / 9, short_mm)
        self.screen = Screen(
            name="kiosk",
            languages=("ar", "en"),
            language=language,
            theme="light",
            window=self.pixels,
            screen_mm=glass,
            drawn_for_mm=DRAWN_FOR_MM,
        )
        self.prompter = Prompter()
        self.callboard = Callboard()
        self.time = 100.0
        self.wall: datetime = known.now
        self.session = Session(
            texts=self.screen.texts,
            look=self.screen.look,
            backstage=self.prompter,
            callboard=self.callboard,
            known=known,
            language=language,
            now=lambda: self.wall,
            monotonic=lambda: self.time,
            pace=pace,
        )
        self.backroom = Backroom()
        self.staff: StaffSession | None = None
        self.door = StaffDoor(self.session, self._staff, lambda _: self.backroom, lambda: self.time)
        self.machine = Machine()
        self.installer = Installer(self.machine, self.screen.texts, lambda: "9.9.9", self.session, shown_ms=0)
        self.installer.stand(known.barred)
        self.callboard.learnt.connect(lambda _: self.installer.stand(self.session.known.barred))
        properties = {
            **self.session.models,
            "staffDoor": self.door,
            "installer": self.installer,
            "warningMs": 20000,
        }
        self.window: QQuickWindow = self.screen.show("Kiosk", "Main", properties, import_path=QML)
        self.window.setProperty("warm", warm)
        self.frame()

    def _staff(self) -> StaffSession:
        self.staff = StaffSession(
            texts=self.screen.texts,
            known=lambda: self.session.known,
            now=lambda: self.wall,
            monotonic=lambda: self.time,
        )
        return self.staff

    def holds(self, *corners: tuple[int, int]) -> Stage:
        """Hold corners of the glass, each (0, 0) to (1, 1), one after another."""
        for across, down in corners:
            # Not (0, 0): QTest takes that for no place at all.
            at = QPoint(1 + across * (self.pixels[0] - 2), 1 + down * (self.pixels[1] - 2))
            QTest.mousePress(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
            self.time += 1.5
            QTest.mouseRelease(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
            self.time += 0.5
        self.frame()
        return self

    def close(self) -> None:
        """End as the composition root does: what has timers before what they fire into."""
        self.installer.end()
        self.door.close()
        self.session.close()
        self.screen.close()

    @property
    def page(self) -> str:
        return str(self.window.property("screenName"))

    def frame(self) -> None:
        """Wait for a whole frame: positioners move at polish."""
        with self.qtbot.waitSignal(self.window.frameSwapped, timeout=5000):
            self.window.update()

    def shown(self) -> dict[str, QQuickItem]:
        """Return what can be seen and used, by objectName."""
        return {item.objectName(): item for item in items_of(self.window)}

    def text(self, name: str) -> str:
        return str(self.shown()[name].property("text"))

    def middle(self, name: str) -> QPoint:
        item = self.shown()[name]
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def tap(self, *names: str) -> Stage:
        for name in names:
            self.frame()
            QTest.mouseClick(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.middle(name))
            self.frame()
        return self

    def keys(self, text: str = "", *special: Qt.Key) -> Stage:
        for sign in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                # As an Arabic keyboard sends it: QTest knows Latin signs only.
                event = QKeyEvent(kind, ord(sign), Qt.KeyboardModifier.NoModifier, sign)
                QCoreApplication.sendEvent(self.window, event)
        for key in special:
            QTest.keyClick(self.window, key)
        self.frame()
        return self

    def types(self, digits: str) -> Stage:
        return self.tap(*(f"key-{digit}" for digit in digits))

    def hears(self, news: Input) -> Stage:
        self.callboard.tell(news)
        self.frame()
        return self

    @property
    def turn(self) -> int:
        return self.session.visit.turn


@contextmanager
def staged(qtbot: QtBot, known: Known, **how: object) -> Iterator[Stage]:
    stage = Stage(qtbot, known, **how)  # type: ignore[arg-type]
    try:
        yield stage
    finally:
        stage.close()
