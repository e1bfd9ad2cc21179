"""Lines that are cut, one way too, and slow, between real processes: every ticket arrives once, the hall goes on.

A cut says nothing to anybody, as a pulled cable or a dead switch: who waits for an answer finds out by himself.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from scripts.dawr_dev.demo import KIOSK
from scripts.dawr_dev.processes import wait_until
from tests.faults.network import HALL, UP
from tests.faults.spread import HUB_LOG, SERVER_LOG, spread

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces"),
    pytest.mark.timeout(180),
]


@pytest.mark.survives("a line cut, or cut one way, between real processes", 3)
def test_cut_off_then_heard_by_half(tmp_path: Path) -> None:
    with spread(tmp_path) as the:
        # The cable to the kiosk is out for what it takes for long: its view of the hall is forgotten.
        the.net.cut(HALL)
        the.take(5)
        the.kiosk.ask("cut")
        the.take(5)
        the.call_all()
        assert len(the.tickets_at(HUB_LOG)) == len(the.called) == 2
        the.net.mend(HALL)
        the.until_all_at(HUB_LOG)
        # The hub hears what the kiosk says next and is not heard itself; it has no server, and is started anew.
        the.net.cut(HALL, there=False)
        the.net.cut(UP)
        before = the.acked_to(KIOSK, "log.db")
        known = len(the.taken)
        the.take(5)
        wait_until(lambda: len(the.tickets_at(HUB_LOG)) > known or None, 20, "a ticket that is kept and not confirmed")
        the.call_all()
        the.restart_hub()
        the.until_given_up("hub")
        assert the.acked_to(KIOSK, "log.db") == before, "the kiosk has heard nothing"
        assert len(the.tickets_at(SERVER_LOG)) < len(the.taken)
        the.take(5)
        the.net.mend(HALL)
        the.net.mend(UP)
        # And what is left to say is said on lines as slow as an old modem's.
        the.net.slow(HALL, 64)
        the.net.slow(UP, 64)
        the.take(5)


@pytest.mark.survives("a line cut, or cut one way, between real processes", 6)
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_cut_off_for_long_in_every_way(tmp_path: Path) -> None:
    with spread(tmp_path) as the:
        for there, back in ((True, True), (True, False), (False, True)):
            the.net.cut(HALL, there=there, back=back)
            the.net.cut(UP, there=back, back=there)
            # Past all timeouts, until the pauses between two tries are long.
            for _ in range(12):
                the.take(3)
                threading.Event().wait(6)
            the.restart_hub()
            the.take(3)
            the.net.mend(HALL)
            the.net.mend(UP)
            the.until_all_at(HUB_LOG, 120)
            the.until_all_at(SERVER_LOG, 120)
            the.call_all()
