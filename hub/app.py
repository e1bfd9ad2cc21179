"""The hub over HTTP: the exchange, claims, look-ups, staff, settings, the counter page. It decides nothing itself."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this function's own dependencies.

import logging
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from follow.followers import NotReadyError
from hub import contract, pages
from hub.arbiter import Arbiter
from hub.claims import SUPERVISORS, read_claim
from hub.config import HubConfig
from hub.contacts import contacts_router
from hub.enrolment import Registrar, enrolment_router
from hub.figures import figures_router
from hub.front import Front
from hub.limits import Limit
from hub.lookup import Followed, Found, LookUp, Question, TicketQuestion
from hub.node import COOKIE, HubNode
from hub.settings import StaffMember
from hub.staff import SESSION, StaffDoor, TooManyTriesError, WrongPinError
from hub.telemetry import telemetry_router
from sync.bare import JSON, Asked, Bare, Reply, routed
from sync.broadcast import Broadcast
from sync.clock import Clock
from sync.identity import Verifier
from sync.problems import Problem, install_problems, problem_docs
from sync.rights import Device, Right
from sync.serving import EVENTS, Gate, exchange_router, receiver
from sync.twins import Twins

BODY_MAX = 16 * 1024
"""Bytes of a claim or a sign-in."""
CLAIMS = "/v1/claims"
NO_STORE = {"Cache-Control": "no-store"}
PROBLEM = "application/problem+json"
_log = logging.getLogger(__name__)

_CLAIM_KINDS = {200: JSON, 204: ""}


class SignIn(BaseModel):
    """A name out of GET /v1/staff, and its PIN."""

    model_config = ConfigDict(frozen=True)

    clerk: str = Field(min_length=1, max_length=64)
    pin: str = Field(pattern="^[0-9]{1,12}$")


class Member(BaseModel):
    """A member of staff, by language."""

    id: str
    name: dict[str, str]
    role: str


def make_app(
    config: HubConfig,
    arbiter: Arbiter,
    broadcast: Broadcast,
    door: StaffDoor,
    look_up: LookUp,
    clock: Clock,
    registrar: Registrar,
) -> Front:
    """Return the application over the hub's parts; it may be made before they are started."""
    node = HubNode(arbiter, broadcast, door, registrar.shut_out)
    twins = Twins(clock)
    gate = Gate(node.device, _verifier(node, clock, twins), clock, node.revocation, twins)
    app = FastAPI(
        title="Dawr hub",
        version="1",
        summary="A centre's arbiter: calls, boards, kiosks.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # They load scripts from elsewhere.
        redoc_url=None,
    )
    install_problems(app)
    app.include_router(exchange_router(node, gate, clock))
    app.include_router(pages.pages_router(config.counter_pages))
    app.include_router(contacts_router(arbiter, gate, clock))
    _staff_routes(app, door)
    claim = _claim_route(app, arbiter, door)
    _device_routes(app, config, arbiter, look_up, gate, clock)
    app.include_router(telemetry_router(arbiter, gate, clock))
    supervisor = partial(_supervisor, door=door)
    app.include_router(enrolment_router(registrar, gate, supervisor, clock, node.forked, twins))
    app.include_router(figures_router(arbiter, supervisor))
    contract.name_the_session(app)
    for path, files in pages.folders(config.counter_pages).items():
        app.mount(path, files)
    return Front(app, {CLAIMS: claim, EVENTS: receiver(node, gate, clock)})


def _claim_route(app: FastAPI, arbiter: Arbiter, door: StaffDoor) -> Bare:
    async def claim(asked: Asked) -> Reply:
        """Do what a counter's clerk asks for, once: the same claim_id gets the same answer for ever.

        409 TAKEN {number, counter}: another counter has the ticket; other codes are the rules' reasons.
        """
        clerk = _clerk(asked, door)
        said = read_claim(await asked.body(BODY_MAX), clerk)
        if said.verb in SUPERVISORS and clerk.role != "supervisor":
            raise Problem(403, "FORBIDDEN", "Only a supervisor may do this")
        answer = await arbiter.claim(said, clerk)
        return Reply(answer.status, answer.body.encode(), _CLAIM_KINDS.get(answer.status, PROBLEM), is_stored=False)

    app.post(
        CLAIMS,
        tags=["counter"],
        response_class=Response,
        responses=problem_docs(401, 403, 411, 413, 422, 503, also=contract.CLAIM_ANSWERS),
        openapi_extra=contract.CLAIM,
    )(routed(claim))
    return claim


def _staff_routes(app: FastAPI, door: StaffDoor) -> None:
    @app.get("/v1/staff", tags=["staff"])
    async def staff() -> dict[str, list[Member]]:
        """Give the names to choose from."""
        return {"staff": [_member(each) for each in door.members()]}

    @app.post("/v1/staff/sign-in", tags=["staff"], responses=problem_docs(401, 403, 422, 429, 503))
    async def sign_in(request: Request, response: Response, said: SignIn) -> Member:
        """Sign in by name and PIN; the session is a cookie. 429: too many wrong PINs, Retry-After says how long."""
        _check_origin(Asked.of(request))
        address = request.client.host if request.client else ""
        try:
            member, token = await door.sign_in(said.clerk, said.pin, address)
        except WrongPinError as error:
            raise Problem(401, "WRONG_PIN", "The name and the PIN do not belong together") from error
        except TooManyTriesError as error:
            headers = {"Retry-After": str(error.wait_s)}
            raise Problem(429, "TOO_MANY_TRIES", "Too many wrong PINs", headers=headers) from error
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        response.headers.update(NO_STORE)
        return _member(member)

    @app.get("/v1/staff/me", tags=["staff"], responses=problem_docs(401))
    async def me(request: Request, response: Response) -> Member:
        """Say who is signed in here."""
        response.headers.update(NO_STORE)
        return _member(_signed_in(Asked.of(request), door))

    @app.post("/v1/staff/sign-out", tags=["staff"], status_code=204, responses=problem_docs(401, 403, 503))
    async def sign_out(request: Request, response: Response) -> None:
        """End the session."""
        _clerk(Asked.of(request), door)
        await door.sign_out(request.cookies[COOKIE])
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")


def _device_routes(
    app: FastAPI, config: HubConfig, arbiter: Arbiter, look_up: LookUp, gate: Gate, clock: Clock
) -> None:
    of_kiosk = Limit(config.lookups_per_minute, 60.0, clock.monotonic)
    of_customer = Limit(config.lookups_per_customer, 60.0, clock.monotonic)

    @app.get(
        "/v1/settings", tags=["devices"], responses=problem_docs(401, 403, also=contract.SETTINGS), response_model=None
    )
    async def settings(device: Annotated[Device, Depends(gate.may(Right.READ_SETTINGS))]) -> dict[str, Any]:
        """Give a kiosk the centre and the key that customers' hashes are made with."""
        return arbiter.settings.for_kiosk()

    @app.post("/v1/lookup", tags=["devices"], responses=problem_docs(401, 403, 411, 413, 422, 429, 503))
    async def lookup(device: Annotated[Device, Depends(gate.may(Right.LOOK_UP))], asked: Question) -> Found:
        """Say what is known of a customer: a booking today, a ticket already held, a registry's word.

        Without the registry `unknown` and `under_age` cannot be told and priority by age is not known: it answers from
        the copy of the day's bookings, else `none`.
        """
        wait_s = of_kiosk.take(device.id) or of_customer.take(asked.customer)
        if wait_s:
            raise Problem(429, "TOO_MANY", "Too many look-ups", headers={"Retry-After": str(wait_s)})
        return await look_up.find(asked.customer, asked.appointment)

    @app.post("/v1/followed", tags=["devices"], responses=problem_docs(401, 403, 411, 413, 422, 429, 503))
    async def followed(device: Annotated[Device, Depends(gate.may(Right.LOOK_UP))], asked: TicketQuestion) -> Followed:
        """Say how a ticket stands whose QR was shown to a kiosk. 503 while the hub reads its log after a start."""
        wait_s = of_kiosk.take(device.id)
        if wait_s:
            raise Problem(429, "TOO_MANY", "Too many look-ups", headers={"Retry-After": str(wait_s)})
        try:
            return await look_up.followed(asked.follow)
        except NotReadyError as error:
            raise Problem(503, "STARTING", "The log is being read", headers={"Retry-After": "2"}) from error


def _verifier(node: HubNode, clock: Clock, twins: Twins) -> Verifier:
    def heard(device: str, public_key: str, run: str, signed_ms: int) -> None:
        if twins.heard(device, public_key, run, signed_ms):
            _log.error("twin device=%s", device)

    return Verifier(clock, lambda device: _key_of(node.device(device)), retired=node.retired, heard=heard)


def _key_of(device: Device | None) -> str | None:
    return None if device is None else device.public_key


def _member(member: StaffMember) -> Member:
    return Member(id=member.id, name=dict(member.name), role=member.role)


def _signed_in(asked: Asked, door: StaffDoor) -> StaffMember:
    member = door.who(_token(asked.header(b"cookie")))
    if member is None:
        raise Problem(401, "SIGNED_OUT", "Sign in first")
    return member


def _token(cookies: str | None) -> str | None:
    """Return the session's value among a request's cookies. It is hexadecimal: there is nothing to unquote."""
    for cookie in (cookies or "").split(";"):
        name, _, value = cookie.partition("=")
        if name.strip() == COOKIE:
            return value.strip()
    return None


def _clerk(asked: Asked, door: StaffDoor) -> StaffMember:
    """Return who asks for a change, from a page of this very hub. Raises Problem 401 or 403."""
    member = _signed_in(asked, door)
    _check_origin(asked)
    return member


def _supervisor(request: Request, door: StaffDoor) -> StaffMember:
    """Return the supervisor who asks, from a page of this very hub. Raises Problem 401 or 403."""
    asked = Asked.of(request)
    member = _signed_in(asked, door) if request.method == "GET" else _clerk(asked, door)
    if member.role != "supervisor":
        raise Problem(403, "FORBIDDEN", "Only a supervisor may do this")
    return member


def _check_origin(asked: Asked) -> None:
    """Refuse what another site's page sends with our cookie. Every browser names the origin of a POST.

    A program that is no browser sends neither header; it has no cookie that somebody else could use.
    """
    origin = asked.header(b"origin")
    if origin is None and asked.header(b"sec-fetch-site") in (None, "same-origin", "none"):
        return
    if origin != f"{asked.scheme}://{asked.header(b'host') or ''}":
        raise Problem(403, "ORIGIN", "The request comes from another site's page")
