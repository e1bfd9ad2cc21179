"""My page: what is to come, what was and how it was, complaints, and whether booking is blocked, why and until when."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.booking.answers import Appointment
from server.feedback.desk import Feedback
from server.pages.public import add_pages
from server.pages.room import Room


class MinePages:
    """Serves it; `router` is mounted by the app."""

    def __init__(self, room: Room, feedback: Feedback) -> None:
        self._room = room
        self._feedback = feedback
        self.router = APIRouter()
        add_pages(self.router, room.frame, "/mine", room.guarded(self._show))

    async def _show(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        mine = await self._room.booking.mine(customer)
        said = await self._feedback.mine(customer, mine)
        return self._room.page(
            request,
            "mine.html",
            customer,
            name=self._room.phrases(request).of(customer.name),
            coming=[each for each in mine.coming if self._is_known(each)],
            past=[each for each in mine.past if self._is_known(each)],
            block=mine.block,
            blocks=[each for each in mine.blocks if each != mine.block],
            centres=self._room.registers.centres,
            to_rate=[each for each in said.to_rate if self._is_known(each)],
            ratings=said.ratings,
            complaints=[each for each in said.complaints if each.centre in self._room.registers.centres],
            is_cancelled="cancelled" in request.query_params,
            is_rated="rated" in request.query_params,
        )

    def _is_known(self, appointment: Appointment) -> bool:
        """Say whether its centre and service are still there to be named."""
        centre = self._room.registers.centres.get(appointment.centre)
        return centre is not None and centre.service(appointment.service) is not None
