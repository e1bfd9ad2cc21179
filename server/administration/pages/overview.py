"""All centres that somebody may see at a glance: first those that want somebody, then all by the body above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.administration.answers import CentreSeen
from server.administration.pages.bodies import with_names
from server.administration.pages.room import StaffRoom
from server.administration.roles import EVERYWHERE, Asker
from server.standings import Standing, Standings

UNFOLDED = 20
"""Up to so many centres all of them are on the first look; more are folded by the body above them."""
_ALARMS = ("late", "cut off")
_LINES = {
    "fine": "administration.line.fine",
    "behind": "administration.line.behind",
    "late": "administration.line.late",
    "never heard": "administration.line.never_heard",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A centre as the overview shows it: the bodies above it, whether it is open, how its hub is connected."""

    seen: CentreSeen
    above: str
    standing: str
    line: str
    is_line_bad: bool

    @property
    def wants(self) -> int:
        """How many things there want somebody."""
        return self.seen.troubles + self.is_line_bad


class OverviewPages:
    """Serves it; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom, standings: Standings) -> None:
        self._room = room
        self._standings = standings
        self._bodies = room.administration.bodies
        self.router = APIRouter()
        room.add(self.router, "", self._overview)

    async def _overview(self, request: Request, asker: Asker) -> Response:
        seen, tree = await self._bodies.overview(asker), await self._bodies.tree(asker)
        say, t = self._room.phrases(request), self._room.words(request).t
        paths = {body.id: " · ".join(names) for body, names in with_names(tree, say)}
        rows = self._rows(request, seen, {**paths, EVERYWHERE: t("administration.bodies.none_above")})
        wanted = request.query_params.get("q", "").strip()
        groups: dict[str, list[Row]] = {}
        for each in rows:
            if any(wanted.casefold() in text.casefold() for text in each.seen.name.values()):
                groups.setdefault(each.above, []).append(each)
        return self._room.page(
            request,
            "overview.html",
            asker,
            groups=[(name, sum(each.seen.open for each in found), found) for name, found in sorted(groups.items())],
            wanting=[each for each in rows if each.wants],
            wanted=wanted,
            is_unfolded=bool(wanted) or len(rows) <= UNFOLDED,
            can_search=len(rows) > UNFOLDED,
            centre_count=len(rows),
            open_count=sum(each.seen.open for each in rows),
            booked=sum(each.seen.booked_today for each in rows),
            left=sum(each.seen.places_left for each in rows),
            troubles=sum(each.wants for each in rows),
        )

    def _rows(self, request: Request, seen: Sequence[CentreSeen], paths: Mapping[str, str]) -> list[Row]:
        """Return centres by name; `paths` are the names of bodies from the top down."""
        centres, say = self._room.registers.centres, self._room.phrases(request)
        halls = {each.centre: each for each in self._standings.all(each.id for each in seen)}
        found = []
        for each in seen:
            centre, hall = centres.get(each.id), halls[each.id]
            standing = say.standing(centre) if centre is not None else ""
            above = paths.get(each.above, paths[EVERYWHERE])
            found.append(Row(each, above, standing, self._line(request, hall, centre), hall.state in _ALARMS))
        return sorted(found, key=lambda row: say.of(row.seen.name))

    def _line(self, request: Request, hall: Standing, centre: Centre | None) -> str:
        """Say how a centre's hub is connected."""
        if hall.state == "cut off" and hall.heard_at is not None and centre is not None:
            when = self._room.phrases(request).when(hall.heard_at, centre)
            return self._room.words(request).t("administration.line.cut_off", when=when)
        return self._room.words(request).t(_LINES[hall.state])
