"""What the holder of a key asks: the slots and appointments of the key's centres; to book, move, cancel for customers.

It decides nothing: booking's verbs do, and count what is done here as the customer's own doing. Each act is kept with
the key's name in the same commit. Who a customer is goes in only: no answer says it.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlmodel import Session, and_, col, or_, select

from server.api.door import KeyDoor
from server.api.forms import Day, Instant
from server.api.keys import ApiKey, KeyRight, note
from server.api.once import IdempotencyKey, Once, OnceReader, once
from server.api.paging import After, Limit, cursor, cut, link, time_position
from server.booking.answers import Appointment, RefusedError, Status, Why
from server.booking.api import (
    AppointmentId,
    AppointmentOut,
    BookingIn,
    CentreId,
    Cpr,
    DayOut,
    In,
    MoveIn,
    Out,
    ServiceId,
    refusals_told,
)
from server.booking.desk import Around, Booking
from server.planting import MOVED
from server.storage import Store
from server.tables import AppointmentRow
from sync.clock import Clock
from sync.problems import problem_docs
from sync.serving import private


class KeyOut(Out):
    """The key that the request came with."""

    name: str
    centres: list[str]
    rights: list[KeyRight]


class SeenOut(Out):
    """An appointment, without who has it."""

    id: str
    service: str
    slot_at: datetime
    status: Status
    channel: Literal["counter", "virtual"]
    booked_at: datetime | None
    ended_at: datetime | None
    late: bool = Field(description="It was cancelled later than the centre allows.")


class SeenPage(Out):
    """A page of appointments, by slot."""

    items: list[SeenOut]
    next: str = Field(description="For `after`; empty: this is the last page.")


class BookForIn(BookingIn):
    """What is to be booked, and for whom."""

    cpr: Cpr
    lang: str = Field(default="ar", max_length=12, description="The language of a newcomer's messages.")
    born: Day | None = Field(default=None, description="After a refusal with BIRTH_DATE.")


class MoveForIn(MoveIn):
    """Where to, and whose it is."""

    cpr: Cpr


class CancelForIn(In):
    """Whose it is."""

    cpr: Cpr


def systems_router(door: KeyDoor, booking: Booking, store: Store, reader: OnceReader, clock: Clock) -> APIRouter:
    """Return the routes for who has a key."""
    router = APIRouter(prefix="/v1", tags=["systems"], dependencies=[Depends(private)])
    reads, books = door.may(KeyRight.READ), door.may(KeyRight.BOOK)

    async def asked_once(
        request: Request, key: Annotated[ApiKey, Depends(books)], idempotency_key: IdempotencyKey = None
    ) -> Once | None:
        return await reader.of(request, idempotency_key, f"key:{key.id}")

    OnceAsked = Annotated[Once | None, Depends(asked_once)]  # noqa: N806  # it is a type

    @router.get("/key", responses=problem_docs(401, 429, 503))
    async def own_key(key: Annotated[ApiKey, Depends(door.holder())]) -> KeyOut:
        """Say what the key may do, and where."""
        return KeyOut(name=key.name, centres=sorted(key.centres), rights=sorted(key.rights))

    @router.get("/centres/{centre}/services/{service}/slots", responses=problem_docs(401, 403, 404, 422, 429, 503))
    async def slots(key: Annotated[ApiKey, Depends(reads)], centre: CentreId, service: ServiceId) -> list[DayOut]:
        """Give the days that can be booked and their slots, full ones too."""
        with refusals_told():
            return [DayOut.model_validate(asdict(day)) for day in await booking.free(centre, service)]

    @router.get("/centres/{centre}/appointments", responses=problem_docs(401, 403, 422, 429, 503))
    async def appointments(
        key: Annotated[ApiKey, Depends(reads)],
        request: Request,
        response: Response,
        centre: CentreId,
        since: Annotated[Instant | None, Query(description="Slots from this instant on.")] = None,
        until: Annotated[Instant | None, Query(description="Slots before this instant.")] = None,
        after: After = "",
        limit: Limit = 50,
    ) -> SeenPage:
        """List the centre's appointments by slot, ended ones too; those that were moved stand where they are now."""
        begin = time_position(after)
        found = await store.run(lambda session: _of_centre(session, centre, since, until, begin, limit + 1))
        rows, following = cut(found, limit, lambda row: cursor(row.slot_at.isoformat(), row.id))
        link(request, response, following)
        return SeenPage(items=[SeenOut.model_validate(row) for row in rows], next=following)

    @router.get("/centres/{centre}/appointments/{appointment}", responses=problem_docs(401, 403, 404, 422, 429, 503))
    async def appointment_of(
        key: Annotated[ApiKey, Depends(reads)], centre: CentreId, appointment: AppointmentId
    ) -> SeenOut:
        """Give one of the centre's appointments."""
        row = await store.run(lambda session: session.get(AppointmentRow, (centre, appointment)))
        with refusals_told():
            if row is None:
                raise RefusedError(Why.NO_SUCH_APPOINTMENT)
        return SeenOut.model_validate(row)

    @router.post("/centres/{centre}/appointments", responses=problem_docs(401, 403, 404, 409, 422, 429, 503))
    async def book(
        key: Annotated[ApiKey, Depends(books)], centre: CentreId, wanted: BookForIn, asked: OnceAsked
    ) -> AppointmentOut:
        """Book for a customer. Who comes for the first time is registered; nobody younger than 17."""
        with refusals_told():
            customer = await booking.register(wanted.cpr, wanted.lang, wanted.born)
            around = _around(key, "book", asked, clock)
            made = await booking.book(customer, centre, wanted.service, wanted.slot_at, wanted.channel, around=around)
        return AppointmentOut.model_validate(made)

    @router.post(
        "/centres/{centre}/appointments/{appointment}/move", responses=problem_docs(401, 403, 404, 409, 422, 429, 503)
    )
    async def move(
        key: Annotated[ApiKey, Depends(books)],
        centre: CentreId,
        appointment: AppointmentId,
        wanted: MoveForIn,
        asked: OnceAsked,
    ) -> AppointmentOut:
        """Move a customer's booking until it begins; it gets another id and keeps its link."""
        with refusals_told():
            customer = await booking.with_cpr(wanted.cpr)
            around = _around(key, "move", asked, clock)
            moved = await booking.move(customer, centre, appointment, wanted.slot_at, wanted.channel, around=around)
        return AppointmentOut.model_validate(moved)

    @router.post(
        "/centres/{centre}/appointments/{appointment}/cancel",
        responses=problem_docs(401, 403, 404, 409, 422, 429, 503),
    )
    async def cancel(
        key: Annotated[ApiKey, Depends(books)],
        centre: CentreId,
        appointment: AppointmentId,
        said: CancelForIn,
        asked: OnceAsked,
    ) -> AppointmentOut:
        """Cancel a customer's booking until it begins. It counts as the customer's own cancelling."""
        with refusals_told():
            customer = await booking.with_cpr(said.cpr)
            around = _around(key, "cancel", asked, clock)
            gone = await booking.cancel(customer, centre, appointment, around=around)
        return AppointmentOut.model_validate(gone)

    return router


def _around(key: ApiKey, act: str, asked: Once | None, clock: Clock) -> Around:
    """Return what a change is done within: once, and noted as done with the key."""

    def around(session: Session, change: Callable[[], Appointment]) -> Appointment:
        def noted(session: Session) -> Appointment:
            made = change()
            note(session, key, act, made.centre, made.id, clock.now())
            return made

        return once(asked, Appointment, noted)(session)

    return around


def _of_centre(
    session: Session,
    centre: str,
    since: datetime | None,
    until: datetime | None,
    begin: tuple[datetime, str] | None,
    most: int,
) -> list[AppointmentRow]:
    slot_at, own_id = col(AppointmentRow.slot_at), col(AppointmentRow.id)
    wanted = select(AppointmentRow).where(col(AppointmentRow.centre) == centre, col(AppointmentRow.status) != MOVED)
    if since is not None:
        wanted = wanted.where(slot_at >= since)
    if until is not None:
        wanted = wanted.where(slot_at < until)
    if begin is not None:
        wanted = wanted.where(or_(slot_at > begin[0], and_(slot_at == begin[0], own_id > begin[1])))
    return list(session.exec(wanted.order_by(slot_at, own_id).limit(most)))
