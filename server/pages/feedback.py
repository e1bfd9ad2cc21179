"""What a customer says of a visit: a rating with a face, a complaint or suggestion with a number.

`server.feedback` decides what may be said, and seals it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.booking.answers import Appointment, Customer, RefusedError, Why
from server.feedback.answers import REMARK_MOST, SCORES, WORDS_MOST, Kind
from server.feedback.complaints import NoSuchComplaintError
from server.feedback.desk import Feedback
from server.pages.guard import read_form
from server.pages.public import add_pages
from server.pages.room import Room

_FORM_BYTES = 40_000
"""A complaint's form: 2,000 characters of Arabic are 12,000 bytes on the way, others may need twice as many."""
_TOO_MANY = "too_many"
"""No field's fault."""


class FeedbackPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: Room, feedback: Feedback) -> None:
        self._room = room
        self._feedback = feedback
        self.router = APIRouter()
        for path, endpoint, methods in (
            ("/rate/{centre}/{visit}", self._ask, ("GET",)),
            ("/rate/{centre}/{visit}", self._rate, ("POST",)),
            ("/complain", self._write, ("GET",)),
            ("/complain", self._file, ("POST",)),
            ("/complaints/{reference}", self._show, ("GET",)),
            ("/c/{reference}", self._short, ("GET",)),
        ):
            add_pages(self.router, room.frame, path, room.guarded(endpoint), methods)

    # --- ratings

    async def _ask(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        return await self._rating_page(request, customer)

    async def _rate(self, request: Request) -> Response:
        fields = await read_form(request, bytes_max=_FORM_BYTES)
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        centre, visit = request.path_params["centre"], request.path_params["visit"]
        score = fields.get("score", "")
        if score not in {str(each) for each in SCORES}:
            return await self._rating_page(request, customer, fault="score", words=fields.get("words", ""))
        await self._feedback.rate(customer, centre, visit, int(score), fields.get("words", ""))
        return self._room.frame.go(f"{self._room.root(request)}/mine?rated=1")

    async def _rating_page(self, request: Request, customer: Customer, *, fault: str = "", words: str = "") -> Response:
        said = await self._feedback.mine(customer)
        key = (request.path_params["centre"], request.path_params["visit"])
        if key in said.ratings:
            raise RefusedError(Why.RATED)
        visit = next((each for each in said.to_rate if (each.centre, each.id) == key), None)
        centre = self._room.registers.centres.get(key[0])
        service = centre.service(visit.service) if centre is not None and visit is not None else None
        if visit is None or service is None:
            raise RefusedError(Why.NOT_RATABLE)
        return self._room.page(
            request,
            "rate.html",
            customer,
            status=422 if fault else 200,
            visit=visit,
            centre=centre,
            service=service,
            scores=sorted(SCORES, reverse=True),
            most=REMARK_MOST,
            fault=fault,
            words=words,
        )

    # --- complaints

    async def _write(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        wanted = {"about": request.query_params.get("about", ""), "once": secrets.token_hex(8)}
        return await self._complaint_form(request, customer, wanted)

    async def _file(self, request: Request) -> Response:
        fields = await read_form(request, bytes_max=_FORM_BYTES)
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        centre, _, visit = fields.get("about", "").partition("/")
        words = fields.get("words", "")
        faults = [
            name
            for name, is_wrong in (
                ("about", centre not in self._room.registers.centres),
                ("kind", fields.get("kind") not in set(Kind)),
                ("words", not 0 < len(words.strip()) <= WORDS_MOST),
            )
            if is_wrong
        ]
        if faults:
            return await self._complaint_form(request, customer, fields, faults)
        try:
            filed = await self._feedback.complain(
                customer, centre, Kind(fields["kind"]), words, visit, fields.get("once", "")[:64]
            )
        except RefusedError as error:
            if error.why is not Why.TOO_MANY_COMPLAINTS:
                raise
            # With what was written: to send it again tomorrow one has to have it.
            return await self._complaint_form(request, customer, fields, [_TOO_MANY], status=429)
        return self._room.frame.go(f"{self._room.root(request)}/complaints/{filed.reference}?new=1")

    async def _complaint_form(
        self,
        request: Request,
        customer: Customer,
        typed: Mapping[str, str],
        faults: list[str] | None = None,
        *,
        status: int = 422,
    ) -> Response:
        mine = await self._room.booking.mine(customer)
        visits = [found for each in mine.past if (found := self._visit(each)) is not None]
        return self._room.page(
            request,
            "complain.html",
            customer,
            status=status if faults else 200,
            visits=visits,
            centres=list(self._room.registers.centres.values()),
            kinds=list(Kind),
            most=WORDS_MOST,
            typed={name: typed.get(name, "") for name in ("about", "kind", "words", "once")},
            faults=faults or [],
            can_switch=not faults,
        )

    def _visit(self, each: Appointment) -> tuple[Appointment, Centre] | None:
        centre = self._room.registers.centres.get(each.centre)
        return (each, centre) if centre is not None and centre.service(each.service) is not None else None

    async def _short(self, request: Request) -> Response:
        # The address in a message, where each letter counts. Whether there is such a complaint is told to its own only.
        return self._room.frame.go(f"{self._room.root(request)}/complaints/{quote(request.path_params['reference'])}")

    async def _show(self, request: Request) -> Response:
        customer = await self._room.customer(request)
        if customer is None:
            return self._room.sign_in_first(request)
        try:
            complaint = await self._feedback.complaint(customer, request.path_params["reference"])
            centre = self._room.registers.centres[complaint.centre]
        except (NoSuchComplaintError, KeyError):
            return self._room.frame.trouble(request, 404, "missing")
        return self._room.page(
            request,
            "complaint.html",
            customer,
            complaint=complaint,
            centre=centre,
            is_new="new" in request.query_params,
        )
