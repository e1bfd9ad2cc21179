"""A kiosk that is no device: what the public sees, and the code that is typed on its glass, with real taps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kiosk.known import Known
from screen.codeentry import Answer, Phase
from tests.kiosk.conftest import NOW
from tests.kiosk.glass import fits
from tests.kiosk.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("words")
CODE = "4821739405"
NEW = Known(NOW, None, barred="new")


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    with staged(qtbot, NEW) as stage:
        yield stage


def answers(stage: Stage, phase: Phase, word: str) -> None:
    """Answer the code that was sent, and wait for it on the screen."""
    stage.machine.answers.put(Answer(phase, word))
    stage.qtbot.waitUntil(lambda: stage.installer.property("again") or stage.installer.property("trouble") != "")
    stage.frame()


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
@pytest.mark.parametrize("why", ["new", "misfit", "revoked", "forked"])
def test_the_public_is_told_where_to_go_and_staff_what_to_do(qtbot: QtBot, layout: str, why: str) -> None:
    with staged(qtbot, Known(NOW, None, barred=why), layout=layout) as stage:
        stage.frame()
        fits(stage)
        assert stage.page == "closed"
        assert {name for name in stage.shown() if name.startswith(("begin-", "key-"))} == set()
        assert {"type-code-ar", "type-code-en"} <= set(stage.shown())
        assert all(stage.text(f"closed-{what}-{each}") for what in ("title", "staff") for each in ("ar", "en"))


def test_its_very_first_frame_invites_nobody(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, replace(known, barred="new"), warm=False) as stage:
        assert stage.text("closed-title-en") == "Not in service yet"
        assert not {"title-en", "begin-en"} & set(stage.shown())


def test_a_kiosk_that_staff_closed_asks_for_no_code(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.callboard.teach(lambda known: Known(NOW, known.centre, closed_for=""))
        stage.frame()
        assert stage.page == "closed"
        assert not [name for name in stage.shown() if name.startswith(("type-code", "closed-staff"))]


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_state_of_the_codes_page_fits(qtbot: QtBot, layout: str, language: str) -> None:
    with staged(qtbot, NEW, layout=layout) as stage:
        stage.tap(f"type-code-{language}").types(CODE[:5])
        assert (stage.page, stage.screen.texts.property("language")) == ("code", language)
        assert stage.text("code-hub").strip("\u2066\u2069") == stage.machine.hub
        fits(stage)
        stage.types(CODE[5:]).tap("send-code")
        fits(stage)
        answers(stage, Phase.NOT_NOW, "NO_ANSWER")
        fits(stage)
        for why in ("SPENT", "WRONG_CODE"):
            stage.tap("send-code") if "send-code" in stage.shown() else stage.types(CODE).tap("send-code")
            answers(stage, Phase.REFUSED, why)
            assert stage.text("code-trouble") and "send-code" not in stage.shown(), "a refused code is not sent again"
            fits(stage)
        stage.types(CODE).tap("send-code")
        with qtbot.waitSignal(stage.installer.enrolled, timeout=5000):
            stage.machine.answers.put(Answer(Phase.MADE, "kiosk-3"))
        stage.frame()
        assert stage.text("made-device") == "kiosk-3"
        fits(stage)


def test_the_page_is_no_open_door(stage: Stage) -> None:
    stage.tap("type-code-en")
    said = " ".join(str(item.property("text")) for item in stage.shown().values())
    assert stage.machine.name not in said, "an address and a version are all that it tells"
    stage.holds((0, 0), (1, 1))
    assert stage.page == "code", "and it is no way to the staff's menu"


def test_a_keyboard_types_it_and_escape_leaves(stage: Stage) -> None:
    stage.tap("type-code-en").keys("48x21", Qt.Key.Key_Backspace)
    assert stage.text("code-cells").replace("-", "") == "482"
    stage.keys("", Qt.Key.Key_Escape)
    assert stage.page == "closed"
    stage.tap("type-code-ar")
    assert stage.text("code-cells").replace("-", "") == "", "nothing is left of who was there"


@pytest.mark.parametrize("layout", ["portrait", "landscape"])
def test_who_leaves_after_a_trouble_can_come_again(qtbot: QtBot, layout: str) -> None:
    with staged(qtbot, NEW, layout=layout) as stage:
        for language in ("ar", "en", "ar"):
            stage.tap(f"type-code-{language}").types(CODE).tap("send-code")
            answers(stage, Phase.NOT_NOW, "NO_ANSWER")
            stage.keys("", Qt.Key.Key_Escape)
            assert stage.page == "closed"


def test_language_and_way_out(stage: Stage) -> None:
    stage.tap("type-code-en", "key-4", "code-language-ar")
    assert stage.screen.texts.property("language") == "ar"
    assert stage.text("code-cells").startswith("4"), "nothing typed is lost"
    stage.tap("key-erase", "key-7", "key-clear", "code-leave")
    assert stage.page == "closed"


def test_a_customers_visit_waits_and_the_kiosk_serves_again(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        stage.callboard.teach(lambda known: Known(NOW, known.centre, known.board, barred="revoked"))
        stage.frame()
        stage.tap("type-code-en")
        stage.callboard.teach(lambda _: known)
        stage.frame()
        assert stage.page == "start"
        stage.tap("begin-ar")
        assert stage.page == "cpr"


def test_without_a_hubs_address_it_says_what_to_do(stage: Stage) -> None:
    stage.machine.hub = ""
    stage.tap("type-code-en")
    assert "hub_url" in stage.text("code-trouble")
    assert "key-1" not in stage.shown()
