"""What a customer's pages share: who is signed in, forms, and what a rule's "no" looks like."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre, Service
from server.booking.answers import Customer, RefusedError, Why
from server.booking.desk import Booking, Token
from server.booking.registry import RegistryUnavailable
from server.pages.frame import Frame
from server.pages.guard import SESSION, ForeignError, keep_mark, mark_of
from server.pages.phrases import Phrases
from server.registers import Registers
from sync.clock import Clock

_GONE = frozenset({Why.NO_SUCH_CENTRE, Why.NO_SUCH_SERVICE, Why.NO_SUCH_APPOINTMENT})
_TOLD = {
    Why.NOT_OPEN: ("not_open", 409),
    Why.NOT_VIRTUAL: ("not_virtual", 409),
    Why.RATED: ("rated", 409),
    Why.NOT_RATABLE: ("not_ratable", 409),
}
"""Refusals that are alike wherever they come up: what is said, and the answer's status."""
RETRY_AFTER_S = 5
_BACK = re.compile(r"/[a-z]{2,3}/[A-Za-z0-9_/-]*(\?[A-Za-z0-9_=&-]*)?")

Endpoint = Callable[[Request], Awaitable[Response]]


class Room:
    """Frame, booking and registers as the customer's pages use them."""

    def __init__(self, frame: Frame, booking: Booking, registers: Registers, clock: Clock) -> None:
        self.frame = frame
        self.booking = booking
        self.registers = registers
        self.clock = clock

    def phrases(self, request: Request) -> Phrases:
        """Return what is said in the request's language."""
        return self.frame.phrases[self.frame.language(request)]

    def root(self, request: Request) -> str:
        """Return the request's language as its path begins."""
        return f"/{self.frame.language(request)}"

    def token(self, request: Request) -> Token | None:
        """Return the token of a session that the browser brings, None for none; the session may be over."""
        return Token(request.cookies.get(SESSION, "")) or None

    async def customer(self, request: Request) -> Customer | None:
        """Return who is signed in, None when nobody is."""
        token = self.token(request)
        if token is None:
            return None
        try:
            return await self.booking.customer(token)
        except RefusedError as error:
            if error.why is Why.SIGNED_OUT:
                return None
            raise

    def page(self, request: Request, template: str, customer: Customer | None, **values: Any) -> Response:
        """Return a page that may have forms."""
        mark = mark_of(request)
        response = self.frame.page(request, template, form=mark, signed_in=customer is not None, **values)
        keep_mark(request, response, mark)
        return response

    def sign_in_first(self, request: Request, to: str | None = None) -> Response:
        """Send somebody to the sign-in, and back to a page afterwards."""
        path = to or request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return self.frame.go(f"{self.root(request)}/sign-in?to={quote(path, safe='/')}")

    def back(self, request: Request, to: str) -> str:
        """Return where to go after a sign-in: a page of ours, whatever somebody has put there."""
        known = _BACK.fullmatch(to) and to.split("/")[1] in self.frame.catalogues and "//" not in to
        return to if known else f"{self.root(request)}/mine"

    def centre(self, request: Request) -> Centre:
        """Return the centre that a path names. Raises RefusedError."""
        centre = self.registers.centres.get(request.path_params["centre"])
        if centre is None:
            raise RefusedError(Why.NO_SUCH_CENTRE)
        return centre

    def service(self, request: Request, centre: Centre) -> Service:
        """Return the service that a path names, when it is booked at all. Raises RefusedError."""
        service = centre.service(request.path_params["service"])
        if service is None or not service.appointments:
            raise RefusedError(Why.NO_SUCH_SERVICE)
        return service

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint whose refusals and unavailabilities have a face."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except ForeignError:
                return self.frame.trouble(request, 403, "foreign")
            except RegistryUnavailable:
                return self.frame.trouble(request, 503, "unavailable", retry_after_s=RETRY_AFTER_S)
            except RefusedError as error:
                return await self._refused(request, error)

        return answer

    async def _refused(self, request: Request, error: RefusedError) -> Response:
        if error.why in _GONE:
            return self.frame.trouble(request, 404, "missing")
        if error.why in (Why.TOO_MANY, Why.TOO_MANY_CODES):
            return self.frame.trouble(request, 429, "too_many", retry_after_s=error.retry_after_s or 60)
        if error.why is Why.SIGNED_OUT:
            return self.sign_in_first(request, f"{self.root(request)}/mine")
        if error.why in _TOLD:
            what, status = _TOLD[error.why]
            return self.page(request, "refused.html", await self.customer(request), status=status, what=what)
        raise error  # a refusal that its page has to have words for
