"""The code's page without its picture: threads that answer, the clock that forgets, a shell that was quicker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from pytestqt.qtbot import QtBot

from assets.texts import Catalogue
from screen.codeentry import Answer, Phase
from screen.installer import Installer
from screen.texts import TextSource

pytestmark = pytest.mark.usefixtures("qapp")
CODE = "4821739405"


class Machine:
    """Answers when the test says so, and notes in which thread it was asked."""

    name = "box"

    def __init__(self) -> None:
        self.hub = "http://10.0.0.5:8461"
        self.codes: list[str] = []
        self.answers: Queue[Answer] = Queue()
        self.another = False
        self.threads: set[threading.Thread] = set()

    def enrol(self, code: str) -> Answer:
        self.threads.add(threading.current_thread())
        self.codes.append(code)
        return self.answers.get(timeout=20)

    def is_another(self) -> bool:
        self.threads.add(threading.current_thread())
        return self.another


class Visits:
    def __init__(self) -> None:
        self.said: list[str] = []

    def hold(self) -> bool:
        self.said.append("hold")
        return False

    def go_on(self) -> None:
        self.said.append("go on")


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def visits() -> Visits:
    return Visits()


@contextmanager
def installing(machine: Machine, visits: Visits, idle_ms: int) -> Iterator[Installer]:
    texts = TextSource({each: Catalogue.load(each) for each in ("ar", "en")}, "ar")
    made = Installer(machine, texts, lambda: "9.9.9", visits, idle_ms=idle_ms, shown_ms=0, look_every_s=0.01)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def installer(machine: Machine, visits: Visits) -> Iterator[Installer]:
    with installing(machine, visits, 150) as made:
        yield made


def said(installer: Installer, name: str) -> object:
    return installer.property(name)


def test_a_machine_in_service_has_no_such_page(installer: Installer, machine: Machine) -> None:
    installer.open("en")
    assert said(installer, "isOpen") is False
    assert installer.key("", "4") is False
    assert not machine.threads, "and nothing is watched"


def test_a_code_is_typed_sent_and_accepted(qtbot: QtBot, installer: Installer, machine: Machine) -> None:
    installer.stand("new")
    installer.open("en")
    for digit in CODE:
        assert installer.key("", digit)
    assert said(installer, "cells") == [["4", "8", "2", "1"], ["7", "3", "9"], ["4", "0", "5"]]
    installer.key("enter", "\r")
    assert said(installer, "busy") is True
    with qtbot.waitSignal(installer.enrolled, timeout=5000):
        machine.answers.put(Answer(Phase.MADE, "kiosk-3"))
    assert said(installer, "device") == "kiosk-3"
    assert machine.codes == [CODE]
    assert threading.main_thread() not in machine.threads, "the screen waits for nothing"


def test_the_same_code_goes_again_when_nobody_answered(qtbot: QtBot, installer: Installer, machine: Machine) -> None:
    installer.stand("new")
    installer.open("en")
    installer.type(CODE)
    installer.submit()
    machine.answers.put(Answer(Phase.NOT_NOW, "NO_ANSWER"))
    qtbot.waitUntil(lambda: said(installer, "again") is True)
    assert said(installer, "trouble") == "enrol.not_now.no_answer"
    installer.submit()
    machine.answers.put(Answer(Phase.REFUSED, "WRONG_CODE"))
    qtbot.waitUntil(lambda: said(installer, "trouble") == "enrol.refused.wrong_code")
    installer.submit()
    assert machine.codes == [CODE, CODE], "a refused one does not"


def test_who_goes_away_leaves_nothing(qtbot: QtBot, installer: Installer, visits: Visits) -> None:
    installer.stand("new")
    installer.open("en")
    installer.type("4821")
    qtbot.waitUntil(lambda: said(installer, "isOpen") is False)
    assert said(installer, "typedCount") == 0
    assert visits.said == ["hold", "go on"]


def test_nobody_goes_away_while_the_answer_is_awaited(qtbot: QtBot, installer: Installer, machine: Machine) -> None:
    installer.stand("new")
    installer.open("en")
    installer.type(CODE)
    installer.submit()
    qtbot.wait(400)  # longer than the page waits for anybody
    installer.leave()
    assert said(installer, "isOpen") is True
    machine.answers.put(Answer(Phase.REFUSED, "SPENT"))
    qtbot.waitUntil(lambda: said(installer, "isOpen") is False)


def test_it_begins_anew_by_itself_when_a_shell_was_quicker(
    qtbot: QtBot, installer: Installer, machine: Machine
) -> None:
    installer.stand("revoked")
    with qtbot.waitSignal(installer.enrolled, timeout=5000):
        machine.another = True
    assert threading.main_thread() not in machine.threads
    assert said(installer, "version") == "9.9.9"


def test_a_machine_that_the_hub_serves_again_closes_the_page(qtbot: QtBot, machine: Machine, visits: Visits) -> None:
    with installing(machine, visits, 60_000) as installer:
        installer.stand("revoked")
        installer.open("en")
        installer.type(CODE)
        installer.submit()
        installer.stand("")
        assert said(installer, "isOpen") is True, "its answer is on the way"
        machine.answers.put(Answer(Phase.NOT_NOW, "NO_ANSWER"))
        qtbot.waitUntil(lambda: said(installer, "isOpen") is False)
        assert visits.said == ["hold", "go on"], "or no customer could begin"


def test_without_a_hubs_address_nothing_is_sent(installer: Installer, machine: Machine) -> None:
    machine.hub = ""
    installer.stand("new")
    installer.open("en")
    installer.type(CODE)
    assert said(installer, "trouble") == "enrol.no_hub"
    assert said(installer, "complete") is False
    installer.submit()
    assert machine.codes == []
