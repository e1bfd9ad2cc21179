"""A visit made by itself, from outside: one customer books on a phone and comes, another walks in, a clerk serves both.

Everything is a real process on a virtual screen; taps and keys are X events and Chromium's. Nothing of the apps is
called: what they show is read from their windows, what they print from the wire, what they keep from their logs.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError

from printer.emulator import execute
from queueing.following import follow_id, follow_link
from queueing.wire import Event
from scripts.dawr_dev.clerk import Clerk, open_browser
from scripts.dawr_dev.demo import (
    DISPLAY_GLASS_MM,
    HUB,
    KIOSK_GLASS_MM,
    Demo,
    Screen,
    phone_of,
    where_it_is_noon,
)
from scripts.dawr_dev.logs import events, figures
from scripts.dawr_dev.paper import read_qr
from scripts.dawr_dev.phone import Phone
from scripts.dawr_dev.processes import House, ProcessError, wait_until
from scripts.dawr_dev.recorder import Recorder
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, Shown, XScreen

KIOSK_PIXELS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
DISPLAY_PIXELS = (1920, 1080)
COUNTER = "6"
_WITHIN_S = 10.0
_PHONE = "36001290"
_SERVICE = "licence-replacement"
"""What is booked on the phone."""
_KNOWS_CENTRE = re.compile(r"settings version=")
_QUIET_S = 0.4
"""A ticket is complete at the printer when nothing has reached it for so long after its outcome was written down."""


class TourError(Exception):
    """Something of the visit did not happen. The message says at which step and where the logs are."""


@dataclass(slots=True)
class TourTicket:
    """What became of a ticket: `qr` as read from its picture, `paper` what the printer answered."""

    number: str
    service: str
    kind: str
    ticket: str
    qr: str
    paper: str
    bytes: int
    counter: str = ""


@dataclass(slots=True)
class Story:
    """What tour.json tells."""

    ok: bool = False
    language: str = ""
    layout: str = ""
    printer: str = ""
    tickets: list[TourTicket] = field(default_factory=list)
    board: list[dict[str, str]] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    booking: dict[str, str] = field(default_factory=dict)
    message: dict[str, str] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    took_s: float = 0.0


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
    data = Path(tempfile.mkdtemp(prefix="dawr-tour-"))
    try:
        with ExitStack() as stack:
            _Tour(stack, folder, data, language, printer, layout, sms=sms, postgres=postgres).make()
    except (ProcessError, TimeoutError, AssertionError, BrowserError, KeyError, OSError, MissedError) as error:
        shutil.copytree(data / "logs", folder / "logs", dirs_exist_ok=True)
        step = _Tour.step
        raise TourError(f"the tour failed while {step}: {error}\nlogs: {folder / 'logs'}") from error
    finally:
        shutil.rmtree(data, ignore_errors=True)


class MissedError(Exception):
    """Something was seen that is not right."""


class _Tour:
    """The parts of one tour, and its story."""

    step = "starting"

    def __init__(
        self,
        stack: ExitStack,
        folder: Path,
        data: Path,
        language: str,
        printer: str | None,
        layout: str,
        *,
        sms: bool,
        postgres: bool,
    ) -> None:
        self._stack = stack
        self._postgres = postgres
        self._sms = sms
        self._messages_url = ""
        self._folder = folder
        self._language = language
        self._emulated = printer is None
        self._layout = layout
        self._story = Story(language=language, layout=layout, printer=printer or "emulator")
        self._begun = time.monotonic()
        self._glass = stack.enter_context(XScreen(*KIOSK_PIXELS[layout]))
        self._hall = stack.enter_context(XScreen(*DISPLAY_PIXELS))
        stack.callback(lambda: self._demo.forget_postgres())
        self._house = stack.enter_context(House(data / "logs"))
        # Where it is noon the next time that can be booked is today's, whenever the tour is made.
        self._demo = Demo(self._house, data, by_codes=True, timezone=where_it_is_noon())
        self._recorder = stack.enter_context(Recorder(printer or self._demo.paper_url))
        self._kiosk = ScreenMap(data / "kiosk-screen.json")
        self._hand = Visitor(self._glass, self._kiosk)
        self._board = ScreenMap(data / "display-screen.json")
        self._chromium: Browser | None = None
        self._count = 0
        self._printed = 0
        self._pressed: list[float] = []

    def make(self) -> None:
        """Make the visit from beginning to end."""
        with self._doing("starting the processes"):
            self._start()
            self._picture("start")
        people = self._demo.people
        with self._doing("the clerk's beginning"):
            clerk = self._clerk()
        with self._doing("the booking on a phone"):
            appointment = self._book(people.walk_ins[1])
        with self._doing("the booked customer's visit"):
            booked = self._booked_visit(people.walk_ins[1])
            if self._matched(booked) != appointment:
                raise MissedError("the kiosk checked in another appointment than the one that was booked")
        with self._doing("the walk-in's visit"):
            walk_in = self._walk_in_visit(people.walk_ins[0])
        self._story.tickets += [booked, walk_in]
        with self._doing("the clerk's work"):
            self._serve(clerk)
        if self._sms:
            with self._doing("the visit by message"):
                self._message_visit()
        with self._doing("measuring"):
            self._story.times = self._times()
        for running in self._house:
            if running.exit_code is not None:
                raise running.failure("died during the tour")
        self._story.ok = True
        self._story.took_s = round(time.monotonic() - self._begun, 1)
        told = json.dumps(asdict(self._story), ensure_ascii=False, indent=2)
        (self._folder / "tour.json").write_text(told + "\n", encoding="utf-8")
        print(f"the visit happened: {self._folder / 'tour.json'} ({self._story.took_s:g} s)")

    @contextmanager
    def _doing(self, step: str) -> Iterator[None]:
        _Tour.step = step
        yield

    # The processes.

    def _start(self) -> None:
        demo = self._demo
        demo.begin()
        if self._postgres:
            demo.start_postgres()
        # Who books signs in with a code that comes by SMS.
        self._messages_url = demo.start_sms()
        demo.start_server()
        demo.start_hub()
        if self._emulated:
            demo.start_paper()
        kiosk = Screen(
            KIOSK_PIXELS[self._layout],
            KIOSK_GLASS_MM[self._layout],
            self._glass.environment,
            screen_map=str(self._kiosk.path),
        )
        display = Screen(DISPLAY_PIXELS, DISPLAY_GLASS_MM, self._hall.environment, screen_map=str(self._board.path))
        demo.start_display(display)
        demo.start_kiosk(kiosk, self._recorder.url, self._language, timings=True)
        self._board.wait(lambda shown: shown.screen == "board", _WITHIN_S, "the board's first frame")
        # A kiosk that has never met its hub does not know its centre's hours yet.
        self._house["kiosk"].wait_for(_KNOWS_CENTRE)
        demo.until_messages_can_arrive()
        self._hand.page("start")

    # The phone, at home.

    def _book(self, cpr: str) -> str:
        """Book the next time of a service through the public pages; return the appointment's id."""
        number = phone_of(cpr)
        phone = Phone(self._browser(), number, self._messages_url, self._language)
        centre, root = self._demo.people.centre, f"{self._demo.server_url}/{self._language}"
        link = phone.book(root, centre, _SERVICE, cpr, self._shot)
        # The message's link leads to the same page, and its QR is what the kiosk would read.
        address = phone.word(rf"{self._demo.server_url}/b/{re.escape(link)}")
        self._shot("booking-message", phone.show_messages)
        phone.close()
        picture = self._folder / next(name for name in self._story.pictures if name.endswith("-booking-ticket.png"))
        code = read_qr(picture)
        if code is None or not code.startswith("B1."):
            raise MissedError(f"the QR of {picture.name} cannot be read")
        self._story.booking = {"service": _SERVICE, "url": address, "appointment": code.split(".")[2]}
        return code.split(".")[2]

    def _matched(self, ticket: TourTicket) -> str:
        event = next(each for each in self._events() if each.id == ticket.ticket)
        return str(event.body["appointment"])

    # The kiosk.

    def _booked_visit(self, cpr: str) -> TourTicket:
        before = self._tickets()
        self._hand.tap(f"begin-{self._language}")
        self._hand.page("cpr")
        self._picture("cpr")
        self._hand.tap_digits(cpr)
        self._picture("cpr-entered")
        self._hand.tap("submit")
        self._hand.page("found")
        self._picture("appointment")
        self._hand.tap_first("confirm-")
        self._by_paper()
        return self._ticket("booked", before)

    def _walk_in_visit(self, cpr: str) -> TourTicket:
        before = self._tickets()
        self._hand.tap(f"begin-{self._language}")
        self._hand.page("cpr")
        self._hand.type_digits(cpr)
        self._hand.page("services")
        self._picture("services")
        self._hand.tap_first("service-")
        if self._hand.at_rest().screen == "services":  # it was a group of services
            self._picture("services-of-a-group")
            self._hand.tap_first("service-")
        self._hand.page("details")
        self._picture("service-needs")
        self._hand.tap("take")
        self._by_paper()
        return self._ticket("walk-in", before)

    def _by_paper(self) -> None:
        """Choose paper; a message could be had too."""
        self._hand.page("delivery")
        self._hand.tap("by-paper")

    def _message_visit(self) -> None:
        before = self._tickets()
        phone = Phone(self._browser(), _PHONE, self._messages_url, self._language)
        self._hand.tap(f"begin-{self._language}")
        self._hand.page("cpr")
        self._hand.tap("without-cpr")
        self._hand.page("services")
        self._hand.tap_first("service-")
        self._hand.page("details")
        self._hand.tap("take")
        self._hand.page("delivery")
        self._picture("delivery")
        self._hand.tap("by-sms")
        self._hand.page("phone")
        self._hand.tap_digits(_PHONE)
        self._picture("phone")
        self._hand.tap("send")
        number = self._hand.page("ticket").texts.get("ticket-number", "")
        self._picture("ticket-by-message")
        event = wait_until(lambda: self._new_ticket(before), _WITHIN_S, "the ticket at the hub")
        address = phone.message(number)
        self._shot("message", phone.show_messages)
        said: list[str] = []
        self._shot("follow", lambda path: said.append(phone.follow(address, path)))
        phone.close()
        if number not in re.sub(r"\s", "", said[0]) or follow_id(event) not in address.upper():
            raise MissedError(f"the page of {number} does not show it")
        self._story.message = {"number": number, "ticket": event.id, "url": address}
        self._hand.tap("done")
        self._hand.page("thanks")
        self._hand.page("start", 15.0)

    def _ticket(self, kind: str, before: set[str]) -> TourTicket:
        shown = self._hand.page("ticket")
        number = shown.texts.get("ticket-number", "")
        event = wait_until(lambda: self._new_ticket(before), _WITHIN_S, "the ticket at the hub")
        settled = wait_until(lambda: self._settled(event.id), 20.0, "the printer's answer at the hub")
        paper = str(settled.body["outcome"])
        if paper == "not printed" or (self._emulated and paper != "printed"):
            raise MissedError(f"ticket {number} was {paper}: {settled.body.get('why')}")
        self._picture("ticket")
        place = len(self._story.tickets) + (1 if kind == "booked" else 2)
        qr, length = self._keep_paper(place, event)
        if event.body["number"] != number:
            raise MissedError(f"the kiosk shows {number!r}, its log says {event.body['number']!r}")
        self._hand.tap("done")
        self._hand.page("thanks")
        self._picture("thanks")
        self._hand.page("start", 15.0)
        return TourTicket(number, str(event.body["service"]), kind, event.id, qr, paper, length)

    # The paper.

    def _keep_paper(self, place: int, event: Event) -> tuple[str, int]:
        def at_rest() -> bytes | None:
            passed = self._recorder.passed()[self._printed :]
            if not passed or time.monotonic() - passed[-1].at < _QUIET_S:
                return None
            return b"".join(each.data for each in passed)

        stream = wait_until(at_rest, _WITHIN_S, f"the bytes of ticket {place} at the printer")
        self._printed = len(self._recorder.passed())
        came_out = execute(stream)
        if len(came_out) != 1:
            raise MissedError(f"{len(came_out)} tickets were printed for one that was taken")
        (self._folder / f"ticket-{place}.bin").write_bytes(stream)
        picture = self._folder / f"ticket-{place}.png"
        if self._emulated:
            shutil.copy(self._demo.paper / f"ticket-{place}.png", picture)
        else:
            came_out[0].save(picture)
        qr = read_qr(picture)
        if qr is None:
            raise MissedError(f"the QR of {picture.name} cannot be read")
        link = follow_link(self._demo.hub_url, follow_id(event))
        if qr != link:
            raise MissedError(f"the QR of {picture.name} is {qr}, the ticket's is {link}")
        return qr, len(stream)

    # The hub's word, from its log.

    def _events(self) -> list[Event]:
        return events(self._demo.data / HUB / "hub.db")

    def _tickets(self) -> set[str]:
        return {event.id for event in self._events() if event.type == "TicketTaken"}

    def _new_ticket(self, before: set[str]) -> Event | None:
        new = [event for event in self._events() if event.type == "TicketTaken" and event.id not in before]
        if len(new) > 1:
            raise MissedError(f"one tap took {len(new)} tickets")
        return new[0] if new else None

    def _settled(self, ticket: str) -> Event | None:
        return next((e for e in self._events() if e.type == "PrintSettled" and e.body["ticket"] == ticket), None)

    # The counter and the hall.

    def _browser(self) -> Browser:
        """Return the one Chromium in which all pages are opened."""
        if self._chromium is None:
            self._chromium = open_browser(self._stack.enter_context(sync_playwright()))
            self._stack.callback(self._chromium.close)
        return self._chromium

    def _clerk(self) -> Clerk:
        person = self._demo.people.clerks[0]
        clerk = Clerk(self._browser(), self._demo.hub_url, self._language)
        clerk.sign_in(person.id, person.pin, lambda: self._shot("counter-sign-in", clerk.picture))
        self._shot("counter-places", clerk.picture)
        clerk.sit(COUNTER)
        clerk.press("o")
        clerk.sees("open")
        return clerk

    def _serve(self, clerk: Clerk) -> None:
        for turn in (1, 2):
            self._pressed.append(time.monotonic())
            clerk.press("n")
            clerk.sees("called")
            number = clerk.number()
            ticket = self._of_number(number)
            ticket.counter = COUNTER
            self._shot(f"counter-called-{turn}", clerk.picture)
            self._seen_in_the_hall(number, turn)
            clerk.press("s")
            clerk.sees("serving")
            if turn == 2:
                self._shot("counter-serving", clerk.picture)
                shutil.copy(self._folder / self._story.pictures[-1], self._folder / "counter.png")
            clerk.press("f")
            clerk.sees("open")
        if clerk.faults:
            raise MissedError(f"the counter page failed: {clerk.faults[0]}")
        clerk.leave()

    def _of_number(self, number: str) -> TourTicket:
        for ticket in self._story.tickets:
            if ticket.number == number and not ticket.counter:
                return ticket
        raise MissedError(f"the counter called {number!r}, which nobody took")

    def _seen_in_the_hall(self, number: str, turn: int) -> None:
        def on_stage(shown: Shown) -> bool:
            texts = shown.texts
            return (texts.get("stage-number"), texts.get("stage-counter")) == (number, COUNTER)

        self._board.wait(on_stage, _WITHIN_S, f"{number} to counter {COUNTER} on the stage")
        self._board.still()
        self._shot(f"board-stage-{turn}", lambda path: self._hall.picture().save(path))
        self._story.board.append({"number": number, "counter": COUNTER, "shown": "stage"})

        def in_list(shown: Shown) -> bool:
            rows = (text for name, text in shown.texts.items() if name.startswith("call-"))
            return shown.screen == "board" and any(_words(row) == (number, COUNTER) for row in rows)

        self._board.wait(in_list, 40.0, f"{number} to counter {COUNTER} in the board's list")
        self._story.board.append({"number": number, "counter": COUNTER, "shown": "list"})
        self._board.still()
        self._shot(f"board-list-{turn}", lambda path: self._hall.picture().save(path))
        shutil.copy(self._folder / self._story.pictures[-1], self._folder / "board.png")

    # The evidence.

    def _picture(self, name: str) -> None:
        self._hand.at_rest()
        self._shot(name, lambda path: self._glass.picture().save(path))

    def _shot(self, name: str, take: Callable[[Path], object]) -> None:
        self._count += 1
        file = f"{self._count:02d}-{name}.png"
        take(self._folder / file)
        self._story.pictures.append(file)

    def _times(self) -> dict[str, float]:
        kiosk, display = self._house["kiosk"].output(), self._house["display"].output()
        found = {
            "first_frame_ms": [said.ms for said in figures(kiosk, "first_frame")],
            "first_frame_display_ms": [said.ms for said in figures(display, "first_frame")],
            "tap_paint_ms": [said.ms for said in figures(kiosk, "painted")],
            "tap_commit_ms": [said.ms for said in figures(kiosk, "ticket_committed")],
            "tap_first_byte_ms": [said.ms for said in figures(kiosk, "printer_first_byte")],
            "call_painted_ms": [
                (float(said.words["monotonic"]) - pressed) * 1000
                for said, pressed in zip(figures(display, "call_painted"), self._pressed, strict=True)
            ],
        }
        return {name: round(max(values), 2) for name, values in found.items() if values}


def _words(row: str) -> tuple[str, ...]:
    """Return a row's number and counter, without the arrow between them."""
    return tuple(word for word in row.split() if word.isalnum())
