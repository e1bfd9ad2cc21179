"""Devices while the server runs: codes, enrolment, revocation, and how each stands. HTTP for hubs and new machines.

Each change is in the registers and in memory when a verb returns. The rules are `server.enrolment`'s.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from queueing.wire import Stream
from server import enrolment
from server.enrolment import Code, Made, RefusedError, Wanted, Why
from server.limits import Limit
from server.postgres import one_at_a_time
from server.registers import Registered, Registers
from server.storage import Store
from sync.clock import Clock
from sync.commit import Commit
from sync.enrolling import EnrolIn, EnrolOut
from sync.enrolment import grouped, proof_of
from sync.gate import Gate
from sync.problems import Problem, problem_docs
from sync.rights import Device, Right, Role
from sync.serving import private
from sync.signature import is_signed
from sync.storage import StorageUnavailable
from sync.writer import Writer

TRIES_PER_MINUTE = 20
"""From one address. Behind a proxy or a hub all come from one: a hall's devices are enrolled one after another."""

FORKS = "fork"
"""Of the news: the history of a device is another than the one that is known, or is so no more."""

State = Literal["active", "revoked", "awaited", "forked"]

AroundRevoking = Callable[[Session, Callable[[Session], bool]], bool]
"""What else is done in the transaction of a revocation, and whether it is: an answer may be there already."""

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands. `last_event_at` is its newest event here, by its own clock.

    One that is forked (old data was put back on it, or it was cloned) is taken nothing from until it is enrolled anew.
    """

    device: str
    role: Role
    centre: str
    series: str
    incarnation: int
    state: State
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None
    forked_since: datetime | None = None
    by: str = ""
    hardware: str = ""
    code_expires_at: datetime | None = None
    last_event_at: datetime | None = None


class Devices:
    """The verbs, for any thread but an event loop's: each waits for the disk. RefusedError and StorageUnavailable.

    `writer` is the server's log, None while no server runs.
    """

    def __init__(self, store: Store, registers: Registers, clock: Clock, writer: Writer[Commit] | None = None) -> None:
        self._store = store
        self._registers = registers
        self._clock = clock
        self._writer = writer
        self._forks = set(store.call(enrolment.forks))
        store.news.listen(FORKS, lambda _: self._read_forks())

    def new_code(self, wanted: Wanted, by: str, *, also: Callable[[Session, Code], object] = lambda *_: None) -> Code:
        """Make a one-time code for a device; `also` is done in the same commit."""

        def job(session: Session) -> Code:
            made = enrolment.make_code(session, wanted, by, self._clock.now())
            also(session, made)
            return made

        code = self._store.call(_alone(job))
        _log.info("code_made device=%s centre=%s by=%s", code.device, code.centre, by)
        return code

    def enrol(self, code: str, role: Role, public_key: str, proof: str, hardware: str) -> Made:
        """Make a device of a machine that has a code and shows that it holds the key."""
        try:
            is_proved = is_signed(public_key, proof_of(code, role, public_key), proof)
        except ValueError:
            is_proved = False
        if not is_proved:
            raise RefusedError(Why.PROOF)
        secret_hash = self._store.call(_alone(lambda session: enrolment.take_try(session, code)))
        # Slow on purpose, so not in the registers' one thread.
        if not enrolment.is_secret(secret_hash, code):
            raise RefusedError(Why.WRONG_CODE)
        now = self._clock.now()
        made = self._changed(lambda session: enrolment.spend(session, code, role, public_key, hardware, now))
        _log.info("enrolled device=%s incarnation=%d centre=%s", made.device, made.incarnation, made.centre)
        return made

    def revoke(
        self, device: str, by: str, centre: str = "", public_key: str = "", *, around: AroundRevoking | None = None
    ) -> bool:
        """Take a device out of service, if `public_key` is still its key or none is named; tell whether it was in.

        `around` is what that is done within, in its commit.
        """
        now = self._clock.now()

        def job(session: Session) -> bool:
            return enrolment.revoke(session, device, by, now, centre, public_key)

        was_in = self._changed(job if around is None else lambda session: around(session, job))
        _log.warning("revoked device=%s by=%s was_in=%d", device, by, was_in)
        return was_in

    async def note_fork(self, stream: Stream, *, is_fork: bool) -> None:
        """Keep whether a device's own history is another than the one that is known here. Raises StorageUnavailable.

        Of an earlier incarnation it says nothing: that was dealt with when the device was enrolled anew.
        """
        known = self._registers.devices.get(stream.device)
        if (stream in self._forks) == is_fork or known is None or known.incarnation != stream.incarnation:
            return
        note, undo = (self._forks.add, self._forks.discard) if is_fork else (self._forks.discard, self._forks.add)
        note(stream)  # Before the disk: the same word comes again meanwhile.
        now = self._clock.now()
        try:
            await self._store.run(lambda session: enrolment.note_fork(session, *stream, now, is_fork=is_fork))
        except StorageUnavailable:
            undo(stream)  # It is not kept: the next word is to be.
            raise
        self._store.news.tell(FORKS)
        if is_fork:
            _log.error("forked device=%s incarnation=%d centre=%s", *stream, known.device.centre)
        else:
            _log.info("rejoined device=%s incarnation=%d", *stream)

    def standings(self, centre: str = "") -> list[Standing]:
        """Return every device (of a centre), and those that a code waits for, by centre and name."""
        now = self._clock.now()

        def look(session: Session) -> list[Standing]:
            done, revoked = enrolment.acts(session), enrolment.acts(session, ["revoked"])
            enrolled, codes = enrolment.acts(session, ["enrolled"]), enrolment.waiting_codes(session, now)
            forks = enrolment.forks(session)
            expiry = {row.device: row.expires_at for row in codes}
            known = self._registers.devices
            rows = [
                Standing(
                    device=name,
                    forked_since=None if found.revoked else forks.get(Stream(name, found.incarnation)),
                    role=found.device.role,
                    centre=found.device.centre,
                    series=found.device.series,
                    incarnation=found.incarnation,
                    state=_state(name, found, forks),
                    enrolled_at=enrolled[name].at if name in enrolled else None,
                    revoked_at=revoked[name].at if found.revoked and name in revoked else None,
                    by=done[name].by if name in done else "seed",
                    hardware=enrolled[name].note if name in enrolled else "",
                    code_expires_at=expiry.get(name),
                )
                for name, found in known.items()
            ]
            return rows + [
                Standing(
                    device=row.device,
                    role=Role(row.role),
                    centre=row.centre,
                    series=row.series,
                    incarnation=0,
                    state="awaited",
                    by=row.made_by,
                    code_expires_at=row.expires_at,
                )
                for row in codes
                if row.device not in known
            ]

        found = [each for each in self._store.call(look) if centre in ("", each.centre)]
        newest = self._newest_events({each.device for each in found})
        told = [replace(each, last_event_at=newest.get(each.device)) for each in found]
        return sorted(told, key=lambda each: (each.centre, each.device))

    def _changed(self, job: Callable[[Session], _T]) -> _T:
        """Run a job that changes devices, and have the server see what it did."""

        def both(session: Session) -> tuple[_T, Registers]:
            result = job(session)
            session.flush()
            return result, Registers.read(session)

        result, _ = self._store.call(_alone(both), lambda done: self._registers.renew(done[1]))
        return result

    def _read_forks(self) -> None:
        self._forks = set(self._store.call(enrolment.forks))

    def _newest_events(self, devices: Collection[str]) -> Mapping[str, datetime]:
        if self._writer is None:
            return {}

        def look(tx: Commit) -> dict[str, datetime]:
            # In the order of incarnations: the last one's word stays.
            last = {stream.device: (stream, head) for stream, head in sorted(tx.log.streams().items()) if head.seq}
            asked = [last[device] for device in devices if device in last]
            return {stream.device: tx.log.read_stream(stream, head.seq - 1, 1)[0].at for stream, head in asked}

        return self._writer.submit(look).result()


def _alone(job: Callable[[Session], _T]) -> Callable[[Session], _T]:
    """Return a job that is the only one at the devices: what it finds free stays so until it is done."""

    def alone(session: Session) -> _T:
        one_at_a_time(session, "devices")
        return job(session)

    return alone


def _state(name: str, found: Registered, forks: Mapping[Stream, datetime]) -> State:
    if found.revoked:
        return "revoked"
    return "forked" if Stream(name, found.incarnation) in forks else "active"


class CodeIn(BaseModel):
    """For which device of its centre a hub's supervisor wants a code."""

    model_config = ConfigDict(frozen=True)

    role: Literal["kiosk", "display"]
    device: str = Field("", max_length=63, description="Empty: a new one, which the server names.")
    by: str = Field(min_length=1, max_length=64, description="Who asked: the id of a member of staff.")


class CodeOut(BaseModel):
    """A one-time code; it is told once."""

    code: str = Field(examples=["4821-739-405"])
    device: str
    role: Role
    expires_at: datetime


class RevokeIn(BaseModel):
    """Who takes a device out of service."""

    model_config = ConfigDict(frozen=True)

    by: str = Field(min_length=1, max_length=64)
    public_key: str = Field("", max_length=44, description="Only if this is its key still; empty: whatever it is.")


class RevokeOut(BaseModel):
    """What became of it."""

    device: str
    was_in_service: bool


class StandingOut(BaseModel):
    """How a device stands."""

    device: str
    role: Role
    series: str
    incarnation: int
    state: State
    enrolled_at: datetime | None
    revoked_at: datetime | None
    forked_since: datetime | None
    by: str
    code_expires_at: datetime | None
    last_event_at: datetime | None


def devices_router(devices: Devices, registers: Registers, gate: Gate, tries: Limit, server_key: str) -> APIRouter:
    """Return the routes: enrolment for anybody with a code, the rest for a hub about its own centre.

    `server_key` is the server's public key, which who is enrolled is told.
    """
    router = APIRouter(prefix="/v1", tags=["devices"], dependencies=[Depends(private)])
    manages = gate.may(Right.MANAGE_DEVICES)

    @router.post("/enrol", responses=problem_docs(403, 422, 429, 503))
    async def enrol(request: Request, asked: EnrolIn) -> EnrolOut:
        """Make a device of a machine with a one-time code. Repeated with the same key: the same answer.

        403 WRONG_CODE, EXPIRED, SPENT, EXHAUSTED, ROLE, SERIES, KEY, PROOF.
        """
        wait_s = await tries.take(request.client.host if request.client else "")
        if wait_s:
            raise Problem(429, "TOO_MANY", "Too many tries", headers={"Retry-After": str(wait_s)})
        made = await _asked(
            lambda: devices.enrol(asked.code, asked.role, asked.public_key, asked.proof, asked.hardware)
        )
        told = EnrolOut.model_validate(made, from_attributes=True)
        return told.model_copy(update={"server_key": server_key})

    @router.get("/devices", responses=problem_docs(401, 403, 503))
    async def listed(device: Annotated[Device, Depends(manages)]) -> list[StandingOut]:
        """Say how the devices of the hub's centre stand, revoked ones too."""
        found = await asyncio.to_thread(devices.standings, device.centre)
        return [StandingOut.model_validate(each, from_attributes=True) for each in found]

    @router.post("/devices/codes", responses=problem_docs(401, 403, 411, 413, 422, 503))
    async def code(device: Annotated[Device, Depends(manages)], asked: CodeIn) -> CodeOut:
        """Make a code for a kiosk or display of the hub's centre. 403 ELSEWHERE, NAME, ROLE."""
        wanted = Wanted(device.centre, Role(asked.role), asked.device)
        made = await _asked(lambda: devices.new_code(wanted, f"{device.id}/{asked.by}"))
        return CodeOut(code=grouped(made.code), device=made.device, role=made.role, expires_at=made.expires_at)

    @router.post("/devices/{name}/revoke", responses=problem_docs(401, 403, 411, 413, 422, 503))
    async def revoke(device: Annotated[Device, Depends(manages)], name: str, asked: RevokeIn) -> RevokeOut:
        """Take a kiosk or display of the hub's centre out of service. Repetition is harmless. 403 DEVICE."""
        found = registers.devices.get(name)
        if found is None or found.device.role is Role.HUB:
            raise _refusal(RefusedError(Why.DEVICE))
        was_in = await _asked(lambda: devices.revoke(name, f"{device.id}/{asked.by}", device.centre, asked.public_key))
        return RevokeOut(device=name, was_in_service=was_in)

    return router


async def _asked(verb: Callable[[], _T]) -> _T:
    try:
        return await asyncio.to_thread(verb)
    except RefusedError as error:
        raise _refusal(error) from error


def _refusal(error: RefusedError) -> Problem:
    return Problem(403, error.why.name, error.why.value.capitalize())
