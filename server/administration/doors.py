"""Who asks over HTTP, and how refusals are told: the one dependency of all the administration's routes.

A session's token is one way in; whoever has another (keys of other systems) adds it with `Doors.add`.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from follow.answers import address_of
from server import enrolment
from server.administration.answers import RefusedError, Why
from server.administration.desk import Administration
from server.administration.roles import Asker
from server.api.once import IdempotencyKey, Once, OnceReader
from server.booking.api import refusals_told
from sync.problems import Problem, problem_docs

READS = problem_docs(401, 403, 404, 422, 503)
CHANGES = problem_docs(401, 403, 404, 409, 422, 503)
"""How a route may refuse, for OpenAPI."""

Way = Callable[[str, Request], Awaitable[Asker | None]]
"""Says who a bearer's token is, None where it is none of its kind. May raise Problem."""

STATUS = {
    Why.SIGNED_OUT: 401,
    Why.WRONG_PASSWORD: 403,
    Why.MUST_CHANGE: 403,
    Why.MAY_NOT: 403,
    Why.TOO_MANY: 429,
    Why.NO_SUCH_BODY: 404,
    Why.NO_SUCH_ACCOUNT: 404,
    Why.NO_SUCH_STAFF: 404,
    Why.NO_SUCH_CUSTOMER: 404,
    Why.NO_SUCH_APPOINTMENT: 404,
    Why.NO_SUCH_COMPLAINT: 404,
    Why.WEAK_PASSWORD: 422,
    Why.NAME: 422,
    Why.WRONG_PLACE: 422,
    Why.INVALID: 422,
    Why.PAST: 422,
    Why.WRONG_BIRTH_DATE: 403,
    Why.NO_REASON: 422,
    Why.PIN: 422,
    Why.CALENDAR: 422,
}
"""By the reason; any other is a conflict with how things stand: 409."""

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="account", description="The session's token of an account.")),
]


KEY = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="A key of another system, `dawr_...`; see docs/api.md."
)
"""How the description tells of keys, which come in by `Doors.add`."""


def token_of(said: HTTPAuthorizationCredentials | None) -> str:
    """Return a bearer's token, "" without one."""
    return said.credentials if said is not None else ""


class Doors:
    """The ways in. `asker` is the routes' dependency."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration
        self._ways: list[Way] = []

    def add(self, way: Way) -> None:
        """Have another way in, asked before sessions are."""
        self._ways.append(way)

    async def asker(
        self, request: Request, said: Bearer, _: Annotated[HTTPAuthorizationCredentials | None, Depends(KEY)]
    ) -> Asker:
        """Return who asks. Raises Problem, RefusedError."""
        token = token_of(said)
        for way in self._ways:
            found = await way(token, request)
            if found is not None:
                return found
        return await self._administration.asker(token, address_of(request))


def asked_by(doors: Doors, reader: OnceReader) -> Callable[..., Awaitable[Once | None]]:
    """Return the dependency of routes that change something: the request as one that is done once, if it says so."""

    async def asked(
        request: Request, asker: Annotated[Asker, Depends(doors.asker)], idempotency_key: IdempotencyKey = None
    ) -> Once | None:
        return await reader.of(request, idempotency_key, asker.id)

    return asked


class Route(APIRoute):
    """A route that tells refusals as problems."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with refusals told."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                with refusals_told():
                    return await handle(request)
            except RefusedError as error:
                raise problem_of(error) from error
            except enrolment.RefusedError as error:
                raise Problem(403, error.why.name, _title(error.why.value)) from error

        return told


def problem_of(error: RefusedError) -> Problem:
    """Return a refusal as a problem, with what belongs to its reason."""
    extra: dict[str, object] = {}
    headers: dict[str, str] = {"WWW-Authenticate": "Bearer"} if error.why is Why.SIGNED_OUT else {}
    if error.errors:
        extra["errors"] = list(error.errors)
    if error.version is not None:
        extra["version"] = error.version
    if error.displaced is not None:
        told = asdict(error.displaced)
        extra["displaced"] = told | {"by_day": {day.isoformat(): count for day, count in told["by_day"].items()}}
    if error.retry_after_s is not None:
        extra["retry_after_s"] = error.retry_after_s
        headers["Retry-After"] = str(error.retry_after_s)
    return Problem(STATUS.get(error.why, 409), error.why.name, _title(error.why.value), headers=headers, **extra)


def _title(words: str) -> str:
    return words[0].upper() + words[1:]
