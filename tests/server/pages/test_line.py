"""The line over real sockets: an application that deals with one press at a time, when the test lets it."""

from __future__ import annotations

import asyncio
import html
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests
from fastapi import FastAPI
from playwright.sync_api import Browser, Route
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from server.booking.line import Line
from server.pages.frame import Frame
from server.pages.line import AGAIN_S, Answer, BookingLine
from tests.browsing import axe_faults, pages
from tests.sync.fakes import FakeClock
from tests.sync.node import serving
from tests.waiting import until

PRESS = "/en/book/muharraq/renew/confirm"
API = "/v1/booking/appointments"


class Office:
    """The application behind the line: answers what was pressed, once it is let."""

    def __init__(self) -> None:
        clock = FakeClock(datetime(2026, 11, 22, 4, tzinfo=UTC))
        self.frame = Frame(clock, can_book=True)
        self.pressed: list[str] = []
        self._let = threading.Semaphore(0)
        self.app = FastAPI(openapi_url=None)
        self.line: Line[Answer] = Line(clock.monotonic, at_once=1, each=2)
        self.app.add_middleware(BookingLine, frame=self.frame, line=self.line)
        self.app.add_route(PRESS, self._press, ["POST"])
        self.app.add_route(API, self._press, ["POST"])
        self.app.add_route("/pages/{version}/{name}", self.frame.file, ["GET"])
        self.app.add_route("/en/b/mine", lambda request: PlainTextResponse("your ticket"), ["GET"])

    async def _press(self, request: Request) -> Response:
        what = (await request.body()).decode()
        self.pressed.append(what)
        if what == "bug":
            raise ZeroDivisionError
        await asyncio.get_running_loop().run_in_executor(None, self._let.acquire)
        if request.url.path == API:
            return PlainTextResponse(f"booked {what}")
        return RedirectResponse("/en/b/mine", 303)

    def let(self, count: int = 1) -> None:
        self._let.release(count)


class Customer:
    """Somebody with a session."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.cookies.set("dawr_session", name)

    def press(self, what: str, path: str = PRESS) -> requests.Response:
        return self.session.post(self.url + path, data=what, timeout=20, allow_redirects=False)

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=20, allow_redirects=False)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    with serving(office.app) as url:
        yield url
        office.let(1000)


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


def turn_of(answer: requests.Response) -> str:
    """Return where a page goes on by itself."""
    found = re.fullmatch(r"(\d+); url=(/en/turn/[\w-]{22})", answer.headers["Refresh"])
    assert found is not None and AGAIN_S[0] <= int(found[1]) <= AGAIN_S[1]
    assert answer.status_code == 202 and answer.headers["Cache-Control"] == "no-store"
    assert f'href="{found[2]}"' in html.unescape(answer.text)
    assert "no need to press again" in answer.text
    return found[2]


def standing_still(route: Route) -> None:
    """Take from a page that it goes on by itself."""
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={name: value for name, value in answer.headers.items() if name != "refresh"})


def waits_behind(office: Office, url: str, crowd: ThreadPoolExecutor) -> Future[requests.Response]:
    """Let somebody be in hand, so that others wait."""
    busy = crowd.submit(Customer(url, "busy").press, "first")
    until(lambda: office.pressed == ["first"], "the first is in hand")
    return busy


def test_who_is_alone_waits_for_the_answer_itself(office: Office, url: str) -> None:
    office.let()
    assert Customer(url, "amna").press("a").headers["Location"] == "/en/b/mine"


def test_in_a_rush_one_is_told_the_place_and_gets_the_answer_in_turn(
    office: Office, url: str, crowd: ThreadPoolExecutor
) -> None:
    waits_behind(office, url, crowd)
    amna, bader = Customer(url, "amna"), Customer(url, "bader")
    first = turn_of(amna.press("a"))
    second = bader.press("b")
    assert re.search(r"<dd><strong>2</strong>", second.text)
    # Asking more often, pressing again or closing the page changes nothing of the order.
    for _ in range(3):
        assert turn_of(bader.get(turn_of(second))) == turn_of(second)
        assert turn_of(bader.press("b")) == turn_of(second)
    assert turn_of(amna.press("a")) == first
    office.let(3)
    until(lambda: len(office.pressed) == 3, "all were dealt with")
    assert office.pressed == ["first", "a", "b"]
    for customer, turn in ((amna, first), (bader, turn_of(second))):
        found = until(lambda c=customer, t=turn: (g := c.get(t)).status_code == 303 and g, "the answer")  # type: ignore[misc]
        assert found and found.headers["Location"] == "/en/b/mine"


def test_a_program_sends_the_same_request_again_and_keeps_its_place(
    office: Office, url: str, crowd: ThreadPoolExecutor
) -> None:
    waits_behind(office, url, crowd)
    program = Customer(url, "amna")
    program.session.headers["Authorization"] = "Bearer token"
    told = program.press("a", API)
    assert (told.status_code, told.json()["code"], told.json()["place"]) == (503, "IN_LINE", 1)
    assert int(told.headers["Retry-After"]) == told.json()["retry_after_s"] >= AGAIN_S[0]
    office.let(2)
    until(lambda: office.pressed == ["first", "a"], "the program's turn")
    answer = until(lambda: (again := program.press("a", API)).ok and again, "the answer")
    assert answer and answer.text == "booked a" and office.pressed == ["first", "a"]


def test_nobody_else_gets_an_answer(office: Office, url: str, crowd: ThreadPoolExecutor) -> None:
    waits_behind(office, url, crowd)
    turn = turn_of(Customer(url, "amna").press("a"))
    stranger = Customer(url, "bader").get(turn)
    assert stranger.status_code == 404 and "Refresh" not in stranger.headers
    assert requests.get(url + turn, timeout=10).status_code == 404
    assert Customer(url, "amna").get(turn).status_code == 202


def test_one_session_does_not_fill_the_line(office: Office, url: str, crowd: ThreadPoolExecutor) -> None:
    waits_behind(office, url, crowd)
    amna = Customer(url, "amna")
    assert [amna.press(what).status_code for what in "abc"] == [202, 202, 429]
    assert amna.press("d", API).headers["Retry-After"]
    assert Customer(url, "bader").press("a").status_code == 202


def test_who_is_not_signed_in_is_not_in_line_and_other_pages_are_not_either(
    office: Office, url: str, crowd: ThreadPoolExecutor
) -> None:
    waits_behind(office, url, crowd)
    nobody = crowd.submit(requests.post, url + PRESS, data="x", timeout=20, allow_redirects=False)
    until(lambda: "x" in office.pressed, "the application")
    office.let(2)
    assert nobody.result().status_code == 303
    assert requests.get(url + "/en/b/mine", timeout=10).text == "your ticket"


def test_a_bug_is_a_bug_and_the_line_goes_on(office: Office, url: str) -> None:
    assert Customer(url, "amna").press("bug").status_code == 500
    office.let()
    assert Customer(url, "bader").press("b").status_code == 303


def test_a_browser_goes_on_by_itself_and_reads_its_place(
    office: Office, url: str, crowd: ThreadPoolExecutor, browser: Browser
) -> None:
    waits_behind(office, url, crowd)
    with pages(browser, java_script_enabled=True, viewport={"width": 360, "height": 740}) as make:
        page = make()
        page.context.add_cookies([{"name": "dawr_session", "value": "amna", "url": url}])
        turn = turn_of(Customer(url, "amna").press("a"))
        # Looked at by axe it has to stand still for as long as that takes.
        page.route(url + turn, standing_still)
        page.goto(url + turn)
        assert page.locator("dd strong").inner_text() == "1"
        assert "no need to press again" in page.locator("main").inner_text()
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.unroute(url + turn)
        office.let(2)
        page.goto(url + turn)
        page.wait_for_url(url + "/en/b/mine", timeout=20_000)
        assert page.locator("body").inner_text() == "your ticket"
