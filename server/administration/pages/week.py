"""A centre's usual week as a form: two pairs of times a day, as one types them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import DAYS, Centre
from server.administration.pages import fields, refusals
from server.administration.pages.centre_room import CentreRoom, Outcome, how_of
from server.administration.pages.fields import FieldError
from server.administration.pages.sections import Document, Section, mark
from server.administration.roles import Asker
from server.pages.phrases import WEEK

SPANS = 2
"""So many spans of hours a day can be typed; a document with more keeps them until its day is changed."""


class WeekPages:
    """Serves it; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self.router = APIRouter()
        self._room.add(self.router, "/centres/{centre}/hours", self._hours)
        self._room.add(self.router, "/centres/{centre}/hours", self._save_hours, "POST")

    async def _hours(self, request: Request, asker: Asker) -> Response:
        centre, document, _ = await self._centres.document(request, asker)
        return self._week(request, asker, centre, week_typed(document), mark(document["hours"]))

    async def _save_hours(self, request: Request, asker: Asker) -> Response:
        centre, document, version = await self._centres.to_change(request, asker)
        form = await self._room.form(request)
        typed = {name: form.get(name, "") for name in week_typed({})}
        new, faults = week_read(typed, document)
        base = mark(document["hours"])
        if faults:
            return self._week(request, asker, centre, typed, form.get("base", ""), faults=faults, status=422)
        section = Section("hours", ())
        if form.get("base") != base:
            outcome = Outcome(conflict=True)
        else:
            outcome = await self._centres.change(asker, centre, document, new, version, section, how_of(form))
        if outcome.changed is not None:
            return self._centres.went(request, asker, outcome.changed, "/hours", "saved")
        say = self._room.phrases(request)
        theirs = {
            day: say.spans(centre.hours.get(day, ()), centre)
            for day in WEEK
            if outcome.conflict and new["hours"].get(day, []) != document["hours"].get(day, [])
        }
        return self._week(request, asker, centre, typed, base, outcome=outcome, others=theirs, status=409)

    def _week(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        typed: Mapping[str, str],
        base: str,
        *,
        faults: Mapping[str, str] = {},
        others: Mapping[str, str] = {},
        outcome: Outcome | None = None,
        status: int = 200,
    ) -> Response:
        return self._centres.show(
            request,
            asker,
            centre,
            "hours.html",
            "/hours",
            status=status,
            typed=typed,
            base=base,
            week=WEEK,
            spans=range(SPANS),
            faults={day: faults.get(day, "") for day in WEEK},
            has_faults=bool(faults),
            theirs={day: others.get(day, "") for day in WEEK},
            conflict=outcome is not None and outcome.conflict,
            displaced=outcome.displaced if outcome is not None else None,
            general=refusals.said(outcome.general, self._room.words(request)) if outcome is not None else [],
        )


def week_typed(document: Document) -> dict[str, str]:
    """Return the hours of a week as they would be typed, by the names of the grid's fields."""
    typed: dict[str, str] = {}
    for day in DAYS:
        spans = document.get("hours", {}).get(day, [])
        for n in range(SPANS):
            begins, ends = spans[n] if n < len(spans) else ("", "")
            typed |= {f"{day}.{n}.begins": begins, f"{day}.{n}.ends": ends}
    return typed


def hours_read(typed: Mapping[str, str], prefix: str) -> tuple[list[list[str]], str]:
    """Return the spans of a day that were typed, and what is wrong with them, "" for nothing."""
    spans = []
    for n in range(SPANS):
        begins, ends = (typed.get(f"{prefix}.{n}.{name}", "").strip() for name in ("begins", "ends"))
        if not begins and not ends:
            continue
        try:
            span = [fields.clock(begins), fields.clock(ends)]
        except FieldError as error:
            return [], error.key
        if span[0] >= span[1]:
            return [], "administration.fault.order"
        spans.append(span)
    spans.sort()
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        return [], "administration.fault.overlap"
    return spans, ""


def week_read(typed: Mapping[str, str], document: Document) -> tuple[Document, dict[str, str]]:
    """Return the document with the week that was typed, and what is wrong by day."""
    hours, faults, shown = {}, {}, week_typed(document)
    for day in DAYS:
        names = [f"{day}.{n}.{name}" for n in range(SPANS) for name in ("begins", "ends")]
        if all(typed.get(name, "") == shown[name] for name in names):
            spans, fault = document.get("hours", {}).get(day, []), ""
        else:
            spans, fault = hours_read(typed, day)
        if fault:
            faults[day] = fault
        if spans:
            hours[day] = spans
    return {**document, "hours": hours}, faults
