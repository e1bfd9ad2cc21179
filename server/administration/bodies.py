"""Ministries, departments and centres: what stands below what, and how each is doing."""

from __future__ import annotations

from queueing.centre import Words
from server.administration.answers import Body, BodyKind, CentreSeen, Document
from server.administration.roles import Asker


class Bodies:
    """The verbs. SEE shows a body; BODIES at the one above changes it."""

    async def tree(self, asker: Asker) -> tuple[Body, ...]:
        """Return the bodies at which the asker may do anything, and those above them, each after the one above it."""
        raise NotImplementedError

    async def overview(self, asker: Asker) -> tuple[CentreSeen, ...]:
        """Return the centres that the asker may see, each at a glance."""
        raise NotImplementedError

    async def add(self, asker: Asker, body_id: str, kind: BodyKind, name: Words, above: str = "") -> Body:
        """Make a ministry (`above` "") or a department of one. Refused: NAME, NAME_TAKEN, NO_SUCH_BODY, WRONG_PLACE."""
        raise NotImplementedError

    async def rename(self, asker: Asker, body_id: str, name: Words) -> Body:
        """Give a ministry or a department another name; a centre's is in its settings."""
        raise NotImplementedError

    async def remove(self, asker: Asker, body_id: str) -> None:
        """Take away a ministry or a department that has nothing below it and no account. Refused: NOT_EMPTY."""
        raise NotImplementedError

    async def add_centre(self, asker: Asker, above: str, settings: dict[str, object]) -> Document:
        """Make a centre of a whole settings document. Refused: INVALID, NAME_TAKEN, NO_SUCH_BODY, WRONG_PLACE."""
        raise NotImplementedError

    async def place_centre(self, asker: Asker, centre_id: str, above: str) -> Body:
        """Put a centre below another body; BODIES is wanted at both."""
        raise NotImplementedError
