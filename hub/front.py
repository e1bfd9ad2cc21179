"""The shortest way for the two requests that make a hall's day: claims and events go past the framework's routing.

The same functions are routes of the FastAPI app, which documents them; here they only skip what costs a third of their
time (matching, dependencies, exit stacks). Everything else is the app's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from sync.problems import RETRY_AFTER_S, Problem
from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError

Endpoint = Callable[[Request], Awaitable[Response]]


class Front:
    """An ASGI application: `posts` (path to function) for these POSTs, `app` for all the rest."""

    def __init__(self, app: FastAPI, posts: Mapping[str, Endpoint]) -> None:
        self.app = app
        self._posts = posts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        post = self._posts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if post is None:
            await self.app(scope, receive, send)
            return
        response = await self._answer(post, Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, post: Endpoint, request: Request) -> Response:
        try:
            return await post(request)
        except Problem as problem:
            return problem.response()
        except (StorageUnavailable, WriterClosedError):
            headers = {"Retry-After": RETRY_AFTER_S}
            return Problem(503, "UNAVAILABLE", "It cannot be kept now", headers=headers).response()
