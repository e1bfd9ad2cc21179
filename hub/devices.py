"""What the hub knows of the centre's kiosks as machines: printer and paper, open or closed, and whether they are heard.

The durable part is folded from the kiosks' own events; their health is the newest telemetry, kept in memory only. It
knows no person and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from queueing import facts
from queueing.facts import fact_of
from queueing.wire import Event, Json, instant_to_wire
from sync.rights import Device, Role

SILENT_AFTER = timedelta(seconds=150)
"""A kiosk tells of its health every minute: after two that did not come it counts as silent."""
STUCK_AFTER = timedelta(minutes=10)
"""A kiosk that can be heard and whose events have waited so long is not mended by time: the hub refuses them.

One of today says so itself, after a minute (`late`); this is for what an older one says.
"""
DISK_LOW_MB = 500
PAPER_CHANGED = "paper_changed"
"""The act of staff that ends the notice of a roll near its end."""

_OF_DEVICES = frozenset({"PrinterChanged", "KioskClosed", "KioskOpened", "StaffActed"})


@dataclass(frozen=True, slots=True)
class Health:
    """What a kiosk said of itself last. `heard_at` is the hub's time; `clock_off_s` the kiosk's wall clock less it.

    `behind` counts the events that the hub did not have then, the oldest from `behind_since`; `late` is its
    alarm that they are not taken. `closed` is staff's word.
    """

    heard_at: datetime
    trouble: str
    paper: str
    closed: bool
    behind: int = 0
    behind_since: datetime | None = None
    late: bool = False
    disk_free_mb: int | None = None
    clock_off_s: float = 0.0
    version: str = ""

    @property
    def printer(self) -> tuple[str, str]:
        """The printer's two words."""
        return self.trouble, self.paper


@dataclass(frozen=True, slots=True)
class _Told:
    """What a kiosk's events come to. `order` is that of the last event that counted."""

    order: tuple[int, int] = (0, 0)
    trouble: str = ""
    paper: str = "unknown"
    since: datetime | None = None
    seen_to: bool = False
    closed_at: datetime | None = None
    closed_day: str = ""


@dataclass(slots=True)
class Pulse:
    """The kiosks' newest health, and since when it was listened for. No log holds it: it outlives a hall."""

    since: datetime
    latest: dict[str, Health] = field(default_factory=dict)
    printer_since: dict[str, datetime] = field(default_factory=dict)

    def hear(self, device: str, health: Health) -> None:
        """Take what a device says of itself now."""
        before = self.latest.get(device)
        if before is None or before.printer != health.printer:
            self.printer_since[device] = health.heard_at
        self.latest[device] = health


class Devices:
    """The kiosks of one hall. For the writer's thread."""

    def __init__(self, pulse: Pulse | None = None) -> None:
        self.pulse = pulse
        self._told: dict[str, _Told] = {}

    def fold(self, event: Event) -> None:
        """Take one more event; all but a kiosk's word on itself is let be."""
        if event.type not in _OF_DEVICES:
            return
        fact, told = fact_of(event), self._told.get(event.device, _Told())
        order = (event.incarnation, event.seq)
        if order <= told.order:
            return
        match fact:
            case facts.PrinterChanged(trouble, paper):
                # The same roll does not trouble staff twice; another word on it does.
                seen_to = told.seen_to and paper == told.paper
                since = told.since if (trouble, paper) == (told.trouble, told.paper) else event.at
                told = replace(told, trouble=trouble, paper=paper, since=since, seen_to=seen_to)
            case facts.StaffActed(act=act) if act == PAPER_CHANGED:
                told = replace(told, seen_to=True)
            case facts.KioskClosed(day=day):
                told = replace(told, closed_at=event.at, closed_day=day)
            case facts.KioskOpened():
                told = replace(told, closed_at=None, closed_day="")
            case _:
                return
        self._told[event.device] = replace(told, order=order)

    def rows(self, devices: Iterable[Device], day: str, now: datetime) -> list[Json]:
        """Return a row for each kiosk that has ever told of itself, by name."""
        pulse = self.pulse if self.pulse is not None else Pulse(now)
        kiosks = sorted(device.id for device in devices if device.role is Role.KIOSK)
        return [self._row(each, pulse, day, now) for each in kiosks if each in self._told or each in pulse.latest]

    def _row(self, kiosk: str, pulse: Pulse, day: str, now: datetime) -> Json:
        told, health = self._told.get(kiosk, _Told()), pulse.latest.get(kiosk)
        trouble, paper, since, closed_at = told.trouble, told.paper, told.since, told.closed_at
        if told.closed_day and told.closed_day < day:
            closed_at = None
        closed = closed_at is not None
        heard_at = health.heard_at if health is not None else pulse.since
        silent = now - heard_at > SILENT_AFTER
        if health is not None and not silent:
            # Its events may still be on their way, or older than the log that was read.
            since = since if (trouble, paper) == health.printer else pulse.printer_since[kiosk]
            trouble, paper, closed = health.trouble, health.paper, health.closed
        return {
            "device": kiosk,
            "kind": "kiosk",
            "trouble": trouble,
            "paper": paper,
            "since": _instant(since),
            "seen_to": told.seen_to,
            "closed": closed,
            "closed_since": _instant(closed_at) if closed else None,
            "silent_since": _instant(heard_at) if silent else None,
            **_machine(None if silent else health, now),
        }


def _machine(health: Health | None, now: datetime) -> Mapping[str, Json]:
    """Return what is wrong with the machine itself; nothing that changes every minute, or each would be news."""
    if health is None:
        return {"stuck_since": None, "disk_low": False, "clock_off_minutes": 0, "version": ""}
    off_minutes = round(health.clock_off_s / 60)
    waited = timedelta() if health.behind_since is None else now - health.behind_since
    is_stuck = health.late or waited > STUCK_AFTER
    return {
        "stuck_since": _instant(health.behind_since) if is_stuck else None,
        "disk_low": health.disk_free_mb is not None and health.disk_free_mb < DISK_LOW_MB,
        "clock_off_minutes": off_minutes,
        "version": health.version,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_to_wire(at)
