"""Looks after the kiosk as a machine: what its printer says, whether staff have closed it, how it is, what staff ask.

The office opens it with the rest. It knows nothing of a visit; what the screen has to know goes to the callboard.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from assets.version import version
from kiosk.chime import Chime
from kiosk.config import KioskConfig
from kiosk.desk import Desk
from kiosk.health import Reporter
from kiosk.hubtime import HubTime
from kiosk.known import Known
from kiosk.session import Callboard
from kiosk.settings import Member, Settings
from kiosk.staff.moves import TEST, Heard, Sight
from printer import Health, Outcome, Spool
from sync.clock import Clock
from sync.line import PeerLine
from sync.link import Link, LinkStatus

if TYPE_CHECKING:
    from kiosk.staff.errands import Errands

log = logging.getLogger(__name__)


class Caretaker:
    """The machine's keeper. `settings` gives what is in force; `line` is its own to the hub, None without one."""

    def __init__(
        self,
        config: KioskConfig,
        callboard: Callboard,
        clock: Clock,
        hub_time: HubTime,
        desk: Desk,
        settings: Callable[[], Settings | None],
        line: PeerLine | None,
    ) -> None:
        self._config, self._callboard, self._clock, self._desk = config, callboard, clock, desk
        self._hub_time, self._settings = hub_time, settings
        self._spool: Spool | None = None
        self._link: Link | None = None
        self._reporter = Reporter(line, self.sight, clock) if line is not None else None
        self._errands: Errands | None = None
        self._day = ""
        self._version = version()
        self.chime = Chime(config.data)

    def open(self, spool: Spool, link: Link | None) -> None:
        """Begin, when log, spool and line are there."""
        self._spool, self._link = spool, link
        self._tell_closed()
        if self._reporter is not None:
            self._reporter.start()

    def close(self) -> None:
        """End every thread."""
        if self._errands is not None:
            self._errands.end()
        if self._reporter is not None:
            self._reporter.close()

    def printer_said(self, health: Health) -> None:
        """Take the printer's word: it is written down, told to the hub, and paper is offered by it. Any thread."""
        self._desk.printer_said(str(health.trouble), str(health.paper))
        self._callboard.teach(lambda known: replace(known, paper_ready=health.may_print))
        if self._reporter is not None:
            self._reporter.changed()

    def settled(self, job: str, outcome: Outcome) -> bool:
        """Take what became of a print; return whether it was a test, which is no ticket's. Any thread."""
        if self._errands is not None:
            self._errands.settled(job, outcome)
        return job.startswith(TEST)

    def day_is(self, day: str) -> None:
        """Hear which business day (YYYY-MM-DD) the hub has."""
        self._day = day

    def errands(self, tell: Callable[[Heard], None]) -> Errands:
        """Return who does what staff ask for; `tell` takes the answers. It is made on first use."""
        if self._errands is None:
            # Staff come seldom, and bring argon2 and a thread.
            from kiosk.staff.errands import Errands, House  # noqa: PLC0415

            assert self._spool is not None
            house = House(
                desk=self._desk,
                spool=self._spool,
                chime=self.chime,
                clock=self._clock,
                hub_time=self._hub_time,
                data=self._config.data,
                sight=self.sight,
                members=self._members,
                known=self._known,
                day=self._today,
                closed=self._closing_changed,
            )
            self._errands = Errands(house, tell)
        return self._errands

    def sight(self) -> Sight:
        """Return how the machine is now. Any thread."""
        health = self._spool.health() if self._spool is not None else Health()
        status = self._link.status if self._link is not None else LinkStatus(False, "", 0, None, None)
        closed_for = self._desk.standing.closed_for
        return Sight(
            now=self._clock.now(),
            trouble=str(health.trouble),
            paper=str(health.paper),
            line_up=status.up,
            has_hub=bool(self._config.hub_url),
            behind=status.behind,
            behind_since=status.behind_since,
            late=status.late,
            refused=bool(status.forked),
            clock_off_s=self._reporter.clock_off_s if self._reporter is not None else None,
            disk_free_mb=self._disk_free_mb(),
            volume=self.chime.volume,
            closed_for=closed_for if self._desk.standing.closed(self._today()) else None,
            taken=self._desk.taken_on(self._today()),
            unsettled=self._desk.unsettled,
            device=self._config.device,
            version=self._version,
        )

    def _disk_free_mb(self) -> int | None:
        try:
            return shutil.disk_usage(self._config.data).free // 1_000_000
        except OSError as error:
            log.error("disk_not_measured error=%s", error.strerror)
            return None

    def _members(self) -> tuple[Member, ...]:
        settings = self._settings()
        return settings.staff if settings is not None else ()

    def _known(self) -> Known:
        settings, now = self._settings(), self._hub_time.now()
        if settings is None:
            return Known(now)
        return Known(now, settings.centre, languages=settings.centre.languages)

    def _today(self) -> str:
        """Return the business day: the hub's, and the centre's date when that is later."""
        settings = self._settings()
        if settings is None:
            return self._day
        return max(self._day, settings.centre.local_day(self._hub_time.now()))

    def _closing_changed(self) -> None:
        self._tell_closed()
        if self._reporter is not None:
            self._reporter.changed()

    def _tell_closed(self) -> None:
        closed_for = self._desk.standing.closed_for
        self._callboard.teach(lambda known: replace(known, closed_for=closed_for))
