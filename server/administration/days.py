"""Days and slots, opened at once and announced, or closed without anybody left unaware; holidays from a calendar."""

from __future__ import annotations

from datetime import date

from server.administration.answers import Changed, Closing, DaySeen, Displaced, How, ImportDone, Opening
from server.administration.roles import Asker


class Days:
    """The verbs. SEE reads, CHANGE_CENTRE changes. They need no version: each changes its own day alone."""

    async def week(self, asker: Asker, centre_id: str, first: date, days: int = 7) -> tuple[DaySeen, ...]:
        """Return up to 31 days of a centre with their slots: how many each takes, how many have booked."""
        raise NotImplementedError

    async def preview_close(self, asker: Asker, centre_id: str, closing: Closing) -> Displaced:
        """Count the bookings that a closing would displace. Refused: NOTHING_THERE, PAST, INVALID."""
        raise NotImplementedError

    async def close(self, asker: Asker, centre_id: str, closing: Closing, displaced: How | None = None) -> Changed:
        """Close a day, some of its hours, or a service. Refused: DISPLACES without `displaced`; NOTHING_THERE, PAST."""
        raise NotImplementedError

    async def open(self, asker: Asker, centre_id: str, opening: Opening) -> Changed:
        """Open hours or places at once, and announce them. Refused: PAST, INVALID."""
        raise NotImplementedError

    async def preview_import(self, asker: Asker, body: str, calendar: bytes) -> ImportDone:
        """Say what a calendar (.ics) would change at a centre, or at all centres below a body. Refused: CALENDAR."""
        raise NotImplementedError

    async def import_holidays(
        self, asker: Asker, body: str, calendar: bytes, displaced: How | None = None
    ) -> ImportDone:
        """Import holidays at a centre, or at all centres below a body. Refused: CALENDAR, DISPLACES."""
        raise NotImplementedError
