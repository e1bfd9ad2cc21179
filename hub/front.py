"""The shortest way for the one request that clerks wait for: POST /v1/claims goes past the framework's routing.

The same function is a route of the FastAPI app, which documents it; here it only skips what costs a third of its time
(matching, dependencies, exit stacks). Everything else is the app's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from sync.problems import RETRY_AFTER_S, Problem
from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError

Endpoint = Callable[[Request], Awaitable[Response]]


class Front:
    """An ASGI application: `claim` for POST `path`, `app` for all the rest."""

    def __init__(self, app: FastAPI, path: str, claim: Endpoint) -> None:
        self.app = app
        self._path = path
        self._claim = claim

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] == self._path and scope["method"] == "POST":
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._claim(request)
        except Problem as problem:
            return problem.response()
        except (StorageUnavailable, WriterClosedError):
            headers = {"Retry-After": RETRY_AFTER_S}
            return Problem(503, "UNAVAILABLE", "The claim cannot be kept now", headers=headers).response()
