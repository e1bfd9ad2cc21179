"""The real screens of delivery, phone and scans under a real hand, in both languages and positions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue
from kiosk.known import Known
from kiosk.moves import (
    BookingScan,
    CprScan,
    CutOff,
    Followed,
    Issued,
    NoScan,
    PhoneRefused,
    Ticket,
    TicketScan,
)
from kiosk.visit import Pace
from queueing.centre import PhonePlan
from sync.codes import BookingCode
from tests.kiosk.conftest import NOW
from tests.kiosk.glass import EVERY_GLASS, faces_of, fits, mm
from tests.kiosk.stage import Stage, staged
from tests.kiosk.test_delivery import both

pytestmark = pytest.mark.usefixtures("words", "qapp")
CPR, PHONE = "850112345", "36001234"
CODE = BookingCode("muharraq-traffic", "a-7", "driving-test", NOW + timedelta(minutes=29), "c" * 32)


@pytest.fixture
def offered(known: Known) -> Known:
    return replace(both(known), scanner=True)


def to_delivery(stage: Stage, language: str = "en") -> Stage:
    return stage.tap(f"begin-{language}", "without-cpr", "service-driving-test", "take")


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_ticket_by_message(
    qtbot: QtBot, offered: Known, words: dict[str, Catalogue], language: str, layout: str
) -> None:
    with staged(qtbot, offered, layout=layout) as stage:
        to_delivery(stage, language)
        assert stage.page == "delivery" and stage.text("question") == words[language].t("kiosk.delivery.title")
        stage.tap("by-sms").types(PHONE)
        assert "".join(stage.session.phone.property("cells")) == PHONE
        stage.tap("send")
        ((turn, draft),) = stage.prompter.drafts
        assert (draft.delivery, draft.phone, draft.lang) == ("sms", f"+973{PHONE}", language)
        stage.hears(Issued(turn, Ticket("kiosk-1.1.1", "L001", "driving-test", printing="none")))
        assert stage.text("print-state") == words[language].t("kiosk.ticket.sms")
        assert "1234" in stage.session.ticket.property("advice")
        stage.callboard.teach(lambda known: replace(known, line_up=False))
        stage.frame()
        assert stage.text("print-state") == words[language].t("kiosk.ticket.photo")
        assert stage.session.ticket.property("advice") == words[language].t("kiosk.ticket.sms_later")


def test_paper_is_one_touch_and_so_is_neither(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered) as stage:
        to_delivery(stage).tap("by-paper")
        assert stage.prompter.drafts[0][1].delivery == "paper"
        stage.hears(Issued(stage.turn, Ticket("k", "L001", "driving-test"))).tap("done", "thanks")
        to_delivery(stage).tap("by-screen")
        assert stage.prompter.drafts[1][1].delivery == "screen"


def test_a_centre_that_saves_paper_puts_the_message_first(qtbot: QtBot, offered: Known) -> None:
    assert offered.centre is not None
    with staged(qtbot, replace(offered, centre=replace(offered.centre, sms_default=True))) as stage:
        to_delivery(stage)
        assert stage.middle("by-sms").y() < stage.middle("by-paper").y()


def test_a_printer_that_stops_takes_its_button_away_and_brings_it_back(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered) as stage:
        to_delivery(stage)
        stage.callboard.teach(lambda known: replace(known, paper_ready=False))
        stage.frame()
        assert "by-paper" not in stage.shown() and "by-sms" in stage.shown()
        stage.callboard.teach(lambda known: replace(known, paper_ready=True))
        stage.frame()
        assert "by-paper" in stage.shown()


def test_without_paper_and_messages_the_number_is_there_to_photograph(
    qtbot: QtBot, known: Known, words: dict[str, Catalogue]
) -> None:
    with staged(qtbot, replace(known, paper_ready=False)) as stage:
        to_delivery(stage)
        assert stage.prompter.drafts[0][1].delivery == "screen"
        stage.hears(Issued(stage.turn, Ticket("k", "L001", "driving-test", printing="none")))
        assert stage.text("print-state") == words["en"].t("kiosk.ticket.photo")
        assert stage.session.ticket.property("advice") == words["en"].t("kiosk.ticket.no_paper")
        assert stage.shown()["ticket-number"].property("capPx") / stage.px_per_mm >= 30


def test_a_phone_is_typed_by_keys_and_a_wrong_one_told_at_once(
    qtbot: QtBot, offered: Known, words: dict[str, Catalogue]
) -> None:
    with staged(qtbot, offered) as stage:
        to_delivery(stage).tap("by-sms").keys("1")
        told = words["en"].t("kiosk.phone.begin", prefixes=words["en"].t("kiosk.phone.or").join(("3", "6")))
        assert stage.text("phone-trouble") == told
        stage.keys("", Qt.Key.Key_Backspace).keys("661")
        assert stage.text("phone-trouble") == words["en"].t("kiosk.phone.not_mobile")
        stage.tap("key-clear").keys("٣٦٠٠", Qt.Key.Key_Return)
        assert stage.text("phone-trouble") == words["en"].n("kiosk.cpr.missing", 4) and not stage.prompter.drafts
        stage.keys("1234", Qt.Key.Key_Return)
        assert stage.prompter.drafts[0][1].phone == f"+973{PHONE}"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_phone_that_the_hub_refuses_takes_the_promise_back(
    qtbot: QtBot, offered: Known, words: dict[str, Catalogue], language: str
) -> None:
    with staged(qtbot, offered) as stage:
        to_delivery(stage, language).tap("by-sms").types(PHONE).tap("send")
        stage.hears(Issued(stage.turn, Ticket("k", "L001", "driving-test", printing="none")))
        assert stage.text("print-state") == words[language].t("kiosk.ticket.sms")
        stage.hears(PhoneRefused("another"))
        assert stage.text("print-state") == words[language].t("kiosk.ticket.sms")
        stage.hears(PhoneRefused("k"))
        assert stage.text("print-state") == words[language].t("kiosk.ticket.photo")
        assert stage.session.ticket.property("advice") == words[language].t("kiosk.ticket.sms_refused")
        fits(stage)


def test_countries_are_asked_for_only_where_there_are_several(qtbot: QtBot, offered: Known) -> None:
    assert offered.centre is not None
    plans = (PhonePlan(), PhonePlan("966", 9, ("5",)))
    with staged(qtbot, replace(offered, centre=replace(offered.centre, phones=plans))) as stage:
        to_delivery(stage).tap("by-sms", "country-1").types("501234567")
        fits(stage)
        stage.tap("send")
        assert stage.prompter.drafts[0][1].phone == "+966501234567"


def test_the_next_customer_finds_no_phone_and_nothing_of_a_scan(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered) as stage:
        blank = faces_of(stage)
        to_delivery(stage).tap("by-sms").types(PHONE).tap("send")
        stage.hears(Issued(stage.turn, Ticket("k", "L001", "driving-test", printing="none")))
        qtbot.waitUntil(lambda: not any(stage.session.phone.property("cells")), timeout=5000)
        assert PHONE not in repr(stage.session.visit)
        stage.tap("done", "thanks")
        qtbot.waitUntil(lambda: faces_of(stage) == blank, timeout=5000)
        stage.hears(BookingScan(CODE)).hears(CutOff(stage.turn, "c" * 32)).tap("start-over")
        qtbot.waitUntil(lambda: faces_of(stage) == blank, timeout=5000)
        assert PHONE not in repr(stage.session.visit) and stage.session.visit.code is None


def test_nobody_there_and_the_phone_is_gone(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered, pace=Pace(idle=0.05, warning=0.05)) as stage:
        to_delivery(stage).tap("by-sms").types("3600")
        stage.time += 1.0
        qtbot.waitUntil(lambda: stage.page == "warning")
        stage.time += 1.0
        qtbot.waitUntil(lambda: stage.page == "start")
        assert stage.session.visit.phone == ""
        qtbot.waitUntil(lambda: not any(stage.session.phone.property("cells")), timeout=5000)


def test_a_scan_begins_the_visit(qtbot: QtBot, offered: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, offered) as stage:
        assert stage.text("scan-en") == words["en"].t("kiosk.start.scan")
        stage.hears(CprScan(CPR))
        assert stage.page == "cpr" and stage.prompter.looked_up == [(stage.turn, CPR)]
        assert "".join(stage.session.cpr.property("cells")) == "•••••••45"
        stage.tap("start-over").hears(BookingScan(CODE))
        assert stage.page == "looking" and stage.prompter.checked_in == [(stage.turn, CODE)]
        stage.hears(CutOff(stage.turn, "c" * 32))
        assert stage.page == "found"
        stage.tap("confirm-a-7", "by-paper")
        assert stage.prompter.drafts[0][1].appointment == "a-7"


def test_a_ticket_that_was_called_says_where_to_go(qtbot: QtBot, offered: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, offered) as stage:
        stage.hears(TicketScan("A" * 16))
        assert stage.prompter.followed == [(stage.turn, "A" * 16)]
        called = Ticket("k", "L001", "driving-test", again=True, printing="none", counter="6")
        stage.hears(Followed(stage.turn, called, "en"))
        assert stage.text("print-state") == words["en"].t("kiosk.ticket.called")
        assert stage.session.ticket.property("advice") == words["en"].t("kiosk.ticket.go", counter="6")


def test_the_next_one_may_scan_while_the_last_is_thanked(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered) as stage:
        stage.tap("begin-en", "without-cpr", "service-driving-test", "take", "by-paper")
        stage.hears(Issued(stage.turn, Ticket("k", "L001", "driving-test"))).tap("done")
        assert stage.page == "thanks"
        stage.hears(CprScan(CPR))
        assert stage.page == "cpr" and stage.session.visit.language == "ar"


def test_without_a_scanner_nobody_is_invited_to_scan(qtbot: QtBot, known: Known, words: dict[str, Catalogue]) -> None:
    with staged(qtbot, known) as stage:
        assert "scan-en" not in stage.shown()
        stage.callboard.teach(lambda before: replace(before, scanner=True))
        stage.frame()
        assert "scan-en" in stage.shown()


def test_a_screen_reader_hears_the_new_buttons(qtbot: QtBot, offered: Known) -> None:
    with staged(qtbot, offered, language="en") as stage:
        to_delivery(stage)
        button = QAccessible.queryAccessibleInterface(stage.shown()["by-sms"])
        assert button is not None and button.text(QAccessible.Text.Name) == "By SMS"


@EVERY_GLASS
def test_every_new_screen_fits_its_glass(
    qtbot: QtBot, offered: Known, language: str, layout: str, large: bool, low: bool, short_mm: float
) -> None:
    with staged(qtbot, offered, layout=layout, language=language, short_mm=short_mm) as stage:
        for wished, name in ((large, "large"), (low and layout == "portrait", "low")):
            if wished:
                stage.tap(name)
        fits(stage)
        stage.tap(f"begin-{language}")
        fits(stage)
        stage.tap("without-cpr", "service-driving-test", "take")
        fits(stage)
        stage.tap("by-sms")
        fits(stage)
        assert all(mm(stage, f"key-{digit}") >= 20 for digit in range(10))
        stage.types("1")
        fits(stage)
        stage.tap("key-clear").types(PHONE)
        fits(stage)
        stage.tap("send").hears(Issued(stage.turn, Ticket("k", "A0100", "driving-test", False, 14, 480, 3000, "none")))
        fits(stage)
        stage.callboard.teach(lambda known: replace(known, line_up=False))
        stage.frame()
        fits(stage)
        stage.tap("done", "thanks")
        for code in (replace(CODE, centre="x"), replace(CODE, slot_at=NOW - timedelta(days=1))):
            stage.hears(BookingScan(code))
            fits(stage)
            stage.tap("start-over")
        for scan in (NoScan(), TicketScan("A" * 16)):
            stage.hears(scan)
            fits(stage)
            stage.tap("start-over")
        stage.hears(TicketScan("A" * 16)).hears(Followed(stage.turn, None, is_sure=False))
        fits(stage)
        stage.tap("first-step").hears(TicketScan("A" * 16)).hears(Followed(stage.turn, None))
        fits(stage)
