"""What the kiosk knows of its centre at a moment: its settings, and what the hub said last. Pure data, no I/O.

The settings come from the hub or from the copy in the data folder; the rest may be missing or old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from queueing.centre import Centre, Service
from queueing.hours import Open, opening
from queueing.taking import NoTicket, ServiceNews, no_ticket_for

# A wait that was reckoned longer ago than this is not shown: it would be a guess.
_FRESH = timedelta(minutes=2)
# A message is offered so long after the hub last said that one can be sent: the phone waits here for the line, and a
# message that comes later than this helps nobody.
_LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """How a service stands: takes tickets, today's tickets all given, people waiting, expected wait in seconds."""

    open: bool = True
    full: bool = False
    count: int = 0
    low_s: int | None = None
    high_s: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The hub's view for kiosks. `open` is None where the hub did not say; `heard_at` is the kiosk's own time.

    `sms`: a message can be sent, by the hub's word.
    """

    day: str
    open: bool | None
    next_opens_at: datetime | None
    services: Mapping[str, ServiceNow]
    settings_version: int | None
    heard_at: datetime
    sms: bool = False

    @classmethod
    def from_json(cls, state: Mapping[str, object], heard_at: datetime) -> Self:
        """Read a snapshot's state. What is missing or of another kind is taken as not said."""
        services: dict[str, ServiceNow] = {}
        rows = state.get("services")
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                services[row["id"]] = ServiceNow(
                    open=row.get("open") is not False,
                    full=row.get("full") is True,
                    count=_whole(row.get("count")) or 0,
                    low_s=_whole(row.get("low_s")),
                    high_s=_whole(row.get("high_s")),
                )
        is_open, day = state.get("open"), state.get("day")
        return cls(
            day=day if isinstance(day, str) else "",
            open=is_open if isinstance(is_open, bool) else None,
            next_opens_at=_instant(state.get("next_opens_at")),
            services=services,
            settings_version=_whole(state.get("settings_version")),
            heard_at=heard_at,
            sms=state.get("sms") is True,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a screen may say. `now` is the moment that the rest is looked at.

    `paper`: there is a printer, by the configuration, and `paper_ready`: it can print now; `sms`: messages are wished
    here, by the configuration; `scanner`: one is plugged in. `closed_for`: staff have closed this
    kiosk, "" until they open it, or a business day (YYYY-MM-DD) for that day. `barred`: it may give no tickets,
    whatever staff have said: it is no device ("new", "misfit"; see `screen.enrolling`), or the hub says so ("revoked",
    or "forked": an old copy of its data was put back). `asking`: the hub has been asked since the start, and has
    neither answered nor failed to.
    """

    now: datetime
    centre: Centre | None = None
    board: Board | None = None
    line_up: bool = False
    paper: bool = True
    sms: bool = False
    languages: tuple[str, ...] = ("ar", "en")
    paper_ready: bool = True
    scanner: bool = False
    closed_for: str | None = None
    barred: str = ""
    asking: bool = False

    def with_line(self, up: bool) -> Self:
        """Return what is known when the line to the hub came or went. Until it went, what the hub had said was true."""
        board = self.board
        if self.line_up and not up and board is not None:
            board = replace(board, heard_at=self.now)
        return replace(self, line_up=up, board=board, asking=self.asking and up)

    def with_board(self, board: Board) -> Self:
        """Return what is known when the hub's view has come."""
        return replace(self, board=board, asking=False)

    @property
    def settling(self) -> bool:
        """Whether it cannot be said yet if tickets are given: the hub's word may be here in a moment."""
        return self.centre is None or (self.asking and not self.open)

    @property
    def fresh(self) -> Board | None:
        """The hub's view, when it is not too old to be told: the line is up, or it was a moment ago."""
        if self.board is None:
            return None
        return self.board if self.line_up or self.now - self.board.heard_at <= _FRESH else None

    @property
    def closed(self) -> bool:
        """Whether staff have closed this kiosk (an end of day ends with its day), or it may give no tickets."""
        if self.barred:
            return True
        if not self.closed_for or self.centre is None:
            return self.closed_for is not None
        day = self.fresh.day if self.fresh is not None else ""
        return max(day, self.centre.local_day(self.now)) <= self.closed_for

    @property
    def prints(self) -> bool:
        """Whether a ticket can be had on paper now."""
        return self.paper and self.paper_ready

    @property
    def offers_sms(self) -> bool:
        """Whether a ticket can be had by message: the hub can send one, or could a moment ago."""
        if not self.sms or self.centre is None or self.board is None or not self.board.sms:
            return False
        return self.line_up or self.now - self.board.heard_at <= _LATELY

    @property
    def reckoned_at(self) -> datetime:
        """The moment that the hub's view is true of."""
        return self.now if self.line_up or self.board is None else self.board.heard_at

    @property
    def open(self) -> bool:
        """Whether tickets are given now: by the hub's word while it is fresh, else by the centre's hours."""
        if self.centre is None:
            return False
        if self.fresh is not None and self.fresh.open is not None:
            return self.fresh.open
        return isinstance(opening(self.centre, self.now), Open)

    @property
    def next_opens_at(self) -> datetime | None:
        """When the centre opens next, if it is closed and that is known."""
        if self.fresh is not None and self.fresh.open is False and self.fresh.next_opens_at is not None:
            return self.fresh.next_opens_at
        if self.centre is None:
            return None
        found = opening(self.centre, self.now)
        return None if isinstance(found, Open) else found.next_opens_at

    def service(self, service_id: str | None) -> Service | None:
        """Return a service of the centre, or None."""
        return self.centre.service(service_id) if self.centre is not None and service_id is not None else None

    def service_now(self, service_id: str) -> ServiceNow | None:
        """Return how a service stands, or None when that is not known (it is then taken as open)."""
        return self.fresh.services.get(service_id) if self.fresh is not None else None

    def no_ticket_for(self, service_id: str) -> NoTicket | None:
        """Return why no ticket for a service can be taken without a booking now, or None when one can."""
        if not self.open or self.centre is None:
            return NoTicket.CENTRE_CLOSED
        now, service = self.service_now(service_id), self.centre.service(service_id)
        if now is None or service is None:
            return no_ticket_for(self.centre, service_id, {}, self.now)
        if now.full:
            return NoTicket.SERVICE_FULL
        return no_ticket_for(self.centre, service_id, {service_id: ServiceNews(closed=not now.open)}, self.now)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of services by their Arabic name, in order; empty when the services need no grouping."""
        if self.centre is None or len(self.centre.services) <= SERVICES_ON_A_SCREEN:
            return ()
        found: dict[str, None] = {}
        for service in self.centre.services:
            found[group_of(service)] = None
        return tuple(found) if len(found) > 1 else ()


# As many tiles as stay large enough on both layouts; more are grouped.
SERVICES_ON_A_SCREEN = 8


def group_of(service: Service) -> str:
    """Return the id of a service's group: its name in the centre's first language; empty for those without one."""
    return next(iter(service.group.values()), "") if service.group else ""


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
