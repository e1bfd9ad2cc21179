"""The staff's real screens under a real hand, over a customer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue
from kiosk.known import Known
from kiosk.moves import Begin, CprScan, NoScan, PrintEnded
from kiosk.staff.menu import COLOURS, GRID
from kiosk.staff.moves import Came, Found, LetIn, Recent, Seen, Sight, TurnedAway
from tests.kiosk.conftest import NOW
from tests.kiosk.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("words", "qapp")
FATIMA = {"ar": "فاطمة الجودر", "en": "Fatima Al Jowder"}
WELL = Sight(NOW, trouble="", paper="ok", line_up=True, volume=50, taken=42, device="kiosk-1", version="0.1.0")
ILL = replace(
    WELL, trouble="paper out", paper="out", line_up=False, behind=14, behind_since=NOW, clock_off_s=-400.0,
    disk_free_mb=100, unsettled=1, volume=0,
)  # fmt: skip
TICKETS = tuple(
    Recent(f"kiosk-1.1.{n}", f"A{n:03}", "driving-test", NOW, ("printed", "not printed", "unknown")[n % 3])
    for n in range(30, 0, -1)
)
SIGN = ((0, 0), (1, 1))
PAGES = ("printer", "reprint", "network", "volume", "screen", "closing", "day")


@pytest.fixture
def stage(qtbot: QtBot, known: Known) -> Iterator[Stage]:
    with staged(qtbot, known, language="en") as stage:
        yield stage


def let_in(stage: Stage, sight: Sight = WELL) -> Stage:
    stage.holds(*SIGN)
    assert stage.staff is not None
    stage.keys("s1", Qt.Key.Key_Return).keys("9012", Qt.Key.Key_Return)
    stage.staff.tell(LetIn("s1", FATIMA))
    stage.staff.tell(Seen(sight))
    stage.frame()
    assert stage.page == "staff-menu"
    return stage


def tell(stage: Stage, *news: object) -> Stage:
    assert stage.staff is not None
    for each in news:
        stage.staff.tell(each)  # type: ignore[arg-type]
    stage.frame()
    return stage


def test_nothing_of_it_is_loaded_before_it_is_wanted(stage: Stage) -> None:
    assert stage.staff is None
    stage.holds((0, 0), (1, 0))
    assert stage.staff is None and stage.page == "start"


def test_the_sign_an_id_and_a_pin_by_touch_lead_to_the_menu_and_out(stage: Stage) -> None:
    stage.holds(*SIGN)
    assert stage.page == "staff-id"
    stage.tap("staff-key-S", "staff-key-1").tap("staff-submit")
    assert stage.page == "staff-pin"
    stage.tap(*(f"staff-key-{digit}" for digit in "9012"))
    assert stage.text("staff-typed") == "••••"
    stage.tap("staff-submit")
    assert stage.backroom.asked == [("check", "s1", "9012")]
    tell(stage, LetIn("s1", FATIMA), Seen(WELL))
    assert stage.page == "staff-menu"
    stage.tap("staff-leave")
    assert stage.page == "start"
    assert stage.backroom.asked[-1] == ("note", "s1", "signed_out", "left")
    stage.tap("begin-en")
    assert stage.page == "cpr"


def test_the_sign_is_known_from_a_finger_too(stage: Stage) -> None:
    finger = QTest.createTouchDevice()
    for at in (QPoint(5, 5), QPoint(stage.pixels[0] - 5, stage.pixels[1] - 5)):
        QTest.touchEvent(stage.window, finger).press(0, at, stage.window).commit()
        stage.time += 1.5
        QTest.touchEvent(stage.window, finger).release(0, at, stage.window).commit()
        stage.time += 0.5
    stage.frame()
    assert stage.page == "staff-id"


def test_a_wrong_pin_is_told_without_a_hint_and_a_lock_says_how_long(stage: Stage, words: dict[str, Catalogue]) -> None:
    stage.holds(*SIGN).keys("s1", Qt.Key.Key_Return).keys("1111", Qt.Key.Key_Return)
    tell(stage, TurnedAway())
    assert stage.page == "staff-id" and stage.text("staff-typed") == ""
    assert stage.text("staff-trouble") == words["en"].t("staff.door.wrong")
    stage.keys("s1", Qt.Key.Key_Return).keys("1111", Qt.Key.Key_Return)
    tell(stage, TurnedAway(240))
    assert stage.text("staff-trouble") == words["en"].t("staff.door.locked", minutes=4)
    stage.keys("s")
    assert stage.text("staff-typed") == ""


def test_a_customers_visit_waits_beneath_and_goes_on_where_it_was(stage: Stage, words: dict[str, Catalogue]) -> None:
    stage.tap("begin-ar").types("8501")
    before = stage.session.visit
    let_in(stage)
    assert "key-1" not in stage.shown(), "nothing of the visit is to be touched"
    stage.time += 500
    stage.session._due.timeout.emit()
    stage.hears(PrintEnded("kiosk-1.1.1", "printed"))
    assert stage.session.visit == before
    assert not stage.session._due.isActive(), "a clock that runs for nothing"
    assert stage.text("staff-line-0") == words["ar"].t("staff.door.visit_waits")
    stage.tap("staff-language-en", "staff-leave")
    assert (stage.page, stage.session.visit.digits, stage.session.visit.language) == ("cpr", "8501", "ar")
    assert stage.screen.texts.property("language") == "ar"
    stage.types("1")
    assert stage.session.visit.digits == "85011"


def test_keys_of_a_keyboard_go_to_the_staff_while_they_are_there(stage: Stage) -> None:
    stage.tap("begin-en").types("85")
    stage.holds(*SIGN).keys("12")
    assert stage.session.visit.digits == "85" and stage.text("staff-typed") == "12"
    assert stage.keys("", Qt.Key.Key_Escape).page == "cpr"


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("layout", ["portrait", "landscape"])
@pytest.mark.parametrize("sight", [WELL, ILL], ids=["well", "ill"])
def test_every_page_fits_its_glass(qtbot: QtBot, known: Known, language: str, layout: str, sight: Sight) -> None:
    with staged(qtbot, known, language=language, layout=layout, short_mm=268.0) as stage:
        stage.holds(*SIGN)
        fits(stage)
        stage.keys("s1", Qt.Key.Key_Return)
        fits(stage)
        stage.keys("", Qt.Key.Key_Escape)
        let_in(stage, sight)
        fits(stage)
        for page in PAGES:
            stage.tap(f"staff-{page}")
            if page == "reprint":
                tell(stage, Found(TICKETS))
            tell(stage, Seen(sight))
            assert stage.page == f"staff-{page}"
            fits(stage)
            if page == "screen":
                stage.tap("staff-screen-out")
            else:
                stage.tap("staff-back")


def fits(stage: Stage) -> None:
    glass = QRectF(0, 0, *stage.pixels)
    shown = {name: item for name, item in stage.shown().items() if name.startswith("staff-")}
    assert shown
    for name, item in shown.items():
        place = item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))
        assert place.isEmpty() or glass.contains(place), name
    buttons = [(n, i) for n, i in shown.items() if not n.startswith(("staff-line", "staff-typed", "staff-trouble"))]
    for name, item in buttons:
        # 15 mm: what a finger hits on a kiosk without looking twice.
        if name not in ("staff-screen-out",):
            assert min(item.width(), item.height()) >= 15 * stage.px_per_mm, name
    for at, (name, item) in enumerate(buttons):
        place = item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))
        for other, beside in buttons[at + 1 :]:
            if "staff-screen-test" not in (name, other):
                assert not place.intersects(beside.mapRectToScene(QRectF(0, 0, beside.width(), beside.height()))), (
                    name,
                    other,
                )


def test_staff_change_the_paper_and_print(stage: Stage, words: dict[str, Catalogue]) -> None:
    let_in(stage, ILL).tap("staff-printer", "staff-paper_changed")
    assert stage.backroom.asked[-1] == ("look", True)
    assert stage.text("staff-line-0") == words["en"].t("staff.printer.asking")
    tell(stage, Seen(WELL, looked=True))
    assert stage.text("staff-line-0") == words["en"].t("staff.printer.seen_ok")
    assert stage.backroom.asked[-1] == ("note", "s1", "paper_changed", "ok")
    stage.tap("staff-test_print")
    tell(stage, Came("not printed", "cover open"))
    assert words["en"].t("paper.trouble.cover_open") in stage.text("staff-line-1")


def test_staff_print_a_copy_of_a_ticket_by_its_number(stage: Stage) -> None:
    tell(let_in(stage).tap("staff-reprint"), Found(TICKETS)).tap("staff-older")
    stage.tap("staff-ticket-kiosk-1.1.20")
    assert stage.backroom.asked[-2:] == [("note", "s1", "reprint", "kiosk-1.1.20"), ("print", "kiosk-1.1.20")]


def test_the_screen_test_shows_colours_and_fills_where_it_is_touched(stage: Stage) -> None:
    let_in(stage).tap("staff-screen")
    colours = set()
    for _ in range(COLOURS):
        colours.add(stage.shown()["staff-screen-test"].property("color").name())
        QTest.mouseClick(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(50, 300))
        stage.frame()
    assert len(colours) == COLOURS
    width, height = stage.pixels
    for down in range(10):
        for across in range(6):
            at = QPoint(int((across + 0.5) * width / 6), int((down + 0.5) * height / 10))
            QTest.mousePress(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
            QTest.mouseRelease(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(50, 300))
    stage.frame()
    assert ("note", "s1", "screen_test", f"{GRID}/{GRID}") in stage.backroom.asked
    assert stage.page == "staff-menu"


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
def test_a_closed_kiosk_sends_customers_elsewhere_and_lets_staff_in(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue], layout: str
) -> None:
    with staged(qtbot, replace(known, closed_for=""), layout=layout) as stage:
        assert stage.page == "closed"
        for language in ("ar", "en"):
            assert stage.text(f"closed-title-{language}") == words[language].t("staff.closed.title")
        assert not [name for name in stage.shown() if name.startswith("begin-")]
        stage.keys("", Qt.Key.Key_Return)
        QTest.mouseClick(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 900))
        # A scanner, or a finger that was quicker than the panel.
        for given in (Begin("en"), CprScan("850112345"), NoScan()):
            stage.session.send(given)
        assert stage.page == "closed" and stage.session.visit.page == "start"
        let_in(stage).tap("staff-leave")
        stage.callboard.teach(lambda known: replace(known, closed_for=None))
        stage.frame()
        assert stage.page == "start"
        assert stage.tap("begin-en").page == "cpr"


def test_a_kiosk_closed_for_the_day_opens_by_itself_on_the_next(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, replace(known, closed_for="2026-11-22", board=None)) as stage:
        assert stage.page == "closed"
        stage.wall += timedelta(days=1)
        stage.session._next_minute()
        stage.frame()
        assert stage.page == "start"


def test_a_visit_under_way_is_finished_although_the_kiosk_was_closed(stage: Stage) -> None:
    stage.tap("begin-en").types("8501")
    stage.callboard.teach(lambda known: replace(known, closed_for=""))
    assert stage.types("1").page == "cpr"
    stage.tap("start-over")
    assert stage.page == "closed"


def test_after_a_minute_without_a_touch_the_customers_have_it_back(stage: Stage) -> None:
    let_in(stage)
    stage.time += 61
    stage.qtbot.waitUntil(lambda: stage.page == "start", timeout=5000)
    assert stage.backroom.asked[-1] == ("note", "s1", "signed_out", "timeout")
