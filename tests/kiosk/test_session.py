"""The real screens under a real hand: taps at the middle of what is seen, keys, and what comes from backstage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue
from kiosk.known import Known, ServiceNow
from kiosk.moves import (
    Answer,
    Appointment,
    CprScan,
    CutOff,
    Held,
    Issued,
    LookedUp,
    NotIssued,
    Press,
    PrintEnded,
    Reason,
    Ticket,
)
from kiosk.visit import Pace
from screen.map import items_of
from tests.kiosk.conftest import NOW
from tests.kiosk.glass import EVERY_GLASS, faces_of, fits, mm
from tests.kiosk.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("words", "qapp")
CPR = "850112345"
BOOKED = Answer("appointment", "c" * 32, (Appointment("a-7", "driving-test", NOW + timedelta(minutes=29)),))


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_booked_customer_gets_a_ticket(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue], language: str, layout: str
) -> None:
    with staged(qtbot, known, layout=layout) as stage:
        stage.tap(f"begin-{language}").types(CPR).tap("submit")
        assert stage.prompter.looked_up == [(stage.turn, CPR)]
        stage.hears(LookedUp(stage.turn, BOOKED))
        assert stage.page == "found"
        stage.tap("confirm-a-7")
        ((turn, draft),) = stage.prompter.drafts
        assert (draft.appointment, draft.lang, draft.delivery) == ("a-7", language, "paper")
        stage.hears(Issued(turn, Ticket("kiosk-1.1.1", "L001", "driving-test", ahead=3, low_s=60, high_s=240)))
        assert stage.page == "ticket" and stage.text("ticket-number") == "L001"
        assert stage.text("print-state") == words[language].t("kiosk.ticket.printing")
        stage.hears(PrintEnded("kiosk-1.1.1", "printed"))
        assert stage.text("print-state") == words[language].t("kiosk.ticket.printed")
        stage.tap("done")
        assert stage.page == "thanks"
        stage.tap("thanks")
        assert stage.page == "start"


def test_a_walk_in_gets_a_ticket_by_keyboard_and_glass(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-en").keys("٨٥٠١١٢٣٤٩").keys("", Qt.Key.Key_Backspace).keys("5", Qt.Key.Key_Return)
        assert stage.prompter.looked_up == [(stage.turn, CPR)]
        stage.hears(LookedUp(stage.turn, Answer("none", "c" * 32))).tap(
            "service-traffic-fines", "claim-pregnant", "take"
        )
        ((_, draft),) = stage.prompter.drafts
        assert (draft.service, draft.priority) == ("traffic-fines", "pregnant")


def test_escape_starts_over_and_backspace_goes_back(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar", "without-cpr", "service-traffic-fines").keys("", Qt.Key.Key_Backspace)
        assert stage.page == "services"
        assert stage.keys("", Qt.Key.Key_Escape).page == "start"


def test_every_button_can_be_reached_and_pressed_by_keys(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        for _ in range(40):
            stage.keys("", Qt.Key.Key_Tab)
            focused = stage.window.activeFocusItem()
            if isinstance(focused, QQuickItem) and focused.objectName() == "begin-en":
                break
        stage.keys("", Qt.Key.Key_Space)
        assert stage.page == "cpr"


REFUSALS: dict[str, tuple[Callable[[Stage], object], str]] = {
    "unknown": (lambda s: s.hears(LookedUp(s.turn, Answer("unknown", "c"))), "kiosk.refused.unknown.title"),
    "under age": (lambda s: s.hears(LookedUp(s.turn, Answer("under_age", "c"))), "kiosk.refused.under_age.title"),
    "not ready": (lambda s: s.hears(NotIssued(s.turn, Reason.NOT_READY)), "kiosk.refused.not_ready.title"),
    "storage": (lambda s: s.hears(NotIssued(s.turn, Reason.STORAGE)), "kiosk.refused.storage.title"),
}


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_said_in_words_with_a_next_step(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue], name: str, language: str
) -> None:
    happens, key = REFUSALS[name]
    with staged(qtbot, known) as stage:
        stage.tap(f"begin-{language}").types(CPR).tap("submit")
        happens(stage)
        assert stage.page == "refused"
        assert stage.text("question") == words[language].t(key)
        assert stage.tap("first-step").page in ("start", "cpr", "services")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    ("now", "key"),
    [
        (ServiceNow(open=False), "kiosk.refused.service_closed.title"),
        (ServiceNow(full=True), "kiosk.refused.service_full.title"),
    ],
)
def test_a_closed_or_full_service_refuses_in_words(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue], now: ServiceNow, key: str, language: str
) -> None:
    assert known.board is not None
    known = replace(known, board=replace(known.board, services={"driving-test": now}))
    with staged(qtbot, known) as stage:
        stage.tap(f"begin-{language}", "without-cpr", "service-driving-test")
        assert stage.text("question") == words[language].t(key)
        assert stage.tap("first-step").page == "services"


def test_a_closed_centre_says_when_it_opens(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    assert known.board is not None
    tomorrow = NOW + timedelta(days=1)
    board = replace(known.board, open=False, next_opens_at=tomorrow)
    with staged(qtbot, replace(known, board=board), language="en") as stage:
        assert stage.text("title-en") == words["en"].t("kiosk.start.closed")
        assert "begin-en" not in stage.shown()
        stage.hears(CprScan(CPR))
        assert stage.text("question") == words["en"].t("kiosk.start.closed")
        assert stage.page == "refused"
        assert stage.session.refused.property("advice") == words["en"].t("kiosk.opens.tomorrow", time="09:31")


def test_too_few_digits_are_told_on_the_keypad(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar").types("85").tap("submit")
        assert stage.text("cpr-trouble") == words["ar"].n("kiosk.cpr.missing", 7)
        assert not stage.prompter.looked_up


def test_a_held_ticket_is_shown_again(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    held = Held("kiosk-1.1.9", "A009", "licence-renewal", NOW)
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar").types(CPR).tap("submit")
        stage.hears(LookedUp(stage.turn, Answer("holds_ticket", "c", held=held)))
        assert stage.text("ticket-number") == "A009"
        assert stage.text("question") == words["ar"].t("kiosk.ticket.again")
        assert "another-ticket" not in stage.shown() and not stage.prompter.drafts


def test_cut_off_it_asks_about_a_booking(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar").types(CPR).tap("submit").hears(CutOff(stage.turn, "c" * 32))
        stage.tap("booked-yes", "service-driving-test", "take")
        ((_, draft),) = stage.prompter.drafts
        assert draft.says_booked


def test_a_failed_printer_leaves_a_number_to_photograph(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue]
) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-en", "without-cpr", "service-driving-test", "take")
        stage.hears(Issued(stage.turn, Ticket("kiosk-1.1.1", "L001", "driving-test")))
        stage.hears(PrintEnded("kiosk-1.1.1", "not printed"))
        assert stage.text("print-state") == words["en"].t("kiosk.ticket.photo")
        plate = stage.shown()["ticket-number"]
        assert plate.property("capPx") / stage.px_per_mm >= 30


def test_the_language_changes_on_every_screen_at_once(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar").types(CPR)
        before = stage.text("question")
        stage.tap("language-en")
        assert before == words["ar"].t("kiosk.cpr.title") and stage.text("question") == words["en"].t("kiosk.cpr.title")
        assert stage.session.visit.digits == CPR
        stage.tap("submit").hears(LookedUp(stage.turn, BOOKED)).tap("language-ar", "language-en", "confirm-a-7")
        assert stage.prompter.drafts[0][1].lang == "en"


def test_the_next_customer_finds_nothing_of_the_one_before(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        blank = faces_of(stage)
        stage.tap("begin-en", "contrast", "large").types(CPR).tap("submit").hears(LookedUp(stage.turn, BOOKED))
        stage.tap("confirm-a-7").hears(Issued(stage.turn, Ticket("kiosk-1.1.1", "L001", "driving-test")))
        stage.hears(PrintEnded("kiosk-1.1.1", "printed")).tap("done", "thanks")

        def gone() -> bool:
            return faces_of(stage) == blank

        qtbot.waitUntil(gone, timeout=5000)
        assert stage.screen.look.property("name") == "light" and not stage.screen.look.property("large")


def test_the_cpr_is_covered_on_the_glass(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-ar").types(CPR)
        cells = stage.session.cpr.property("cells")
        assert "".join(cells) == "•••••••45"


def test_a_warning_comes_and_one_touch_goes_on(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known, pace=Pace(idle=0.05, warning=60.0)) as stage:
        stage.tap("begin-ar")
        stage.time += 1.0
        qtbot.waitUntil(lambda: stage.page == "warning")
        stage.time += 1.0
        stage.tap("stay")
        assert stage.session.visit.warned_at is None and stage.session.visit.page == "cpr"


def test_nobody_there_and_the_start_comes_back(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known, pace=Pace(idle=0.05, warning=0.05)) as stage:
        stage.tap("begin-en").types("85")
        stage.time += 1.0
        qtbot.waitUntil(lambda: stage.page == "warning")
        stage.time += 1.0
        qtbot.waitUntil(lambda: stage.page == "start")
        assert stage.session.visit.digits == "" and stage.session.visit.language == "ar"


def test_idle_draws_nothing(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.frame()
        with qtbot.assertNotEmitted(stage.window.frameSwapped, wait=700):
            pass


def test_news_of_the_hall_shows_on_the_idle_screen(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, replace(known, board=None)) as stage:
        stage.callboard.teach(lambda before: replace(before, board=known.board))
        stage.frame()
        news = [row["news"] for row in stage.session.start.property("invitations")]
        assert news == [words[language].n("kiosk.start.waiting", 28) for language in ("ar", "en")]


def test_nothing_fires_into_a_window_that_is_gone(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.tap("begin-en").holds((0, 0), (1, 1))
        assert stage.staff is not None and stage.page == "staff-id"
        timers = [*stage.session.findChildren(QTimer), *stage.staff.findChildren(QTimer)]
        # News at the very end: it is due as a call, and makes work for later.
        stage.callboard.teach(lambda before: replace(before, board=None))
        before, page = stage.session.known, stage.session.visit.page
        assert {each.isActive() for each in timers} == {True, False}
        on_its_way = Thread(target=stage.callboard.teach, args=(lambda old: replace(old, scanner=True),))
        on_its_way.start()
        on_its_way.join()
    stage.callboard.tell(Press.START_OVER)
    QCoreApplication.processEvents()
    assert not [each for each in timers if each.isActive()]
    assert (stage.session.known, stage.session.visit.page) == (before, page)


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
def test_a_kiosk_that_has_met_no_hub_says_that_it_gets_ready(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue], layout: str
) -> None:
    with staged(qtbot, Known(NOW, asking=True), layout=layout) as stage:
        fits(stage)
        assert "begin-ar" not in stage.shown() and "begin-en" not in stage.shown()
        stage.callboard.teach(lambda before: replace(before, centre=known.centre).with_board(known.board))
        stage.tap("begin-ar")
        assert stage.page == "cpr"


def test_news_makes_no_face_of_the_idle_screen_anew(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, replace(known, board=None)) as stage:
        before = stage.shown()["begin-ar"]
        stage.callboard.teach(lambda old: replace(old, board=known.board))
        stage.frame()
        assert stage.shown()["begin-ar"] is before


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
def test_the_large_words_are_the_same_as_words_and_as_their_picture(qtbot: QtBot, known: Known, layout: str) -> None:
    with staged(qtbot, known, layout=layout) as stage:
        titles = [each for each in items_of(stage.window) if each.objectName().startswith("title-")]
        assert len(titles) == 2
        for look in ("light", "contrast"):
            assert stage.screen.look.property("name") == look
            found = []
            for is_picture in (True, False):
                stage.window.setProperty("warm", is_picture)
                stage.frame()
                found.append([_inked(stage, each) for each in titles])
            for picture, words in zip(*found, strict=True):
                assert words > 0.05
                assert abs(picture - words) < 0.02 * words
            stage.window.setProperty("warm", True)
            stage.tap("contrast")


def _inked(stage: Stage, item: QQuickItem) -> float:
    """Return how much of an item's place is wholly in the large words' colour, as a part of 1."""
    place = QRectF(item.mapToScene(QPointF(0, 0)), item.size()).toRect()
    picture = stage.window.grabWindow().copy(place).convertToFormat(QImage.Format.Format_RGB32)
    blue_green_red = bytes.fromhex(stage.screen.look.property("roles")["on_accent"][1:])[::-1]
    pixels = bytes(picture.constBits())
    inked = sum(pixels[at : at + 3] == blue_green_red for at in range(0, len(pixels), 4))
    return inked / (place.width() * place.height())


def test_a_screen_reader_hears_every_button(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known, language="en") as stage:
        stage.tap("begin-en")
        button = QAccessible.queryAccessibleInterface(stage.shown()["submit"])
        assert button is not None and button.text(QAccessible.Text.Name) == "Continue"
        assert button.role() == QAccessible.Role.Button


@EVERY_GLASS
def test_every_screen_fits_its_glass(
    qtbot: QtBot, known: Known, language: str, layout: str, large: bool, low: bool, short_mm: float
) -> None:
    two = replace(BOOKED, appointments=(*BOOKED.appointments, replace(BOOKED.appointments[0], id="a-8")))
    with staged(qtbot, known, layout=layout, short_mm=short_mm) as stage:
        for wished, name in ((large, "large"), (low and layout == "portrait", "low")):
            if wished:
                stage.tap(name)
        fits(stage)
        stage.tap(f"begin-{language}")
        fits(stage)
        assert all(mm(stage, f"key-{digit}") >= 20 for digit in range(10))
        stage.types(CPR).tap("submit").hears(LookedUp(stage.turn, BOOKED))
        fits(stage)
        stage.tap("back", "submit").hears(LookedUp(stage.turn, two))
        fits(stage)
        stage.tap("other-service")
        fits(stage)
        stage.tap("service-ownership-transfer")
        fits(stage)
        stage.tap("take").hears(Issued(stage.turn, Ticket("k", "A0100", "driving-test", False, 14, 480, 3000)))
        fits(stage)
        stage.hears(PrintEnded("k", "not printed"))
        fits(stage)
        stage.tap("done")
        fits(stage)
        stage.tap("thanks", f"begin-{language}").types(CPR).tap("submit")
        stage.hears(CutOff(stage.turn, "c", Held("x", "A009", "licence-renewal", NOW)))
        fits(stage)
        stage.tap("another-ticket")
        fits(stage)
        stage.tap("back", "submit").hears(LookedUp(stage.turn, Answer("unknown", "c")))
        fits(stage)
