"""Devices as the centre's supervisor sees them: how each stands, a code for a new one, one taken out of service.

The server decides and keeps all of it; the hub asks it, passes new machines' questions on, and knows who is heard. With
the server gone the list is what the hub has, and all that can be done is to shut a device out of this hall.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import asyncio
import logging
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.arbiter import Arbiter
from hub.devices import Health
from hub.limits import Limit
from hub.settings import SettingsError, StaffMember
from hub.shutout import ShutOut
from queueing.wire import instant_to_wire
from sync.clock import Clock
from sync.enrolling import EnrolIn, EnrolOut
from sync.gate import Gate
from sync.line import PeerLine, PeerUnavailable
from sync.problems import Problem, problem_docs
from sync.rights import Role
from sync.serving import private
from sync.twins import Twins

TRIES_PER_MINUTE = 20
_WITHIN_S = 10.0
_PASSED_ON = (403, 422, 429)
_NO_SERVER = "NO_SERVER"

_log = logging.getLogger(__name__)


class CodeIn(BaseModel):
    """For which device a code is wanted; empty: a new one, which the server names."""

    model_config = ConfigDict(frozen=True)

    role: Literal["kiosk", "display"]
    device: str = Field("", pattern="^[a-z0-9-]{0,63}$")


class CodeOut(BaseModel):
    """A one-time code; it is told once."""

    code: str
    device: str
    role: str
    expires_at: datetime


class DeviceIn(BaseModel):
    """Which device."""

    model_config = ConfigDict(frozen=True)

    device: str = Field(pattern="^[a-z0-9-]{1,63}$")


class DeviceOut(BaseModel):
    """How a device stands; what is not known is null. `heard_at` is by the hub's clock."""

    device: str
    role: str
    series: str
    incarnation: int
    state: Literal["active", "revoked", "awaited", "forked", "shut_out"] = Field(
        description="forked: old data was put back, or it was cloned; shut_out: refused by this hub alone, as yet."
    )
    heard_at: str | None
    version: str | None
    trouble: str | None = Field(description="The printer's trouble by its table; empty when it can print.")
    paper: str | None
    clock_off_s: float | None
    behind: int | None
    closed: bool | None
    revoked_at: str | None = None
    by: str = ""
    twin_since: str | None = Field(None, description="Since when its key is in use at two places at the same time.")


class DevicesOut(BaseModel):
    """The centre's devices by name. `may_change`: the server can be reached; false: this is what the hub itself has."""

    devices: list[DeviceOut]
    may_change: bool
    timezone: str
    digits: str


class Registrar:
    """Asks the server. `line` is None for a hub without one; `refetch` brings what changed into force here.

    `shut_out` keeps whom this hub refuses by its supervisor's word alone; `is_forked` says whether the server knows
    another history of this very hub.
    """

    def __init__(
        self,
        arbiter: Arbiter,
        clock: Clock,
        shut_out: ShutOut,
        is_forked: Callable[[], bool],
        line: PeerLine | None = None,
        refetch: Callable[[], None] = lambda: None,
    ) -> None:
        self.arbiter = arbiter
        self.clock = clock
        self.shut_out = shut_out
        self.is_forked = is_forked
        self._line = line
        self._refetch = refetch

    def close(self) -> None:
        """Let go of the line."""
        if self._line is not None:
            self._line.close()

    async def ask(self, target: str, content: Mapping[str, object] | None = None, *, changes: bool = False) -> object:
        """Return the server's answer; after a change what it told is in force here. Raises Problem."""
        line = self._line
        if line is None:
            raise _unavailable()

        def ask() -> object:
            if content is None:
                return line.get(target, timeout_s=_WITHIN_S)
            answer = line.post(target, content, timeout_s=_WITHIN_S)
            if changes:
                self._take_change()
            return answer

        try:
            return await asyncio.to_thread(ask)
        except PeerUnavailable as error:
            if error.status in _PASSED_ON:
                raise Problem(error.status, error.code or "REFUSED", "The server refuses it") from error
            _log.warning("server_not_asked target=%s why=%s", target, error)
            raise _unavailable() from error

    async def revoke(self, device: str, by: str) -> bool:
        """Take a kiosk or display out of service; tell whether the server knows. Else this hub refuses it by itself.

        Raises Problem 403.
        """
        try:
            await self.ask(f"/v1/devices/{device}/revoke", {"by": by}, changes=True)
        except Problem as problem:
            if problem.code != _NO_SERVER:
                raise
        else:
            return True
        found = self.arbiter.settings.devices.get(device)
        if found is None or found.role is Role.HUB:
            raise Problem(403, "DEVICE", "There is no such device in this centre")
        try:
            await asyncio.to_thread(self.shut_out.add, found, by)
        except OSError as error:
            # It is refused all the same, until the hub starts anew.
            _log.error("shut_out_not_kept error=%s", error.strerror)
        return False

    def _take_change(self) -> None:
        try:
            self._refetch()
        except (PeerUnavailable, SettingsError, OSError) as error:
            # It is done; this hub hears of it with its next word to the server.
            _log.warning("change_not_fetched kind=%s why=%s", type(error).__name__, error)


def enrolment_router(
    registrar: Registrar,
    gate: Gate,
    supervisor: Callable[[Request], StaffMember],
    clock: Clock,
    forked: Container[str],
    twins: Twins,
) -> APIRouter:
    """Return the routes; `supervisor` gives who asks from the page, or raises Problem.

    `forked` has the kiosks whose history is another than the one that the hub knows, `twins` the devices that are two.
    """
    router = APIRouter(prefix="/v1", tags=["devices"], dependencies=[Depends(private)])
    tries = Limit(TRIES_PER_MINUTE, 60.0, clock.monotonic)

    async def boss(request: Request) -> StaffMember:
        return supervisor(request)

    @router.post("/enrol", responses=problem_docs(403, 422, 429, 503))
    async def enrol(request: Request, asked: EnrolIn) -> EnrolOut:
        """Make a device of a machine here that has a one-time code: the server is asked. Repeated: the same answer.

        403 ROLE for a hub, which asks the server itself; others are the server's.
        """
        wait_s = tries.take(request.client.host if request.client else "")
        if wait_s:
            raise Problem(429, "TOO_MANY", "Too many tries", headers={"Retry-After": str(wait_s)})
        if asked.role is Role.HUB:
            raise Problem(403, "ROLE", "A hub is enrolled at the server")
        answer = await registrar.ask("/v1/enrol", asked.model_dump(mode="json"), changes=True)
        return EnrolOut.model_validate(answer)

    @router.get("/devices", responses=problem_docs(401, 403))
    async def devices(member: Annotated[StaffMember, Depends(boss)]) -> DevicesOut:
        """Say how the centre's devices stand. For supervisors."""
        try:
            answer: object = await registrar.ask("/v1/devices")
        except Problem:
            answer = None
        healths = await registrar.arbiter.healths()
        standings = cast(list[dict[str, object]], answer) if answer is not None else _of_settings(registrar.arbiter)
        rows = [_row(each, _seen(each, registrar, forked), gate.heard_at, healths) for each in standings]
        rows = [_with_twin(row, registrar, twins) for row in rows]
        centre = registrar.arbiter.settings.centre
        return DevicesOut(devices=rows, may_change=answer is not None, timezone=centre.timezone, digits=centre.digits)

    @router.post("/devices/codes", responses=problem_docs(401, 403, 422, 503))
    async def code(member: Annotated[StaffMember, Depends(boss)], asked: CodeIn) -> CodeOut:
        """Make a one-time code for a kiosk or display. For supervisors. 403 NAME, ROLE, ELSEWHERE."""
        told = await registrar.ask("/v1/devices/codes", {**asked.model_dump(), "by": member.id})
        return CodeOut.model_validate(told)

    @router.post(
        "/devices/revoke",
        status_code=204,
        response_class=Response,
        responses=problem_docs(
            401, 403, 422, also={202: {"description": "Refused by this hub; the server is to hear"}}
        ),
    )
    async def revoke(member: Annotated[StaffMember, Depends(boss)], asked: DeviceIn) -> Response:
        """Take a kiosk or display out of service. For supervisors; repetition is harmless. 403 DEVICE.

        202: the hub refuses it from now on, and tells the server when that can be reached. Until then the device keeps
        what it has stored: it erases at the server's signed word alone.
        """
        return Response(status_code=204 if await registrar.revoke(asked.device, member.id) else 202)

    return router


def _unavailable() -> Problem:
    return Problem(503, _NO_SERVER, "The server cannot be asked now", headers={"Retry-After": "10"})


def _of_settings(arbiter: Arbiter) -> list[dict[str, object]]:
    devices = sorted(arbiter.settings.devices.values(), key=lambda device: device.id)
    found: list[dict[str, object]] = [
        {"device": each.id, "role": each.role.value, "series": each.series, "incarnation": 0, "state": "active"}
        for each in devices
    ]
    gone = sorted(set(arbiter.settings.retired) - set(arbiter.settings.devices))
    return found + [{"device": name, "role": "", "series": "", "incarnation": 0, "state": "revoked"} for name in gone]


def _with_twin(row: DeviceOut, registrar: Registrar, twins: Twins) -> DeviceOut:
    known = registrar.arbiter.settings.devices.get(row.device)
    since = twins.since(known.id, known.public_key) if known is not None else None
    return row if since is None else row.model_copy(update={"twin_since": instant_to_wire(since)})


def _seen(standing: Mapping[str, object], registrar: Registrar, forked: Container[str]) -> str:
    """Return a device's state with what this hub knows beyond the server."""
    name, state = str(standing["device"]), str(standing["state"])
    known = registrar.arbiter.settings.devices.get(name)
    if state not in ("active", "forked") or known is None:
        return state
    if known in registrar.shut_out:
        return "shut_out"
    is_forked = registrar.is_forked() if known.role is Role.HUB else name in forked
    return "forked" if is_forked else state


def _row(
    standing: Mapping[str, object],
    state: str,
    heard_at: Mapping[str, datetime],
    healths: Mapping[str, Health],
) -> DeviceOut:
    name = str(standing["device"])
    health, heard = healths.get(name), heard_at.get(name)
    return DeviceOut.model_validate(
        {key: standing[key] for key in ("device", "role", "series", "incarnation")}
        | {"state": state}
        | {"revoked_at": standing.get("revoked_at"), "by": str(standing.get("by") or "").partition("/")[2]}
        | {
            "heard_at": None if heard is None else instant_to_wire(heard),
            "version": health.version if health is not None else None,
            "trouble": health.trouble if health is not None else None,
            "paper": health.paper if health is not None else None,
            "clock_off_s": round(health.clock_off_s, 1) if health is not None else None,
            "behind": health.behind if health is not None else None,
            "closed": health.closed if health is not None else None,
        }
    )
