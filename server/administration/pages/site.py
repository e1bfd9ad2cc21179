"""Puts the staff's pages together: one frame of their own, a room, and everything that is served in it."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import file_of
from follow.page import Look
from server.administration.desk import Administration
from server.administration.pages.accounts import AccountPages
from server.administration.pages.audit import AuditPages
from server.administration.pages.bodies import BodyPages
from server.administration.pages.booking_for import BookingForPages
from server.administration.pages.centre import CentrePages
from server.administration.pages.centre_room import CentreRoom
from server.administration.pages.complaints import ComplaintPages
from server.administration.pages.crew import CrewPages
from server.administration.pages.days import DayPages
from server.administration.pages.entering import Entering
from server.administration.pages.figures import FigurePages
from server.administration.pages.helping import HelpPages
from server.administration.pages.holidays import HolidayPages
from server.administration.pages.new_centre import NewCentre
from server.administration.pages.overview import OverviewPages
from server.administration.pages.remarks import RemarkPages
from server.administration.pages.room import StaffRoom
from server.administration.pages.week import WeekPages
from server.pages.frame import SAFE, Frame
from server.registers import Registers
from server.sign_on.staff import BEGIN, StaffSignOn, StaffSignOnPages
from server.standings import Standings
from sync.clock import Clock

_HERE = Path(__file__).resolve().parent


def serve_staff_pages(
    app: FastAPI,
    administration: Administration,
    registers: Registers,
    clock: Clock,
    *,
    standings: Standings,
    sign_on: StaffSignOn | None = None,
) -> None:
    """Serve the staff's pages from `app`, before its first request and before the public pages' unknown addresses.

    With `sign_on` those whose accounts are linked to it need no password.
    """
    look = Look(_HERE / "look", "/staff-look")
    frame = Frame(clock, can_book=False, templates=_HERE / "templates")
    room = StaffRoom(frame, look, administration, registers, clock, sign_on=BEGIN if sign_on is not None else "")
    centres, helping = CentreRoom(room), HelpPages(room)

    async def file(request: Request) -> Response:
        return file_of(look, request, SAFE)

    app.router.add_route("/staff-look/{version}/{name}", file, ["GET"], include_in_schema=False)
    for pages in (
        Entering(room),
        NewCentre(room),  # Before the bodies, one of which has the same form of address.
        OverviewPages(room, standings),
        BodyPages(room),
        DayPages(centres),
        HolidayPages(centres),
        CentrePages(room, centres),
        WeekPages(centres),
        CrewPages(centres),
        ComplaintPages(centres),
        RemarkPages(centres),
        FigurePages(room),
        helping,
        BookingForPages(room, helping),
        AccountPages(room),
        AuditPages(room),
    ):
        app.include_router(pages.router)
    if sign_on is not None:
        app.include_router(StaffSignOnPages(room, sign_on).router)
