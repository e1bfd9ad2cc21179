"""A face for what goes wrong where a person looks: unknown addresses, storage that is away, a bug.

Programs keep their problems as JSON; who asks for a page gets one. It handles nothing by itself: the application's own
handlers say what happened, and a bug still goes up to the log.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.pages.frame import Frame
from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError

_OF_PROGRAMS = ("/v1/", "/openapi.json", "/pages/", "/follow/")
_RETRY_AFTER_S = 5


def install_faces(app: FastAPI, frame: Frame) -> None:
    """Answer people with pages; before the application's first request."""

    def faced(kind: type[Exception], face: Callable[[Request, Any], Response | None]) -> None:
        plain = app.exception_handlers[kind]

        async def handler(request: Request, error: Exception) -> Response:
            shown = face(request, error) if _is_for_people(request, frame) else None
            if shown is not None:
                return shown
            answer = plain(request, error)
            return await answer if inspect.isawaitable(answer) else answer

        app.add_exception_handler(kind, handler)

    def unknown(request: Request, error: HTTPException) -> Response | None:
        return frame.trouble(request, error.status_code, "missing") if error.status_code in (404, 405) else None

    def away(request: Request, error: Exception) -> Response:
        return frame.trouble(request, 503, "unavailable", retry_after_s=_RETRY_AFTER_S)

    faced(HTTPException, unknown)
    faced(StorageUnavailable, away)
    faced(WriterClosedError, away)
    faced(Exception, lambda request, error: frame.trouble(request, 500, "bug"))


def _is_for_people(request: Request, frame: Frame) -> bool:
    path = request.url.path
    if path.split("/")[1] in frame.catalogues:
        return True
    return "text/html" in request.headers.get("accept", "") and not path.startswith(_OF_PROGRAMS)
