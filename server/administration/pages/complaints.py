"""A centre's complaints and suggestions: those that wait, by the day on which an answer is due, and answering one."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.pages.centre_room import CentreRoom
from server.administration.pages.room import AT_ONCE
from server.administration.roles import Asker
from server.booking.answers import RefusedError, Why
from server.feedback.answers import WORDS_MOST, Complaint


class ComplaintPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self._complaints = self._room.administration.complaints
        self.router = APIRouter()
        where = "/centres/{centre}/complaints"
        for path, endpoint, method in (
            ("", self._list, "GET"),
            ("/{reference}", self._show, "GET"),
            ("/{reference}/take", self._take, "POST"),
            ("/{reference}/answer", self._answer, "POST"),
        ):
            self._room.add(self.router, f"{where}{path}", endpoint, method)

    async def _list(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        asked = request.query_params
        answered, after = "answered" in asked, _place_of(asked.get("after", ""))
        found = await self._complaints.all(asker, centre.id, answered=answered, after=after, most=AT_ONCE + 1)
        kept = {"answered": "1"} if answered else {}
        last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
        return self._centres.show(
            request,
            asker,
            centre,
            "complaints.html",
            "/complaints",
            found=found[:AT_ONCE],
            answered=answered,
            newest=urlencode(kept) if after is not None else None,
            next_query=urlencode(kept | {"after": _place(last)}) if last is not None else "",
            now=self._room.clock.now(),
        )

    async def _show(self, request: Request, asker: Asker) -> Response:
        return await self._page(request, asker)

    async def _take(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        await self._room.form(request)
        reference = request.path_params["reference"]
        await self._complaints.take(asker, centre.id, reference)
        return self._room.go(request, f"/centres/{centre.id}/complaints/{reference}")

    async def _answer(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        text = (await self._room.form(request)).get("text", "").replace("\r\n", "\n")
        try:
            await self._complaints.answer(asker, centre.id, request.path_params["reference"], text)
        except RefusedError as error:
            if error.why is not Why.NO_WORDS:
                raise
            return await self._page(request, asker, text=text, fault="administration.complaints.fault")
        return self._room.go(request, f"/centres/{centre.id}/complaints", "saved")

    async def _page(self, request: Request, asker: Asker, *, text: str = "", fault: str = "") -> Response:
        centre = await self._centres.centre(request, asker)
        found = await self._complaints.one(asker, centre.id, request.path_params["reference"])
        return self._centres.show(
            request,
            asker,
            centre,
            "staff_complaint.html",
            "/complaints",
            status=422 if fault else 200,
            page_title=self._room.phrases(request).reference(found.reference, centre),
            complaint=found,
            most=WORDS_MOST,
            text=text,
            fault=fault,
        )


def _place(complaint: Complaint) -> str:
    """Return where the page after a complaint begins."""
    return f"{(complaint.answered_at or complaint.due_at).isoformat()}~{complaint.reference}"


def _place_of(text: str) -> tuple[datetime, str] | None:
    """Return the place that an address names, None where it names none."""
    instant, _, reference = text.partition("~")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return (at, reference) if at.tzinfo is not None else None
