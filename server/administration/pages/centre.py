"""A centre's own pages: its place among the others' and, section by section, its settings as forms.

A form says what it was made of. Who else has changed another section meanwhile is no trouble; who has changed this very
one is told of, both are shown, and saving again is somebody's decision.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.administration.pages import fields, refusals, sections
from server.administration.pages.centre_room import CentreRoom, Outcome, how_of
from server.administration.pages.lists import table
from server.administration.pages.room import StaffRoom
from server.administration.pages.sections import Document, Section
from server.administration.roles import Asker

_LEADS = {
    "rules": "administration.rules.lead",
    "turns": "settings.turns.lead",
    "messages": "settings.messages.lead",
    "contact": "administration.contact.lead",
    "services": "administration.services.lead",
    "counters": "administration.counters.lead",
    "notices": "administration.notices.lead",
    "questions": "administration.questions.lead",
    "phones": "settings.phones.lead",
    "pauses": "settings.pauses.lead",
}
_NEW = {
    "services": "administration.services.new",
    "counters": "administration.counters.new",
    "notices": "administration.notices.new",
    "questions": "administration.questions.new",
    "phones": "settings.phones.new",
    "pauses": "settings.pauses.new",
}
_REMOVED = {"phones": "settings.remove_note", "pauses": "settings.remove_note"}
"""What is said of taking away what the public pages never showed."""

_TITLE_MAX = 60


class CentrePages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom, centres: CentreRoom) -> None:
        self._room = room
        self._centres = centres
        self.router = APIRouter()
        where = "/centres/{centre}"
        for name in sections.WHOLE:
            room.add(self.router, f"{where}/{name}", self._whole)
            room.add(self.router, f"{where}/{name}", self._save_whole, "POST")
        for name in sections.LISTS:
            room.add(self.router, f"{where}/{name}", self._list)
            room.add(self.router, f"{where}/{name}/{{entry}}", self._entry)
            room.add(self.router, f"{where}/{name}/{{entry}}", self._save_entry, "POST")
            room.add(self.router, f"{where}/{name}/{{entry}}/remove", self._remove, "POST")

    # --- whole sections

    async def _whole(self, request: Request, asker: Asker) -> Response:
        centre, document, _ = await self._centres.document(request, asker)
        section = self._section(request)
        typed = fields.shown(section.fields, document, centre.zone)
        return self._form(request, asker, centre, section, typed, sections.base(document, section))

    async def _save_whole(self, request: Request, asker: Asker) -> Response:
        centre, document, version = await self._centres.to_change(request, asker)
        form, section = await self._room.form(request), self._section(request)
        return await self._save(request, asker, (centre, document, version), section, form)

    def _section(self, request: Request) -> Section:
        return sections.whole_section(_section_of(request), self._room.languages)

    # --- lists

    async def _list(self, request: Request, asker: Asker) -> Response:
        centre, document, _ = await self._centres.document(request, asker)
        name = _section_of(request)
        columns, rows = table(name, centre, self._room.phrases(request), self._room.words(request))
        items = document.get(sections.LISTS[name], [])
        return self._centres.show(
            request,
            asker,
            centre,
            "list.html",
            f"/{name}",
            lead=_LEADS[name],
            columns=columns,
            rows=[(f"/{name}/{sections.name_of(item)}", cells) for item, cells in zip(items, rows, strict=True)],
            new_path=f"/{name}/new",
            new_label=_NEW[name],
        )

    async def _entry(self, request: Request, asker: Asker) -> Response:
        centre, document, _ = await self._centres.document(request, asker)
        found = self._found(request, document)
        if found is None:
            return self._room.trouble(request, 404, "gone", asker)
        section, is_new = found
        item = sections.fresh(section.name) if is_new else fields.value_at(document, section.root)
        typed = fields.shown(section.fields, item, centre.zone)
        return self._form(request, asker, centre, section, typed, "" if is_new else sections.base(document, section))

    async def _save_entry(self, request: Request, asker: Asker) -> Response:
        centre, document, version = await self._centres.to_change(request, asker)
        form, found = await self._room.form(request), self._found(request, document)
        if found is None:
            return self._room.trouble(request, 409, "gone", asker)
        return await self._save(request, asker, (centre, document, version), found[0], form)

    async def _remove(self, request: Request, asker: Asker) -> Response:
        centre, document, version = await self._centres.to_change(request, asker)
        form, found = await self._room.form(request), self._found(request, document)
        if found is None or found[1]:
            return self._room.trouble(request, 409, "gone", asker)
        section = found[0]
        typed = fields.shown(section.fields, fields.value_at(document, section.root), centre.zone)
        base = sections.base(document, section)
        if not form.get("sure") or form.get("base") != base:
            return self._form(request, asker, centre, section, typed, base, Outcome(conflict=True), 409)
        new = sections.without(document, section.name, int(section.root[1]))
        outcome = await self._centres.change(asker, centre, document, new, version, section, how_of(form))
        if outcome.changed is None:
            return self._form(request, asker, centre, section, typed, base, outcome, 409, is_removing=True)
        return self._centres.went(request, asker, outcome.changed, f"/{section.name}", "removed")

    def _found(self, request: Request, document: Document) -> tuple[Section, bool] | None:
        """Return the entry that an address names, and whether it is one that is to be; None when it is not there."""
        name, wanted = _section_of(request), request.path_params["entry"]
        is_new = wanted == "new"
        items = document.get(sections.LISTS[name], [])
        at = len(items) if is_new else sections.find(document, name, wanted)
        if at is None:
            return None
        return sections.entry(name, self._room.languages, at, document, is_new=is_new), is_new

    # --- saving

    async def _save(
        self,
        request: Request,
        asker: Asker,
        read: tuple[Centre, Document, int],
        section: Section,
        form: Mapping[str, str],
    ) -> Response:
        centre, document, version = read
        typed = fields.typed_in(section.fields, form)
        values, faults = fields.read(section.fields, typed, centre.zone)
        faults |= sections.id_fault(values, document, section)
        is_new = request.path_params.get("entry") == "new"
        base = "" if is_new else sections.base(document, section)
        if faults or form.get("preview"):
            outcome = Outcome(faults=faults)
            return self._form(
                request, asker, centre, section, typed, form.get("base", ""), outcome, 422 if faults else 200
            )
        new = sections.changed(document, section, values)
        if form.get("base", "") != base:
            now = fields.shown(section.fields, fields.value_at(document, section.root), centre.zone)
            return self._form(request, asker, centre, section, typed, base, Outcome(conflict=True), 409, others=now)
        outcome = await self._centres.change(asker, centre, document, new, version, section, how_of(form))
        if outcome.changed is None:
            status = 409 if outcome.conflict or outcome.displaced else 422
            return self._form(request, asker, centre, section, typed, base, outcome, status)
        return self._centres.went(request, asker, outcome.changed, f"/{section.name}", "added" if is_new else "saved")

    # --- showing

    def _form(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        section: Section,
        typed: Mapping[str, str],
        base: str,
        outcome: Outcome | None = None,
        status: int = 200,
        *,
        others: Mapping[str, str] = {},
        is_removing: bool = False,
    ) -> Response:
        outcome = outcome or Outcome()
        entry = request.path_params.get("entry", "")
        here = self._centres.here(request, centre)
        action = f"{here}/{section.name}" + (f"/{entry}" if entry else "")
        can_preview = section.name == "notices"
        preview = [(each, typed.get(f"text.{each}", "")) for each in self._room.languages]
        return self._centres.show(
            request,
            asker,
            centre,
            "section.html",
            f"/{section.name}",
            status=status,
            page_title=self._title(request, section, typed),
            lead="" if entry else _LEADS[section.name],
            entries=fields.entries(section.fields, typed, outcome.faults or {}, others),
            general=refusals.said(outcome.general, self._room.words(request)),
            conflict=outcome.conflict,
            displaced=outcome.displaced,
            is_removing=is_removing,
            base=base,
            action=action,
            remove_note=_REMOVED.get(section.name, "administration.remove.note"),
            remove=f"{action}/remove" if entry not in ("", "new") else "",
            can_preview=can_preview,
            preview=preview if can_preview and any(text for _, text in preview) else [],
        )

    def _title(self, request: Request, section: Section, typed: Mapping[str, str]) -> str:
        """Return what is worked on: an entry by its name, or the section."""
        t = self._room.words(request).t
        entry = request.path_params.get("entry", "")
        if not entry:
            return t(f"administration.section.{section.name}")
        if entry == "new":
            return t(_NEW[section.name])
        language = self._room.frame.language(request)
        named = (f"name.{language}", "label", f"question.{language}", f"text.{language}")
        said = next((typed[name] for name in named if typed.get(name)), entry)
        return said if len(said) <= _TITLE_MAX else f"{said[:_TITLE_MAX]}…"


def _section_of(request: Request) -> str:
    """Return the section that a path names: /ar/staff/centres/CENTRE/SECTION/..."""
    return request.url.path.split("/")[5]
