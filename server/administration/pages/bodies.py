"""Ministries, departments, and where each centre stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.answers import Body, BodyKind, RefusedError, Why
from server.administration.pages import fields
from server.administration.pages.fields import Field
from server.administration.pages.room import StaffRoom
from server.administration.pages.sections import NAME, RESERVED, words
from server.administration.roles import EVERYWHERE, Asker, Right
from server.pages.phrases import Phrases

_FAULTS: Mapping[Why, tuple[str, str]] = {
    Why.NAME: ("id", "administration.fault.id"),
    Why.NAME_TAKEN: ("id", "administration.fault.taken"),
    Why.WRONG_PLACE: ("above", "administration.bodies.wrong_place"),
    Why.NOT_EMPTY: ("id", "administration.bodies.not_empty"),
}


class BodyPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self._bodies = room.administration.bodies
        self.router = APIRouter()
        room.add(self.router, "/bodies", self._tree)
        room.add(self.router, "/bodies/new", self._new)
        room.add(self.router, "/bodies/new", self._add, "POST")
        room.add(self.router, "/bodies/{body}", self._body)
        room.add(self.router, "/bodies/{body}", self._rename, "POST")
        room.add(self.router, "/bodies/{body}/remove", self._remove, "POST")
        room.add(self.router, "/bodies/{body}/place", self._place, "POST")

    async def _new(self, request: Request, asker: Asker) -> Response:
        return await self._new_page(request, asker, {})

    async def _add(self, request: Request, asker: Asker) -> Response:
        _check_anywhere(asker)
        form, tree = await self._room.form(request), await self._bodies.tree(asker)
        asked = self._fields(request, asker, tree)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, self._room.zone)
        if values.get(("id",)) in RESERVED:
            faults["id"] = "administration.fault.taken"
        if not faults:
            name = {each: values["name", each] for each in self._room.languages}
            above = values["above",] or EVERYWHERE
            kind: BodyKind = "department" if above else "ministry"
            try:
                await self._bodies.add(asker, values["id",], kind, name, above)
            except RefusedError as error:
                if error.why not in _FAULTS:
                    raise
                faults = dict([_FAULTS[error.why]])
        if faults:
            return await self._new_page(request, asker, typed, faults)
        return self._room.go(request, "/bodies", "added")

    async def _body(self, request: Request, asker: Asker) -> Response:
        body, tree = await self._known(request, asker)
        typed = {f"name.{each}": body.name.get(each, "") for each in self._room.languages}
        return self._body_page(request, asker, body, tree, typed)

    async def _rename(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        body, tree = await self._known(request, asker)
        asked = self._name_fields()
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, self._room.zone)
        if faults:
            return self._body_page(request, asker, body, tree, typed, faults)
        await self._bodies.rename(asker, body.id, {each: values["name", each] for each in self._room.languages})
        return self._room.go(request, "/bodies", "saved")

    async def _remove(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        body, tree = await self._known(request, asker)
        try:
            await self._bodies.remove(asker, body.id)
        except RefusedError as error:
            if error.why is not Why.NOT_EMPTY:
                raise
            typed = {f"name.{each}": body.name.get(each, "") for each in self._room.languages}
            return self._body_page(request, asker, body, tree, typed, refused="administration.bodies.not_empty")
        return self._room.go(request, "/bodies", "removed")

    async def _place(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        body, tree = await self._known(request, asker)
        try:
            await self._bodies.place_centre(asker, body.id, form.get("above", EVERYWHERE))
        except RefusedError as error:
            if error.why is not Why.WRONG_PLACE:
                raise
            return self._body_page(request, asker, body, tree, {}, refused="administration.bodies.wrong_place")
        return self._room.go(request, "/bodies", "saved")

    async def _known(self, request: Request, asker: Asker) -> tuple[Body, Sequence[Body]]:
        """Return the body that a path names. Raises RefusedError."""
        tree = await self._bodies.tree(asker)
        found = next((each for each in tree if each.id == request.path_params["body"]), None)
        if found is None:
            raise RefusedError(Why.NO_SUCH_BODY)
        self._room.check(asker, Right.BODIES, found.id)
        return found, tree

    async def _new_page(
        self, request: Request, asker: Asker, typed: Mapping[str, str], faults: Mapping[str, str] = {}
    ) -> Response:
        _check_anywhere(asker)
        tree = await self._bodies.tree(asker)
        return self._room.make(
            request,
            asker,
            ("/bodies", "administration.nav.bodies"),
            ("/bodies/new", "administration.bodies.new", "administration.bodies.lead"),
            fields.entries(self._fields(request, asker, tree), typed, faults),
        )

    async def _tree(self, request: Request, asker: Asker) -> Response:
        _check_anywhere(asker)
        tree = await self._bodies.tree(asker)
        rows = [
            (body, len(names) - 1, asker.may(Right.BODIES, body.id))
            for body, names in with_names(tree, self._room.phrases(request))
        ]
        return self._room.page(request, "bodies.html", asker, rows=rows)

    def _body_page(
        self,
        request: Request,
        asker: Asker,
        body: Body,
        tree: Sequence[Body],
        typed: Mapping[str, str],
        faults: Mapping[str, str] = {},
        refused: str = "",
    ) -> Response:
        return self._room.page(
            request,
            "body.html",
            asker,
            status=422 if faults else 409 if refused else 200,
            body=body,
            entries=fields.entries(self._name_fields(), typed, faults),
            places_above=self._above(request, asker, tree, ("ministry", "department")),
            may_remove=asker.may(Right.BODIES, body.above),
            refused=refused,
            can_switch=request.method == "GET",
        )

    def _name_fields(self) -> tuple[Field, ...]:
        return words(("name",), "administration.bodies.name", self._room.languages, is_required=True)

    def _fields(self, request: Request, asker: Asker, tree: Sequence[Body]) -> tuple[Field, ...]:
        key = "administration.bodies."
        above = self._above(request, asker, tree, ("ministry",))
        return (
            Field(("above",), f"{key}above", f"{key}above_hint", "one", options=above),
            NAME,
            *self._name_fields(),
        )

    def _above(
        self, request: Request, asker: Asker, tree: Sequence[Body], kinds: Sequence[BodyKind]
    ) -> tuple[tuple[str, str], ...]:
        say, t = self._room.phrases(request), self._room.words(request).t
        everywhere = ((EVERYWHERE, t("administration.bodies.top")),)
        return (
            *(everywhere if asker.may(Right.BODIES, EVERYWHERE) else ()),
            *(
                (body.id, " · ".join(names))
                for body, names in with_names(tree, say)
                if body.kind in kinds and asker.may(Right.BODIES, body.id)
            ),
        )


def _check_anywhere(asker: Asker) -> None:
    if not asker.may_anywhere(Right.BODIES):
        raise RefusedError(Why.MAY_NOT)


def with_names(tree: Sequence[Body], say: Phrases) -> list[tuple[Body, tuple[str, ...]]]:
    """Return bodies, each after the one above it, with the names from the top down to its own."""
    names: dict[str, tuple[str, ...]] = {}
    found = []
    for body in tree:
        names[body.id] = (*names.get(body.above, ()), say.of(body.name))
        found.append((body, names[body.id]))
    return sorted(found, key=lambda each: each[1])
