"""The device's side of enrolment without a server; with one it is tried in tests/server/test_devices.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync import enrolled
from sync.__main__ import main
from sync.enrolment import EnrolmentRefused, EnrolmentUnavailable, digits_of, enrol, grouped
from sync.identity import DeviceKey
from tests.answering import answering

CODE = "4821739405"
MADE = {"device": "kiosk-7", "role": "kiosk", "centre": "c", "incarnation": 1, "series": "5"}


@pytest.mark.parametrize(
    "typed", [CODE, "4821-739-405", " 4821 739 405\n", "4821\u2013739\u2013405", "٤٨٢١-٧٣٩-٤٠٥", "\u200f۴۸۲۱۷۳۹۴۰۵"]
)
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert digits_of(typed) == CODE


@pytest.mark.parametrize("typed", ["", "482173940", "48217394055", "482173940x", "4821.739.405"])
def test_what_is_no_code(typed: str) -> None:
    assert digits_of(typed) is None


def test_a_code_is_read_out_in_groups() -> None:
    assert digits_of(grouped(CODE)) == CODE


@pytest.mark.parametrize(
    ("status", "content", "failure"),
    [
        (403, {"code": "WRONG_CODE"}, EnrolmentRefused),
        (422, {"code": "INVALID"}, EnrolmentRefused),
        (429, {"code": "TOO_MANY"}, EnrolmentUnavailable),
        (503, {}, EnrolmentUnavailable),
        (500, b"", EnrolmentUnavailable),
        (302, b"", EnrolmentUnavailable),
        (200, b"<html>", EnrolmentUnavailable),
        (200, {"device": "kiosk-7"}, EnrolmentUnavailable),
    ],
)
def test_refused_and_unavailable_are_two_things(
    tmp_path: Path, status: int, content: Any, failure: type[Exception]
) -> None:
    with answering(status, content) as (url, asked):
        with pytest.raises(failure):
            enrol(url, CODE, "kiosk", tmp_path)
        with pytest.raises(failure):
            enrol(url, CODE, "kiosk", tmp_path)
    assert asked[0] == asked[1], "the same key is offered again: a lost answer is given again to it"
    assert enrolled.enrolled(tmp_path) is None and not (tmp_path / "device.key").exists()


def test_why_it_is_not_now_is_told(tmp_path: Path) -> None:
    with answering(503, {"code": "NO_SERVER"}) as (url, _), pytest.raises(EnrolmentUnavailable) as away:
        enrol(url, CODE, "kiosk", tmp_path)
    with pytest.raises(EnrolmentUnavailable) as silent:
        enrol("http://127.0.0.1:1", CODE, "kiosk", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(EnrolmentUnavailable) as full:
        enrol(url, CODE, "kiosk", tmp_path / "file")
    assert [each.value.code for each in (away, silent, full)] == ["NO_SERVER", "NO_ANSWER", "DISK"]


def test_a_key_that_a_lost_answer_has_used_up_is_left(tmp_path: Path) -> None:
    def keys(code: str) -> set[str]:
        with answering(403, {"code": code}) as (url, asked):
            for _ in range(2):
                with pytest.raises(EnrolmentRefused):
                    enrol(url, CODE, "kiosk", tmp_path)
        return {each["public_key"] for each in asked}

    assert len(keys("KEY")) == 2
    assert len(keys("WRONG_CODE")) == 1, "the same key is kept for the same code"


def test_who_cannot_read_the_old_enrolment_is_enrolled_anew(tmp_path: Path) -> None:
    (tmp_path / enrolled.FILE).write_text("{")
    with answering(200, MADE) as (url, _):
        assert enrol(url, CODE, "kiosk", tmp_path).device == "kiosk-7"
    assert enrolled.enrolled(tmp_path) is not None


class TestCommand:
    def _run(self, tmp_path: Path, url: str, role: str = "kiosk", code: str = CODE) -> int:
        peer = "server_url" if role == "hub" else "hub_url"
        (tmp_path / "x.toml").write_text(f'device = ""\ndata = "data"\n{peer} = "{url}"\n')
        return main(["enrol", role, "--config", str(tmp_path / "x.toml"), "--code", code])

    def test_it_says_who_the_machine_is_now(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with answering(200, MADE) as (url, (*_,)):
            assert self._run(tmp_path, url) == 0
        assert "kiosk-7 of c, incarnation 1, series 5" in capsys.readouterr().out
        who = enrolled.enrolled(tmp_path / "data")
        assert who is not None and who.public_key == DeviceKey.load(tmp_path / "data").public

    def test_each_failure_has_its_status(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with answering(403, {"code": "EXPIRED", "title": "The code has expired"}) as (url, _):
            assert self._run(tmp_path, url, "hub") == 1
        assert "EXPIRED" in capsys.readouterr().err
        assert self._run(tmp_path, "http://127.0.0.1:9") == 75
        assert "tried again" in capsys.readouterr().err
        assert self._run(tmp_path, "http://127.0.0.1:9", code="12") == 1
        assert self._run(tmp_path, "") == 2
        assert main(["enrol", "kiosk", "--config", str(tmp_path / "none.toml"), "--code", CODE]) == 2
