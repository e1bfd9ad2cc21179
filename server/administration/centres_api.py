"""The administration's HTTP routes of one centre: settings, days, staff, devices, help. They decide nothing."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from datetime import date, time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from server.administration import answers, wire
from server.administration.desk import Administration
from server.administration.doors import CHANGES, READS
from server.administration.roles import Asker
from server.administration.wire import Name
from server.api.forms import Day
from server.api.once import Once
from server.api.paging import After, Limit, Page, cursor, name_position, page, time_position
from server.booking.answers import Appointment, Block, FreeDay
from server.devices import StandingOut
from server.feedback.api import ComplaintOut
from sync.enrolment import grouped
from sync.problems import problem_docs

_CENTRE = "/centres/{centre}"


def add_centre_routes(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    """Add the routes of a centre; `asks` and `once` are the dependencies that say who asks, and whether once."""
    _add_settings(router, it, asks, once)
    _add_days(router, it, asks, once)
    _add_crew(router, it, asks, once)
    _add_help(router, it, asks, once)
    _add_complaints(router, it, asks, once)


def _add_complaints(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    where = f"{_CENTRE}/complaints"

    @router.get(where, responses=READS)
    async def complaints(
        request: Request,
        response: Response,
        centre: Name,
        answered: bool = False,
        after: After = "",
        limit: Limit = 50,
        asker: Asker = asks,
    ) -> Page[ComplaintOut]:
        """Give the complaints that wait for an answer, the one that is due first before the others; or the answered."""
        begin = time_position(after)
        found = await it.complaints.all(asker, centre, answered=answered, after=begin, most=limit + 1)
        told = [ComplaintOut.model_validate(each) for each in found]
        return page(request, response, told, limit, _where)

    @router.post(f"{where}/{{reference}}/take", responses=CHANGES)
    async def take(centre: Name, reference: Name, asker: Asker = asks, asked: Once | None = once) -> ComplaintOut:
        """Note that somebody sees to a complaint; its customer is shown that."""
        return ComplaintOut.model_validate(await it.complaints.take(asker, centre, reference, asked=asked))

    @router.post(f"{where}/{{reference}}/answer", responses=CHANGES)
    async def answer(
        centre: Name, reference: Name, said: wire.AnswerIn, asker: Asker = asks, asked: Once | None = once
    ) -> ComplaintOut:
        """Answer a complaint, once; its customer reads that on the own page."""
        told = await it.complaints.answer(asker, centre, reference, said.text, asked=asked)
        return ComplaintOut.model_validate(told)


def _where(complaint: ComplaintOut) -> str:
    return cursor((complaint.answered_at or complaint.due_at).isoformat(), complaint.reference)


def _document(found: answers.Document) -> wire.DocumentOut:
    return wire.DocumentOut(
        version=found.version,
        body=found.body,
        settings=found.centre.to_json(),
        imported={day: dict(name) for day, name in found.imported},
    )


def _changed(done: answers.Changed) -> wire.ChangedOut:
    displaced = wire.DisplacedOut.model_validate(done.displaced)
    return wire.ChangedOut(change=done.change, document=_document(done.document), displaced=displaced)


def _add_settings(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.get("/centres", responses=problem_docs(401, 403, 422, 503))
    async def centres(
        request: Request, response: Response, after: After = "", limit: Limit = 50, asker: Asker = asks
    ) -> Page[answers.CentreSeen]:
        """List the centres that the asker may see, each at a glance, by id."""
        found = await it.bodies.overview(asker, after=name_position(after), most=limit + 1)
        return page(request, response, found, limit, lambda last: cursor(last.id))

    @router.post("/centres", responses=CHANGES)
    async def add(said: wire.CentreIn, asker: Asker = asks, asked: Once | None = once) -> wire.DocumentOut:
        """Make a centre."""
        return _document(await it.bodies.add_centre(asker, said.above, dict(said.settings), asked=asked))

    @router.put(f"{_CENTRE}/body", responses=CHANGES)
    async def place(centre: Name, said: wire.PlaceIn, asker: Asker = asks) -> answers.Body:
        """Put a centre below another ministry or department."""
        return await it.bodies.place_centre(asker, centre, said.above)

    @router.get(f"{_CENTRE}/settings", responses=READS)
    async def settings(centre: Name, asker: Asker = asks) -> wire.DocumentOut:
        """Give a centre's own settings with their version."""
        return _document(await it.centres.document(asker, centre))

    @router.patch(f"{_CENTRE}/settings", responses=CHANGES)
    async def change(centre: Name, said: wire.SettingsIn, asker: Asker = asks) -> wire.ChangedOut:
        """Replace fields of a centre's settings, all of them or none. 409 CHANGED, DISPLACES."""
        return _changed(await it.centres.change(asker, centre, said.fields, said.version, said.displaced))

    @router.post(f"{_CENTRE}/settings/preview", responses=CHANGES)
    async def preview(centre: Name, said: wire.FieldsIn, asker: Asker = asks) -> wire.DisplacedOut:
        """Check fields and count the bookings that they would displace; change nothing."""
        return wire.DisplacedOut.model_validate(await it.centres.preview(asker, centre, said.fields))

    @router.get(f"{_CENTRE}/changes/{{change}}", responses=READS)
    async def progress(centre: Name, change: Name, asker: Asker = asks) -> answers.Progress:
        """Say what became of the bookings that a change displaced."""
        return await it.centres.progress(asker, centre, change)


def _add_days(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.get(f"{_CENTRE}/days", responses=READS)
    async def days(
        centre: Name,
        first: Annotated[Day, Query(ge=date(2000, 1, 1), le=date(2200, 1, 1))],
        days: Annotated[int, Query(ge=1, le=31)] = 7,
        asker: Asker = asks,
    ) -> list[answers.DaySeen]:
        """Give days with their slots: how many each takes, how many have booked."""
        return list(await it.days.week(asker, centre, first, days))

    @router.post(f"{_CENTRE}/openings", responses=CHANGES)
    async def open_hours(
        centre: Name, said: wire.OpeningIn, asker: Asker = asks, asked: Once | None = once
    ) -> wire.ChangedOut:
        """Open hours or places of a day at once; it is announced."""
        opening = answers.Opening(
            said.day, _plain(said.begins), _plain(said.ends), tuple(said.services), said.places, said.text
        )
        return _changed(await it.days.open(asker, centre, opening, asked=asked))

    @router.post(f"{_CENTRE}/closings", responses=CHANGES)
    async def close(
        centre: Name, said: wire.ClosingIn, asker: Asker = asks, asked: Once | None = once
    ) -> wire.ChangedOut:
        """Close a day, hours of it, or a service. 409 DISPLACES counts the bookings that stand there."""
        return _changed(await it.days.close(asker, centre, _closing(said), said.displaced, asked=asked))

    @router.post(f"{_CENTRE}/closings/preview", responses=CHANGES)
    async def preview_close(centre: Name, said: wire.ClosingIn, asker: Asker = asks) -> wire.DisplacedOut:
        """Count the bookings that a closing would displace; change nothing."""
        return wire.DisplacedOut.model_validate(await it.days.preview_close(asker, centre, _closing(said)))


def _add_crew(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.get(f"{_CENTRE}/staff", responses=READS)
    async def staff(
        request: Request, response: Response, centre: Name, after: After = "", limit: Limit = 50, asker: Asker = asks
    ) -> Page[answers.StaffSeen]:
        """List who works at a centre's counters, by id."""
        found = await it.crew.staff(asker, centre, after=name_position(after), most=limit + 1)
        return page(request, response, found, limit, lambda last: cursor(last.id))

    @router.put(f"{_CENTRE}/staff/{{person}}", responses=CHANGES)
    async def put(centre: Name, person: Name, said: wire.StaffIn, asker: Asker = asks) -> answers.StaffSeen:
        """Make a member of staff, or change one; a disabled one is so no more."""
        return await it.crew.put_staff(asker, centre, person, said.name, said.role, said.pin)

    @router.delete(f"{_CENTRE}/staff/{{person}}", responses=CHANGES)
    async def disable(centre: Name, person: Name, asker: Asker = asks) -> answers.StaffSeen:
        """Let a member of staff sign in no more; the record stays."""
        return await it.crew.disable_staff(asker, centre, person)

    @router.get(f"{_CENTRE}/devices", responses=READS)
    async def devices(
        request: Request, response: Response, centre: Name, after: After = "", limit: Limit = 50, asker: Asker = asks
    ) -> Page[StandingOut]:
        """Say how a centre's devices stand, by name."""
        found = await it.crew.devices(asker, centre, after=name_position(after), most=limit + 1)
        told = [StandingOut.model_validate(each, from_attributes=True) for each in found]
        return page(request, response, told, limit, lambda last: cursor(last.device))

    @router.post(f"{_CENTRE}/devices/codes", responses=CHANGES)
    async def code(centre: Name, said: wire.DeviceCodeIn, asker: Asker = asks) -> wire.DeviceCodeOut:
        """Make a one-time code for a device. 403 ELSEWHERE, NAME, ROLE, SERIES."""
        made = await it.crew.new_code(asker, centre, said.role, said.device, said.series)
        return wire.DeviceCodeOut(
            code=grouped(made.code), device=made.device, role=made.role, expires_at=made.expires_at
        )

    @router.post(f"{_CENTRE}/devices/{{device}}/revoke", responses=CHANGES)
    async def revoke(centre: Name, device: Name, asker: Asker = asks, asked: Once | None = once) -> wire.RevokedOut:
        """Take a device out of service. 403 DEVICE."""
        return wire.RevokedOut(device=device, was_in_service=await it.crew.revoke(asker, centre, device, asked=asked))


def _add_help(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.post("/customers", responses=problem_docs(401, 403, 404, 422, 429, 503))
    async def find(said: wire.CustomerIn, asker: Asker = asks) -> answers.CustomerSeen:
        """Find a customer's bookings and block by the CPR, at the centres where the asker may help."""
        return await it.help.find(asker, said.cpr)

    @router.post("/customers/admit", responses=problem_docs(401, 403, 404, 422, 429, 503))
    async def admit(said: wire.ProofIn, asker: Asker = asks) -> answers.CustomerSeen:
        """Say who has a CPR and a date of birth; who comes for the first time is registered. Nobody younger than 17."""
        return await it.on_behalf.admit(asker, _proof(said))

    @router.post("/customers/{customer}/lift-block", responses=CHANGES)
    async def lift(customer: Name, said: wire.LiftIn, asker: Asker = asks, asked: Once | None = once) -> Block:
        """Lift a customer's block, for a reason."""
        return await it.help.lift_block(asker, customer, said.why, asked=asked)

    @router.get(f"{_CENTRE}/services/{{service}}/slots", responses=READS)
    async def slots(centre: Name, service: Name, asker: Asker = asks) -> list[FreeDay]:
        """Give the days that can be booked and their slots, full ones too."""
        return list(await it.help.free(asker, centre, service))

    @router.post(f"{_CENTRE}/appointments", responses=CHANGES)
    async def book(
        centre: Name, said: wire.DeskBookingIn, asker: Asker = asks, asked: Once | None = once
    ) -> Appointment:
        """Book for a customer at the desk, whose rules, limits and block hold. 403 BLOCKED, UNDER_AGE; 409 TAKEN."""
        proof = _proof(said.customer)
        return await it.on_behalf.book(asker, centre, proof, said.service, said.slot_at, said.channel, asked=asked)

    @router.post(f"{_CENTRE}/appointments/{{appointment}}/cancel", responses=CHANGES)
    async def cancel(
        centre: Name,
        appointment: Name,
        said: wire.DeskCancelIn | None = None,
        asker: Asker = asks,
        asked: Once | None = once,
    ) -> Appointment:
        """Cancel a booking: at its customer's wish, or in the centre's name."""
        if said is not None and said.customer is not None:
            return await it.on_behalf.cancel(asker, centre, appointment, _proof(said.customer), asked=asked)
        return await it.help.cancel(asker, centre, appointment, asked=asked)

    @router.post(f"{_CENTRE}/appointments/{{appointment}}/move", responses=CHANGES)
    async def move(
        centre: Name, appointment: Name, said: wire.DeskMoveIn, asker: Asker = asks, asked: Once | None = once
    ) -> Appointment:
        """Move a booking: at its customer's wish, or in the centre's name."""
        if said.customer is not None:
            proof = _proof(said.customer)
            return await it.on_behalf.move(asker, centre, appointment, proof, said.slot_at, said.channel, asked=asked)
        return await it.help.move(asker, centre, appointment, said.slot_at, asked=asked)

    @router.post(f"{_CENTRE}/appointments/{{appointment}}/lift-block", responses=CHANGES)
    async def lift_of(
        centre: Name, appointment: Name, said: wire.LiftIn, asker: Asker = asks, asked: Once | None = once
    ) -> Block:
        """Lift the block of whose appointment it is, for a reason."""
        return await it.help.lift_block_of(asker, centre, appointment, said.why, asked=asked)


def _proof(said: wire.ProofIn) -> answers.Proof:
    return answers.Proof(said.cpr, said.born, said.lang)


def _closing(said: wire.ClosingIn) -> answers.Closing:
    begins = _plain(said.begins) if said.begins is not None else None
    ends = _plain(said.ends) if said.ends is not None else None
    return answers.Closing(said.day, begins, ends, said.service, said.reason)


def _plain(at: time) -> time:
    """Return a time of the centre's own, to the minute; its offset would say nothing."""
    return at.replace(second=0, microsecond=0, tzinfo=None)
