"""Those who administer, signing in with their sign-on: a second client, and only for whom an account is linked to.

Nobody gets an account by signing in: an administrator links one to the sign-on's word for a person first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import address_of
from server.administration.answers import RefusedError, Why
from server.administration.pages.room import StaffRoom
from server.pages.guard import keep_cookie
from server.pages.public import add_pages
from server.sign_on.config import StaffSignOnConfig
from server.sign_on.customers import in_language
from server.sign_on.journey import HOLDS, Journey, opened, sealed
from server.sign_on.provider import Begun, Doubt, Provider, SignOnRefusedError, SignOnUnavailable
from server.vault import Vault

BEGIN = "/staff/sign-in/sign-on"
"""Where it begins, after the language."""
BACK = "/staff-sign-on/back"
"""Where the provider sends browsers: `origin` and this is what has to be registered with it."""
_COOKIE = "dawr_staff_sign_on"
_PLACE = "staff"
_AT_ONCE = 4

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StaffSignOn:
    """What the staff's sign-on is made of."""

    config: StaffSignOnConfig
    provider: Provider
    vault: Vault


class StaffSignOnPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom, sign_on: StaffSignOn) -> None:
        self._room = room
        self._config = sign_on.config
        self._provider = sign_on.provider
        self._vault = sign_on.vault
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="staff-sign-on")
        self.router = APIRouter()
        add_pages(self.router, room.frame, BEGIN, room.open(self._go))
        self.router.add_route(BACK, room.open(self._come_back), ["GET"], include_in_schema=False)

    async def _go(self, request: Request) -> Response:
        begun, language = Begun.make(), self._room.frame.language(request)
        try:
            address = await self._ask(lambda: self._provider.address(begun, language))
        except SignOnUnavailable:
            return self._refusal(request, "sign_on.away", 503)
        response = self._room.frame.go(address)
        carried = sealed(Journey(begun, f"/{language}/staff", language), self._vault, self._room.clock.now(), _PLACE)
        # Lax, for the way back: see `server.sign_on.journey`.
        keep_cookie(request, response, _COOKIE, carried, int(HOLDS.total_seconds()), same_site="lax")
        return response

    async def _come_back(self, request: Request) -> Response:
        journey = opened(request.cookies.get(_COOKIE, ""), self._vault, self._room.clock.now(), _PLACE)
        if journey is None:
            return self._refusal(in_language(request, self._room.frame.language(request)), "sign_on.lost", 400)
        request = in_language(request, journey.language)
        wanted = frozenset({self._config.account})
        try:
            claims = await self._ask(lambda: self._provider.claims(journey.begun, dict(request.query_params), wanted))
        except SignOnUnavailable:
            return self._refusal(request, "sign_on.away", 503)
        except SignOnRefusedError as error:
            _log.info("staff_sign_on_refused why=%s about=%s", error.why.name, error.about)
            is_given_up = error.why is Doubt.CANCELLED
            return self._refusal(request, *(("sign_on.cancelled", 200) if is_given_up else ("sign_on.lost", 400)))
        subject = claims.get(self._config.account)
        # An address that the provider has not tried could be anybody's: whoever typed it first.
        is_proven = self._config.account != "email" or claims.get("email_verified") is True
        if not isinstance(subject, str) or not subject or not is_proven:
            return self._refusal(request, "sign_on.no_account", 403)
        try:
            entered = await self._room.administration.enter(subject, address_of(request))
        except RefusedError as error:
            if error.why is Why.NO_SUCH_ACCOUNT:
                return self._refusal(request, "sign_on.no_account", 403)
            raise
        response = self._room.page(request, "sign_on_done.html", None, to=journey.to, can_switch=False)
        # Not sent on at once, as with customers: our own Strict cookie would stay at home.
        response.headers["Refresh"] = f"0; url={journey.to}"
        seconds = int((entered.expires_at - self._room.clock.now()).total_seconds())
        self._room.keep_session(request, response, entered.token, seconds)
        keep_cookie(request, response, _COOKIE, "", 0, same_site="lax")
        return response

    def _refusal(self, request: Request, fault: str, status: int) -> Response:
        """Return the page to sign in by, with what went wrong: the password stays as another way."""
        to = f"{self._room.root(request)}/staff"
        return self._room.page(
            request,
            "enter.html",
            None,
            status=status,
            to=to,
            name="",
            fault=fault,
            sign_on=self._room.sign_on,
            can_switch=False,
        )

    async def _ask(self, question: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question)
