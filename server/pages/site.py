"""Puts the pages together: one frame, the public pages, the customer's, and the faces of what goes wrong."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from server.app import include_first
from server.booking.desk import Booking
from server.booking.line import Line
from server.feedback.desk import Feedback
from server.pages.book import BookPages
from server.pages.everywhere import Everywhere
from server.pages.faces import install_faces
from server.pages.feedback import FeedbackPages
from server.pages.frame import Frame
from server.pages.line import BookingLine
from server.pages.mine import MinePages
from server.pages.public import PublicPages
from server.pages.room import Room
from server.pages.signing_in import SignInPages
from server.pages.ticket import TicketPages
from server.pages.video import VideoTurns
from server.registers import Registers
from server.sign_on.customers import SignOn, SignOnPages
from sync.clock import Clock


def serve_pages(
    app: FastAPI,
    registers: Registers,
    clock: Clock,
    everywhere: Path | None,
    booking: Booking | None,
    *,
    has_codes: bool = True,
    sign_on: SignOn | None = None,
    feedback: Feedback,
    video: VideoTurns,
) -> None:
    """Serve the pages from `app`, before its first request; without `booking` nobody can sign in or book.

    One signs in with a code where `has_codes`, and with the national sign-on where there is one. `video` knows
    the turns of appointments by video. Raises SeedError for the file of notices for all.
    """
    frame = Frame(clock, can_book=booking is not None)
    if booking is not None:
        app.add_middleware(BookingLine, frame=frame, line=Line(clock.monotonic))
        room = Room(frame, booking, registers, clock)
        signing_in = SignInPages(room, has_codes=has_codes, has_sign_on=sign_on is not None)
        if sign_on is not None:
            app.include_router(SignOnPages(room, sign_on, has_codes=has_codes).router)
        for pages in (signing_in, MinePages(room, feedback), FeedbackPages(room, feedback)):
            app.include_router(pages.router)
        for hot in (TicketPages(room, video), BookPages(room)):
            include_first(app, hot.router)
    app.include_router(PublicPages(frame, registers, Everywhere.read(everywhere)).router)
    install_faces(app, frame)
