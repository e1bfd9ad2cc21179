"""No NUL in an address: no text in PostgreSQL can hold one, so what looks for it there would answer as a bug does.

Bodies are their forms' business (`server.booking.api.In`, `server.pages.guard`), cursors `server.api.paging`'s.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from sync.problems import Problem


class WithoutNul:
    """ASGI middleware that answers 422 in place of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what has none."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            refused = Problem(422, "INVALID", "An address has no NUL in it", errors=[{"at": ["path"], "why": "nul"}])
            await refused.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)
