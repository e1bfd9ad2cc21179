"""The whole of a kiosk but its screen, which prints without end and is killed at any moment: for `test_paper.py`.

`python -m tests.faults.kiosk CONFIG NOTES` loads what a kiosk needs, says "ready" and forks a kiosk for each line on
its stdin; it says the kiosk's pid, and "dead" when that has ended. For a negative number no customer comes. NOTES gets
a line for what becomes public, in the moment in which it does:

    handed TICKET NUMBER      the screen shows a number
    shown TICKET OUTCOME      the screen says what became of its paper
    paper TICKET JSON         what its paper says, before the spool has it; a copy says that it is one
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import kiosk.office
from kiosk.config import KioskConfig
from kiosk.known import Known
from kiosk.moves import Input, Issued, NotIssued, PrintEnded
from kiosk.office import Office
from kiosk.settings import kept
from kiosk.staff.errands import Errands  # loaded before the fork
from kiosk.staff.moves import Found, Heard
from printer import Spool, TicketPaper
from printer.encode import Encoder  # noqa: F401  # loaded before the fork
from sync.bugs import end_process_on_bug
from sync.clock import SystemClock
from sync.config import load
from tests.faults.office import DRAFT
from tests.kiosk.callboard import Board

COPY_EACH = 5
_PACE_S = 0.15  # a printer in trouble settles them at once
_HURRY = 1
"""So many may be on their way to paper when the next customer takes a ticket, or those of many lives would wait."""


class Noted:
    """The file of notes: a line is with the kernel when `note` returns, and so outlives the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, *words: str) -> None:
        os.write(self._file, (" ".join(words) + "\n").encode())


class Kiosk:
    """One life."""

    def __init__(self, config: KioskConfig, notes: Noted) -> None:
        clock = SystemClock()
        self._notes = notes
        self._board = Board()
        self._staff: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        settings = kept(config.data)
        self._office = Office(config, self._board, clock, settings)
        self._known = Known(clock.now(), settings.centre if settings is not None else None, languages=("ar", "en"))
        self._office.open()
        assert self._office._spool is not None
        self._spool = self._office._spool
        while self._known.centre is None:
            self._known = self._board.changes.get()(self._known)

    def live(self) -> None:
        """Have customers take tickets, and staff print copies, until it is killed."""
        errands = self._office.errands(self._staff.put)
        self._copy_what_is_missing(errands)
        while self._spool.open_jobs > _HURRY:
            self._hear(within_s=0.05)
        for n in count():
            ticket = self._take()
            if n % COPY_EACH == 0:
                errands.print(ticket)
            while self._spool.open_jobs > _HURRY:
                self._hear(within_s=0.05)
            threading.Event().wait(_PACE_S)

    def _copy_what_is_missing(self, errands: Errands) -> None:
        """Do as staff do for the customer who stands there after a crash and has no paper."""
        errands.list()
        while not isinstance(heard := self._staff.get(), Found):
            pass
        if heard.tickets and heard.tickets[0].outcome != "printed":
            errands.print(heard.tickets[0].ticket)

    def _take(self) -> str:
        while not self._board.changes.empty():
            self._known = self._board.changes.get()(self._known)
        self._office.take(0, DRAFT, self._known, time.perf_counter())
        while not isinstance(news := self._board.news.get(), Issued):
            assert not isinstance(news, NotIssued), news
            self._heard(news)
        self._notes.note("handed", news.ticket.ticket, news.ticket.number)
        return news.ticket.ticket

    def _hear(self, within_s: float) -> None:
        try:
            self._heard(self._board.news.get(timeout=within_s))
        except queue.Empty:
            return

    def _heard(self, news: Input) -> None:
        if isinstance(news, PrintEnded):
            self._notes.note("shown", news.ticket, news.outcome)


def main() -> None:
    """Fork a kiosk for each line."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    config, notes = load(Path(sys.argv[1]), KioskConfig), Noted(Path(sys.argv[2]))

    class NotingSpool(Spool):
        def submit(self, job_id: str, paper: TicketPaper, *, copy: bool = False) -> bool:
            notes.note("paper", job_id, replace(paper, copy=copy).to_json())
            return super().submit(job_id, paper, copy=copy)

    kiosk.office.Spool = NotingSpool  # type: ignore[misc]
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            end_process_on_bug()
            life = Kiosk(config, notes)
            if int(line) < 0:
                threading.Event().wait()
            life.live()
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
