"""A centre's complaints and suggestions: those that wait, by the day on which an answer is due, and answering one."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.pages.centre_room import CentreRoom
from server.administration.roles import Asker
from server.booking.answers import RefusedError, Why
from server.feedback.answers import WORDS_MOST


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
        answered = "answered" in request.query_params
        found = await self._complaints.all(asker, centre.id, answered=answered)
        return self._centres.show(
            request,
            asker,
            centre,
            "complaints.html",
            "/complaints",
            found=found,
            answered=answered,
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
