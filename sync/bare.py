"""A request and its answer without a framework, for the few routes that make a hall's day.

The framework's matching, dependencies, requests and responses cost more time than deciding and keeping a claim. A bare
route is one function from `Asked` to `Reply`; `routed` makes it a route of the framework too, which documents it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sync.problems import Problem

JSON = "application/json"


class Reply(NamedTuple):
    """An answer; `kind` is its media type, empty for one without a body."""

    status: int
    body: bytes = b""
    kind: str = JSON
    is_stored: bool = True
    """False: no cache may keep it."""

    async def send(self, send: Send) -> None:
        """Answer with it."""
        headers = [(name.encode(), value.encode()) for name, value in self.headers().items()]
        if self.status != 204:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def headers(self) -> dict[str, str]:
        """Return its headers, all but the length."""
        headers = {} if self.is_stored else {"cache-control": "no-store"}
        if self.kind:
            headers["content-type"] = self.kind
        return headers


class Asked:
    """A request as the server tells it. Its body can be read once."""

    __slots__ = ("_headers", "_receive", "_scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        # Of a name that comes twice the first counts, as it does with the framework.
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    @classmethod
    def of(cls, request: Request) -> Asked:
        """Return the framework's request as this."""
        return cls(request.scope, request.receive)

    @property
    def method(self) -> str:
        """The method, in capitals."""
        method: str = self._scope["method"]
        return method

    @property
    def scheme(self) -> str:
        """Return http or https."""
        scheme: str = self._scope["scheme"]
        return scheme

    @property
    def target(self) -> str:
        """The path with its query, just as it was sent: a signature covers these bytes."""
        query: bytes = self._scope["query_string"]
        path: bytes = self._scope["raw_path"]
        return (path + b"?" + query if query else path).decode("ascii")

    def header(self, name: bytes) -> str | None:
        """Return a header's value; `name` in small letters."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self, most: int) -> bytes:
        """Return the body as it came, its length known and bounded before it is read.

        Raises Problem 411 and 413, ClientDisconnect.
        """
        length = self._headers.get(b"content-length", b"0")
        if b"transfer-encoding" in self._headers or not length.isdigit():
            raise Problem(411, "LENGTH", "A request says its length")
        if int(length) > most:
            raise Problem(413, "TOO_LARGE", "The body is too large", limit=most)
        body: bytes = b""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if not message.get("more_body"):
                return body


Bare = Callable[[Asked], Awaitable[Reply]]


def routed(bare: Bare) -> Callable[[Request], Awaitable[Response]]:
    """Return a bare route as an endpoint for the framework, of the same name and description."""

    async def endpoint(request: Request) -> Response:
        reply = await bare(Asked.of(request))
        return Response(reply.body, reply.status, reply.headers())

    endpoint.__name__, endpoint.__doc__ = bare.__name__, bare.__doc__
    return endpoint
