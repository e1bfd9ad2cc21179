"""The pages over HTTP: GET /t/{id}, its live news, its wishes, its files; alike in the hub and in the server.

Whoever holds a ticket's QR is its customer: there is no other proof, no cookie and no sign-in. It decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from follow.answers import address_of, by_wish, file_of, packed
from follow.followers import Followers, NotReadyError
from follow.guard import Tries
from follow.house import House, NotHeardError
from follow.live import FullError, Key
from follow.page import RING, SAFE, STARTING, TOO_MANY, UNKNOWN, Look, Notice, Page
from follow.turn import Turn, Wish
from follow.words import Words
from queueing.following import read_id
from sync.clock import Clock

MISSES, MISS_AGAIN_S = 20, 6.0
"""Ids that nobody has: so many at once from one address, then one each so many seconds."""
WISHES, WISH_AGAIN_S = 6, 10.0
"""Wishes of one ticket: so many at once, then one each so many seconds."""
BODY_MAX = 128
"""Bytes of a wish."""
_NO_STORE = {"Cache-Control": "no-store"}

_log = logging.getLogger(__name__)


class _Refusal(Exception):  # noqa: N818  # an answer, not an error
    """The request is answered with this."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class TooManyWishesError(Exception):
    """A ticket's customer wishes too often; the last wish was not taken."""


class FollowPages:
    """Serves the pages of a house. `router` is mounted by the app."""

    def __init__(self, followers: Followers, house: House, words: Words, clock: Clock) -> None:
        self._followers = followers
        self._house = house
        self._words = words
        self._look = Look(shared=(RING,))
        self._page = Page(words, self._look)
        self._misses = Tries(MISSES, MISS_AGAIN_S, clock.monotonic)
        self._wishes = Tries(WISHES, WISH_AGAIN_S, clock.monotonic)
        self.router = APIRouter()
        add = self.router.add_route
        # They are pages for people, no part of the API that OpenAPI describes. A QR writes the path in capitals.
        for path in ("/t/{identity}", "/T/{identity}"):
            add(path, self._show, ["GET"], include_in_schema=False)
            add(f"{path}/now", self._now, ["GET"], include_in_schema=False)
            add(f"{path}/live", self._live, ["GET"], include_in_schema=False)
            add(f"{path}/wish", self._wish, ["POST"], include_in_schema=False)
        add("/follow/{version}/{name}", self._file, ["GET"], include_in_schema=False)
        add("/robots.txt", self._robots, ["GET"], include_in_schema=False)

    async def wish(self, turn: Turn, wish: Wish) -> bool:
        """Take a customer's wish, on whatever page; False: the rule says no already.

        Raises TooManyWishesError, NotHeardError.
        """
        if not self._wishes.take(turn.identity):
            raise TooManyWishesError
        is_taken = wish in turn.may and await self._house.ask(turn, wish)
        _log.info("follow_wish ticket=%s wish=%s taken=%s", turn.ticket, wish, is_taken)
        self._followers.stir(turn.identity)
        return is_taken

    async def _show(self, request: Request) -> Response:
        try:
            turn = await self._turn(request)
        except _Refusal as refusal:
            return refusal.response
        language = self._language(request, turn)
        query = request.query_params
        said = self._words.say(turn, language)
        asks, refused = query.get("ask") == "leave", query.get("said") == "no"
        html = self._page.turn(turn, said, language, ask_leave=asks, was_refused=refused)
        return packed(request, 200, html.encode(), "text/html; charset=utf-8", SAFE | _NO_STORE)

    async def _now(self, request: Request) -> Response:
        try:
            turn = await self._turn(request)
        except _Refusal as refusal:
            return refusal.response
        line = self._words.line(turn, self._language(request, turn))
        return packed(request, 200, line, "application/json", SAFE | _NO_STORE)

    async def _live(self, request: Request) -> Response:
        try:
            turn = await self._turn(request)
            key = Key(turn.identity, self._language(request, turn))
            frames = self._followers.streams.follow(key)
        except _Refusal as refusal:
            return refusal.response
        except FullError:
            return Response(status_code=503, headers=_NO_STORE | {"Retry-After": "30"})
        headers = SAFE | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(frames, media_type="text/event-stream", headers=headers)

    async def _wish(self, request: Request) -> Response:
        try:
            wish = await _read_wish(request)
            turn = await self._turn(request)
        except _Refusal as refusal:
            return refusal.response
        language = self._language(request, turn)
        try:
            is_taken = await self.wish(turn, wish)
        except TooManyWishesError:
            return self._notice(request, 429, TOO_MANY, {"Retry-After": "60"})
        except NotHeardError:
            return self._notice(request, 503, STARTING, {"Retry-After": "5"})
        said = "" if is_taken else "&said=no"
        target = f"{request.url.path.rpartition('/')[0]}?lang={language}{said}"
        return RedirectResponse(target, 303, headers=SAFE | _NO_STORE)

    async def _file(self, request: Request) -> Response:
        return file_of(self._look, request, SAFE)

    async def _robots(self, request: Request) -> Response:
        # What is somebody's own; a server's public pages are there to be found.
        own = "".join(f"Disallow: /{path}/\n" for path in ("t", "T", "b", "v1"))
        return Response(f"User-agent: *\n{own}", headers=SAFE, media_type="text/plain")

    async def _turn(self, request: Request) -> Turn:
        """Return the turn that a request asks for. Raises _Refusal: unknown, too many misses, or not yet read."""
        identity = read_id(request.path_params["identity"])
        try:
            turn = None if identity is None else await self._followers.find(identity)
        except NotReadyError as error:
            raise _Refusal(self._notice(request, 503, STARTING, {"Retry-After": "5"})) from error
        if turn is not None:
            return turn
        if not self._misses.take(address_of(request)):
            raise _Refusal(self._notice(request, 429, TOO_MANY, {"Retry-After": "60"}))
        raise _Refusal(self._notice(request, 404, UNKNOWN, {}))

    def _language(self, request: Request, turn: Turn) -> str:
        return self._words.language(request.query_params.get("lang", ""), turn)

    def _notice(self, request: Request, status: int, notice: Notice, headers: Mapping[str, str]) -> Response:
        # Whose language is not known: the browser's first, then all.
        html = self._page.notice(notice, by_wish(request, self._page.languages))
        return packed(request, status, html.encode(), "text/html; charset=utf-8", SAFE | _NO_STORE | dict(headers))


async def _read_wish(request: Request) -> Wish:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_MAX:
        raise _Refusal(Response(status_code=413, headers=_NO_STORE))
    said = parse_qs((await request.body()).decode("ascii", "replace"))
    try:
        return Wish(said.get("what", [""])[0])
    except ValueError as error:
        raise _Refusal(Response(status_code=422, headers=_NO_STORE)) from error
