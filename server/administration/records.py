"""The audit log as those may read it who may: by body, by who, by what, in pages."""

from __future__ import annotations

from sqlmodel import Session

from server.administration import audit
from server.administration.answers import Entries, RefusedError, Why
from server.administration.house import House, check
from server.administration.roles import EVERYWHERE, Asker, Right

LIMIT_MOST = 200


class Records:
    """The verb. AUDIT at a body reads what was done there and below."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def page(
        self, asker: Asker, body: str = "", *, by: str = "", act: str = "", after: str = "", limit: int = 50
    ) -> Entries:
        """Return entries, the newest first, from after `after` on; `limit` up to 200.

        Without `body` all that the asker may read. `by` (an asker's id) and `act` narrow it down. Refused: MAY_NOT.
        """
        if body != EVERYWHERE:
            check(asker, Right.AUDIT, body)
        elif asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        elif not asker.may_anywhere(Right.AUDIT):
            raise RefusedError(Why.MAY_NOT)
        bodies = None
        if body != EVERYWHERE or not asker.may(Right.AUDIT, EVERYWHERE):
            below = [each for each in asker.tree.above if asker.tree.is_below(each, body)]
            bodies = {*asker.realm(Right.AUDIT, below), *([body] if body != EVERYWHERE else [])}
        most = max(1, min(limit, LIMIT_MOST))

        def look(session: Session) -> Entries:
            return audit.read(session, bodies, by=by, act=act, after=after, limit=most)

        return await self._house.look(look)
