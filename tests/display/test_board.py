import json
from datetime import UTC, datetime

import pytest

from display.board import Board, BoardError, Notice
from tests.display.boards import NOW, board_json, call


def test_reads_a_board():
    board = Board.from_json(json.loads(json.dumps(board_json([call(1), call(2, "B001", "12", "recall")]))))
    assert [each.call_id for each in board.announce] == ["hub.1.1", "hub.1.2"]
    assert board.announce[1].kind == "recall"
    assert board.announce[0].at == NOW
    assert board.waiting[0].low_s == 600
    assert board.waiting[1].high_s is None
    assert board.voice_order == ("ar", "en")


def test_what_a_newer_hub_adds_is_let_pass():
    state = board_json([call(1)])
    state["weather"] = {"sunny": True}
    assert Board.from_json(state).calls[0].number == "A047"


def test_before_the_first_day_there_is_no_day():
    state = board_json()
    state["day"] = None
    assert Board.from_json(state).day == ""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: None,
        lambda state: [],
        lambda state: state | {"calls": None},
        lambda state: state | {"announce": [{"call_id": "x"}]},
        lambda state: state | {"waiting": [{"service": "a", "letter": 1, "name": {}, "count": 1}]},
        lambda state: {key: value for key, value in state.items() if key != "languages"},
    ],
)
def test_what_is_no_board_is_refused(spoil):
    with pytest.raises(BoardError):
        Board.from_json(spoil(board_json([call(1)])))


def test_a_time_without_a_zone_is_refused():
    state = board_json([call(1)])
    state["announce"][0]["at"] = "2026-11-22T07:31:02"
    with pytest.raises(BoardError, match="zone"):
        Board.from_json(state)


def test_older_than_compares_boards_of_one_log_only():
    older, newer = Board.from_json(board_json([call(1)])), Board.from_json(board_json([call(1), call(2)]))
    assert older.older_than(newer)
    assert not newer.older_than(older)
    assert not newer.older_than(newer)
    other_log = Board.from_json(board_json([call(1, source="hub.2")]))
    assert not other_log.older_than(newer)
    assert not Board.from_json(board_json()).older_than(newer)
    other_day = board_json([call(1)])
    other_day["day"] = "2026-11-23"
    tomorrow = Board.from_json(other_day)
    assert not tomorrow.older_than(newer)
    assert newer.older_than(tomorrow)


def test_a_notice_is_valid_between_its_times():
    begins, ends = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    notice = Notice({}, begins, ends)
    assert notice.valid(NOW)
    assert not notice.valid(ends)
    assert not notice.valid(datetime(2026, 11, 21, tzinfo=UTC))
    assert Notice({}, None, None).valid(NOW)


def test_a_screen_of_one_zone_tells_that_zones_calls_alone():
    board = Board.from_json(board_json([call(1, "A001", zone="upstairs"), call(2, "A002"), call(3, "A003")]))
    upstairs = board.seen_from("upstairs")
    assert [each.number for each in upstairs.calls] == ["A001"]
    assert [each.number for each in upstairs.announce] == ["A001"]
    assert upstairs.waiting == board.waiting
    assert board.seen_from("") == board
