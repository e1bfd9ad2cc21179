"""Signing in with a name and a password, signing out, and the own password."""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import address_of
from server.administration.answers import RefusedError, Why
from server.administration.pages.fields import REQUIRED, Field, entries
from server.administration.pages.room import SESSION, StaffRoom
from server.administration.roles import Asker
from server.pages.public import add_pages

_BACK = re.compile(r"/[a-z]{2,3}/staff[A-Za-z0-9_/.-]*(\?[A-Za-z0-9_=&.%-]*)?")
_PASSWORD_FIELDS = (
    Field(("current",), "administration.password.current", "", "secret", True),
    Field(("new",), "administration.password.new", "administration.password.new_hint", "secret", True),
    Field(("again",), "administration.password.again", "", "secret", True),
)


class Entering:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self.router = APIRouter()
        add_pages(self.router, room.frame, "/staff/sign-in", room.open(self._ask))
        add_pages(self.router, room.frame, "/staff/sign-in", room.open(self._enter), ("POST",))
        add_pages(self.router, room.frame, "/staff/sign-out", room.open(self._leave), ("POST",))
        room.add(self.router, "/password", self._password)
        room.add(self.router, "/password", self._change, "POST")

    async def _ask(self, request: Request) -> Response:
        to = self._back(request, request.query_params.get("to", ""))
        if await self._room.asker(request) is not None:
            return self._room.frame.go(to)
        return self._page(request, to)

    async def _enter(self, request: Request) -> Response:
        form = await self._room.form(request)
        to, name = self._back(request, form.get("to", "")), form.get("name", "").strip()
        try:
            entered = await self._room.administration.sign_in(name, form.get("password", ""), address_of(request))
        except RefusedError as error:
            if error.why is Why.WRONG_PASSWORD:
                return self._page(request, to, name, "administration.sign_in.wrong", 422)
            if error.why is Why.TOO_MANY:
                answer = self._page(request, to, name, "administration.sign_in.too_many", 429)
                answer.headers["Retry-After"] = str(error.retry_after_s or 60)
                return answer
            raise
        response = self._room.go(request, "/password") if entered.asker.must_change else self._room.frame.go(to)
        seconds = int((entered.expires_at - self._room.clock.now()).total_seconds())
        self._room.keep_session(request, response, entered.token, seconds)
        return response

    async def _leave(self, request: Request) -> Response:
        await self._room.form(request)
        token = request.cookies.get(SESSION, "")
        if token:
            await self._room.administration.sign_out(token)
        response = self._room.go(request, "/sign-in")
        self._room.keep_session(request, response, "", 0)
        return response

    async def _password(self, request: Request, asker: Asker) -> Response:
        return self._password_page(request, asker, {})

    async def _change(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        faults = {each.name: REQUIRED for each in _PASSWORD_FIELDS if not form.get(each.name)}
        if not faults and form["new"] != form["again"]:
            faults = {"again": "administration.password.differs"}
        if faults:
            return self._password_page(request, asker, faults)
        try:
            await self._room.administration.change_password(asker, form["current"], form["new"])
        except RefusedError as error:
            if error.why is Why.WRONG_PASSWORD:
                return self._password_page(request, asker, {"current": "administration.password.wrong"})
            if error.why is Why.WEAK_PASSWORD:
                return self._password_page(request, asker, {"new": "administration.password.weak"})
            raise
        return self._room.go(request, "", "password")

    def _page(self, request: Request, to: str, name: str = "", fault: str = "", status: int = 200) -> Response:
        return self._room.page(
            request, "enter.html", None, status=status, to=to, name=name, fault=fault, sign_on=self._room.sign_on
        )

    def _password_page(self, request: Request, asker: Asker, faults: dict[str, str]) -> Response:
        return self._room.page(
            request,
            "password.html",
            asker,
            status=422 if faults else 200,
            entries=entries(_PASSWORD_FIELDS, {}, faults),
            must_change=asker.must_change,
            can_switch=request.method == "GET",
        )

    def _back(self, request: Request, to: str) -> str:
        """Return where to go afterwards: a page of the staff's, whatever somebody has put there."""
        known = _BACK.fullmatch(to) and to.split("/")[1] in self._room.frame.catalogues and "//" not in to
        return to if known else f"{self._room.root(request)}/staff"
