"""The last tickets of this kiosk, read back from its log, and the paper of one of them as a copy."""

from __future__ import annotations

from datetime import timedelta

from kiosk.desk import Taken
from kiosk.known import Known
from kiosk.paper import paper_of
from kiosk.staff.moves import Recent
from printer.ticket import TicketPaper
from queueing.facts import PrintSettled, TicketTaken, fact_of
from queueing.wire import Event
from sync.log import DeviceLog

SHOWN = 45
_AT_ONCE = 200


def recent(log: DeviceLog, day: str, clock_off: timedelta) -> tuple[Recent, ...]:
    """Return a day's last tickets, newest first, each with what became of its paper.

    `clock_off` is how much later it is than this machine's clock says.
    """
    found: list[Recent] = []
    outcomes: dict[str, str] = {}
    before = log.head(log.stream).seq
    while before > 0 and len(found) < SHOWN:
        first = max(0, before - _AT_ONCE)
        for event in reversed(log.read_stream(log.stream, first, before - first)):
            match fact_of(event):
                case PrintSettled(ticket, outcome, _, copy) if not copy:
                    outcomes.setdefault(ticket, outcome)
                case TicketTaken(number=number, service=service, day=taken_for):
                    if taken_for < day:
                        return tuple(found[:SHOWN])
                    if taken_for == day:
                        at = event.at + clock_off
                        found.append(Recent(event.id, number, service, at, outcomes.get(event.id, "")))
                case _:
                    pass
        before = first
    return tuple(found[:SHOWN])


def copy_of(log: DeviceLog, ticket: str, known: Known, clock_off: timedelta) -> TicketPaper | None:
    """Return a ticket's paper as a marked copy, None when it is none of this log or its service is no more.

    Who is ahead and how long it takes was true when it was taken, so a copy does not say it.
    """
    event = _event(log, ticket)
    fact = fact_of(event) if event is not None else None
    if event is None or not isinstance(fact, TicketTaken) or known.service(fact.service) is None:
        return None
    silent = Known(known.now, known.centre, languages=known.languages)
    return paper_of(Taken(ticket, fact, event), silent, clock_off)


def _event(log: DeviceLog, ticket: str) -> Event | None:
    seq = ticket.rpartition(".")[2]
    if not seq.isdecimal():
        return None
    found = log.read_stream(log.stream, int(seq) - 1, 1)
    return found[0] if found and found[0].id == ticket else None
