"""The audit log as those may read it who may: by body, by who, by what, in pages."""

from __future__ import annotations

from server.administration.answers import Entries
from server.administration.roles import Asker


class Records:
    """The verb. AUDIT at a body reads what was done there and below."""

    async def page(
        self, asker: Asker, body: str = "", *, by: str = "", act: str = "", after: str = "", limit: int = 50
    ) -> Entries:
        """Return entries, the newest first, from after `after` on; `limit` up to 200.

        Without `body` all that the asker may read. `by` (an asker's id) and `act` narrow it down. Refused: MAY_NOT.
        """
        raise NotImplementedError
