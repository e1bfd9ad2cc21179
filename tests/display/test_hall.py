"""The hall on a clock that stands: what the GUI thread does with boards, voice and silence."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QTimer

from assets.texts import Catalogue
from display.announcer import FRESH_S, LEAST_S, REST_S
from display.board import Call
from display.hall import NOTICE_S, Hall
from display.lastboard import Kept
from display.picture import Picture
from display.presence import SILENT_S
from tests.display.boards import NOW, FakeClock, board_json, call

WORDS = {language: Catalogue.load(language) for language in ("ar", "en")}


class Scene:
    """A hall with everything around it noted."""

    def __init__(self, kept: Kept | None = None, zone: str = "") -> None:
        self.clock = FakeClock()
        self.pictures: list[Picture] = []
        self.new: list[str] = []
        self.kept: list[Kept] = []
        self.said: list[tuple[str, tuple[str, ...]]] = []
        self.hall = Hall(
            clock=self.clock,
            catalogues=WORDS,
            zone=ZoneInfo("UTC"),
            show=self._show,
            keep=self.kept.append,
            kept=kept,
            hall=zone,
        )
        self.hall.refresh()

    def _show(self, picture: Picture, new_calls: frozenset[str]) -> None:
        self.pictures.append(picture)
        self.new += sorted(new_calls)

    def say(self, call: Call, order: Iterable[str], local: datetime) -> None:
        self.said.append((call.call_id, tuple(order)))

    @property
    def picture(self) -> Picture:
        return self.pictures[-1]

    @property
    def on_stage(self) -> str | None:
        return self.picture.stage.number if self.picture.stage else None

    def pass_s(self, seconds: float) -> None:
        self.clock.passed += seconds
        self.hall.refresh()


@pytest.fixture
def scene(qapp) -> Scene:
    scene = Scene()
    scene.hall.use(scene)
    return scene


def test_a_call_takes_the_stage_is_spoken_and_stays_in_the_list(scene):
    scene.hall.board_came(board_json([call(1)]))
    assert scene.on_stage == "A047"
    assert scene.said == [("hub.1.1", ("ar", "en"))]
    scene.pass_s(9)
    assert scene.on_stage == "A047", "the voice has not ended"
    scene.hall.spoken("hub.1.1")
    scene.pass_s(REST_S)
    assert scene.on_stage is None
    assert [row.number for row in scene.picture.rows] == ["A047"]


def test_a_screen_of_one_zone_neither_shows_nor_speaks_anothers_calls(qapp):
    scene = Scene(zone="upstairs")
    scene.hall.use(scene)
    scene.hall.board_came(board_json([call(1, "A001"), call(2, "A002", zone="upstairs")]))
    assert scene.on_stage == "A002"
    assert [said[0] for said in scene.said] == ["hub.1.2"]
    assert [row.number for row in scene.picture.rows] == ["A002"]
    again = Scene(scene.kept[-1], zone="upstairs")
    assert [row.number for row in again.picture.rows] == ["A002"]


def test_ten_calls_at_once_can_all_be_seen_at_once_and_have_the_stage_one_by_one(scene):
    scene.hall.board_came(board_json([call(n, f"A{n:03}") for n in range(1, 11)]))
    assert len(scene.picture.rows) == 8
    stages = []
    for _ in range(10):
        assert scene.on_stage is not None
        stages.append(scene.on_stage)
        scene.pass_s(LEAST_S)
        assert scene.on_stage == stages[-1], "the next call waits for the voice"
        scene.hall.spoken(scene.picture.stage.call_id)
        scene.pass_s(1)
    assert stages == [f"A{n:03}" for n in range(1, 11)]
    scene.pass_s(REST_S)
    assert scene.on_stage is None


def test_the_same_board_again_changes_nothing_on_the_glass(scene):
    scene.hall.board_came(board_json([call(1)]))
    before = scene.picture
    scene.hall.board_came(board_json([call(1)]))
    assert scene.picture == before
    assert len(scene.said) == 1


def test_a_board_that_comes_late_is_not_shown(scene):
    scene.hall.board_came(board_json([call(1), call(2, "B001")]))
    scene.hall.board_came(board_json([call(1)]))
    assert [row.number for row in scene.picture.rows] == ["B001", "A047"]


def test_what_is_no_board_leaves_the_last_one(scene, caplog):
    scene.hall.board_came(board_json([call(1)]))
    scene.hall.board_came({"calls": 3})
    assert [row.number for row in scene.picture.rows] == ["A047"]
    assert "board_unreadable" in caplog.text
    caplog.clear()


def test_a_lost_source_is_marked_then_told_and_heals(scene):
    scene.hall.board_came(board_json([call(1, age_s=60)]))
    scene.hall.broke()
    assert scene.picture.bar.link == "live"
    scene.pass_s(5)
    assert scene.picture.bar.link == "lost"
    assert "10:31" in scene.picture.bar.since[1].text
    assert [row.number for row in scene.picture.rows] == ["A047"]
    scene.pass_s(60)
    assert scene.picture.bar.link == "long lost"
    assert "Staff" in scene.picture.notice[1].text
    scene.hall.board_came(board_json([call(1, age_s=60)]))
    assert scene.picture.bar.link == "live"
    assert scene.picture.bar.since == ()


def test_a_start_shows_the_kept_board_before_any_network_and_speaks_nothing_of_it(qapp):
    old = Kept(board_json([call(1), call(2, "B001")]), NOW - timedelta(hours=1), ("hub.1.1", "hub.1.2"))
    scene = Scene(old)
    assert [row.number for row in scene.picture.rows] == ["B001", "A047"]
    assert scene.on_stage is None
    scene.pass_s(4)
    assert "09:31" in scene.picture.bar.since[1].text, "the time of the last news, not of the start"


def test_after_a_restart_only_what_is_fresh_and_unspoken_is_announced(qapp):
    before = Scene()
    before.hall.use(before)
    before.hall.board_came(board_json([call(1), call(2, "B001")]))
    after = Scene(before.kept[-1])
    after.hall.use(after)
    after.hall.board_came(board_json([call(1), call(2, "B001"), call(3, "C001", age_s=FRESH_S + 1)]))
    assert [said for said, _ in after.said] == ["hub.1.2"]


def test_the_kept_board_knows_what_was_spoken(scene):
    scene.hall.board_came(board_json([call(1)]))
    assert scene.kept[-1].announced == ("hub.1.1",)
    assert scene.kept[-1].board.calls[0].number == "A047"


def test_the_hubs_time_is_the_halls(scene):
    scene.hall.board_came(board_json([call(1, age_s=60)]))
    scene.hall.heard(NOW + timedelta(minutes=9))
    assert scene.picture.bar.clock == "10:40"
    scene.hall.heard(NOW + timedelta(minutes=9, seconds=1))
    assert scene.hall.now == NOW + timedelta(minutes=9), "a second's difference is the way, not the clock"


def test_a_display_whose_clock_is_wrong_still_speaks_what_is_fresh(scene):
    scene.hall.heard(NOW + timedelta(hours=3))
    scene.hall.board_came(board_json([call(1, age_s=-3 * 3600)]))
    assert [said for said, _ in scene.said] == ["hub.1.1"]


def test_the_clock_and_the_notices_go_on_by_the_one_timer(scene):
    notices = [{"text": {"en": "one"}}, {"text": {"en": "two"}}]
    scene.hall.board_came(board_json(notices=notices))
    timer = scene.hall._timer
    assert timer.interval() <= NOTICE_S * 1000 + 50
    scene.pass_s(NOTICE_S)
    assert scene.picture.notice[0].text == "two"
    scene.hall.board_came(board_json())
    assert timer.interval() == pytest.approx(SILENT_S * 1000, abs=5), "next is the silence of the source"
    scene.pass_s(70)
    assert timer.interval() == pytest.approx(36_000, abs=20), "and then the minute"


def test_an_unknown_timezone_is_noted_and_the_configured_one_kept(scene, caplog):
    state = board_json([call(1)])
    state["centre"]["timezone"] = "Mars/Olympus"
    scene.hall.board_came(state)
    assert scene.picture.bar.clock == "07:31"
    assert "timezone_unknown" in caplog.text
    caplog.clear()


def test_each_new_call_is_told_once_for_the_measure(scene, caplog):
    caplog.set_level(logging.INFO)
    scene.hall.board_came(board_json([call(1)]))
    scene.hall.board_came(board_json([call(1), call(2, "B001")]))
    scene.pass_s(40)
    assert scene.new == ["hub.1.1", "hub.1.2"]


def test_without_a_voice_the_stage_keeps_its_time(qapp):
    scene = Scene()
    scene.hall.board_came(board_json([call(1)]))
    assert scene.on_stage == "A047"
    scene.pass_s(LEAST_S + 0.1)
    assert scene.on_stage is None


def test_a_closed_hall_shows_nothing_by_itself_any_more(scene):
    (timer,) = scene.hall.findChildren(QTimer)
    assert timer.isActive()
    scene.hall.close()
    assert not timer.isActive()
