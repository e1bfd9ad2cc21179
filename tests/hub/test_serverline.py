"""What a supervisor is told of the line to the server: nothing of a short cut, what lasts, and the alarm."""

from __future__ import annotations

from datetime import timedelta

from hub.serverline import CUT_AFTER, ServerLine
from queueing.wire import instant_to_wire
from sync.link import LinkStatus
from tests.sync.fakes import FakeClock

FINE = LinkStatus(True, "", 0, None, 1, answers=True)


def test_a_line_that_is_well_or_cut_for_a_moment_is_no_news() -> None:
    clock = FakeClock()
    line = ServerLine(clock)
    assert line.trouble(clock.now()) is None
    line.heard(FINE)
    assert line.trouble(clock.now()) is None
    line.heard(LinkStatus(False, "no connection", 3, clock.now(), 1))
    clock.pass_time(CUT_AFTER.total_seconds() - 1)
    assert line.trouble(clock.now()) is None


def test_a_cut_that_lasts_is_told_from_its_beginning_until_the_server_answers() -> None:
    clock = FakeClock()
    line = ServerLine(clock)
    line.heard(FINE)
    began = clock.now()
    for behind in (1, 5, 40):
        line.heard(LinkStatus(False, "no connection", behind, began - timedelta(seconds=9), 1))
        clock.pass_time(30)
    assert line.trouble(clock.now()) == {"what": "cut", "since": instant_to_wire(began), "behind": 40}
    line.heard(LinkStatus(True, "", 40, began, 1, answers=True))
    assert line.trouble(clock.now()) is None, "it catches up"


def test_the_alarm_is_told_with_what_waits() -> None:
    clock = FakeClock()
    line = ServerLine(clock)
    line.heard(LinkStatus(False, "refused 422", 7, clock.now(), 1, answers=True, late=True))
    assert line.trouble(clock.now()) == {"what": "late", "since": instant_to_wire(clock.now()), "behind": 7}
    line.heard(FINE)
    assert line.trouble(clock.now()) is None
