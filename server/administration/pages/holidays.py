"""Holidays from a calendar file: chosen, looked at, and only then taken.

What was looked at is what is taken: the calendar goes with the second form, not from the disk once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.administration.answers import ImportDone, RefusedError, Why
from server.administration.pages import refusals
from server.administration.pages.bodies import with_names
from server.administration.pages.centre_room import CentreRoom, how_of
from server.administration.roles import Asker, Right
from server.pages.guard import read_upload

CALENDAR_MAX = 256 << 10
"""Bytes; a year's holidays are some kilobytes."""


class HolidayPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self._days = self._room.administration.days
        self.router = APIRouter()
        where = "/centres/{centre}/days/import"
        self._room.add(self.router, where, self._ask)
        self._room.add(self.router, where, self._look, "POST")
        self._room.add(self.router, f"{where}/now", self._take, "POST")

    async def _ask(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        return await self._page(request, asker, await self._centres.centre(request, asker))

    async def _look(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        fields, file = await read_upload(request, "calendar", bytes_max=CALENDAR_MAX)
        centre = await self._centres.centre(request, asker)
        text = file.decode("utf-8", "replace")
        return await self._seen(request, asker, centre, fields.get("body", centre.id), text)

    async def _take(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        form = await self._room.form(request, bytes_max=4 * CALENDAR_MAX)  # in a form a sign may take three bytes
        centre = await self._centres.centre(request, asker)
        body, text = form.get("body", centre.id), form.get("calendar", "")
        try:
            done = await self._days.import_holidays(asker, body, text.encode(), how_of(form))
        except RefusedError as error:
            if error.why is Why.CALENDAR:
                return await self._page(request, asker, centre, general=error.errors)
            if error.why is Why.DISPLACES:
                return await self._seen(request, asker, centre, body, text)
            raise
        if done.displaced.count:
            return self._room.go(request, f"/centres/{centre.id}/changes/{done.change}")
        return self._room.go(request, f"/centres/{centre.id}/days", "saved")

    async def _seen(self, request: Request, asker: Asker, centre: Centre, body: str, text: str) -> Response:
        try:
            seen = await self._days.preview_import(asker, body, text.encode())
        except RefusedError as error:
            if error.why is not Why.CALENDAR:
                raise
            return await self._page(request, asker, centre, general=error.errors)
        return await self._page(request, asker, centre, seen=seen, more={"body": body, "calendar": text})

    async def _page(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        *,
        seen: ImportDone | None = None,
        general: Sequence[str] = (),
        more: Mapping[str, str] = {},
    ) -> Response:
        tree = await self._room.administration.bodies.tree(asker)
        above = {each.id: each.above for each in tree}
        path, at = [centre.id], above.get(centre.id, "")
        while at:
            path.append(at)
            at = above.get(at, "")
        names = {body.id: " · ".join(said) for body, said in with_names(tree, self._room.phrases(request))}
        bodies = [(each, names.get(each, each)) for each in path if asker.may(Right.CHANGE_CENTRE, each)]
        title = self._room.words(request).t("administration.import.title")
        values: dict[str, object] = {
            "page_title": title,
            "seen": seen,
            "general": refusals.said(general, self._room.words(request)),
            "bodies": bodies,
            "body": "",
            "calendar": "",
        }
        status = 422 if general else 200
        return self._centres.show(
            request, asker, centre, "import.html", "/days", status=status, **(values | dict(more))
        )
