"""The shortest way for the two requests that make a hall's day: claims and events go past the framework's routing.

The same functions are routes of the FastAPI app, which documents them; here they only skip what costs more than their
own work (matching, dependencies, exit stacks, requests and responses). Everything else is the app's.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from sync.bare import Asked, Bare
from sync.problems import RETRY_AFTER_S, Problem
from sync.storage import StorageUnavailable
from sync.writer import WriterClosedError


class Front:
    """An ASGI application: `posts` (path to function) for these POSTs, `app` for all the rest."""

    def __init__(self, app: FastAPI, posts: Mapping[str, Bare]) -> None:
        self.app = app
        self._posts = posts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        post = self._posts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if post is None:
            await self.app(scope, receive, send)
            return
        try:
            reply = await post(Asked(scope, receive))
        except Problem as problem:
            await problem.response()(scope, receive, send)
        except (StorageUnavailable, WriterClosedError):
            headers = {"Retry-After": RETRY_AFTER_S}
            response = Problem(503, "UNAVAILABLE", "It cannot be kept now", headers=headers).response()
            await response(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await reply.send(send)
