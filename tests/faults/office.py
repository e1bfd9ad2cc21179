"""The whole back of a kiosk without its screen, for tests of its clock (whatever the process was given) and its line.

python office.py CONFIG: for each line on stdin, the number of tickets to take now, says `taken TICKET NUMBER DAY` for
each of them and then `done`. Waits for the hub's view before the first. At `cut`, it forgets the view as it would
some minutes after the hub's last word, and says `done`; at `open?` it says whether it would give tickets now.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from kiosk.config import KioskConfig
from kiosk.hubtime import HubTime
from kiosk.known import Known
from kiosk.moves import Draft, Issued
from kiosk.office import Office
from scripts.dawr_dev.logs import events
from sync.clock import SystemClock
from sync.config import load
from sync.enrolled import as_enrolled
from tests.kiosk.callboard import Board

DRAFT = Draft("licence-renewal", "en", None, None, False, None, None, "paper")


def main(config_file: Path) -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    clock, board = SystemClock(), Board()
    hub_time = HubTime(clock)
    config = as_enrolled(load(config_file, KioskConfig), "kiosk")
    office = Office(config, board, clock, None, hub_time)
    office.open()
    known = Known(clock.now())
    while known.centre is None or known.board is None or not known.board.day:
        known = board.changes.get()(known)
    print("ready", flush=True)
    for line in sys.stdin:
        while not board.changes.empty():
            known = board.changes.get()(known)
        if line == "cut\n":
            known = replace(known, board=None)
            line = "0"
        if line == "open?\n":
            print("open" if replace(known, now=hub_time.now()).open else "closed", flush=True)
            line = "0"
        for _ in range(int(line)):
            known = replace(known, now=hub_time.now())
            office.take(0, DRAFT, known, time.perf_counter())
            while not isinstance(board.news.get(), Issued):
                pass
            event = [each for each in events(config.data / "log.db") if each.type == "TicketTaken"][-1]
            print(f"taken {event.id} {event.body['number']} {event.body['day']}", flush=True)
        print("done", flush=True)
    office.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
