"""What customers wrote with their ratings of a centre, as its staff and those above it read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from server.administration.house import House
from server.administration.roles import Asker, Right
from server.feedback import remarks
from server.feedback.remarks import Remarks


class RatingRemarks:
    """The verb. HELP is wanted at the centre, as for complaints: who reads what customers write may do something."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def page(
        self,
        asker: Asker,
        centre_id: str,
        first: date,
        last: date,
        *,
        service: str = "",
        scores: Collection[int] = (),
        after: str = "",
    ) -> Remarks:
        """Return the words of some days (the centre's own, both included), the newest first, page by page."""
        centre, vault = self._house.centre(asker, Right.HELP, centre_id), self._house.store.vault
        since, until = (datetime.combine(day, time.min, centre.zone) for day in (first, last + timedelta(days=1)))
        return await self._house.look(
            lambda session: remarks.read(
                session, vault, centre.id, since, until, service=service, scores=scores, after=after
            )
        )
