"""A centre's days: today, the slots of a week, days opened and closed, holidays from a calendar.

Nothing is closed before somebody has seen how many people it touches and has said what becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server.administration.answers import Closing, DaySeen, Displaced, Opening, RefusedError, SlotSeen, Why
from server.administration.pages import fields, refusals
from server.administration.pages.centre_room import CentreRoom, how_of
from server.administration.pages.fields import Field
from server.administration.roles import Asker, Right

DAYS_SEEN = 7
_FAULTS = {
    Why.PAST: "administration.fault.past",
    Why.NOTHING_THERE: "administration.fault.nothing_there",
}


class DayPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self._days = self._room.administration.days
        self.router = APIRouter()
        where = "/centres/{centre}"
        for path, endpoint, method in (
            ("", self._today, "GET"),
            ("/slots", self._slots, "GET"),
            ("/days", self._list, "GET"),
            ("/days/close", self._ask_close, "GET"),
            ("/days/close", self._close, "POST"),
            ("/days/open", self._ask_open, "GET"),
            ("/days/open", self._open, "POST"),
            ("/changes/{change}", self._progress, "GET"),
        ):
            self._room.add(self.router, f"{where}{path}", endpoint, method)

    async def _today(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        today = self._today_at(centre)
        seen = (await self._days.week(asker, centre.id, today, 1))[0]
        say = self._room.phrases(request)
        now, rows = self._room.clock.now(), []
        for service in centre.services:
            slots = seen.slots.get(service.id, ())
            if slots:
                left = sum(max(0, each.places - each.taken) for each in slots if each.at > now)
                rows.append((say.of(service.name), sum(each.taken for each in slots), left))
        return self._centres.show(
            request,
            asker,
            centre,
            "today.html",
            "",
            standing=say.standing(centre),
            is_open=say.is_open(centre),
            day=say.day(today, centre),
            hours=self._hours(request, centre, seen),
            rows=rows,
            booked=sum(booked for _, booked, _ in rows),
            left=sum(left for _, _, left in rows),
        )

    async def _slots(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        booked = [each for each in centre.services if each.appointments]
        wanted = request.query_params.get("service", "")
        service = next((each for each in booked if each.id == wanted), booked[0] if booked else None)
        first = fields.day_or_none(request.query_params.get("first", "")) or self._today_at(centre)
        week = await self._days.week(asker, centre.id, first, DAYS_SEEN)
        by_time: dict[time, dict[date, SlotSeen]] = {}
        for day in week:
            for slot in day.slots.get(service.id, ()) if service is not None else ():
                by_time.setdefault(slot.at.astimezone(centre.zone).time(), {})[day.day] = slot
        say = self._room.phrases(request)
        return self._centres.show(
            request,
            asker,
            centre,
            "slots.html",
            "/slots",
            service=service,
            services=booked,
            first=first.isoformat(),
            earlier=(first - timedelta(days=DAYS_SEEN)).isoformat(),
            later=(first + timedelta(days=DAYS_SEEN)).isoformat(),
            week=[(day.day.isoformat(), say.day(day.day, centre), self._hours(request, centre, day)) for day in week],
            rows=[
                (say.clock(at, centre), [slots.get(day.day) for day in week]) for at, slots in sorted(by_time.items())
            ],
            share=round(centre.booking.walk_in_share * 100),
        )

    async def _list(self, request: Request, asker: Asker) -> Response:
        found = await self._room.administration.centres.document(asker, request.path_params["centre"])
        own = {each.date for each in found.centre.holidays}
        # As the public page says them: with what was imported.
        holidays = self._room.registers.centres.get(found.centre.id, found.centre).holidays
        say = self._room.phrases(request)
        return self._centres.show(
            request,
            asker,
            found.centre,
            "days.html",
            "/days",
            days=say.other_days(replace(found.centre, holidays=holidays)),
            imported=sum(1 for day, _ in found.imported if day not in own),
        )

    # --- closing

    async def _ask_close(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        centre = await self._centres.centre(request, asker)
        asked = self._closing_fields(request, centre)
        typed = {each.name: request.query_params.get(each.name, "") for each in asked}
        return self._act(request, asker, centre, "close", asked, typed)

    async def _close(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        centre = await self._centres.centre(request, asker)
        form, asked = await self._room.form(request), self._closing_fields(request, centre)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, centre.zone)
        begins, ends = values.get(("begins",)), values.get(("ends",))
        if not faults and bool(begins) != bool(ends):
            faults["ends" if begins else "begins"] = "administration.fault.both"
        if not faults and begins and begins >= ends:
            faults["ends"] = "administration.fault.order"
        if faults:
            return self._act(request, asker, centre, "close", asked, typed, faults, status=422)
        closing = Closing(
            date.fromisoformat(values["day",]),
            _clock(begins),
            _clock(ends),
            values["service",] or "",
            self._texts(values, "reason"),
        )
        how = how_of(form)
        try:
            displaced = await self._days.preview_close(asker, centre.id, closing)
            if not form.get("sure") or (displaced.count and how is None):
                return self._confirm(request, asker, centre, asked, typed, displaced)
            changed = await self._days.close(asker, centre.id, closing, how)
        except RefusedError as error:
            if error.why is Why.DISPLACES and error.displaced is not None:
                return self._confirm(request, asker, centre, asked, typed, error.displaced)
            return self._refused(request, asker, centre, "close", asked, typed, error)
        return self._centres.went(request, asker, changed, "/days", "closed")

    def _confirm(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        asked: tuple[Field, ...],
        typed: Mapping[str, str],
        displaced: Displaced,
    ) -> Response:
        say, t = self._room.phrases(request), self._room.words(request).t
        day = date.fromisoformat(typed["day"])
        service = centre.service(typed["service"])
        hours = t("administration.close.whole_day")
        if typed["begins"]:
            times = (time.fromisoformat(fields.clock(typed["begins"])), _clock(fields.clock(typed["ends"])) or time.max)
            hours = say.spans((times,), centre)
        return self._centres.show(
            request,
            asker,
            centre,
            "close.html",
            "/days",
            page_title=t("administration.close.title"),
            summary=[say.day(day, centre), hours, say.of(service.name) if service else t("administration.close.all")],
            hidden=[(each.name, typed[each.name]) for each in asked],
            displaced=displaced,
        )

    def _closing_fields(self, request: Request, centre: Centre) -> tuple[Field, ...]:
        say, t = self._room.phrases(request), self._room.words(request).t
        services = (
            ("", t("administration.close.all")),
            *((each.id, say.of(each.name)) for each in centre.services if each.appointments),
        )
        key = "administration.close."
        return (
            Field(("day",), f"{key}day", f"{key}day_hint", "day", True),
            Field(("begins",), f"{key}begins", "", "clock"),
            Field(("ends",), f"{key}ends", "", "clock"),
            Field(("service",), f"{key}service", "", "one", options=services),
            *(
                Field(("reason", each), f"{key}reason", f"{key}reason_hint", language=each)
                for each in self._room.languages
            ),
        )

    # --- opening

    async def _ask_open(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        centre = await self._centres.centre(request, asker)
        asked = self._opening_fields(request, centre)
        typed = {each.name: request.query_params.get(each.name, "") for each in asked}
        return self._act(request, asker, centre, "open", asked, typed)

    async def _open(self, request: Request, asker: Asker) -> Response:
        self._room.check(asker, Right.CHANGE_CENTRE, request.path_params["centre"])
        centre = await self._centres.centre(request, asker)
        form, asked = await self._room.form(request), self._opening_fields(request, centre)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, centre.zone)
        if not faults and values["begins",] >= values["ends",]:
            faults["ends"] = "administration.fault.order"
        if faults:
            return self._act(request, asker, centre, "open", asked, typed, faults, status=422)
        opening = Opening(
            date.fromisoformat(values["day",]),
            _clock(values["begins",]) or time.min,
            _clock(values["ends",]) or time.max,
            tuple(values["services",]),
            values["places",],
            self._texts(values, "text"),
        )
        try:
            changed = await self._days.open(asker, centre.id, opening)
        except RefusedError as error:
            return self._refused(request, asker, centre, "open", asked, typed, error)
        return self._centres.went(request, asker, changed, "/days", "opened")

    def _opening_fields(self, request: Request, centre: Centre) -> tuple[Field, ...]:
        say = self._room.phrases(request)
        services = tuple((each.id, say.of(each.name)) for each in centre.services if each.appointments)
        key = "administration.open."
        return (
            Field(("day",), f"{key}day", "", "day", True),
            Field(("begins",), f"{key}begins", "", "clock", True),
            Field(("ends",), f"{key}ends", "", "clock", True),
            Field(("services",), f"{key}services", f"{key}services_hint", "many", options=services),
            Field(("places",), f"{key}places", f"{key}places_hint", "whole", False, 1, 1000),
            *(Field(("text", each), f"{key}text", f"{key}text_hint", language=each) for each in self._room.languages),
        )

    # --- what both share

    async def _progress(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        change = request.path_params["change"]
        found = await self._room.administration.centres.progress(asker, centre.id, change)
        title = self._room.words(request).t("administration.progress.title")
        answer = self._centres.show(request, asker, centre, "progress.html", "/days", page_title=title, progress=found)
        if found.waiting:
            answer.headers["Refresh"] = "5"
        return answer

    def _act(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        act: str,
        asked: tuple[Field, ...],
        typed: Mapping[str, str],
        faults: Mapping[str, str] = {},
        *,
        general: tuple[str, ...] = (),
        status: int = 200,
    ) -> Response:
        title = "administration.close.title" if act == "close" else "administration.open.title"
        values: dict[str, Any] = {
            "page_title": self._room.words(request).t(title),
            "entries": fields.entries(asked, typed, faults),
            "general": refusals.said(general, self._room.words(request)),
            "act": act,
        }
        return self._centres.show(request, asker, centre, "day_act.html", "/days", status=status, **values)

    def _refused(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        act: str,
        asked: tuple[Field, ...],
        typed: Mapping[str, str],
        error: RefusedError,
    ) -> Response:
        if error.why not in _FAULTS and error.why is not Why.INVALID:
            raise error
        faults = {"day": _FAULTS[error.why]} if error.why in _FAULTS else {}
        return self._act(request, asker, centre, act, asked, typed, faults, general=error.errors, status=422)

    def _texts(self, values: Mapping[fields.Path, Any], name: str) -> dict[str, str]:
        return {each: values[name, each] for each in self._room.languages if values[name, each]}

    def _hours(self, request: Request, centre: Centre, day: DaySeen) -> str:
        spans = tuple((a.astimezone(centre.zone).time(), _end(b.astimezone(centre.zone).time())) for a, b in day.hours)
        return self._room.phrases(request).spans(spans, centre)

    def _today_at(self, centre: Centre) -> date:
        return self._room.clock.now().astimezone(centre.zone).date()


def _clock(text: str | None) -> time | None:
    """Return a time of day that was read from a form; 24:00 ends a day."""
    if not text:
        return None
    return time.max if text == "24:00" else time.fromisoformat(text)


def _end(at: time) -> time:
    return time.max if at == time.min else at
