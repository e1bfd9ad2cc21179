"""Whether a machine is a device, and the ways in which it becomes one, on real files and a real line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from screen.codeentry import Answer, Phase
from screen.enrolling import Machine, complete, identity, usable_key
from sync import enrolled
from sync.enrolled import Enrolled
from sync.identity import DeviceKey
from tests.answering import answering

CODE = "4821739405"
MADE = {"device": "kiosk-7", "role": "kiosk", "centre": "c", "incarnation": 1, "series": "5"}
WHO = Enrolled("kiosk-7", "kiosk", "c", 1, "k", "5")


@dataclass(frozen=True)
class Config:
    device: str
    data: Path
    incarnation: int = 1
    series: str = "0"


def test_a_machine_that_was_never_enrolled_is_new(tmp_path: Path) -> None:
    who = identity(Config("", tmp_path), "kiosk", tmp_path)
    assert (who.standing, who.found) == ("new", None)


def test_one_whose_enrolment_cannot_be_read_is_new_too(tmp_path: Path) -> None:
    (tmp_path / enrolled.FILE).write_text("{")
    assert identity(Config("", tmp_path), "kiosk", tmp_path).standing == "new"


def test_a_device_has_its_name_from_its_enrolment_or_its_configuration(tmp_path: Path) -> None:
    by_seed = identity(Config("kiosk-1", tmp_path), "kiosk", tmp_path)
    assert (by_seed.standing, by_seed.config.device) == ("", "kiosk-1")
    enrolled.keep(tmp_path, WHO)
    by_code = identity(Config("", tmp_path), "kiosk", tmp_path)
    assert (by_code.standing, by_code.config.device, by_code.config.series) == ("", "kiosk-7", "5")


@pytest.mark.parametrize(("device", "role"), [("kiosk-1", "kiosk"), ("", "display")])
def test_one_that_was_enrolled_as_another_fits_not(tmp_path: Path, device: str, role: str) -> None:
    enrolled.keep(tmp_path, WHO)
    who = identity(Config(device, tmp_path), role, tmp_path)
    assert (who.standing, who.found) == ("misfit", WHO)


@pytest.mark.parametrize(
    ("status", "content", "answer"),
    [
        (200, MADE, Answer(Phase.MADE, "kiosk-7")),
        (403, {"code": "SPENT"}, Answer(Phase.REFUSED, "SPENT")),
        (503, {"code": "NO_SERVER"}, Answer(Phase.NOT_NOW, "NO_SERVER")),
    ],
)
def test_the_hubs_answer_is_told(tmp_path: Path, status: int, content: dict[str, object], answer: Answer) -> None:
    with answering(status, content) as (url, _):
        machine = Machine(url, "kiosk", tmp_path, None)
        assert not machine.is_another()
        assert machine.enrol(CODE) == answer
    assert machine.is_another() == (status == 200)
    assert (usable_key(tmp_path) is not None) == (status == 200)


def test_who_is_not_heard_is_told_too(tmp_path: Path) -> None:
    assert Machine("http://127.0.0.1:1", "kiosk", tmp_path, None).enrol(CODE) == Answer(Phase.NOT_NOW, "NO_ANSWER")


def test_an_enrolment_counts_when_all_of_it_is_there_and_readable(tmp_path: Path) -> None:
    machine = Machine("", "kiosk", tmp_path, None)
    enrolled.keep(tmp_path, WHO)
    assert not machine.is_another(), "there is no key"
    DeviceKey.make(tmp_path)
    key = DeviceKey.make(tmp_path / enrolled.WAITING)
    enrolled.keep(tmp_path, Enrolled("kiosk-7", "kiosk", "c", 1, key.public))
    assert not machine.is_another(), "there is an old one, and the new one still waits"
    complete(tmp_path)
    assert machine.is_another()
    again = Machine("", "kiosk", tmp_path, enrolled.enrolled(tmp_path))
    assert not again.is_another(), "that is what it is already"


def test_a_key_that_the_powers_end_kept_from_its_place_gets_there(tmp_path: Path) -> None:
    key = DeviceKey.make(tmp_path / enrolled.WAITING)
    enrolled.keep(tmp_path, Enrolled("kiosk-7", "kiosk", "c", 1, key.public))
    assert usable_key(tmp_path) is None
    complete(tmp_path)
    assert DeviceKey.load(tmp_path).public == key.public


def test_a_key_that_nobody_accepted_stays_where_it_waits(tmp_path: Path) -> None:
    DeviceKey.make(tmp_path / enrolled.WAITING)
    complete(tmp_path)
    assert usable_key(tmp_path) is None
    assert (tmp_path / enrolled.WAITING / "device.key").exists()
