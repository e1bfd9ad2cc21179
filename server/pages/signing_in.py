"""Signing in: the CPR, the code from the message, for newcomers the date of birth; and signing out.

The CPR travels in forms only, from page to page in the browser; it is in no address and no cookie. Whether anybody has
it is never said: whoever types nine digits is told that a code is on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import address_of
from queueing.cpr import ascii_digits, parse
from server.booking.answers import RefusedError, SignedIn, Why
from server.pages.guard import BY_SIGN_ON, SESSION, forget_session, keep_session, read_form
from server.pages.public import add_pages
from server.pages.room import Room

_AGAIN = frozenset({Why.CODE_EXPIRED, Why.CODE_EXHAUSTED})
"""With these the code is of no use any more: one asks for another."""
_TYPED_MOST = 14
"""Letters of a wrong number that are given back, so that one digit can be put right."""


class SignInPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: Room, *, has_codes: bool = True, has_sign_on: bool = False) -> None:
        """Without `has_codes` there is no way to send one: the sign-on (`server.sign_on`) is the only way in."""
        self._room = room
        self._ways = {"has_codes": has_codes, "has_sign_on": has_sign_on}
        self.router = APIRouter()
        by_code = (("/sign-in", self._send, ("POST",)), ("/sign-in/code", self._enter, ("POST",)))
        for path, endpoint, methods in (
            ("/sign-in", self._ask, ("GET",)),
            *(by_code if has_codes else ()),
            ("/sign-out", self._leave, ("POST",)),
        ):
            add_pages(self.router, room.frame, path, room.guarded(endpoint), methods)

    async def _ask(self, request: Request) -> Response:
        to = self._room.back(request, request.query_params.get("to", ""))
        if await self._room.customer(request) is not None:
            return self._room.frame.go(to)
        return self._sign_in_page(request, to)

    async def _send(self, request: Request) -> Response:
        fields = await read_form(request)
        to, typed = self._room.back(request, fields.get("to", "")), fields.get("cpr", "")
        cpr = parse(typed)
        if cpr is None:
            return self._sign_in_page(request, to, fault="cpr", typed=typed[:_TYPED_MOST])
        try:
            sent = await self._room.booking.begin_sign_in(cpr, self._room.frame.language(request), address_of(request))
        except RefusedError as error:
            # Whoever had so many codes may still have the last one at hand. To wait a minute would not help.
            if error.why is Why.TOO_MANY_CODES or (error.why is Why.TOO_MANY and fields.get("again")):
                return self._code_page(request, cpr, to, fault="too_many_codes", status=429)
            raise
        return self._code_page(request, cpr, to, digits=sent.digits, is_again=bool(fields.get("again")))

    async def _enter(self, request: Request) -> Response:
        fields = await read_form(request)
        to, cpr = self._room.back(request, fields.get("to", "")), parse(fields.get("cpr", ""))
        if cpr is None:
            return self._sign_in_page(request, to, fault="cpr")
        code = ascii_digits(fields.get("code", ""))
        born = date_of(fields)
        if "year" in fields and born is None:
            return self._birth_page(request, cpr, code, to, fault="birth")
        try:
            entered = await self._room.booking.finish_sign_in(cpr, code, address_of(request), born=born)
        except RefusedError as error:
            if error.why is Why.BIRTH_DATE:
                # Asked for a first time it is no fault; one that was declared is none that anybody living has.
                return self._birth_page(request, cpr, code, to, fault="" if born is None else "birth")
            return self._refused(request, error, cpr, code, to)
        return self._welcome(request, entered, to)

    async def _leave(self, request: Request) -> Response:
        await read_form(request)
        token = request.cookies.get(SESSION, "")
        if token:
            await self._room.booking.sign_out(token)
        by_sign_on = request.cookies.get(BY_SIGN_ON)
        response = self._room.frame.go(f"{self._room.root(request)}{'/signed-out' if by_sign_on else ''}")
        forget_session(request, response)
        return response

    def _welcome(self, request: Request, entered: SignedIn, to: str) -> Response:
        response = self._room.frame.go(to)
        seconds = int((entered.expires_at - self._room.clock.now()).total_seconds())
        keep_session(request, response, entered.token, seconds)
        return response

    def _refused(self, request: Request, error: RefusedError, cpr: str, code: str, to: str) -> Response:
        match error.why:
            case Why.WRONG_CODE:
                return self._code_page(request, cpr, to, fault="code", status=422)
            case why if why in _AGAIN:
                return self._code_page(request, cpr, to, fault="code_again", status=422)
            case Why.UNDER_AGE:
                return self._room.page(request, "refused.html", None, status=422, what="under_age")
            case Why.CPR:
                return self._sign_in_page(request, to, fault="cpr")
        raise error

    def _sign_in_page(self, request: Request, to: str, *, fault: str = "", typed: str = "") -> Response:
        status = 422 if fault else 200
        return self._room.page(
            request, "sign_in.html", None, status=status, to=to, fault=fault, typed=typed, **self._ways
        )

    def _code_page(
        self,
        request: Request,
        cpr: str,
        to: str,
        *,
        digits: int = 6,
        is_again: bool = False,
        fault: str = "",
        status: int = 200,
    ) -> Response:
        return self._room.page(
            request,
            "code.html",
            None,
            status=status,
            cpr=cpr,
            to=to,
            digits=digits,
            is_again=is_again,
            fault=fault,
            can_switch=False,
        )

    def _birth_page(self, request: Request, cpr: str, code: str, to: str, *, fault: str) -> Response:
        status = 422 if fault else 200
        return self._room.page(
            request, "birth.html", None, status=status, cpr=cpr, code=code, to=to, fault=fault, can_switch=False
        )


def date_of(fields: Mapping[str, str]) -> date | None:
    """Return the date that day, month and year make, None when they make none."""
    try:
        year, month, day = (int(ascii_digits(fields.get(name, ""))) for name in ("year", "month", "day"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None
