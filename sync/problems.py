"""Errors over HTTP as application/problem+json (RFC 9457): {type, title, status, code, ...}. Imports FastAPI."""

from __future__ import annotations

import http
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError

_log = logging.getLogger(__name__)

RETRY_AFTER_S = "2"


class Problem(Exception):  # noqa: N818  # what RFC 9457 calls it
    """Raise it in a route to answer with a problem. `code` is for programs (TAKEN, GAP), `extra` joins the JSON."""

    def __init__(
        self, status: int, code: str, title: str, *, headers: dict[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.headers = headers
        self.extra = extra

    def response(self) -> JSONResponse:
        """Return the answer."""
        content = {"type": "about:blank", "title": self.title, "status": self.status, "code": self.code} | self.extra
        return JSONResponse(content, self.status, self.headers, media_type="application/problem+json")


PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "For people, in English; screens choose their own words by `code`."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For programs."},
    },
}


Responses = dict[int | str, dict[str, Any]]
"""What FastAPI takes as a route's `responses`."""


def problem_docs(*statuses: int, also: Responses | None = None) -> Responses:
    """Return the `responses` of a route that may answer with these problems, and `also` otherwise, for OpenAPI."""
    return (also or {}) | {
        status: {
            "description": http.HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}},
        }
        for status in statuses
    }


def install_problems(app: FastAPI) -> None:
    """Answer problems, refused bodies, unavailable storage, unknown paths and bugs as problem+json."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == http.HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that is no text at all
            return _invalid([{"at": ["body"], "why": "unreadable"}])
        status = http.HTTPStatus(error.status_code)
        headers = dict(error.headers) if error.headers else None
        return Problem(status.value, status.name, status.phrase, headers=headers).response()

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Where and why, never what: the value may be somebody's.
        errors: list[dict[str, object]] = [{"at": list(item["loc"]), "why": item["type"]} for item in error.errors()]
        return _invalid(errors)

    @app.exception_handler(StorageUnavailable)
    async def on_storage(request: Request, error: StorageUnavailable) -> JSONResponse:
        return _unavailable("The storage cannot be used now")

    @app.exception_handler(WriterClosedError)
    async def on_closed(request: Request, error: WriterClosedError) -> JSONResponse:
        return _unavailable("The service is about to stop")

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> JSONResponse:
        # Starlette raises it again after this answer, so that it is logged with its trace.
        return Problem(500, "BUG", "Something is wrong with the service itself").response()


def _invalid(errors: list[dict[str, object]]) -> JSONResponse:
    title = "The request does not have the form that it has to have"
    return Problem(422, "INVALID", title, errors=errors).response()


def _unavailable(title: str) -> JSONResponse:
    return Problem(503, "UNAVAILABLE", title, headers={"Retry-After": RETRY_AFTER_S}).response()
