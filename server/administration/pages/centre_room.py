"""What the pages of one centre share: its sections beside each other, a change that is asked for, where it leads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.administration.answers import Changed, Displaced, How, RefusedError, Why
from server.administration.pages.room import StaffRoom
from server.administration.pages.sections import Document, Section, faults_of
from server.administration.roles import Asker, Right

_GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("calendar", ("", "/slots", "/days", "/hours")),
    ("served", ("/services", "/counters", "/rules", "/turns", "/pauses")),
    ("public", ("/contact", "/notices", "/questions")),
    ("messages", ("/messages", "/phones")),
    ("said", ("/complaints", "/ratings")),
    ("equipment", ("/crew", "/devices")),
)
"""A centre's sections as they stand beside its pages, under a heading each."""
_LABELS: Mapping[str, str] = {
    path: f"administration.section.{path[1:] or 'today'}" for _, paths in _GROUPS for path in paths
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form that was sent: done, or why not and what to show beside it."""

    changed: Changed | None = None
    faults: Mapping[str, str] | None = None
    general: Sequence[str] = ()
    conflict: bool = False
    displaced: Displaced | None = None


class CentreRoom:
    """A staff room with a centre in it."""

    def __init__(self, room: StaffRoom) -> None:
        self.room = room

    def show(
        self, request: Request, asker: Asker, centre: Centre, template: str, section: str, **values: Any
    ) -> Response:
        """Return a page of a centre, with the way to its sections beside it."""
        label = _LABELS[section]
        common = {
            "centre": centre,
            "here": self.here(request, centre),
            "sections": [
                (f"administration.group.{name}", [(path, _LABELS[path], path == section) for path in paths])
                for name, paths in _GROUPS
                if name != "said" or asker.may(Right.HELP, centre.id)
            ],
            "page_title": self.room.words(request).t(label),
            "section_title": self.room.words(request).t(label),
            "section_path": section,
            "may_change": asker.may(Right.CHANGE_CENTRE, centre.id),
            "can_switch": request.method == "GET",
        }
        return self.room.page(request, template, asker, **(common | values))

    async def centre(self, request: Request, asker: Asker) -> Centre:
        """Return the centre that a path names, as it stands. Raises RefusedError."""
        return (await self.room.administration.centres.document(asker, request.path_params["centre"])).centre

    async def to_change(self, request: Request, asker: Asker) -> tuple[Centre, Document, int]:
        """Return what `document` returns, to who may change it. Raises RefusedError."""
        self.room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        return await self.document(request, asker)

    async def document(self, request: Request, asker: Asker) -> tuple[Centre, Document, int]:
        """Return the centre that a path names, its own settings as JSON, and their version. Raises RefusedError."""
        found = await self.room.administration.centres.document(asker, request.path_params["centre"])
        # As JSON has it: what was read from a form is compared with it.
        return found.centre, json.loads(json.dumps(found.centre.to_json())), found.version

    def here(self, request: Request, centre: Centre) -> str:
        """Return where a centre's pages begin."""
        return f"{self.room.root(request)}/staff/centres/{centre.id}"

    async def change(
        self,
        asker: Asker,
        centre: Centre,
        document: Document,
        new: Document,
        version: int,
        section: Section,
        how: How | None,
    ) -> Outcome:
        """Have the core change what differs, and say what became of it."""
        differs = {name: value for name, value in new.items() if value != document.get(name)}
        try:
            return Outcome(await self.room.administration.centres.change(asker, centre.id, differs, version, how))
        except RefusedError as error:
            match error.why:
                case Why.INVALID:
                    own, others = faults_of(error.errors, section)
                    return Outcome(faults=own, general=others)
                case Why.CHANGED:
                    # In this very moment; the page is made of what stands there by now when it is sent again.
                    return Outcome(conflict=True)
                case Why.DISPLACES:
                    return Outcome(displaced=error.displaced)
            raise

    def went(self, request: Request, asker: Asker, changed: Changed, back: str, done: str) -> Response:
        """Lead to where one sees what was done: of displaced bookings to what becomes of them."""
        where = f"/centres/{changed.document.centre.id}"
        if changed.displaced.count:
            return self.room.go(request, f"{where}/changes/{changed.change}")
        return self.room.go(request, f"{where}{back}", done)


def how_of(form: Mapping[str, str]) -> How | None:
    """Return what is to become of displaced bookings, None when nobody has said it."""
    how = form.get("how")
    return cast(How, how) if how in ("move", "cancel") else None
