"""An appointment's page, which its link opens: when, where, what to bring, its QR; the customer moves or cancels there.

Whoever has the link may look, as with a paper ticket, and by video step out of the queue or leave it; to move or cancel
one has to be signed in, and it has to be one's own.
"""

from __future__ import annotations

from asyncio import gather
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from follow.answers import address_of
from follow.guard import Tries
from follow.house import NotHeardError
from follow.live import FullError
from follow.router import MISS_AGAIN_S, MISSES, TooManyWishesError
from queueing.centre import Centre, Service
from server.booking.answers import Appointment, Customer, RefusedError, Ticket, Why
from server.pages.calendar import calendar_of
from server.pages.frame import OWN, SAFE, WITH_SCRIPT, markup
from server.pages.guard import channel_of, read_form
from server.pages.picture import qr_svg
from server.pages.public import add_pages
from server.pages.room import RETRY_AFTER_S, Room
from server.pages.times import choice, day_of, from_text, late_from, to_text
from server.pages.video import Video, VideoTurns

_LOST = frozenset({Why.TAKEN, Why.NO_SUCH_SLOT})


class TicketPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: Room, video: VideoTurns) -> None:
        self._room = room
        self._video = video
        self._misses = Tries(MISSES, MISS_AGAIN_S, room.clock.monotonic)
        self.router = APIRouter()
        for path, endpoint, methods in (
            ("/b/{link}", self._show, ("GET",)),
            ("/b/{link}/turn", self._turn, ("GET",)),
            ("/b/{link}/wish", self._wish, ("POST",)),
            ("/b/{link}/calendar", self._calendar, ("GET",)),
            ("/b/{link}/move", self._times, ("GET",)),
            ("/b/{link}/move", self._move, ("POST",)),
            ("/b/{link}/cancel", self._ask, ("GET",)),
            ("/b/{link}/cancel", self._cancel, ("POST",)),
        ):
            add_pages(self.router, room.frame, path, room.guarded(endpoint), methods)
        self.router.add_route("/b/{link}", room.guarded(self._short), ["GET"], include_in_schema=False)
        # In no language's path: so many pages at once are made there, and a stream stays.
        self.router.add_route("/b/{link}/live", room.guarded(self._live), ["GET"], include_in_schema=False)

    async def _short(self, request: Request) -> Response:
        ticket = await self._ticket(request)
        # In the language of the message that brought one here, whatever the phone's own is; the page has the others.
        known = ticket.lang in self._room.frame.catalogues
        root = f"/{ticket.lang}" if known else self._room.root(request)
        return self._room.frame.go(f"{root}/b/{ticket.appointment.link}")

    async def _show(self, request: Request) -> Response:
        # Both at once: in a rush each waits for the disk behind those who book, and so they wait once.
        ticket, customer = await gather(self._ticket(request), self._room.customer(request))
        centre, service = self._place(ticket.appointment)
        is_own = customer is not None and customer.id == ticket.owner
        video = await self._by_video(request, ticket.appointment)
        is_live = video is not None and video.is_live
        return self._room.page(
            request,
            "ticket.html",
            customer,
            headers=dict(OWN) | {"Content-Security-Policy": WITH_SCRIPT} if is_live else OWN,
            video=video,
            appointment=ticket.appointment,
            is_own=is_own,
            centre=centre,
            service=service,
            qr=markup(qr_svg(ticket.code)) if ticket.appointment.status == "booked" and ticket.code else "",
            is_new="new" in request.query_params,
            is_moved="moved" in request.query_params,
            was_refused=request.query_params.get("said") == "no",
        )

    async def _turn(self, request: Request) -> Response:
        """Answer with the part of the page that changes, for its script."""
        appointment = (await self._ticket(request)).appointment
        video = await self._in_turn(request, appointment)
        centre, _ = self._place(appointment)
        return self._room.frame.page(request, "video_news.html", video=video, appointment=appointment, centre=centre)

    async def _live(self, request: Request) -> Response:
        """Answer with server-sent events: the script asks for the changing part when they say that it has changed."""
        video = await self._in_turn(request, (await self._ticket(request)).appointment)
        try:
            frames = self._video.stream(video, self._room.frame.language(request))
        except FullError:
            return Response(status_code=503, headers=dict(OWN) | {"Retry-After": "60"})
        if frames is None:
            return Response(status_code=204, headers=dict(OWN))  # The browser asks no more by itself.
        headers = dict(SAFE) | dict(OWN) | {"X-Accel-Buffering": "no"}
        return StreamingResponse(frames, media_type="text/event-stream", headers=headers)

    async def _wish(self, request: Request) -> Response:
        """Take what its customer wishes: whoever has the link may, as whoever has a paper ticket may."""
        fields = await read_form(request)
        ticket = await self._ticket(request)
        video = await self._in_turn(request, ticket.appointment)
        try:
            is_taken = await self._video.wish(video, fields.get("what", ""))
        except TooManyWishesError as error:
            raise RefusedError(Why.TOO_MANY) from error
        except NotHeardError:
            return self._room.frame.trouble(request, 503, "unavailable", retry_after_s=RETRY_AFTER_S)
        said = "" if is_taken else "?said=no"
        return self._room.frame.go(f"{self._room.root(request)}/b/{ticket.appointment.link}{said}")

    async def _in_turn(self, request: Request, appointment: Appointment) -> Video:
        """Return what is shown of an appointment by video. Raises RefusedError for any other."""
        video = await self._by_video(request, appointment)
        if video is None:
            raise RefusedError(Why.NO_SUCH_APPOINTMENT)
        return video

    async def _by_video(self, request: Request, appointment: Appointment) -> Video | None:
        if appointment.channel != "virtual":
            return None
        told = await self._room.booking.by_video(appointment)
        return await self._video.of(appointment, told, self._room.frame.language(request), self._room.clock.now())

    async def _calendar(self, request: Request) -> Response:
        appointment = (await self._ticket(request)).appointment
        centre, service = self._place(appointment)
        address = (
            f"{request.url.scheme}://{request.headers.get('host', '')}{self._room.root(request)}/b/{appointment.link}"
        )
        body = calendar_of(
            appointment, centre, service, self._room.phrases(request), address=address, now=self._room.clock.now()
        )
        headers = dict(SAFE) | dict(OWN) | {"Content-Disposition": 'attachment; filename="appointment.ics"'}
        return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")

    async def _times(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        return await self._times_page(request, customer, await self._changeable(request, customer))

    async def _times_page(
        self,
        request: Request,
        customer: Customer,
        appointment: Appointment,
        *,
        lost: datetime | None = None,
        status: int = 200,
    ) -> Response:
        centre, service = self._place(appointment)
        free = await self._room.booking.free(centre.id, service.id)
        at = from_text(request.query_params.get("at", "")) if lost is None else None
        day = day_of(lost, centre) if lost is not None else request.query_params.get("day", "")
        return self._room.page(
            request,
            "move.html",
            customer,
            status=status,
            appointment=appointment,
            centre=centre,
            service=service,
            choice=choice(free, day),
            at=at,
            to_text=to_text,
            fault="taken" if lost is not None else "",
            has_rooms=self._room.booking.has_rooms,
            here=f"{self._room.root(request)}/b/{appointment.link}/move",
        )

    async def _move(self, request: Request) -> Response:
        fields = await read_form(request)
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        appointment = await self._changeable(request, customer)
        at = from_text(fields.get("at", ""))
        if at is None:
            return await self._times_page(request, customer, appointment)
        try:
            channel = channel_of(fields, appointment.channel)
            moved = await self._room.booking.move(customer, appointment.centre, appointment.id, at, channel)
        except RefusedError as error:
            if error.why in _LOST:
                return await self._times_page(request, customer, appointment, lost=at, status=409)
            raise
        return self._room.frame.go(f"{self._room.root(request)}/b/{moved.link}?moved=1")

    async def _ask(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        appointment = await self._changeable(request, customer)
        centre, service = self._place(appointment)
        return self._room.page(
            request,
            "cancel.html",
            customer,
            appointment=appointment,
            centre=centre,
            service=service,
            counts=appointment.is_late or centre.booking.early_cancels_count,
            late_from=late_from(appointment.slot_at, centre.booking.late_cancel_s),
        )

    async def _cancel(self, request: Request) -> Response:
        await read_form(request)
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        appointment = await self._mine(request, customer)
        await self._room.booking.cancel(customer, appointment.centre, appointment.id)
        return self._room.frame.go(f"{self._room.root(request)}/mine?cancelled=1")

    async def _ticket(self, request: Request) -> Ticket:
        try:
            return await self._room.booking.by_link(request.path_params["link"])
        except RefusedError as error:
            # Only misses count: many people come from one address, and each has a link.
            if error.why is Why.NO_SUCH_APPOINTMENT and not await self._may_miss(address_of(request)):
                raise RefusedError(Why.TOO_MANY) from error
            raise

    async def _may_miss(self, origin: str) -> bool:
        return self._misses.take(origin) and await self._room.booking.may_miss(origin)

    async def _mine(self, request: Request, customer: Customer) -> Appointment:
        """Return the customer's own appointment of a link. Raises RefusedError, also for somebody else's."""
        ticket = await self._ticket(request)
        if ticket.owner != customer.id:
            raise RefusedError(Why.NO_SUCH_APPOINTMENT)
        return ticket.appointment

    async def _changeable(self, request: Request, customer: Customer) -> Appointment:
        own = await self._mine(request, customer)
        if not own.may_change:
            raise RefusedError(Why.NOT_OPEN)
        return own

    def _place(self, appointment: Appointment) -> tuple[Centre, Service]:
        centre = self._room.registers.centres.get(appointment.centre)
        service = centre.service(appointment.service) if centre is not None else None
        if centre is None or service is None:
            raise RefusedError(Why.NO_SUCH_APPOINTMENT)
        return centre, service
