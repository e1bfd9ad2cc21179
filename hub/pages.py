"""The counter page and what it is drawn with: its files, the theme, the fonts, the texts. Nothing of the hall is here.

No page of ours runs a script or a style that is not a file of ours: the policy below says so to the browser.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from assets import texts
from assets.paths import FONTS
from assets.texts import Catalogue, TextsError
from assets.theme import Theme
from sync.problems import Problem, problem_docs

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ASK_EACH_TIME = "no-cache"
"""Kept, but never used without asking whether it is still the same: an update is seen at once."""
A_DAY = "public, max-age=86400"


class Files:
    """A folder served with the pages' headers."""

    def __init__(self, folder: Path, cache: str) -> None:
        self._files = StaticFiles(directory=folder)
        added = PAGE_HEADERS | {"Cache-Control": cache}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in added.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._files(scope, receive, with_headers)


def pages_router(counter_pages: Path) -> APIRouter:
    """Return the routes of the page, the theme and the texts; the folders are mounted by the app. Raises OSError."""
    router = APIRouter(tags=["pages"])
    css = Theme.load().css()

    frame = (counter_pages / "index.html").read_bytes()
    devices_frame = (counter_pages / "devices.html").read_bytes()

    @router.get("/", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    async def page(request: Request) -> Response:
        """Give the counter page."""
        return _kept(request, frame, "text/html; charset=utf-8")

    @router.get("/devices", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    async def devices(request: Request) -> Response:
        """Give the supervisor's page of devices."""
        return _kept(request, devices_frame, "text/html; charset=utf-8")

    @router.get("/theme.css", response_class=Response, responses={200: {"content": {"text/css": {}}}})
    async def theme(request: Request) -> Response:
        """Give the colours by role as custom properties."""
        return _kept(request, css.encode(), "text/css; charset=utf-8")

    @router.get(
        "/v1/texts",
        response_class=Response,
        responses={200: {"content": {"application/json": {"example": {"languages": ["ar", "en"]}}}}},
    )
    async def languages(request: Request) -> Response:
        """Say which languages the pages have."""
        return _kept(request, _json({"languages": texts.languages()}), "application/json")

    @router.get(
        "/v1/texts/{language}",
        response_class=Response,
        responses=problem_docs(
            404,
            422,
            also={
                200: {
                    "description": "The texts by key; plurals as lists. `{name}` are places to fill in.",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["language", "direction", "texts"],
                                "properties": {
                                    "language": {"type": "string"},
                                    "direction": {"enum": ["ltr", "rtl"]},
                                    "texts": {
                                        "type": "object",
                                        "additionalProperties": {
                                            "anyOf": [
                                                {"type": "string"},
                                                {"type": "array", "items": {"type": "string"}},
                                            ]
                                        },
                                    },
                                },
                            },
                            "example": {
                                "language": "en",
                                "direction": "ltr",
                                "texts": {"counter.verb.call_next": "Call next"},
                            },
                        }
                    },
                }
            },
        ),
    )
    async def texts_of(request: Request, language: str, prefix: str = "counter") -> Response:
        """Give a language's texts whose key begins with a part's name."""
        if language not in texts.languages():
            raise Problem(404, "LANGUAGE", "There is no such language")
        try:
            catalogue = Catalogue.load(language)
        except TextsError as error:
            raise Problem(404, "LANGUAGE", "The language's texts were not compiled") from error
        found = catalogue.prefixed(f"{prefix.rstrip('.')}.")
        told = {"language": language, "direction": catalogue.direction, "texts": found}
        return _kept(request, _json(told), "application/json")

    return router


def folders(counter_pages: Path) -> dict[str, Files]:
    """Return the folders to mount, by path."""
    return {"/counter": Files(counter_pages, ASK_EACH_TIME), "/fonts": Files(FONTS, A_DAY)}


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _kept(request: Request, body: bytes, kind: str) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = PAGE_HEADERS | {"Cache-Control": ASK_EACH_TIME, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
