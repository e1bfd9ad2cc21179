"""The line in front of booking as HTTP has it: who books in a rush is told the place, and gets the answer in turn.

It stands before the application's routes, so that a press costs little until it is dealt with. A person gets a page
that asks again by itself, without a script; a program is told to send the same request again. What is answered in the
end is what the application answers; here nothing is decided.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
from contextlib import suppress
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.booking.line import FullError, Line, Place
from server.pages.frame import Frame
from server.pages.guard import SESSION
from sync.problems import Problem

PATIENCE_S = 0.7
"""Who is dealt with by then waits for the answer itself,"""
IN_HAND_S = 5.0
"""and so does who is being dealt with."""
AGAIN_S = (2, 30)
"""Others ask again in so many seconds, at least and at most."""
FULL_S = 30
PAGES_AT_ONCE = 8
"""Other pages that are made at the same time: a press must not wait until hundreds of them are, or order is lost."""
_BODY_MAX = 8192
_PRESSES = re.compile(
    r"/v1/booking/appointments(?:/[^/]+/[^/]+/move)?|/[a-z]{2,3}/(?:book/[^/]+/[^/]+/confirm|b/[^/]+/move)"
)
_TURN = re.compile(r"/([a-z]{2,3})/turn/([A-Za-z0-9_-]{22})")
_OF_PROGRAMS = "/v1/"
_PLACE, _HERE = "\ue000", "\ue001"
"""Stand in a page that is kept for what differs."""

Answer = list[Message]


class BookingLine:
    """The middleware."""

    def __init__(self, app: ASGIApp, *, frame: Frame, line: Line[Answer]) -> None:
        self._app = app
        self._frame = frame
        self._line = line
        self._others = asyncio.Semaphore(PAGES_AT_ONCE)
        self._pages: dict[tuple[str, int], tuple[str, list[tuple[bytes, bytes]]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a press when its turn comes; everything else goes through."""
        if scope["type"] == "http":
            if scope["method"] == "POST" and _PRESSES.fullmatch(scope["path"]):
                return await self._press(scope, receive, send)
            found = _TURN.fullmatch(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
            if found is not None and found[1] in self._frame.catalogues:
                return await self._turn(scope, receive, send, found[2])
            if scope["path"].split("/", 2)[1] in self._frame.catalogues:
                async with self._others:
                    return await self._app(scope, receive, send)
        return await self._app(scope, receive, send)

    async def _press(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        session, length = _session(request), request.headers.get("content-length", "")
        # Who is not signed in, or sends what no form of ours is, gets the application's own answer and has no place.
        if not session or not length.isdecimal() or int(length) > _BODY_MAX:
            return await self._app(scope, receive, send)
        body = await _body(receive)
        if body is None:
            return None
        key = hashlib.sha256(b"\n".join((scope["path"].encode(), scope["query_string"], session, body))).digest()
        try:
            place = self._line.enter(key, session, partial(self._answer, scope, body))
        except FullError as error:
            return await self._full(request, send, error)
        if self._line.wait_s(place) <= PATIENCE_S:
            await _wait(place, PATIENCE_S)
        if not self._line.ahead(place):
            await _wait(place, IN_HAND_S)
        if not place.done.is_set():
            return await self._come_again(scope, send, place)
        # Pressed again it is done again: a slot that was taken may be free by then.
        self._line.drop(place)
        return await _hand_over(place, send)

    async def _turn(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        request = Request(scope)
        place = self._line.find(name)
        if place is None or place.session != _session(request):
            gone = self._frame.page(request, "turn.html", status=404, is_gone=True)
            return await gone(scope, receive, send)
        if not place.done.is_set():
            return await self._come_again(scope, send, place)
        self._line.fetched(place)
        return await _hand_over(place, send)

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        """Let the application deal with a press, and keep what it answers."""
        said: Answer = []
        coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        await self._app(dict(scope), receive, send)
        return said

    async def _come_again(self, scope: Scope, send: Send, place: Place[Answer]) -> None:
        """Tell the place, and when to ask again."""
        wait_s, ahead = self._line.wait_s(place), max(1, self._line.ahead(place))
        again_s = min(max(math.ceil(wait_s), AGAIN_S[0]), AGAIN_S[1])
        if scope["path"].startswith(_OF_PROGRAMS):
            title = "Many are booking: send the same request again, it keeps its place"
            headers = {"Retry-After": str(again_s), "Cache-Control": "no-store"}
            told = Problem(503, "IN_LINE", title, headers=headers, place=ahead, retry_after_s=again_s).response()
            await _send(send, 503, list(told.raw_headers), bytes(told.body))
            return
        language = scope["path"].split("/")[1]
        here = f"/{language}/turn/{place.name}"
        html, headers_ = self._page(scope, language, max(1, math.ceil(wait_s / 60)))
        body = html.replace(_PLACE, str(ahead)).replace(_HERE, here).encode()
        refresh = (b"refresh", f"{again_s}; url={here}".encode())
        await _send(send, 202, [*headers_, refresh, (b"content-length", str(len(body)).encode())], body)

    def _page(self, scope: Scope, language: str, minutes: int) -> tuple[str, list[tuple[bytes, bytes]]]:
        """Return the page but for what is a place's own; made once, since in a rush there is no time to make pages."""
        kept = self._pages.get((language, minutes))
        if kept is None:
            plain = Request({**scope, "path": f"/{language}/turn", "headers": []})
            made = self._frame.page(
                plain, "turn.html", is_gone=False, can_switch=False, place=_PLACE, here=_HERE, minutes=minutes
            )
            headers = [(name, value) for name, value in made.raw_headers if name != b"content-length"]
            kept = self._pages[language, minutes] = (bytes(made.body).decode(), headers)
        return kept

    async def _full(self, request: Request, send: Send, error: FullError) -> None:
        status, code = (429, "TOO_MANY") if error.of_one else (503, "UNAVAILABLE")
        if request.url.path.startswith(_OF_PROGRAMS):
            headers = {"Retry-After": str(FULL_S), "Cache-Control": "no-store"}
            told = Problem(status, code, "The line of those who book is full", headers=headers).response()
        else:
            what = "too_many" if error.of_one else "unavailable"
            told = self._frame.trouble(request, status, what, retry_after_s=FULL_S)  # type: ignore[assignment]
        await _send(send, status, list(told.raw_headers), bytes(told.body))


def _session(request: Request) -> bytes:
    """Return whose press it is, as a hash: nobody else's asking gets the answer."""
    said = request.headers.get("authorization", "") or request.cookies.get(SESSION, "")
    return hashlib.sha256(said.encode()).digest() if said else b""


async def _body(receive: Receive) -> bytes | None:
    """Return a request's body; None when its sender has gone, or sends more than was said."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > _BODY_MAX:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _wait(place: Place[Answer], most_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(most_s):
            await place.done.wait()


async def _hand_over(place: Place[Answer], send: Send) -> None:
    if place.error is not None:
        raise place.error
    for message in place.answer or ():
        await send(message)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
