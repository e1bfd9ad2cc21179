from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from queueing.facts import DayOpened
from queueing.wire import Stream
from scripts.dawr_dev.logs import events, figures
from sync.clock import SystemClock
from sync.log import DeviceLog

OUTPUT = """\
2026-11-21 02:33:00,690 INFO kiosk painted page=cpr ms=12.58
2026-11-21 02:33:00,700 INFO kiosk painted page=services ms=8
INFO kiosk.office ticket_committed ticket=kiosk-1.1.2 number=A001 ms=2.49
INFO screen.app first_frame ms=253
INFO other not_painted ms=1 painted without a figure
"""


def test_figures_are_those_of_the_name_and_no_other() -> None:
    assert [said.ms for said in figures(OUTPUT, "painted")] == [12.58, 8.0]
    assert [said.words["ticket"] for said in figures(OUTPUT, "ticket_committed")] == ["kiosk-1.1.2"]
    assert [said.ms for said in figures(OUTPUT, "first_frame")] == [253.0]


def test_a_log_is_read_while_its_owner_writes(tmp_path: Path) -> None:
    log = DeviceLog.open(tmp_path / "log.db", Stream("hub-1", 1), SystemClock(), "boot")
    try:
        with log.transaction() as tx:
            written = tx.append([DayOpened("2026-11-21")])
        assert events(tmp_path / "log.db") == written
        assert written[0].at <= datetime.now(UTC)
    finally:
        log.close()
