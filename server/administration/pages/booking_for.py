"""Booking for a customer who stands at the desk or calls: who it is, where, what, when, a page for each question.

CPR and date of birth travel in forms only, from page to page, and prove at each step whom it is for. What may be booked
the customer's own rules say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from queueing.cpr import ascii_digits, masked, parse
from server.administration.answers import Proof, RefusedError, Why
from server.administration.pages import fields
from server.administration.pages.fields import Field
from server.administration.pages.helping import HelpPages, TimesFor
from server.administration.pages.refusals import key_of
from server.administration.pages.room import StaffRoom
from server.administration.roles import Asker, Right
from server.booking import answers as booking
from server.pages.times import from_text

_AGAIN = (booking.Why.TAKEN, booking.Why.NO_SUCH_SLOT)
_BORN = re.compile(r"\D*(\d{1,2})\D+(\d{1,2})\D+(\d{4})\D*|(\d{2})(\d{2})(\d{4})")


class BookingForPages:
    """Serves them; `router` is mounted by the app. `helping` shows the customer before and afterwards."""

    def __init__(self, room: StaffRoom, helping: HelpPages) -> None:
        self._room = room
        self._helping = helping
        self._on_behalf = room.administration.on_behalf
        self.router = APIRouter()
        for path, endpoint in (
            ("", self._ask),
            ("/service", self._services),
            ("/times", self._times),
            ("/now", self._book),
        ):
            room.add(self.router, f"/help/book{path}", endpoint, "POST")

    async def _ask(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        if not asker.may_anywhere(Right.HELP):
            raise RefusedError(Why.MAY_NOT)
        return self._who(request, asker, form, {"lang": self._room.frame.language(request)})

    async def _services(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        asked = self._fields(request, asker)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, self._room.zone)
        born = born_of(typed["born"])
        if typed["born"].strip() and born is None:
            faults["born"] = "settings.book_for.born_fault"
        if faults or born is None:
            return self._who(request, asker, form, typed, faults)
        self._room.check(asker, Right.HELP, values["centre",])
        try:
            customer = await self._on_behalf.admit(asker, _proof(form))
        except RefusedError as error:
            if error.why is not Why.WRONG_BIRTH_DATE:
                raise
            return self._who(request, asker, form, typed, {"born": key_of(error.why)})
        except booking.RefusedError as error:
            return self._who(request, asker, form, typed, general=key_of(error.why))
        centre = self._centre(form)
        return self._room.page(
            request,
            "book_for_service.html",
            asker,
            centre=centre,
            services=[each for each in centre.services if each.appointments],
            has_rooms=self._on_behalf.has_rooms,
            name=customer.name,
            hidden=_carried(form, "cpr", *typed),
            can_switch=False,
        )

    async def _times(self, request: Request, asker: Asker) -> Response:
        return await self._times_page(request, asker, await self._room.form(request))

    async def _book(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        at, (channel, service) = from_text(form.get("at", "")), _what(form)
        if at is None:
            return self._room.trouble(request, 404, "missing", asker)
        try:
            await self._on_behalf.book(asker, form.get("centre", ""), _proof(form), service, at, channel)
        except booking.RefusedError as error:
            if error.why in _AGAIN:
                return await self._times_page(request, asker, form, key_of(error.why))
            return await self._helping.not_done(request, asker, form, error)
        return await self._helping.found(request, asker, form, done="settings.book_for.done")

    async def _times_page(self, request: Request, asker: Asker, form: Mapping[str, str], fault: str = "") -> Response:
        hidden = _carried(form, "cpr", "born", "centre", "lang", "what")
        _, service = _what(form)
        act = TimesFor("/help/book/now", "settings.book_for.title", hidden)
        return await self._helping.times(request, asker, form, service, act, fault)

    def _centre(self, form: Mapping[str, str]) -> Centre:
        centre = self._room.registers.centres.get(form.get("centre", ""))
        if centre is None:
            raise RefusedError(Why.NO_SUCH_BODY)
        return centre

    def _who(
        self,
        request: Request,
        asker: Asker,
        form: Mapping[str, str],
        typed: Mapping[str, str],
        faults: Mapping[str, str] = {},
        general: str = "",
    ) -> Response:
        cpr = parse(form.get("cpr", ""))
        if cpr is None:
            return self._helping.ask(request, asker, "pages.cpr_fault", 422)
        return self._room.page(
            request,
            "book_for.html",
            asker,
            status=422 if faults else 409 if general else 200,
            entries=fields.entries(self._fields(request, asker), typed, faults),
            general=self._room.words(request).t(general) if general else "",
            cpr=cpr,
            masked=masked(cpr),
            can_switch=False,
        )

    def _fields(self, request: Request, asker: Asker) -> tuple[Field, ...]:
        say, centres = self._room.phrases(request), self._room.registers.centres
        mine = sorted(
            (say.of(each.name), each.id)
            for each in centres.values()
            if asker.may(Right.HELP, each.id) and any(one.appointments for one in each.services)
        )
        languages = tuple((name, each.t("pages.language")) for name, each in self._room.frame.catalogues.items())
        key = "settings.book_for."
        return (
            Field(("born",), f"{key}born", f"{key}born_hint", is_required=True, length=20),
            Field(("centre",), f"{key}centre", "", "one", True, options=tuple((name, said) for said, name in mine)),
            Field(("lang",), f"{key}lang", f"{key}lang_hint", "one", True, options=languages),
        )


def _proof(form: Mapping[str, str]) -> Proof:
    """Return what a form proves a customer with. Raises RefusedError."""
    cpr, born = parse(form.get("cpr", "")), born_of(form.get("born", ""))
    if cpr is None:
        raise booking.RefusedError(booking.Why.CPR)
    if born is None:
        raise RefusedError(Why.WRONG_BIRTH_DATE)
    return Proof(cpr, born, form.get("lang", ""))


def _what(form: Mapping[str, str]) -> tuple[booking.Channel, str]:
    """Return how and which service a form asks for: `counter:SERVICE` or `virtual:SERVICE`."""
    how, _, service = form.get("what", "").partition(":")
    return "virtual" if how == "virtual" else "counter", service


def _carried(form: Mapping[str, str], *names: str) -> list[tuple[str, str]]:
    return [(name, form.get(name, "")) for name in names]


def born_of(typed: str) -> date | None:
    """Return the date of birth that day, month and year make (`14 3 1985`, `14/03/1985`, `14031985`), or None."""
    found = _BORN.fullmatch(typed.strip())
    if found is None:
        return None
    day, month, year = (int(ascii_digits(each)) for each in found.groups() if each is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None
