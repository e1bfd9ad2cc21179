"""A display that is no device: what the hall is told, and the code that is typed on a keyboard, in the real QML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import Queue

import pytest
from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue, compile_all
from display.__main__ import QML
from display.picture import Words, labels
from display.viewmodel import HallModel
from screen.app import Screen
from screen.codeentry import Answer, Phase
from screen.installer import Installer
from screen.map import items_of

SIZES = {"wide": ((1920, 1080), (1210.0, 680.0)), "tall": ((1080, 1920), (680.0, 1210.0))}
CODE = "4821739405"


class Machine:
    hub = "http://10.0.0.5:8461"
    name = "dawr-hall-02"

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.answers: Queue[Answer] = Queue()

    def enrol(self, code: str) -> Answer:
        self.codes.append(code)
        return self.answers.get(timeout=20)

    def is_another(self) -> bool:
        return False


class Glass:
    """One display's window, and a keyboard at it."""

    def __init__(self, qtbot: QtBot, shape: str) -> None:
        compile_all()
        self._qtbot = qtbot
        self.pixels, glass = SIZES[shape]
        self.screen = Screen(
            name="display", languages=("ar", "en"), language="ar", theme="dark", window=self.pixels, screen_mm=glass
        )
        self.machine = Machine()
        self.installer = Installer(self.machine, self.screen.texts, lambda: "9.9.9", shown_ms=0)
        self.model = HallModel(labels([Catalogue.load(each) for each in ("ar", "en")]))
        properties = {"viewModel": self.model, "installer": self.installer}
        self.window: QQuickWindow = self.screen.show("Hall", "Main", properties, import_path=QML)
        self.frame()

    def close(self) -> None:
        self.installer.end()
        self.screen.close()

    def frame(self) -> None:
        with self._qtbot.waitSignal(self.window.frameSwapped, timeout=5000):
            self.window.update()

    def keys(self, text: str, *special: Qt.Key) -> None:
        for key in (*(Qt.Key(ord(sign.upper())) for sign in text), *special):
            QTest.keyClick(self.window, key)
        self.frame()

    def text(self, name: str) -> str:
        found = {item.objectName(): item for item in items_of(self.window)}
        return str(found[name].property("text")) if name in found else ""

    @property
    def page(self) -> str:
        return str(self.window.property("screenName"))

    def written(self) -> Iterator[QQuickItem]:
        def below(item: QQuickItem) -> Iterator[QQuickItem]:
            if item.isVisible() and item.opacity():
                if item.property("truncated") is not None and item.property("text"):
                    yield item
                for child in item.childItems():
                    yield from below(child)

        yield from below(self.window.contentItem())

    def fits(self) -> None:
        """See that no text leaves the glass, is cut, or stands over another."""
        seen = []
        for item in self.written():
            box, text = item.mapRectToScene(item.boundingRect()), item.property("text")
            assert box.left() >= 0 and box.right() <= self.pixels[0], text
            assert box.top() >= 0 and box.bottom() <= self.pixels[1], text
            assert not item.property("truncated"), text
            # Lines stand in boxes with room for accents and tails: that much of two may meet.
            line = box.height() / item.property("lineCount") * 0.2
            tight = box.adjusted(2, line, -2, -line)
            for other, second in seen:
                assert not tight.intersects(second), f"{text!r} over {other!r}"
            seen.append((text, tight))


@pytest.fixture
def glass(qtbot: QtBot) -> Iterator[Callable[[str], Glass]]:
    made: list[Glass] = []

    def make(shape: str = "wide") -> Glass:
        made.append(Glass(qtbot, shape))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("why", ["new", "misfit", "revoked"])
def test_the_hall_is_told_what_to_do_and_staff_which_machine_it_is(
    glass: Callable[[str], Glass], shape: str, why: str
) -> None:
    hall = glass(shape)
    hall.installer.stand(why)
    hall.frame()
    assert hall.page == "closed"
    assert "service" in hall.text("no-board-1") and hall.text("no-board-0") != hall.text("no-board-1")
    assert {"dawr-hall-02", "http://10.0.0.5:8461"} <= {item.property("text") for item in hall.written()}
    hall.fits()


@pytest.mark.parametrize("shape", SIZES)
def test_a_keyboard_types_the_code(qtbot: QtBot, glass: Callable[[str], Glass], shape: str) -> None:
    hall = glass(shape)
    hall.installer.stand("new")
    hall.keys("482x1", Qt.Key.Key_Backspace)
    assert hall.page == "code"
    hall.fits()
    hall.keys("1739405")
    hall.fits()
    for phase, word, said in (
        (Phase.NOT_NOW, "NO_SERVER", "central server"),
        (Phase.REFUSED, "SPENT", "Another machine"),
    ):
        hall.keys("", Qt.Key.Key_Return)
        hall.machine.answers.put(Answer(phase, word))
        qtbot.waitUntil(lambda said=said: said in hall.text("enrol-step-1"))
        hall.frame()
        hall.fits()
    hall.keys("", Qt.Key.Key_Enter)
    assert len(hall.machine.codes) == 2, "a refused code is not sent again"
    hall.keys(CODE, Qt.Key.Key_Enter)
    with qtbot.waitSignal(hall.installer.enrolled, timeout=5000):
        hall.machine.answers.put(Answer(Phase.MADE, "display-4"))
    hall.frame()
    assert hall.text("made-device") == "display-4"
    hall.fits()
    assert hall.machine.codes == [CODE] * 3


def test_nothing_of_the_hall_is_shown_beside_it(glass: Callable[[str], Glass]) -> None:
    hall = glass("wide")
    hall.model.show(replace(hall.model.picture, notice=(Words("no news since 09:31", False),)))
    hall.frame()
    assert "no news since 09:31" in {item.property("text") for item in hall.written()}
    hall.installer.stand("revoked")
    hall.frame()
    assert "no news since 09:31" not in {item.property("text") for item in hall.written()}


def test_escape_takes_the_digits_away_and_a_display_in_service_takes_none(glass: Callable[[str], Glass]) -> None:
    hall = glass("wide")
    hall.keys("4")
    assert hall.page == "board"
    hall.installer.stand("revoked")
    hall.keys("48", Qt.Key.Key_Escape)
    assert (hall.page, hall.installer.property("typedCount")) == ("closed", 0)
    hall.installer.stand("")
    hall.frame()
    assert hall.page == "board"
