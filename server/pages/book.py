"""Booking, one question a page: which centre, which service, which time, and is that right.

Everybody may look at free times; who confirms has to be signed in. `server.booking` decides.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre, Service
from server.booking.answers import RefusedError, Why
from server.pages.guard import channel_of, read_form
from server.pages.phrases import by_governorate
from server.pages.public import add_pages
from server.pages.room import Room
from server.pages.times import choice, day_of, from_text, to_text

_LOST = frozenset({Why.TAKEN, Why.NO_SUCH_SLOT})


class BookPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.router = APIRouter()
        for path, endpoint, methods in (
            ("/book", self._centres, ("GET",)),
            ("/book/{centre}", self._services, ("GET",)),
            ("/book/{centre}/{service}", self._times, ("GET",)),
            ("/book/{centre}/{service}/confirm", self._confirm, ("GET",)),
            ("/book/{centre}/{service}/confirm", self._book, ("POST",)),
        ):
            add_pages(self.router, room.frame, path, room.guarded(endpoint), methods)

    async def _centres(self, request: Request) -> Response:
        bookable = self._bookable()
        if len(bookable) == 1:
            return self._room.frame.go(f"{self._room.root(request)}/book/{bookable[0].id}")
        groups = by_governorate(bookable, self._room.phrases(request))
        return self._room.page(request, "book_centre.html", await self._room.customer(request), groups=groups)

    def _bookable(self) -> list[Centre]:
        return [each for each in self._room.registers.centres.values() if any(s.appointments for s in each.services)]

    async def _services(self, request: Request) -> Response:
        centre = self._room.centre(request)
        services = [service for service in centre.services if service.appointments]
        customer = await self._room.customer(request)
        has_more = any(each.id != centre.id for each in self._bookable())
        return self._room.page(
            request,
            "book_service.html",
            customer,
            centre=centre,
            services=services,
            has_more=has_more,
            has_rooms=self._room.booking.has_rooms,
        )

    async def _times(self, request: Request) -> Response:
        centre = self._room.centre(request)
        return await self._times_page(request, centre, self._room.service(request, centre))

    async def _times_page(
        self,
        request: Request,
        centre: Centre,
        service: Service,
        *,
        lost: datetime | None = None,
        status: int = 200,
    ) -> Response:
        """Return the page of free times; `lost` is one that is gone, whose day is shown again."""
        day = day_of(lost, centre) if lost is not None else request.query_params.get("day", "")
        free = await self._room.booking.free(centre.id, service.id)
        customer = await self._room.customer(request)
        return self._room.page(
            request,
            "book_time.html",
            customer,
            status=status,
            centre=centre,
            service=service,
            choice=choice(free, day),
            to_text=to_text,
            fault="taken" if lost is not None else "",
            here=f"{self._room.root(request)}/book/{centre.id}/{service.id}",
        )

    async def _confirm(self, request: Request) -> Response:
        centre = self._room.centre(request)
        service, at = self._room.service(request, centre), from_text(request.query_params.get("at", ""))
        if at is None:
            return await self._times_page(request, centre, service)
        customer = await self._room.customer(request)
        return self._room.page(
            request,
            "confirm.html",
            customer,
            centre=centre,
            service=service,
            at=at,
            to_text=to_text,
            by_video=service.virtual and self._room.booking.has_rooms,
        )

    async def _book(self, request: Request) -> Response:
        fields = await read_form(request)
        centre = self._room.centre(request)
        service, at = self._room.service(request, centre), from_text(fields.get("at", ""))
        if at is None:
            return await self._times_page(request, centre, service)
        token = self._room.token(request)
        try:
            if token is None:
                raise RefusedError(Why.SIGNED_OUT)
            made = await self._room.booking.book(token, centre.id, service.id, at, channel_of(fields, "counter"))
        except RefusedError as error:
            return await self._refused(request, error, centre, service, at)
        return self._room.frame.go(f"{self._room.root(request)}/b/{made.link}?new=1")

    async def _refused(
        self,
        request: Request,
        error: RefusedError,
        centre: Centre,
        service: Service,
        at: datetime,
    ) -> Response:
        if error.why is Why.SIGNED_OUT:
            return self._room.sign_in_first(request, f"{request.url.path}?at={to_text(at)}")
        if error.why in _LOST:
            return await self._times_page(request, centre, service, lost=at, status=409)
        what = {Why.BLOCKED: "blocked", Why.ONE_ALREADY: "one_already", Why.UNDER_AGE: "under_age"}.get(error.why)
        if what is None:
            raise error
        where = self._room.registers.centres.get(error.block.centre, centre) if error.block else centre
        return self._room.page(
            request,
            "refused.html",
            await self._room.customer(request),
            status=409,
            what=what,
            centre=where,
            service=service,
            block=error.block,
            appointment=error.appointment,
        )
