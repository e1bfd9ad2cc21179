"""The usual week as one types it: shown, read back, and what is wrong with a day."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assets.paths import DEMO
from queueing.centre import Centre
from server.administration.pages.week import hours_read, week_read, week_typed

CENTRE = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))


@pytest.fixture
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(CENTRE.to_json()))
    return read


class TestTheWeek:
    def test_what_is_shown_is_read_back(self, document: dict[str, Any]) -> None:
        new, faults = week_read(week_typed(document), document)
        assert faults == {} and Centre.from_json(new) == CENTRE

    def test_a_day_with_more_spans_keeps_them_until_it_is_changed(self, document: dict[str, Any]) -> None:
        document["hours"]["sun"] = [["07:00", "09:00"], ["10:00", "12:00"], ["16:00", "18:00"]]
        typed = week_typed(document) | {"mon.0.begins": "8"}
        new, faults = week_read(typed, document)
        assert faults == {} and new["hours"]["sun"] == document["hours"]["sun"]
        assert new["hours"]["mon"][0][0] == "08:00"

    def test_two_spans_are_put_in_order(self) -> None:
        typed = {"sun.0.begins": "16", "sun.0.ends": "24", "sun.1.begins": "7", "sun.1.ends": "12.30"}
        assert hours_read(typed, "sun") == ([["07:00", "12:30"], ["16:00", "24:00"]], "")

    @pytest.mark.parametrize(
        ("spans", "key"),
        [
            (("9", "8", "", ""), "administration.fault.order"),
            (("9", "9", "", ""), "administration.fault.order"),
            (("9", "", "", ""), "administration.fault.clock"),
            (("7", "12", "11", "14"), "administration.fault.overlap"),
            (("x", "12", "", ""), "administration.fault.clock"),
        ],
    )
    def test_what_is_no_day_is_said(self, spans: tuple[str, ...], key: str) -> None:
        names = ("0.begins", "0.ends", "1.begins", "1.ends")
        typed = {f"sun.{name}": each for name, each in zip(names, spans, strict=True)}
        assert hours_read(typed, "sun") == ([], key)
