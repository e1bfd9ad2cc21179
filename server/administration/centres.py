"""A centre's settings, changed as a whole or by their first-level fields, never over another's change in silence."""

from __future__ import annotations

from collections.abc import Mapping

from server.administration.answers import Changed, Displaced, Document, How, Progress
from server.administration.roles import Asker


class Centres:
    """The verbs. SEE reads, CHANGE_CENTRE changes."""

    async def document(self, asker: Asker, centre_id: str) -> Document:
        """Return a centre's own settings with their version."""
        raise NotImplementedError

    async def preview(self, asker: Asker, centre_id: str, fields: Mapping[str, object]) -> Displaced:
        """Check a change without making it, and count the bookings that it would displace. Refused: INVALID."""
        raise NotImplementedError

    async def change(
        self,
        asker: Asker,
        centre_id: str,
        fields: Mapping[str, object],
        version: int,
        displaced: How | None = None,
    ) -> Changed:
        """Replace fields of the settings, as `Centre.to_json` has them: `hours`, `services`, `counters`, `booking` ...

        All of it or nothing; `version` is the one that was read. Refused: INVALID, CHANGED, DISPLACES.
        """
        raise NotImplementedError

    async def progress(self, asker: Asker, centre_id: str, change: str) -> Progress:
        """Say what became of the bookings that a change has displaced."""
        raise NotImplementedError
