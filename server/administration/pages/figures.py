"""How many were served in a period, and what part by video: of a centre or a body, by service, centre and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.answers import RefusedError, Why
from server.administration.figures import ServedOf, ServedPart, ServedReport
from server.administration.pages.bodies import with_names
from server.administration.pages.room import StaffRoom
from server.administration.roles import Asker, Right
from server.pages.phrases import Phrases

_NOBODY = ServedPart(0, 0, None)


class FigurePages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self.router = APIRouter()
        room.add(self.router, "/figures", self._show)

    async def _show(self, request: Request, asker: Asker) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ("body", "service", "first", "last")}
        first, is_first = _day(asked["first"])
        last, is_last = _day(asked["last"])
        figures, is_period = self._room.administration.figures, is_first and is_last
        try:
            found = await figures.served(asker, asked["body"], *((first, last) if is_period else ()))
        except RefusedError as error:
            if error.why is not Why.INVALID:
                raise
            found, is_period = await figures.served(asker, asked["body"]), False
        tree = await self._room.administration.bodies.tree(asker)
        say = self._room.phrases(request)
        names = with_names(tree, say)
        shown = asked["service"] if asked["service"] in found.whole.services else ""
        return self._room.page(
            request,
            "figures.html",
            asker,
            status=200 if is_period else 422,
            found=found,
            asked=asked,
            has_fault=not is_period,
            choices=[(body.id, " · ".join(said)) for body, said in names if asker.may(Right.SEE, body.id)],
            services=self._services(found, say),
            service=shown,
            whole=_part(found.whole, shown),
            days=_parts(found.days, shown),
            centres=_parts(found.centres, shown),
            centre_names={body.id: said[-1] for body, said in names},
            centre=next(iter(self._room.registers.centres.values()), None),
        )

    def _services(self, found: ServedReport, say: Phrases) -> dict[str, str]:
        """Return the services' names, as the first centre has them that has them still."""
        known = self._room.registers.centres
        names: dict[str, str] = {}
        for each in found.centres:
            for service in each.services:
                told = known[each.centre].service(service) if each.centre in known else None
                if told is not None:
                    names.setdefault(service, say.of(told.name))
        return {service: names.get(service, service) for service in found.whole.services}


def _parts(rows: Sequence[ServedOf], service: str) -> list[tuple[ServedOf, ServedPart]]:
    """Return rows with what is shown of each; those with nothing of a service are left out."""
    found = [(each, _part(each, service)) for each in rows]
    return [(each, part) for each, part in found if part.served]


def _part(row: ServedOf, service: str) -> ServedPart:
    return row.services.get(service, _NOBODY) if service else row.all


def _day(text: str) -> tuple[date | None, bool]:
    """Return the day that was typed, None for nothing; False: it is none."""
    if not text:
        return None, True
    try:
        return date.fromisoformat(text), True
    except ValueError:
        return None, False
