"""The help desk: a customer's bookings by the CPR, cancelled or moved at the customer's wish, a block lifted.

The CPR travels in forms only, from page to page: it is in no address, no cookie, no log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.cpr import masked, parse
from server.administration.answers import CustomerSeen, RefusedError, Why
from server.administration.pages.refusals import key_of
from server.administration.pages.room import StaffRoom
from server.administration.roles import Asker, Right
from server.booking import answers as booking
from server.pages.times import from_text, to_text


@dataclass(frozen=True, slots=True)
class TimesFor:
    """What free times are shown for: where the chosen one is sent, the key of the title, and what goes with it."""

    path: str
    title: str
    hidden: Sequence[tuple[str, str]]


class HelpPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self._help = room.administration.help
        self.router = APIRouter()
        room.add(self.router, "/help", self._ask)
        room.add(self.router, "/help", self._find, "POST")
        room.add(self.router, "/help/cancel", self._cancel, "POST")
        room.add(self.router, "/help/times", self._times, "POST")
        room.add(self.router, "/help/move", self._move, "POST")
        room.add(self.router, "/help/lift", self._lift, "POST")

    async def _ask(self, request: Request, asker: Asker) -> Response:
        if not asker.may_anywhere(Right.HELP):
            raise RefusedError(Why.MAY_NOT)
        return self.ask(request, asker)

    async def _find(self, request: Request, asker: Asker) -> Response:
        return await self.found(request, asker, await self._room.form(request))

    async def _cancel(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        if not form.get("sure"):
            return await self.found(request, asker, form, asks=form.get("appointment", ""))
        try:
            await self._help.cancel(asker, form.get("centre", ""), form.get("appointment", ""))
        except booking.RefusedError as error:
            return await self.not_done(request, asker, form, error)
        return await self.found(request, asker, form, done="administration.help.cancelled")

    async def _times(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        hidden = [(name, form.get(name, "")) for name in ("cpr", "centre", "appointment")]
        act = TimesFor("/help/move", "administration.help.move", hidden)
        return await self.times(request, asker, form, form.get("service", ""), act)

    async def times(
        self, request: Request, asker: Asker, form: Mapping[str, str], service_id: str, act: TimesFor, fault: str = ""
    ) -> Response:
        """Return the free times of a service at a form's centre; `fault` is the key of what went wrong before."""
        centre = self._room.registers.centres.get(form.get("centre", ""))
        service = centre.service(service_id) if centre is not None else None
        if centre is None or service is None:
            return self._room.trouble(request, 404, "missing", asker)
        try:
            free = await self._help.free(asker, centre.id, service.id)
        except booking.RefusedError as error:
            return await self.not_done(request, asker, form, error)
        days = [(day.day, [slot for slot in day.slots if slot.left]) for day in free]
        return self._room.page(
            request,
            "help_times.html",
            asker,
            status=409 if fault else 200,
            centre=centre,
            service=service,
            days=[(day, slots) for day, slots in days if slots],
            act=act,
            cpr=form.get("cpr", ""),
            fault=fault,
            to_text=to_text,
            can_switch=False,
        )

    async def _move(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        at = from_text(form.get("at", ""))
        if at is None:
            return self._room.trouble(request, 404, "missing", asker)
        try:
            await self._help.move(asker, form.get("centre", ""), form.get("appointment", ""), at)
        except booking.RefusedError as error:
            return await self.not_done(request, asker, form, error)
        return await self.found(request, asker, form, done="administration.help.moved")

    async def _lift(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        try:
            await self._help.lift_block(asker, form.get("customer", ""), form.get("why", ""))
        except RefusedError as error:
            if error.why is Why.NO_REASON:
                return await self.found(request, asker, form, reason_fault=True)
            raise
        except booking.RefusedError as error:
            if error.why is booking.Why.NO_REASON:
                return await self.found(request, asker, form, reason_fault=True)
            return await self.not_done(request, asker, form, error)
        return await self.found(request, asker, form, done="administration.help.lifted")

    async def not_done(
        self, request: Request, asker: Asker, form: Mapping[str, str], error: booking.RefusedError
    ) -> Response:
        """Return the customer with why something was not done."""
        return await self.found(request, asker, form, fault=key_of(error.why))

    def ask(self, request: Request, asker: Asker, fault: str = "", status: int = 200, cpr: str = "") -> Response:
        """Return the question for a CPR; with `cpr` nobody has it yet, and it can be booked for."""
        return self._room.page(
            request, "help.html", asker, status=status, fault=fault, cpr=cpr, can_switch=request.method == "GET"
        )

    async def found(
        self,
        request: Request,
        asker: Asker,
        form: Mapping[str, str],
        *,
        done: str = "",
        fault: str = "",
        asks: str = "",
        reason_fault: bool = False,
    ) -> Response:
        """Return the customer whose CPR came with a form, or the question for it again."""
        cpr = parse(form.get("cpr", ""))
        if cpr is None:
            return self.ask(request, asker, "pages.cpr_fault", 422)
        try:
            customer = await self._help.find(asker, cpr)
        except RefusedError as error:
            if error.why is not Why.NO_SUCH_CUSTOMER:
                raise
            return self.ask(request, asker, "administration.help.nobody", 404, cpr)
        return self._room.page(
            request,
            "customer.html",
            asker,
            status=409 if fault else 422 if reason_fault else 200,
            customer=self._with_known(customer),
            centres=self._room.registers.centres,
            cpr=cpr,
            masked=masked(cpr),
            asks=asks,
            fault=fault,
            reason_fault=reason_fault,
            why=form.get("why", ""),
            told=self._room.words(request).t(done) if done else "",
            may_help={name: asker.may(Right.HELP, name) for name in self._room.registers.centres},
            can_switch=False,
        )

    def _with_known(self, customer: CustomerSeen) -> dict[str, object]:
        """Return what is shown of a customer: only what is at centres and services that can still be named."""
        centres = self._room.registers.centres

        def is_known(each: booking.Appointment) -> bool:
            return each.centre in centres and centres[each.centre].service(each.service) is not None

        return {
            "id": customer.id,
            "name": customer.name,
            "coming": [each for each in customer.coming if is_known(each)],
            "past": [each for each in customer.past if is_known(each)],
            "block": customer.block,
            "blocks": [each for each in customer.blocks if each != customer.block and each.centre in centres],
        }
