"""Customers who sign in with the national sign-on: there, back again, and out of it.

Whoever comes back has a CPR on the provider's word; registration and everything else is as with a code. The CPR is in
no address and no log; where it has to pass through the browser (the date of birth is missing) it does so under seal.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import address_of
from queueing.cpr import parse
from server.booking.answers import RefusedError, Why
from server.booking.registry import Person
from server.pages.guard import BY_SIGN_ON, keep_cookie, keep_session, read_form
from server.pages.public import add_pages
from server.pages.room import Room
from server.pages.signing_in import date_of
from server.sign_on.config import SignOnConfig
from server.sign_on.journey import COOKIE, HOLDS, Journey, opened, seal, sealed, unseal
from server.sign_on.provider import Begun, Doubt, Provider, SignOnRefusedError, SignOnUnavailable
from server.vault import Vault

BACK = "/sign-on/back"
"""Where the provider sends browsers: `origin` and this is what has to be registered with it."""
_PLACE, _BIRTH = "customer", "customer/birth"
_AT_ONCE = 8
"""So many questions to the provider at a time; the rest wait."""
_PHONE = re.compile(r"\+[0-9]{6,15}")
_NAME, _NAME_MOST = "name/", 120

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignOn:
    """What the customers' sign-on is made of."""

    config: SignOnConfig
    provider: Provider
    vault: Vault


class SignOnPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: Room, sign_on: SignOn, *, has_codes: bool) -> None:
        """`has_codes`: there is another way in when this one is closed."""
        self._room = room
        self._config = sign_on.config
        self._provider = sign_on.provider
        self._vault = sign_on.vault
        self._has_codes = has_codes
        # Threads of its own: a provider that hangs holds up nobody but those who wait for it.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sign-on")
        self.router = APIRouter()
        for path, endpoint, methods in (
            ("/sign-in/national", self._go, ("GET",)),
            ("/sign-in/national", self._declare, ("POST",)),
            ("/signed-out", self._signed_out, ("GET",)),
            ("/sign-out/national", self._leave, ("GET",)),
        ):
            add_pages(self.router, room.frame, path, room.guarded(endpoint), methods)
        self.router.add_route(BACK, room.guarded(self._come_back), ["GET"], include_in_schema=False)

    async def _go(self, request: Request) -> Response:
        to, language = self._room.back(request, request.query_params.get("to", "")), self._room.frame.language(request)
        begun = Begun.make()
        try:
            address = await self._ask(lambda: self._provider.address(begun, language))
        except SignOnUnavailable:
            return self._trouble(request, "away", to)
        response = self._room.frame.go(address)
        carried = sealed(Journey(begun, to, language), self._vault, self._room.clock.now(), _PLACE)
        keep_cookie(request, response, COOKIE, carried, int(HOLDS.total_seconds()), same_site="lax")
        return response

    async def _come_back(self, request: Request) -> Response:
        journey = opened(request.cookies.get(COOKIE, ""), self._vault, self._room.clock.now(), _PLACE)
        if journey is None:
            return self._trouble(request, "lost", self._room.back(request, ""))
        request = in_language(request, journey.language)
        try:
            claims = await self._ask(
                lambda: self._provider.claims(journey.begun, dict(request.query_params), self._config.claims)
            )
        except SignOnUnavailable:
            return self._trouble(request, "away", journey.to)
        except SignOnRefusedError as error:
            _log.info("sign_on_refused why=%s about=%s", error.why.name, error.about)
            return self._trouble(request, "cancelled" if error.why is Doubt.CANCELLED else "lost", journey.to)
        cpr = parse(str(claims.get(self._config.cpr, "")))
        if cpr is None:
            _log.warning("sign_on_without_cpr claim=%s", self._config.cpr)
            return self._trouble(request, "no_cpr", journey.to)
        response = await self._admit(request, cpr, _person(claims, self._config), journey.to)
        keep_cookie(request, response, COOKIE, "", 0, same_site="lax")
        return response

    async def _declare(self, request: Request) -> Response:
        """Take the date of birth of somebody who was vouched for, where nobody else knows it."""
        fields = await read_form(request)
        carried = fields.get("carried", "")
        said = unseal(self._vault, carried, self._room.clock.now(), _BIRTH)
        if said is None:
            return self._trouble(request, "lost", self._room.back(request, ""))
        born = date_of(fields)
        if born is None:
            return self._birth_page(request, carried, fault="birth")
        names = {key.removeprefix(_NAME): text for key, text in said.items() if key.startswith(_NAME)}
        person = Person(names, None, said["phone"])
        return await self._admit(request, said["cpr"], person, self._room.back(request, said["to"]), born)

    async def _admit(self, request: Request, cpr: str, person: Person, to: str, born: date | None = None) -> Response:
        language, origin = self._room.frame.language(request), address_of(request)
        try:
            entered = await self._room.booking.admit(cpr, person, language, origin, born)
        except RefusedError as error:
            if error.why is Why.BIRTH_DATE:
                said = {f"{_NAME}{language}": text for language, text in person.name.items()}
                said |= {"cpr": cpr, "phone": person.phone, "to": to}
                carried = seal(self._vault, said, self._room.clock.now(), _BIRTH)
                return self._birth_page(request, carried, fault="" if born is None else "birth")
            if error.why is Why.UNDER_AGE:
                return self._room.page(request, "refused.html", None, status=422, what="under_age")
            raise
        # Not sent on at once: the browser would still count it as a visit from the provider's site, and leave our own
        # Strict cookies at home. From this page, which is ours, it goes on by itself.
        response = self._room.page(request, "sign_on_done.html", None, to=to, can_switch=False)
        response.headers["Refresh"] = f"0; url={to}"
        seconds = int((entered.expires_at - self._room.clock.now()).total_seconds())
        keep_session(request, response, entered.token, seconds)
        keep_cookie(request, response, BY_SIGN_ON, "1", seconds)
        return response

    async def _signed_out(self, request: Request) -> Response:
        return self._room.page(request, "sign_on_left.html", None)

    async def _leave(self, request: Request) -> Response:
        root = self._room.root(request)
        try:
            address = await self._ask(lambda: self._provider.leaving(root))
        except SignOnUnavailable:
            return self._trouble(request, "away", root)
        return self._room.frame.go(address or root)

    def _birth_page(self, request: Request, carried: str, *, fault: str) -> Response:
        status = 422 if fault else 200
        return self._room.page(
            request, "sign_on_birth.html", None, status=status, carried=carried, fault=fault, can_switch=False
        )

    def _trouble(self, request: Request, what: str, to: str) -> Response:
        status = {"away": 503, "cancelled": 200, "lost": 400, "no_cpr": 403}[what]
        return self._room.page(
            request,
            "sign_on_trouble.html",
            None,
            status=status,
            what=what,
            to=to,
            has_codes=self._has_codes,
            can_switch=False,
        )

    async def _ask(self, question: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question)


def _person(claims: Mapping[str, Any], config: SignOnConfig) -> Person:
    """Return who the provider says it is, as far as it can be used."""
    names = {language: str(claims[claim])[:_NAME_MOST] for language, claim in config.names if claims.get(claim)}
    try:
        born = date.fromisoformat(str(claims.get(config.born, "")))
    except ValueError:  # None, or a year alone, as the standard allows
        born = None
    phone = str(claims.get(config.phone, "")).replace(" ", "")
    if claims.get(f"{config.phone}_verified") is False:  # only said so: messages would go to a stranger
        phone = ""
    return Person(names, born, phone if _PHONE.fullmatch(phone) else "")


def in_language(request: Request, language: str) -> Request:
    """Return a request as one to a page in a language: the way back is one address for all of them."""
    return Request({**request.scope, "path": f"/{language}/sign-in"}, request.receive)
