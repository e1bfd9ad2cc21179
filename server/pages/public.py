"""The pages that are alike for everybody: home, centres by governorate, one centre, questions and answers.

They read what the registers have in memory and nothing else; no cookie is set and no name is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.pages.everywhere import Everywhere
from server.pages.frame import KEPT, SAFE, Frame
from server.pages.phrases import Phrases, by_governorate
from server.registers import Registers


class PublicPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, frame: Frame, registers: Registers, everywhere: Everywhere) -> None:
        self._frame = frame
        self._registers = registers
        self._everywhere = everywhere
        self.router = APIRouter()
        add_pages(self.router, frame, "", self._home)
        add_pages(self.router, frame, "/centres", self._centres)
        add_pages(self.router, frame, "/centres/{centre}", self._centre)
        add_pages(self.router, frame, "/questions", self._questions)
        self.router.add_route("/", self._root, ["GET"], include_in_schema=False)
        self.router.add_route("/pages/{version}/{name}", frame.file, ["GET"], include_in_schema=False)

    async def _root(self, request: Request) -> Response:
        headers = dict(SAFE) | {"Cache-Control": "no-store", "Vary": "Accept-Language"}
        return Response(status_code=302, headers=headers | {"Location": f"/{self._frame.language(request)}"})

    async def _home(self, request: Request) -> Response:
        notices = self._phrases(request).notices(self._everywhere.notices)
        return self._frame.page(request, "home.html", headers=KEPT, notices=notices)

    async def _centres(self, request: Request) -> Response:
        groups = by_governorate(list(self._registers.centres.values()), self._phrases(request))
        return self._frame.page(request, "centres.html", headers=KEPT, groups=groups)

    async def _centre(self, request: Request) -> Response:
        centre = self._registers.centres.get(request.path_params["centre"])
        if centre is None:
            return self._frame.trouble(request, 404, "missing")
        phrases = self._phrases(request)
        return self._frame.page(
            request,
            "centre.html",
            headers=KEPT,
            centre=centre,
            notices=phrases.notices((*self._everywhere.notices, *centre.notices)),
            other_days=phrases.other_days(centre),
        )

    async def _questions(self, request: Request) -> Response:
        centres = [centre for centre in self._registers.centres.values() if centre.questions]
        questions = self._everywhere.questions
        return self._frame.page(request, "questions.html", headers=KEPT, centres=centres, questions=questions)

    def _phrases(self, request: Request) -> Phrases:
        return self._frame.phrases[self._frame.language(request)]


def add_pages(
    router: APIRouter,
    frame: Frame,
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    methods: tuple[str, ...] = ("GET",),
) -> None:
    """Serve a page under each language's path. They are for people, no part of the API that OpenAPI describes."""
    for language in frame.catalogues:
        router.add_route(f"/{language}{path}", endpoint, list(methods), include_in_schema=False)
