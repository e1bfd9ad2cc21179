"""What customers wrote with their ratings: by days, service and score, page by page, without who they are."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.pages.centre_room import CentreRoom
from server.administration.pages.fields import day_or_none
from server.administration.roles import Asker
from server.feedback.answers import SCORES

DAYS_SHOWN = 30
"""So far back it goes where nobody has said."""
_SCORES = {"low": (1, 2), "high": (4, 5)}


class RemarkPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self._remarks = self._room.administration.remarks
        self.router = APIRouter()
        self._room.add(self.router, "/centres/{centre}/ratings", self._list)

    async def _list(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        asked, today = request.query_params, self._room.clock.now().astimezone(centre.zone).date()
        last = day_or_none(asked.get("last", "")) or today
        first = day_or_none(asked.get("first", "")) or last - timedelta(days=DAYS_SHOWN - 1)
        service = centre.service(asked.get("service", ""))
        score = asked.get("score", "")
        found = await self._remarks.page(
            asker,
            centre.id,
            first,
            last,
            service=service.id if service is not None else "",
            scores=_SCORES.get(score, ()),
            after=asked.get("after", ""),
        )
        kept = {"first": first.isoformat(), "last": last.isoformat()}
        kept |= {"service": service.id} if service is not None else {}
        kept |= {"score": score} if score in _SCORES else {}
        return self._centres.show(
            request,
            asker,
            centre,
            "remarks.html",
            "/ratings",
            found=found.remarks,
            services={each.id: each for each in centre.services},
            asked=kept,
            best=max(SCORES),
            newest=urlencode(kept) if asked.get("after") else None,
            next_query=urlencode(kept | {"after": found.next}) if found.next else "",
        )
