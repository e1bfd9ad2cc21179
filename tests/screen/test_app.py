"""One window: its size on the glass, its words in two languages, its map, its clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtQuick import QQuickItem, QQuickWindow
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue
from assets.theme import Theme
from screen.app import Screen, load_fonts
from screen.look import Look
from screen.map import items_of
from screen.timing import since_exec_ms

pytestmark = pytest.mark.usefixtures("qapp")

_WINDOW = """
import QtQuick
import Dawr
Window {
    property string screenName: "try"
    color: Theme.surface
    Label { objectName: "word"; text: Texts.t("kiosk.back"); width: Theme.mm(50) }
    NumberPlate { objectName: "plate"; number: "B1102"; capMm: 10; y: 200 }
    Item { objectName: "unseen"; visible: false }
}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "Try"
    folder.mkdir()
    (folder / "qmldir").write_text("module Try\nMain 1.0 Main.qml\n")
    (folder / "Main.qml").write_text(_WINDOW)
    return tmp_path


@pytest.fixture
def screen() -> Iterator[Screen]:
    made = Screen(
        name="Try", languages=("ar", "en"), language="ar", theme="light", window=(600, 400), screen_mm=(300.0, 200.0)
    )
    yield made
    made.close()


def item(window: QQuickWindow, name: str) -> QQuickItem:
    return {each.objectName(): each for each in items_of(window)}[name]


def test_lengths_are_millimetres_of_the_glass_and_words_follow_the_language(
    qtbot: QtBot, screen: Screen, module: Path
) -> None:
    window = screen.show("Try", "Main", {}, import_path=module)
    assert item(window, "word").width() == 100
    assert item(window, "plate").property("capPx") == 20
    assert item(window, "word").property("text") == Catalogue.load("ar").t("kiosk.back")
    screen.texts.speak("en")
    assert item(window, "word").property("text") == Catalogue.load("en").t("kiosk.back")
    assert not screen.texts.property("rightToLeft")


def test_a_theme_changes_at_once(qtbot: QtBot, screen: Screen, module: Path) -> None:
    window = screen.show("Try", "Main", {}, import_path=module)
    screen.look.wear("dark")
    assert window.color().name() == Theme.load().colours["dark"]["surface"].lower()


def test_the_map_tells_what_is_seen_and_where(qtbot: QtBot, screen: Screen, module: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    screen.show("Try", "Main", {}, import_path=module, screen_map=str(path))
    qtbot.waitUntil(path.exists)
    shown = json.loads(path.read_text(encoding="utf-8"))
    assert (shown["screen"], shown["language"]) == ("try", "ar")
    assert set(shown["items"]) == {"word", "plate"} and shown["texts"]["plate"] == "B1102"
    left, top, width, height = shown["items"]["plate"]
    assert (left, top) == (0, 200) and width > height > 0
    assert shown["frame"] >= 1


def test_a_signal_ends_it_and_a_first_frame_is_told(qtbot: QtBot, screen: Screen, module: Path) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    painted = threading.Event()

    def first() -> None:
        painted.set()
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGTERM))

    screen.show("Try", "Main", {}, import_path=module, on_first_frame=first)
    try:
        assert screen.run() == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert painted.is_set()


_ENDED_IN_A_FRAME = """
import itertools, signal, sys
from pathlib import Path
from PySide6.QtCore import QMetaObject, QObject
from screen.app import FRAME_SWAPPED, Screen
screen = Screen(name="Try", languages=("ar",), language="ar", theme="light", window=(60, 40), screen_mm=(30.0, 20.0))
window = screen.show("Try", "Main", {}, import_path=Path(sys.argv[1]))
frames = itertools.count(1)
def swapped():
    QMetaObject.invokeMethod(window, "update")
    # The first frame is the exposed window's; only later ones are asked for and told by the platform's own timer.
    if next(frames) == 3:
        signal.raise_signal(signal.SIGTERM)
        print("stands", window.isVisible())
QObject.connect(window, FRAME_SWAPPED, swapped)
sys.exit(screen.run())
"""


def test_a_signal_that_comes_within_a_frame_leaves_the_window_until_the_frame_is_done(module: Path) -> None:
    # In a process of its own: the application of the tests is another kind of one, which ends in another way.
    ended = subprocess.run(
        [sys.executable, "-c", _ENDED_IN_A_FRAME, str(module)], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (0, "stands True\n"), "the platform still paints into it"


@pytest.mark.qt_log_level_fail("CRITICAL")
def test_qml_that_does_not_load_is_said(screen: Screen, module: Path) -> None:
    (module / "Try" / "qmldir").write_text("module Try\nOther 1.0 Other.qml\n")
    with pytest.raises(RuntimeError, match=r"Try\.Main"):
        screen.show("Try", "Main", {}, import_path=module)


def test_a_design_grows_on_larger_glass_and_never_shrinks() -> None:
    look = Look(Theme.load(), "light")
    look.measure((1080, 1920), (336.0, 597.0), 268.0)
    assert look.property("pxPerMm") == pytest.approx(1080 / 268, rel=0.01)
    look.measure((1080, 1920), (200.0, 355.0), 268.0)
    assert look.property("pxPerMm") == pytest.approx(1080 / 200, rel=0.01)


def test_held_still_nothing_moves() -> None:
    look = Look(Theme.load(), "light")
    assert look.property("longMs") > 0
    look.hold_still(True)
    assert look.property("shortMs") == look.property("longMs") == 0


def test_a_machine_without_the_typeface_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(FileNotFoundError, match=r"broken\.ttf"):
        load_fonts("IBM Plex Sans Arabic", tmp_path)


def test_the_time_since_exec_runs() -> None:
    assert 0 < since_exec_ms() <= since_exec_ms()
