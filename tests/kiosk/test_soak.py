"""Some hundred visits in one process: the binding neither crashes nor grows (PySide 6.12.0 did after 21 to 151)."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.known import Known
from kiosk.moves import Answer, Appointment, Begin, Confirm, Issued, LookedUp, Press, PrintEnded, Ticket, Type
from tests.kiosk.conftest import NOW
from tests.kiosk.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("words", "qapp")
VISITS = 110
WARM = 30
GROWTH_MB = 3.0


def resident_mb() -> float:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096 / 1e6


def visit(stage: Stage, language: str) -> None:
    send = stage.session.send
    send(Begin(language))
    for digit in "850112345":
        send(Type(digit))
    send(Press.SUBMIT)
    send(LookedUp(stage.turn, Answer("appointment", "c", (Appointment("a", "driving-test", NOW),))))
    send(Confirm("a"))
    send(Issued(stage.turn, Ticket("k", "L001", "driving-test")))
    send(PrintEnded("k", "printed"))
    stage.frame()
    send(Press.DONE)
    send(Press.DONE)
    assert stage.page == "start"


def test_many_visits(qtbot: QtBot, known: Known) -> None:
    with staged(qtbot, known) as stage:
        for count in range(WARM):
            visit(stage, ("ar", "en")[count % 2])
        stage.prompter.drafts.clear()
        gc.collect()
        before = resident_mb()
        for count in range(VISITS - WARM):
            visit(stage, ("ar", "en")[count % 2])
        stage.prompter.drafts.clear()
        gc.collect()
        assert resident_mb() - before < GROWTH_MB
