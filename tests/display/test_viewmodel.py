"""The real QML, offscreen, on a hall whose clock stands; any QML warning fails the test."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtQuick import QQuickItem, QQuickWindow

from display.__main__ import QML
from display.announcer import LEAST_S, REST_S
from display.glass import Glass
from display.hall import Hall
from display.picture import labels
from display.viewmodel import HallModel
from screen.app import Screen
from screen.enrolling import Machine
from screen.installer import Installer
from tests.display.boards import FakeClock, board_json, call

LANDSCAPE, PORTRAIT = ((1920, 1080), (1210.0, 680.0)), ((1080, 1920), (680.0, 1210.0))
ALL_SHAPES = pytest.mark.parametrize("shape", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
NOTICES = [{"text": {"ar": "يُغلق المركز الساعة الثانية", "en": "The centre closes at two"}}]


class Board:
    """The window, what drives it, and its items by name."""

    def __init__(self, qtbot, size: tuple[int, int], glass_mm: tuple[float, float], *, still: bool = True) -> None:
        self.qtbot = qtbot
        self.clock = FakeClock()
        self.screen = Screen(
            name="test", languages=("ar", "en"), language="ar", theme="dark", window=size, screen_mm=glass_mm
        )
        self.screen.look.hold_still(still)
        words = self.screen.texts.catalogues
        self.model = HallModel(labels(list(words.values())))
        self.glass = Glass(self.model, time.monotonic)
        self.hall = Hall(
            clock=self.clock,
            catalogues=words,
            zone=ZoneInfo("Asia/Bahrain"),
            show=self.glass.show,
            keep=lambda kept: None,
            kept=None,
        )
        self.frames = 0
        self.hall.refresh()
        self.installer = Installer(Machine("", "display", Path("unused"), None), self.screen.texts, lambda: "")
        properties = {"viewModel": self.model, "installer": self.installer}
        self.window: QQuickWindow = self.screen.show("Hall", "Main", properties, import_path=QML)
        self.window.frameSwapped.connect(self._count)
        self.window.frameSwapped.connect(self.glass.painted)
        self.painted(lambda: None, least=1)

    def _count(self) -> None:
        self.frames += 1

    def painted(self, act: Callable[[], None], *, least: int = 1) -> None:
        """Do something and wait until it is on the glass."""
        before = self.frames
        act()
        self.qtbot.waitUntil(lambda: self.frames >= before + least, timeout=5000)

    def item(self, name: str) -> QQuickItem | None:
        return next((item for item in self.visible() if item.objectName() == name), None)

    def text(self, name: str) -> str | None:
        item = self.item(name)
        return None if item is None else str(item.property("text"))

    def texts(self, prefix: str) -> list[str]:
        return [str(item.property("text")) for item in self.visible() if item.objectName().startswith(prefix)]

    def visible(self) -> Iterator[QQuickItem]:
        def below(item: QQuickItem) -> Iterator[QQuickItem]:
            if item.isVisible():
                yield item
                for child in item.childItems():
                    yield from below(child)

        yield from below(self.window.contentItem())

    def corners(self, item: QQuickItem) -> tuple[float, float, float, float]:
        at = item.mapToScene(QPointF(0, 0))
        return at.x(), at.y(), at.x() + item.width(), at.y() + item.height()


@pytest.fixture
def make(qtbot) -> Iterator[Callable[..., Board]]:
    made: list[Board] = []

    def build(shape=LANDSCAPE, **more) -> Board:
        made.append(Board(qtbot, *shape, **more))
        return made[-1]

    yield build
    for board in made:
        board.hall.close()
        board.screen.close()


def ten() -> list:
    return [call(n, f"A{n:03}", str(n)) for n in range(1, 11)]


@ALL_SHAPES
def test_a_call_is_on_the_stage_alone_and_then_in_the_list(make, shape):
    board = make(shape)
    board.painted(lambda: board.hall.board_came(board_json([call(1, age_s=60), call(2, "B012", "12")])))
    assert board.text("stage-number") == "B012"
    assert board.text("stage-counter") == "12"
    board.clock.passed += LEAST_S + REST_S
    board.painted(board.hall.refresh)
    assert board.item("stage-number") is None
    assert board.texts("call-")[:2] == ["B012 \u2192 12", "A047 \u2192 3"]


@ALL_SHAPES
def test_ten_calls_at_once_every_one_is_seen_on_the_stage(make, shape):
    board = make(shape)
    board.painted(lambda: board.hall.board_came(board_json(ten())))
    seen = []
    for _ in range(10):
        seen.append(board.text("stage-number"))
        others = board.texts("call-") if shape is PORTRAIT else board.texts("other-")
        assert len(others) >= 5, "the others can be seen while one has the stage"
        board.clock.passed += LEAST_S + REST_S
        board.painted(board.hall.refresh)
    assert seen == [f"A{n:03}" for n in range(1, 11)]
    assert board.item("stage-number") is None


def test_the_stage_can_be_read_from_15_m_and_the_list_from_5_m(make):
    board = make()
    board.painted(lambda: board.hall.board_came(board_json([call(1)])))
    px_per_mm = 1080 / 680
    cap = 0.698 * 0.99
    counter = board.item("stage-counter")
    assert counter is not None
    assert counter.property("font").pixelSize() * cap / px_per_mm >= 180
    plate = board.item("stage-number")
    assert plate is not None
    assert plate.property("capMm") >= 182
    board.clock.passed += 60
    board.painted(board.hall.refresh)
    row = board.item("call-0")
    assert row is not None
    assert row.property("capPx") / px_per_mm >= 59


@ALL_SHAPES
@pytest.mark.parametrize("number", ["A047", "W0100", "A04712"])
@pytest.mark.parametrize("counter", ["3", "12"])
def test_nothing_leaves_the_glass_or_lies_on_another(make, shape, number, counter):
    board = make(shape)
    board.painted(lambda: board.hall.board_came(board_json([call(1, number, counter, "recall")], notices=NOTICES)))
    plate, label, bar = board.item("stage-number"), board.item("stage-counter"), board.item("clock")
    assert plate is not None and label is not None and bar is not None
    left, top, right, bottom = board.corners(plate)
    assert 0 <= left < right <= shape[0][0]
    assert top >= 0
    label_top = board.corners(label)[1] + (label.height() - label.property("capPx")) / 2
    assert label_top >= bottom, "the counter stands under the plate"
    assert label_top + label.property("capPx") < board.corners(bar)[1]


@ALL_SHAPES
def test_no_text_is_cut_off(make, shape):
    board = make(shape)
    board.painted(lambda: board.hall.board_came(board_json([call(1, age_s=60)], notices=NOTICES)))
    cut = [str(item.property("text")) for item in board.visible() if item.property("truncated")]
    assert cut == []
    board.clock.passed += 120
    board.painted(board.hall.refresh)
    assert "Staff" in (board.text("notice") or "")
    assert [str(item.property("text")) for item in board.visible() if item.property("truncated")] == []


def test_the_lost_source_is_marked_where_the_date_was(make):
    board = make()
    board.painted(lambda: board.hall.board_came(board_json([call(1, age_s=60)])))
    assert board.item("date-1") is not None
    board.clock.passed += 30
    board.painted(board.hall.refresh)
    assert board.texts("since-") == ["آخر تحديث \u206610:31\u2069", "Last update 10:31"]
    assert board.texts("call-") == ["A047 \u2192 3"], "the board stays"
    board.painted(lambda: board.hall.board_came(board_json([call(1, age_s=60)])))
    assert board.texts("since-") == []


def test_without_any_board_it_says_that_it_starts(make):
    board = make()
    assert "The board is starting" in [str(item.property("text")) for item in board.visible()]


@ALL_SHAPES
@pytest.mark.parametrize("high_s", [1200, 12000])
def test_the_wait_stands_apart_from_the_people(make, shape, high_s):
    board = make(shape)
    state = board_json([call(1, age_s=60)])
    state["waiting"][0] |= {"count": 188, "high_s": high_s}
    board.painted(lambda: board.hall.board_came(state))
    count, minutes = board.item("count-0"), board.item("minutes-0")
    assert board.corners(minutes)[0] - board.corners(count)[2] >= 0.4 * count.height() * 0.5
    assert minutes.property("contentWidth") <= minutes.width() + 0.5
    assert board.text("minutes-0") in ("10\u201320", "10\u2013200")


@ALL_SHAPES
def test_what_staff_are_to_do_does_not_lie_on_the_starting_board(make, shape):
    board = make(shape)
    board.hall.broke()
    board.clock.passed += 120
    board.painted(board.hall.refresh)
    words = [item for item in board.visible() if item.objectName().startswith("no-board-")]
    told = board.item("notice")
    assert len(words) == 2 and told is not None
    _, top, _, bottom = board.corners(told)
    assert all(board.corners(item)[1] >= bottom or board.corners(item)[3] <= top for item in words)


def test_no_frame_is_drawn_while_nothing_changes(make, qtbot):
    board = make(still=False)
    board.painted(lambda: board.hall.board_came(board_json([call(1, age_s=60)], notices=NOTICES)))
    # One timer's time for motion that was under way; then a second in which nothing may be drawn.
    qtbot.wait(400)
    before = board.frames
    for _ in range(20):
        board.hall.heard()
        board.hall.board_came(board_json([call(1, age_s=60)], notices=NOTICES))
    qtbot.wait(1000)
    assert board.frames == before


def test_with_reduced_motion_a_call_is_one_or_two_frames_and_otherwise_it_moves(make, qtbot):
    still = make()
    still.painted(lambda: still.hall.board_came(board_json([call(1)])))
    qtbot.wait(350)
    count = still.frames
    still.painted(lambda: still.hall.board_came(board_json([call(1), call(2, "B001")])))
    qtbot.wait(350)
    assert still.frames - count <= 2
    moving = make(still=False)
    count = moving.frames
    moving.painted(lambda: moving.hall.board_came(board_json([call(1)])))
    qtbot.wait(350)
    assert moving.frames - count > 5


def test_each_new_call_is_noted_when_its_first_frame_is_on_the_glass(make, caplog):
    caplog.set_level(logging.INFO)
    board = make()
    board.painted(lambda: board.hall.board_came(board_json(ten())))
    board.painted(lambda: board.hall.board_came(board_json([*ten(), call(11, "B011")])))
    noted = [record.getMessage() for record in caplog.records if "call_painted" in record.getMessage()]
    assert sum("hub.1.11 " in line for line in noted) == 1
    assert len(noted) == 10, "the eight of the list and the one on the stage, then the new one"
    assert all(0 <= float(line.split("ms=")[1].split()[0]) < 1000 for line in noted)


@pytest.mark.parametrize("theme", ["light", "contrast"])
def test_it_wears_every_theme(make, theme):
    board = make()
    board.painted(lambda: board.screen.look.wear(theme))
    board.painted(lambda: board.hall.board_came(board_json([call(1)], notices=NOTICES)))
    assert board.text("stage-number") == "A047"
