"""The socket at the machine: what it is asked, and answers of any length."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from server import admin
from server.admin import AdminDoor, Asked, Told
from server.devices import Devices


def test_a_long_list_comes_whole_and_a_question_has_an_end(tmp_path: Path) -> None:
    rows: list[Told] = [{"name": f"account-{n:05}", "roles": "viewer@muharraq" * 20} for n in range(8_000)]
    door = AdminDoor(tmp_path, cast(Devices, None), {"list-all": lambda asked: {"rows": rows}})
    try:
        assert admin.ask(tmp_path, {"verb": "list-all"}) == {"rows": rows}
        told = admin.ask(tmp_path, {"verb": "x" * (2 << 20)})
        assert told and told.keys() & {"refused", "unavailable"}  # what hangs up first may be either side
    finally:
        door.close()
    assert admin.ask(tmp_path, {"verb": "list-all"}) is None, "nobody is there"


def test_what_is_printed_says_how_it_went() -> None:
    words = "done".format
    assert admin.answer({"id": "x"}, words) == (0, "done")
    assert admin.answer({"refused": "NAME", "why": "a name"}, words) == (1, "a name")
    assert admin.answer({"unavailable": "full"}, words) == (75, "not now: full")
    assert admin.answer({"unavailable": "full"}, words, as_json=True) == (75, '{"unavailable": "full"}')


@pytest.mark.parametrize("said", [[], "list-all", {"verb": []}, {"verb": "list-all", "by": 1}])
def test_a_question_of_another_form_is_refused_and_the_next_one_answered(tmp_path: Path, said: object) -> None:
    door = AdminDoor(tmp_path, cast(Devices, None), {"list-all": lambda asked: {}})
    try:
        told = admin.ask(tmp_path, cast(Asked, said))
        assert told and told["refused"] == "INVALID"
        assert admin.ask(tmp_path, {"verb": "list-all"}) == {}
    finally:
        door.close()
