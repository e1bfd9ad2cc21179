import itertools
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from display.announcer import FRESH_S, HASTE_S, LEAST_S, LONGEST_S, REST_S, Announcer
from tests.display.boards import NOW, call


def stage(announcer: Announcer, at: float, *, voice_s: float = 8.0) -> tuple[list[str], float]:
    """Let everything that queues have the stage, each with a voice of so long; return the ids and the end."""
    ids = []
    while True:
        called = announcer.advance(at)
        if called is None and announcer.due is None:
            return ids, at
        if called is not None:
            ids.append(called.call_id)
            announcer.spoken(called.call_id, at + voice_s)
        assert announcer.due is not None
        at = announcer.due


def test_a_call_takes_the_stage_and_leaves_it_after_the_voice():
    announcer = Announcer()
    announcer.offer([call(1)], NOW)
    assert announcer.advance(0) == call(1)
    assert announcer.on_stage == call(1)
    announcer.spoken("hub.1.1", 9.0)
    assert announcer.due == 9.0 + REST_S
    assert announcer.advance(9.0 + REST_S) is None
    assert announcer.on_stage is None


def test_each_call_is_announced_once_however_often_the_board_comes():
    announcer = Announcer()
    for _ in range(3):
        announcer.offer([call(1), call(2, "B001")], NOW)
    assert stage(announcer, 0)[0] == ["hub.1.1", "hub.1.2"]
    announcer.offer([call(1), call(2, "B001")], NOW)
    assert announcer.advance(99) is None


def test_a_recall_repeats():
    announcer = Announcer()
    announcer.offer([call(1)], NOW)
    announcer.offer([call(1), call(2, kind="recall")], NOW)
    assert stage(announcer, 0)[0] == ["hub.1.1", "hub.1.2"]


def test_ten_calls_at_once_each_have_the_stage_in_order_and_long_enough():
    announcer = Announcer()
    calls = [call(seq, f"A{seq:03}") for seq in range(1, 11)]
    announcer.offer(list(reversed(calls)), NOW)
    begins = []
    at = 0.0
    while (called := announcer.advance(at)) or announcer.due:
        if called:
            begins.append((called.seq, at))
            announcer.spoken(called.call_id, at + 1.0)
        at = announcer.due
    assert [seq for seq, _ in begins] == list(range(1, 11))
    times = [began for _, began in begins]
    assert all(b - a >= LEAST_S for a, b in itertools.pairwise(times))


def test_others_who_wait_shorten_the_rest_but_never_cut_the_voice():
    announcer = Announcer()
    announcer.offer([call(1), call(2, "B001")], NOW)
    announcer.advance(0)
    assert announcer.advance(LEAST_S + 1) is None
    announcer.spoken("hub.1.1", 9.0)
    assert announcer.due == 9.0 + HASTE_S


def test_old_calls_are_not_spoken_after_a_reconnect():
    announcer = Announcer()
    announcer.offer([call(1, age_s=FRESH_S + 1), call(2, "B001", age_s=FRESH_S - 1)], NOW)
    assert stage(announcer, 0)[0] == ["hub.1.2"]


def test_a_call_that_was_fresh_when_it_came_keeps_its_turn_however_long_the_queue():
    announcer = Announcer()
    announcer.offer([call(seq, f"A{seq:03}") for seq in range(1, 9)], NOW)
    announcer.advance(0)
    announcer.offer([call(seq, f"A{seq:03}") for seq in range(1, 9)], NOW + timedelta(seconds=FRESH_S * 2))
    assert len(announcer.waiting) == 7


def test_what_was_announced_before_a_restart_is_not_announced_again_and_what_waited_is():
    announcer = Announcer()
    announcer.offer([call(1), call(2, "B001")], NOW)
    announcer.advance(0)
    again = Announcer(announcer.announced)
    again.offer([call(1), call(2, "B001")], NOW)
    assert stage(again, 0)[0] == ["hub.1.2"]


def test_a_call_that_the_hub_takes_back_leaves_the_queue_and_one_pushed_off_its_list_stays():
    announcer = Announcer()
    announcer.offer([call(1), call(2, "B001"), call(3, "C001"), call(4, "D001")], NOW)
    announcer.advance(0)
    announcer.offer([call(3, "C001"), call(5, "E001")], NOW)
    assert [each.seq for each in announcer.waiting] == [2, 3, 5]


def test_a_voice_that_never_ends_does_not_stop_the_hall():
    announcer = Announcer()
    announcer.offer([call(1), call(2, "B001")], NOW)
    announcer.advance(0)
    assert announcer.due == LONGEST_S
    following = announcer.advance(LONGEST_S)
    assert following is not None
    announcer.spoken("hub.1.1", LONGEST_S + 1)
    assert announcer.due == 2 * LONGEST_S, "the end of a voice that was given up ends no other call"


def test_a_hub_that_began_anew_is_heard():
    announcer = Announcer()
    announcer.offer([call(7)], NOW)
    announcer.advance(0)
    announcer.offer([call(1, "A001", source="hub.2")], NOW)
    assert [each.call_id for each in announcer.waiting] == ["hub.2.1"]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 30), max_size=12), max_size=12), st.floats(0.1, 12))
def test_any_boards_in_any_order_give_each_call_once_and_one_at_a_time(boards, voice_s):
    announcer = Announcer()
    at, announced, ends = 0.0, [], 0.0
    for seqs in [*boards, []]:
        known = sorted(set(seqs) | {1})
        announcer.offer([call(seq, f"A{seq:03}") for seq in known], NOW)
        for _ in range(3):
            called = announcer.advance(at)
            if called is not None:
                assert at >= ends, "a call began while another was spoken"
                announced.append(called.call_id)
                ends = at + voice_s
                announcer.spoken(called.call_id, ends)
            at = max(at + 1.0, announcer.due or 0.0)
    assert len(announced) == len(set(announced))
