"""Tickets on their way to paper: durable, in order, one thread a printer, every one settled.

A ticket is never queued behind a printer that cannot print: it is settled as not printed, and its customer reads the
number from the screen. So nothing comes out after a refill. It decides nothing about turns and holds nothing personal.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING

from printer.devices import BadUrlError, is_queue, profile_in
from printer.jobs import Job, JobId, Jobs
from printer.layout import DrawError, Width
from printer.outcome import Health, Outcome, State, Why
from printer.printing import Hooks, Ticket, ask_health, keep_logo, print_ticket
from printer.profiles import Identity, named, profile_of
from printer.ticket import TicketPaper

if TYPE_CHECKING:
    from printer.encode import Encoder
    from printer.logo import Logo

log = logging.getLogger(__name__)

_KEPT_S = 40 * 24 * 3600.0


class Spool:
    """The spool of one printer.

    `printer` is its URL, empty for a machine without one. `on_settled(job_id, outcome)` is called in the spool's thread
    once the outcome is on the disk; after a crash it may be called again for the same job. `on_health(health)` is
    called there too: with what is first known of the printer, then at each change. `on_first_byte(job_id, at)` is told
    the monotonic second at which the ticket's first byte went out. `logo` is a picture that the printer keeps, where it
    can. A ticket that could not be begun within `keep_s` seconds is not printed any more. `poll_s` is the time between
    looks at an idle printer, `trouble_poll_s` while something is wrong with it.
    Raises BadUrlError for a wrong URL and sqlite3.Error for an unusable file.
    """

    def __init__(
        self,
        path: Path,
        printer: str,
        on_settled: Callable[[JobId, Outcome], None],
        *,
        on_health: Callable[[Health], None] = lambda _health: None,
        on_first_byte: Callable[[JobId, float], None] = lambda _job, _at: None,
        width: Width = Width.MM80,
        logo: Path | None = None,
        keep_s: float = 60.0,
        poll_s: float = 15.0,
        trouble_poll_s: float = 4.0,
        wall: Callable[[], float] = time.time,
    ) -> None:
        given = profile_in(printer) if printer else ""
        if given and named(given) is None:
            raise BadUrlError(f"{printer}: no profile {given}")
        self._printer = printer
        self._on_settled = on_settled
        self._on_health = on_health
        self._on_first_byte = on_first_byte
        self._paper_mm = width.paper_mm
        self._profile = named(given) or profile_of(Identity())
        self._known = bool(given)
        self._queue = bool(printer) and is_queue(printer)
        self._encoder: Encoder | None = None
        self._logo_path = logo
        self._logo: Logo | None = None
        self._keep_s = keep_s
        self._poll_s = poll_s
        self._trouble_poll_s = min(poll_s, trouble_poll_s)
        self._wall = wall
        self._jobs = Jobs(path)
        self._wake = threading.Event()
        self._looked: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
        self._stopping = False
        self._clear = False
        self._expected: TicketPaper | None = None
        self._health = Health() if printer else Health(Why.NO_PRINTER)
        self._told: Health | None = None
        self._unconfirmed = False
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)

    def start(self) -> None:
        """Begin to print. It loads fonts for some tenths of a second: call it after the first frame is shown."""
        self._thread.start()

    def submit(self, job_id: JobId, paper: TicketPaper, *, copy: bool = False) -> bool:
        """Take a ticket; it is on the disk when this returns. Any thread may call.

        Returns whether it is new: an original is taken once for its id, whatever became of it. A copy is marked as one
        on the paper and may be asked for again and again. Raises sqlite3.Error when the disk fails.
        """
        if copy and not paper.copy:
            paper = replace(paper, copy=True)
        new = self._jobs.submit(job_id, paper.to_json(), copy=copy, at=self._wall())
        self._wake.set()
        return new

    @property
    def open_jobs(self) -> int:
        """How many tickets are not settled, or their outcome not told. Any thread may ask."""
        return self._jobs.open()

    def expect(self, paper: TicketPaper) -> None:
        """Draw a ticket ahead of time, so that its lines are ready when it is submitted. Returns at once."""
        self._expected = paper
        self._wake.set()

    def health(self) -> Health:
        """Return what the printer last said of itself. Any thread may call."""
        return self._health

    def look(self) -> threading.Event:
        """Ask the printer how it is now, not at the next turn. Returns at once; news comes by `on_health`.

        The event is set when the printer has answered, or was given up; `health` is then what came of it.
        """
        looked = threading.Event()
        self._looked.put(looked)
        self._wake.set()
        return looked

    def close(self, timeout: float = 15.0) -> None:
        """Stop after the ticket in hand; tickets that wait are kept. A ticket that takes longer is left as it is."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if not self._thread.is_alive():
            self._jobs.close()

    def _run(self) -> None:
        interrupted = self._jobs.settle_interrupted()
        if interrupted:
            log.warning("jobs=%d interrupted", interrupted)
            self._clear = True
        self._jobs.forget(self._wall() - _KEPT_S)
        self._tell()
        if not self._printer:
            self._learn(self._health)
        self._ready_encoder().warm_up()
        while not self._stopping:
            self._wake.clear()
            job = self._jobs.next()
            if job is not None:
                self._print(job)
                self._tell()
                continue
            expected, self._expected = self._expected, None
            if expected is not None:
                self._prepare(expected)
                continue
            # Who asks while the printer is being asked waits for the next answer.
            asked = [self._looked.get() for _ in range(self._looked.qsize())]
            if self._printer:
                self._look(thorough=bool(asked))
            for looked in asked:
                looked.set()
            self._wake.wait(self._poll_s if self._health.ready else self._trouble_poll_s)

    def _ready_encoder(self) -> Encoder:
        # Slow to import: not before the thread runs.
        from assets.texts import Catalogue, languages  # noqa: PLC0415
        from printer.encode import Encoder  # noqa: PLC0415

        if self._encoder is None:
            texts = {language: Catalogue.load(language) for language in languages()}
            width = self._profile.width(self._paper_mm)
            self._encoder = Encoder(texts, width, self._profile.cut, self._logo)
        return self._encoder

    def _look(self, *, thorough: bool) -> None:
        # A queue is tried with a job of its own: not every few seconds while it takes what it is given.
        thorough = thorough or self._health.trouble is not Why.NO_ANSWER
        health, identity = ask_health(self._printer, who=not self._known, clear=self._clear, thorough=thorough)
        if health.ready:
            self._meet(identity)
            self._keep_logo()
        elif health.trouble in (Why.CANNOT_CONNECT, Why.CONNECTION_LOST, Why.NO_ANSWER):
            # Whatever answers next may be another one.
            self._known = bool(profile_in(self._printer))
        if health.ready and self._unconfirmed:
            # It says that it is well, and did not confirm its last ticket: staff should look.
            health = Health(Why.NO_ANSWER, health.paper)
        self._learn(health)

    def _keep_logo(self) -> None:
        """Have the printer keep the logo, once; a printer that cannot prints tickets without one."""
        path, self._logo_path = self._logo_path, None
        if path is None or not self._profile.stored_logo:
            return
        from printer.logo import Logo  # noqa: PLC0415  # slow, and most kiosks have none

        try:
            logo = Logo.load(path, self._profile.width(self._paper_mm))
        except OSError as error:
            log.error("logo=%s unreadable reason=%s", path, error)
            return
        if keep_logo(self._printer, logo):
            self._logo, self._encoder = logo, None

    def _meet(self, identity: Identity) -> None:
        """Take the profile of the printer that has said who it is."""
        if self._known:
            return
        self._known = True
        profile = profile_of(identity)
        log.info("printer=%s maker=%r model=%r profile=%s", self._printer, *astuple(identity), profile.name)
        if profile != self._profile:
            self._profile, self._encoder = profile, None

    def _prepare(self, paper: TicketPaper) -> None:
        try:
            self._ready_encoder().encode(paper)
        except (DrawError, KeyError) as error:
            log.error("a ticket cannot be drawn: %s", error)

    def _print(self, job: Job) -> None:
        age = self._wall() - job.submitted_at
        if not self._printer:
            outcome = Outcome(State.NOT_PRINTED, Why.NO_PRINTER)
        elif abs(age) > self._keep_s:
            # Also when the clock was set back: nobody knows then how long its customer has waited.
            outcome = Outcome(State.NOT_PRINTED, Why.TOO_LATE)
        else:
            outcome = self._try(job)
            self._unconfirmed = outcome.why is Why.NO_ANSWER
            if outcome.why is not Why.CANNOT_DRAW:
                self._learn(Health(outcome.why, outcome.paper))
        self._jobs.settle(job.row, outcome)
        ms = (self._wall() - job.submitted_at) * 1000
        log.info("settled job=%s copy=%s ms=%.1f outcome=%s why=%s", job.id, job.copy, ms, outcome.state, outcome.why)

    def _try(self, job: Job) -> Outcome:
        def begin() -> None:
            self._jobs.begin(job.row)
            self._clear = True

        hooks = Hooks(begin=begin, first_byte=lambda at: self._on_first_byte(job.id, at))
        paper = TicketPaper.from_json(job.paper)

        def make(identity: Identity) -> Ticket:
            self._meet(identity)
            return self._ready_encoder().encode(paper).fenced

        try:
            outcome = print_ticket(
                self._printer,
                make,
                job.row,
                clear=self._clear,
                who=not self._known,
                fences=self._profile.fences,
                hooks=hooks,
            )
        except (DrawError, KeyError) as error:
            log.error("job=%s cannot be drawn: %s", job.id, error)
            return Outcome(State.NOT_PRINTED, Why.CANNOT_DRAW)
        # Behind a ticket that a queue has handed over the printer was emptied already.
        if outcome.printed or (self._queue and outcome.why is Why.NO_ANSWER):
            self._clear = False
        return outcome

    def _tell(self) -> None:
        for settled in self._jobs.untold():
            self._on_settled(settled.id, settled.outcome)
            self._jobs.told(settled.row)

    def _learn(self, health: Health) -> None:
        self._health = health
        if health != self._told:
            log.info("printer=%s state=%s paper=%s", self._printer or "none", health.state, health.paper)
            self._told = health
            self._on_health(health)
