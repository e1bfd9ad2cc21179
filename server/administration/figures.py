"""How many customers were served in a period, and what part of them by video: at a centre, or below a body.

The numbers are `server.booking.served`'s, today's among them as far as the logs have come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from itertools import groupby

from sqlmodel import Session

from queueing.shares import Share
from server.administration.answers import RefusedError, Why
from server.administration.house import House, check
from server.administration.roles import EVERYWHERE, Asker, Right
from server.booking import served

USUAL = timedelta(days=29)
"""So long before its last day a period begins of which nobody says when."""
LONGEST = timedelta(days=365)
"""So long after its first day a period may end: a leap year."""


@dataclass(frozen=True, slots=True)
class ServedPart:
    """How many were served, and how many of them by video. `share`: that part, 0 to 1; null where nobody was served."""

    served: int
    by_video: int
    share: float | None


@dataclass(frozen=True, slots=True)
class ServedOf:
    """What was served on a `day` (null: in the whole period) at a `centre` ("": at all), in all and by service."""

    day: date | None
    centre: str
    all: ServedPart
    services: Mapping[str, ServedPart]


@dataclass(frozen=True, slots=True)
class ServedReport:
    """A period from its first day to its last, both counted: in all, day by day, and centre by centre.

    Days and centres at which nobody was served are left out. A service's id means the same at every centre.
    """

    first: date
    last: date
    whole: ServedOf
    days: tuple[ServedOf, ...]
    centres: tuple[ServedOf, ...]


class Figures:
    """The verb. SEE at a body reads the figures of the centres there and below."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def served(
        self, asker: Asker, body: str = "", first: date | None = None, last: date | None = None
    ) -> ServedReport:
        """Return what the centres of a body have served; without `body`, of all that the asker may see.

        Without `last` until today, without `first` the thirty days until then. Refused: MAY_NOT, INVALID (a period that
        ends before it begins, or is longer than a year), NO_SUCH_BODY.
        """
        if body != EVERYWHERE:
            check(asker, Right.SEE, body)
            if body not in asker.tree.above:
                raise RefusedError(Why.NO_SUCH_BODY)
        elif asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        elif not asker.may_anywhere(Right.SEE):
            raise RefusedError(Why.MAY_NOT)
        known = self._house.registers.centres
        centres = [name for name in asker.realm(Right.SEE, known) if asker.tree.is_below(name, body)]
        until = last or self._today(centres)
        since = first or until - USUAL
        if not timedelta(0) <= until - since <= LONGEST:
            raise RefusedError(Why.INVALID, errors=("first: up to a year before last",))

        def look(session: Session) -> ServedReport:
            found = served.of_period(session, centres, since, until)
            return ServedReport(
                since,
                until,
                _of(None, "", found.by_day.items()),
                tuple(_of(day, "", each) for day, each in groupby(found.by_day.items(), key=lambda one: one[0][0])),
                tuple(
                    _of(None, name, each) for name, each in groupby(found.by_centre.items(), key=lambda one: one[0][0])
                ),
            )

        return await self._house.look(look)

    def _today(self, centres: Iterable[str]) -> date:
        """Return the day on which it is at the first centre: a country has one clock."""
        known = self._house.registers.centres
        zone = next((known[name].zone for name in centres), UTC)
        return self._house.clock.now().astimezone(zone).date()


def _of(day: date | None, centre: str, found: Iterable[tuple[tuple[object, str], Share]]) -> ServedOf:
    services: dict[str, Share] = {}
    for (_, service), share in found:
        services[service] = services.get(service, Share()).plus(share)
    whole = Share()
    for each in services.values():
        whole = whole.plus(each)
    return ServedOf(day, centre, _part(whole), {name: _part(each) for name, each in sorted(services.items())})


def _part(share: Share) -> ServedPart:
    return ServedPart(share.served, share.by_video, share.share)
