"""Puts the pages together: one frame, the public pages, the customer's, and the faces of what goes wrong."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from server.pages.everywhere import Everywhere
from server.pages.faces import install_faces
from server.pages.frame import Frame
from server.pages.public import PublicPages
from server.registers import Registers
from sync.clock import Clock


def serve_pages(app: FastAPI, registers: Registers, clock: Clock, everywhere: Path | None) -> None:
    """Serve the pages from `app`, before its first request. Raises SeedError for the file of notices for all."""
    frame = Frame(clock, can_book=False)
    app.include_router(PublicPages(frame, registers, Everywhere.read(everywhere)).router)
    install_faces(app, frame)
