"""A new centre, made like one that there is: its services, counters, hours and rules, under a name of its own."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.answers import RefusedError, Why
from server.administration.pages import fields
from server.administration.pages.bodies import with_names
from server.administration.pages.fields import Field
from server.administration.pages.room import StaffRoom
from server.administration.pages.sections import NAME, RESERVED, words
from server.administration.roles import EVERYWHERE, Asker, Right

_OWN = ("notices", "questions", "contact", "address", "governorate", "extra_days", "day_slots")
"""What is a centre's own and not taken over from another."""
_FAULTS: Mapping[Why, tuple[str, str]] = {
    Why.NAME: ("id", "administration.fault.id"),
    Why.NAME_TAKEN: ("id", "administration.fault.taken"),
    Why.INVALID: ("id", fields.REFUSED),
    Why.WRONG_PLACE: ("above", "administration.bodies.wrong_place"),
    Why.NO_SUCH_BODY: ("like", fields.FORM),
}


class NewCentre:
    """Serves the page; `router` is mounted by the app, before the bodies' own addresses."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self.router = APIRouter()
        room.add(self.router, "/bodies/new-centre", self._ask)
        room.add(self.router, "/bodies/new-centre", self._make, "POST")

    async def _ask(self, request: Request, asker: Asker) -> Response:
        return await self._page(request, asker, {})

    async def _make(self, request: Request, asker: Asker) -> Response:
        form, asked = await self._room.form(request), await self._fields(request, asker)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, self._room.zone)
        if values.get(("id",)) in RESERVED:
            faults["id"] = "administration.fault.taken"
        if not faults:
            administration = self._room.administration
            try:
                like = await administration.centres.document(asker, values["like",])
                settings = {name: value for name, value in like.centre.to_json().items() if name not in _OWN}
                settings |= {"id": values["id",], "name": {each: values["name", each] for each in self._room.languages}}
                made = await administration.bodies.add_centre(asker, values["above",] or EVERYWHERE, settings)
                return self._room.go(request, f"/centres/{made.centre.id}/contact", "added")
            except RefusedError as error:
                if error.why not in _FAULTS:
                    raise
                faults = dict([_FAULTS[error.why]])
        return await self._page(request, asker, typed, faults)

    async def _page(
        self, request: Request, asker: Asker, typed: Mapping[str, str], faults: Mapping[str, str] = {}
    ) -> Response:
        return self._room.make(
            request,
            asker,
            ("/bodies", "administration.nav.bodies"),
            ("/bodies/new-centre", "administration.bodies.new_centre", "administration.bodies.new_centre_lead"),
            fields.entries(await self._fields(request, asker), typed, faults),
        )

    async def _fields(self, request: Request, asker: Asker) -> tuple[Field, ...]:
        """Return what is asked for. Raises RefusedError for who may make a centre nowhere."""
        if not asker.may_anywhere(Right.BODIES):
            raise RefusedError(Why.MAY_NOT)
        t = self._room.words(request).t
        named = [
            (body, " · ".join(names))
            for body, names in with_names(
                await self._room.administration.bodies.tree(asker), self._room.phrases(request)
            )
        ]
        top = ((EVERYWHERE, t("administration.bodies.none_above")),) if asker.may(Right.BODIES, EVERYWHERE) else ()
        above = [(body.id, said) for body, said in named if body.kind != "centre" and asker.may(Right.BODIES, body.id)]
        like = tuple((body.id, said) for body, said in named if body.kind == "centre" and asker.may(Right.SEE, body.id))
        key = "administration.bodies."
        return (
            Field(("above",), f"{key}belongs", "", "one", options=(*above, *top)),
            Field(("like",), f"{key}like", f"{key}like_hint", "one", True, options=like),
            NAME,
            *words(("name",), "administration.contact.name", self._room.languages, is_required=True),
        )
