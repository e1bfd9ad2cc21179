"""A hub that dies while a hall waits: page and display go on by themselves, and nobody is called twice."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from scripts.dawr_dev.bench.restart import waiting_hall
from scripts.dawr_dev.logs import events

LOADED_S = 10.0
"""5 s are promised, and measured by `scripts/bench hub_restart` on a quiet machine; this one has other work."""


@pytest.mark.timeout(240)
@pytest.mark.survives("a hub restarted while a hall waits, seen at the page and the display", 2)
@pytest.mark.parametrize("earlier", [0, pytest.param(20_000, marks=pytest.mark.long)])
def test_calling_goes_on_within_seconds(tmp_path: Path, earlier: int) -> None:
    with waiting_hall(tmp_path, earlier) as hall:
        for how in (signal.SIGKILL, signal.SIGTERM):
            back = hall.die(how)
            assert max(back.called_s, back.painted_s) < LOADED_S, back
    log = events(tmp_path / "hub" / "hub.db")
    called = [str(event.body["ticket"]) for event in log if event.type == "TicketCalled"]
    assert set(Counter(called).values()) == {1}
    assert len(called) >= 3
