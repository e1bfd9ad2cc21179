"""The hub's word about a tour's tickets: read from its log's file, beside the running hub."""

from __future__ import annotations

from pathlib import Path

from queueing.wire import Event
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.tour.story import MissedError

_TICKET_WITHIN_S = 10.0
_PAPER_WITHIN_S = 20.0


class HubLog:
    """The log of one hub; what is not there in time raises TimeoutError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tickets(self) -> set[str]:
        """Return the ids of all tickets that were taken so far."""
        return {event.id for event in self._taken()}

    def ticket(self, ticket: str) -> Event:
        """Return how a ticket was taken. Raises KeyError."""
        return {event.id: event for event in self._taken()}[ticket]

    def next_ticket(self, before: set[str]) -> Event:
        """Wait for the one ticket that is not among those of `before`. Raises MissedError when there are more."""

        def look() -> Event | None:
            new = [event for event in self._taken() if event.id not in before]
            if len(new) > 1:
                raise MissedError(f"one tap took {len(new)} tickets")
            return new[0] if new else None

        return wait_until(look, _TICKET_WITHIN_S, "the ticket at the hub")

    def printed(self, ticket: str) -> Event:
        """Wait for what became of a ticket's paper."""

        def look() -> Event | None:
            settled = (event for event in events(self._path) if event.type == "PrintSettled")
            return next((event for event in settled if event.body["ticket"] == ticket), None)

        return wait_until(look, _PAPER_WITHIN_S, "the printer's answer at the hub")

    def _taken(self) -> list[Event]:
        return [event for event in events(self._path) if event.type == "TicketTaken"]
