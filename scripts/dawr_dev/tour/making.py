"""The one who makes a tour: starts the processes, and lets its customers and its clerk do one thing after another."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError

from queueing.following import follow_id
from scripts.dawr_dev.clerk import open_browser
from scripts.dawr_dev.demo import (
    DISPLAY_GLASS_MM,
    HUB,
    KIOSK_GLASS_MM,
    Demo,
    Screen,
    phone_of,
    where_it_is_noon,
)
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.phone import Phone
from scripts.dawr_dev.processes import House, ProcessError
from scripts.dawr_dev.recorder import Recorder
from scripts.dawr_dev.tour.at_counter import AtCounter, Hall
from scripts.dawr_dev.tour.at_kiosk import AtKiosk
from scripts.dawr_dev.tour.hub_log import HubLog
from scripts.dawr_dev.tour.story import Evidence, MissedError, Story
from scripts.dawr_dev.tour.wire import Wire
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, XScreen

KIOSK_PIXELS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
DISPLAY_PIXELS = (1920, 1080)
_WITHIN_S = 10.0
_PHONE = "36001290"
_SERVICE = "licence-replacement"
"""What is booked on the phone."""
_KNOWS_CENTRE = re.compile(r"settings version=")


class TourError(Exception):
    """Something of the visit did not happen. The message says at which step and where the logs are."""


def tour(
    folder: Path,
    language: str,
    printer: str | None,
    layout: str = "portrait",
    *,
    sms: bool = False,
    postgres: bool = False,
) -> None:
    """Make the visit and leave its evidence in `folder`. Raises TourError when anything of it did not happen.

    `sms`: a third customer takes the number by message, and follows the turn on a phone. `postgres`: the server keeps
    everything there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    evidence = Evidence(folder, Story(language=language, layout=layout, printer=printer or "emulator"))
    data = Path(tempfile.mkdtemp(prefix="dawr-tour-"))
    # There before anything can fail, for then it is copied.
    logs = data / "logs"
    logs.mkdir()
    began = time.monotonic()
    try:
        with ExitStack() as stack:
            _Tour(stack, evidence, data, printer, sms=sms, postgres=postgres).make()
            took_s = time.monotonic() - began
            print(f"the visit happened: {evidence.tell(took_s)} ({took_s:.1f} s)")
    except (ProcessError, TimeoutError, AssertionError, BrowserError, KeyError, OSError, MissedError) as error:
        shutil.copytree(logs, folder / "logs", dirs_exist_ok=True)
        raise TourError(f"the tour failed while {evidence.step}: {error}\nlogs: {folder / 'logs'}") from error
    finally:
        shutil.rmtree(data, ignore_errors=True)


class _Tour:
    """One tour's processes and people. What it opens is closed by the stack."""

    def __init__(
        self, stack: ExitStack, evidence: Evidence, data: Path, printer: str | None, *, sms: bool, postgres: bool
    ) -> None:
        self._stack = stack
        self._evidence = evidence
        self._language = evidence.story.language
        self._layout = evidence.story.layout
        self._is_emulated = printer is None
        self._sms = sms
        self._postgres = postgres
        self._messages_url = ""
        self._glass = stack.enter_context(XScreen(*KIOSK_PIXELS[self._layout]))
        self._hall_screen = stack.enter_context(XScreen(*DISPLAY_PIXELS))
        stack.callback(lambda: self._demo.forget_postgres())
        self._house = stack.enter_context(House(data / "logs"))
        # Where it is noon the next time that can be booked is today's, whenever the tour is made.
        self._demo = Demo(self._house, data, by_codes=True, timezone=where_it_is_noon())
        self._recorder = stack.enter_context(Recorder(printer or self._demo.paper_url))
        self._kiosk_map = ScreenMap(data / "kiosk-screen.json")
        self._board = ScreenMap(data / "display-screen.json")
        self._hub = HubLog(data / HUB / "hub.db")
        paper = self._demo.paper if self._is_emulated else None
        self._kiosk = AtKiosk(
            self._glass,
            Visitor(self._glass, self._kiosk_map),
            self._language,
            self._hub,
            Wire(self._recorder, evidence.folder, paper, self._demo.hub_url),
            evidence,
            is_emulated=self._is_emulated,
        )

    def make(self) -> None:
        """Make the visit from beginning to end."""
        doing, people = self._evidence.doing, self._demo.people
        with doing("starting the processes"):
            self._start()
            self._kiosk.picture("start")
        with doing("the clerk's beginning"):
            hall = Hall(self._hall_screen, self._board, self._evidence)
            clerk = people.clerks[0]
            counter = AtCounter.begun(self._browser, self._demo.hub_url, self._language, clerk, hall, self._evidence)
        with doing("the booking on a phone"):
            appointment = self._book(people.walk_ins[1])
        with doing("the booked customer's visit"):
            booked = self._kiosk.booked_visit(people.walk_ins[1])
            if self._hub.ticket(booked.ticket).body["appointment"] != appointment:
                raise MissedError("the kiosk checked in another appointment than the one that was booked")
        with doing("the walk-in's visit"):
            self._kiosk.walk_in_visit(people.walk_ins[0])
        with doing("the clerk's work"):
            counter.serve(self._evidence.story.tickets)
        if self._sms:
            with doing("the visit by message"):
                self._by_message()
        with doing("measuring"):
            self._evidence.story.times = self._times(counter.pressed_at)
        for running in self._house:
            if running.exit_code is not None:
                raise running.failure("died during the tour")

    def _start(self) -> None:
        demo = self._demo
        demo.begin()
        if self._postgres:
            demo.start_postgres()
        # Who books signs in with a code that comes by SMS.
        self._messages_url = demo.start_sms()
        demo.start_server()
        demo.start_hub()
        if self._is_emulated:
            demo.start_paper()
        kiosk = Screen(
            KIOSK_PIXELS[self._layout],
            KIOSK_GLASS_MM[self._layout],
            self._glass.environment,
            screen_map=str(self._kiosk_map.path),
        )
        display = Screen(
            DISPLAY_PIXELS, DISPLAY_GLASS_MM, self._hall_screen.environment, screen_map=str(self._board.path)
        )
        demo.start_display(display)
        demo.start_kiosk(kiosk, self._recorder.url, self._language, timings=True)
        self._board.wait(lambda shown: shown.screen == "board", _WITHIN_S, "the board's first frame")
        # A kiosk that has never met its hub does not know its centre's hours yet.
        self._house["kiosk"].wait_for(_KNOWS_CENTRE)
        demo.until_messages_can_arrive()
        self._kiosk.hand.page("start")

    @cached_property
    def _browser(self) -> Browser:
        """The one Chromium in which all pages are opened."""
        browser = open_browser(self._stack.enter_context(sync_playwright()))
        self._stack.callback(browser.close)
        return browser

    def _book(self, cpr: str) -> str:
        """Book the next time of a service through the public pages; return the appointment's id."""
        phone = Phone(self._browser, phone_of(cpr), self._messages_url, self._language)
        url, centre, shots = self._demo.server_url, self._demo.people.centre, dict[str, Path]()
        link = phone.book(
            f"{url}/{self._language}",
            centre,
            _SERVICE,
            cpr,
            lambda name, take: shots.__setitem__(name, self._evidence.shot(name, take)),
        )
        # The message's link leads to the same page, and its QR is what the kiosk would read.
        address = phone.word(rf"{url}/b/{re.escape(link)}")
        self._evidence.shot("booking-message", phone.show_messages)
        phone.close()
        code = read_qr(shots["booking-ticket"])
        if code is None or not code.startswith("B1."):
            raise MissedError(f"the QR of {shots['booking-ticket'].name} cannot be read")
        appointment = code.split(".")[2]
        self._evidence.story.booking = {"service": _SERVICE, "url": address, "appointment": appointment}
        return appointment

    def _by_message(self) -> None:
        """Let a customer take the number by message, and follow the turn on the phone that it came to."""
        phone = Phone(self._browser, _PHONE, self._messages_url, self._language)
        number, event = self._kiosk.message_visit(_PHONE)
        address = phone.message(number)
        self._evidence.shot("message", phone.show_messages)
        said: list[str] = []
        self._evidence.shot("follow", lambda path: said.append(phone.follow(address, path)))
        phone.close()
        if number not in re.sub(r"\s", "", said[0]) or follow_id(event) not in address.upper():
            raise MissedError(f"the page of {number} does not show it")
        self._evidence.story.message = {"number": number, "ticket": event.id, "url": address}
        self._kiosk.leave()

    def _times(self, pressed_at: list[float]) -> dict[str, float]:
        """Return the longest of each time that the apps told, in milliseconds."""
        kiosk, display = self._house["kiosk"].output(), self._house["display"].output()
        found = {
            "first_frame_ms": [said.ms for said in figures(kiosk, "first_frame")],
            "first_frame_display_ms": [said.ms for said in figures(display, "first_frame")],
            "tap_paint_ms": [said.ms for said in figures(kiosk, "painted")],
            "tap_commit_ms": [said.ms for said in figures(kiosk, "ticket_committed")],
            "tap_first_byte_ms": [said.ms for said in figures(kiosk, "printer_first_byte")],
            "call_painted_ms": [
                (float(said.words["monotonic"]) - pressed) * 1000
                for said, pressed in zip(figures(display, "call_painted"), pressed_at, strict=True)
            ],
        }
        return {name: round(max(values), 2) for name, values in found.items() if values}
