"""The server's HTTP: the exchange of logs, and what hubs, kiosks and the public may ask. It decides no booking.

OpenAPI is at /openapi.json; tests hold every answer against it.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute
from sqlmodel import Session, select

from queueing.centre import Centre
from queueing.hours import Open, opening
from server import bookings, models
from server.api import paging
from server.api.forms import Day
from server.api.nul import WithoutNul
from server.devices import TRIES_PER_MINUTE, Devices, devices_router
from server.limits import Limit, limit
from server.messages import Messages, messages_router
from server.node import ServerNode
from server.nonces import once_of_all
from server.registers import Registers
from server.rooms.room import Meeting, Rooms
from server.signing import ServerKey
from server.standings import Standings
from server.storage import Store
from server.tables import CentreRow
from sync.clock import Clock
from sync.commit import Commit
from sync.gate import Gate
from sync.identity import Verifier
from sync.problems import Problem, install_problems, problem_docs
from sync.revocation import Word
from sync.rights import Device, Right, Role
from sync.serving import exchange_router, private
from sync.writer import Writer

_ABOUT = """The central booking server of Dawr. Devices sign each request with their Ed25519 key. Errors are RFC 9457
problems whose `code` is for programs. A field that is not described here may be added at any time: leave unknown ones
aside."""


def create_app(
    registers: Registers,
    store: Store,
    writer: Writer[Commit],
    clock: Clock,
    *,
    key: ServerKey,
    lookups_per_minute: int,
    lookups_per_customer: int,
    messages: Messages | None = None,
    devices: Devices | None = None,
    standings: Standings | None = None,
    rooms: Rooms | None = None,
) -> FastAPI:
    """Return the application over a started writer and an open store; `key` signs, devices are told its public half.

    `rooms` are what appointments by video are held in.
    """
    devices = devices or Devices(store, registers, clock, writer)
    node = ServerNode(registers, writer, clock, standings or Standings(clock), devices)

    def public_key(device_id: str) -> str | None:
        device = node.device(device_id)
        return None if device is None else device.public_key

    def word(device_id: str, retired_key: str) -> Word:
        gone = registers.retired_of(device_id)[retired_key]
        return key.revocation(device_id, gone.incarnation, gone.at or clock.now())

    verifier = Verifier(clock, public_key, retired=registers.retired_of)
    gate = Gate(
        node.device, verifier, clock, lambda *which: word(*which).to_wire(), once=once_of_all(store, clock, "exchange")
    )
    app = FastAPI(title="Dawr server", version="1", description=_ABOUT, docs_url=None, redoc_url=None)
    install_problems(app)
    app.add_middleware(WithoutNul)
    exchange = exchange_router(node, gate, clock)
    # A server has no hall, so no views: what would always answer "no such view" is not offered.
    exchange.routes[:] = [
        route
        for route in exchange.routes
        if isinstance(route, APIRoute) and not route.path.endswith(("/snapshot", "/live"))
    ]
    app.include_router(exchange)
    by_device = limit(store, clock, "lookups_of_device", lookups_per_minute)
    by_customer = limit(store, clock, "lookups_of_customer", lookups_per_customer)
    app.include_router(_centre_router(registers, store, gate, clock, by_device, by_customer, key.public, word, rooms))
    app.include_router(_public_router(registers, store, writer, clock))
    app.include_router(messages_router(messages, gate))
    tries = limit(store, clock, "enrolments", TRIES_PER_MINUTE)
    app.include_router(devices_router(devices, registers, gate, tries, key.public))
    return app


def include_first(app: FastAPI, router: APIRouter) -> None:
    """Include what is asked for most where it is looked for first.

    Routes are looked through in order: to find that a hundred do not fit took a tenth of a booking's time.
    """
    app.include_router(router)
    app.router.routes.insert(0, app.router.routes.pop())


def _centre_router(
    registers: Registers,
    store: Store,
    gate: Gate,
    clock: Clock,
    by_device: Limit,
    by_customer: Limit,
    booking_key: str,
    word: Callable[[str, str], Word],
    rooms: Rooms | None,
) -> APIRouter:
    """Return what a centre's devices ask."""
    router = APIRouter(prefix="/v1", tags=["centre"], dependencies=[Depends(private)])
    registry = bookings.Registry(store.vault)
    reads_settings, reads_appointments = gate.may(Right.READ_SETTINGS), gate.may(Right.READ_APPOINTMENTS)
    looks_up = gate.may(Right.LOOK_UP)

    @router.get("/settings", responses=problem_docs(401, 403))
    async def settings(
        device: Annotated[Device, Depends(reads_settings)],
    ) -> models.HubSettings | models.KioskSettings:
        """Give a device what it works with, by its role: a hub also the staff and the other devices of its centre."""
        version, centre = registers.revisions[device.centre], registers.centres[device.centre].to_json()
        if device.role is not Role.HUB:
            return models.KioskSettings(
                version=version, centre=centre, lookup_key=store.vault.lookup_key, booking_key=booking_key
            )
        staff = [models.Staff.model_validate(member, from_attributes=True) for member in registers.staff[device.centre]]
        devices = [
            models.CentreDevice(
                id=found.device.id,
                role=found.device.role,
                series=found.device.series,
                incarnation=found.incarnation,
                public_key=found.device.public_key,
            )
            for found in registers.devices_of(device.centre)
        ]
        return models.HubSettings(
            version=version,
            centre=centre,
            lookup_key=store.vault.lookup_key,
            booking_key=booking_key,
            staff=staff,
            devices=devices,
            retired=[
                models.RetiredKey(
                    id=name,
                    public_key=key,
                    revocation=models.Revocation.model_validate(word(name, key), from_attributes=True),
                )
                for name, keys in registers.retired.items()
                if registers.devices[name].device.centre == device.centre
                for key in keys
            ],
        )

    @router.get("/day-appointments", responses=problem_docs(401, 403, 422, 503))
    async def day_appointments(
        device: Annotated[Device, Depends(reads_appointments)],
        day: Annotated[Day, Query(description="A day at the centre, YYYY-MM-DD.")],
    ) -> list[models.DayAppointment]:
        """Give a hub the appointments of one day, so that it knows them with the line down.

        One by video has the clerk's link to its room with it: that has to be there at the moment of the call.
        """
        centre = registers.centres[device.centre]
        found = await store.run(lambda session: bookings.of_day(session, centre, day))

        def told(booking: bookings.Booking) -> models.DayAppointment:
            said = models.DayAppointment.model_validate(booking, from_attributes=True)
            if rooms is None or booking.channel != "virtual":
                return said
            return said.model_copy(
                update={"room": rooms.link(Meeting(centre.id, booking.id, booking.slot_at), "clerk")}
            )

        return [told(booking) for booking in found]

    @router.post("/lookup", responses=problem_docs(401, 403, 411, 413, 422, 429, 503))
    async def lookup(device: Annotated[Device, Depends(looks_up)], asked: models.LookupIn) -> models.LookupOut:
        """Say what the registry knows of a customer today. Limited by device and, within a centre, by customer."""
        wait_s = await by_device.take(device.id) or await by_customer.take(f"{device.centre}/{asked.customer}")
        if wait_s:
            headers = {"Retry-After": str(wait_s)}
            raise Problem(429, "TOO_MANY", "Too many look-ups in this minute", headers=headers, retry_after_s=wait_s)
        centre = registers.centres[device.centre]
        found = await store.run(lambda session: registry.look_up(session, centre, asked.customer, clock.now()))
        appointments = [
            models.CustomerAppointment(id=each.id, service=each.service, slot_at=each.slot_at)
            for each in found.appointments
        ]
        return models.LookupOut(result=found.result, appointments=appointments, priority=found.priority)

    return router


def _public_router(registers: Registers, store: Store, writer: Writer[Commit], clock: Clock) -> APIRouter:
    """Return what everybody may ask."""
    router = APIRouter(prefix="/v1", tags=["public"])

    @router.get("/centres", responses=problem_docs(422))
    async def centres(
        request: Request, response: Response, after: paging.After = "", limit: paging.Limit = paging.MOST
    ) -> list[models.PublicCentre]:
        """List the centres by their ids: names, services, hours, whether each is open now.

        Where there are more the Link header says so.
        """
        response.headers["Cache-Control"] = "public, max-age=60"
        where = paging.position(after, 1)
        every = sorted(registers.centres.values(), key=lambda centre: centre.id)
        rest = [centre for centre in every if where is None or centre.id > where[0]]
        found, following = paging.cut(rest[: limit + 1], limit, lambda last: paging.cursor(last.id))
        paging.link(request, response, following)
        return [_public(centre, clock) for centre in found]

    @router.get("/health", responses=problem_docs(503), dependencies=[Depends(private)])
    async def health() -> models.Health:
        """Ask both databases; 503 when one does not answer."""
        await store.run(_first_centre)
        await writer.run(_own_head)
        return models.Health(status="ok", now=clock.now())

    return router


def _public(centre: Centre, clock: Clock) -> models.PublicCentre:
    now = opening(centre, clock.now())
    settings = centre.to_json()
    keys = ("id", "name", "timezone", "hours", "holidays", "extra_days", "services")
    return models.PublicCentre.model_validate(
        {key: settings[key] for key in keys}
        | {"open": isinstance(now, Open), "changes_at": now.until if isinstance(now, Open) else now.next_opens_at}
    )


def _first_centre(session: Session) -> str | None:
    return session.exec(select(CentreRow.id).limit(1)).first()


def _own_head(tx: Commit) -> int:
    return tx.log.head(tx.log.stream).seq
