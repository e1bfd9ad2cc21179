"""Service by video, whole: a customer books it in a browser, a clerk calls at a real hub, both stand in one room."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from assets.paths import DEMO
from assets.texts import Catalogue, compile_all
from hub.build import Hub
from server.rooms.jitsi import RoomsConfig
from tests.browsing import axe_faults, pages
from tests.contracts.hub import running_hub
from tests.counter.clerk import Clerk
from tests.server.pages.ministry import AHMED, SERVICE, Ministry, ministry_of
from tests.server.site import CENTRE, Site
from tests.sync.fakes import FakeClock
from tests.sync.node import serving
from tests.waiting import until

PHONE = {"width": 360, "height": 740}
NUMBER = "VB001"
DROPPED = r"Failed to load resource|ERR_"
"""What the browser notes of an answer that was cut: at the end the server goes first."""


class GoingClock(FakeClock):
    """A clock that goes as the world's does, and can be put forward: what the hub paces must not stand still."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.monotonic()

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._begun)

    def monotonic(self) -> float:
        return self.mono + time.monotonic() - self._begun


@contextmanager
def rooms() -> Iterator[str]:
    """Serve a page for every room, as a video service would."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><html lang=en><title>Room</title><h1>Room</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ministry, Hub]]:
    """Run a server with rooms, its phones, and the hub of one of its centres, where a clerk can sign in."""
    compile_all()
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site")
    site.clock = GoingClock()
    site.overlay["appointments"] = []
    site.overlay["staff"] = [
        {"centre": CENTRE, "id": "maryam", "name": {"ar": "مريم", "en": "Maryam"}, "pin": "1234", "role": "clerk"}
    ]
    secret = tmp_path / "jitsi.key"
    secret.write_text("s" * 40)
    secret.chmod(0o600)
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    services = [each | {"places": 1, "virtual": each["id"] == SERVICE} for each in centre["services"]]
    with rooms() as url:
        config = RoomsConfig(url, "dawr", key=secret)
        monkeypatch.setattr(site, "served", partial(site.served, rooms=config))
        with (
            ministry_of(site, monkeypatch, services=services) as ministry,
            running_hub(ministry.client, tmp_path / "hub") as hub,
        ):
            yield ministry, hub


class Customer:
    """Somebody with a phone who is served from afar."""

    def __init__(self, ministry: Ministry, page: Page, language: str) -> None:
        self.ministry = ministry
        self.page = page
        self.root = f"{ministry.url}/{language}"
        self.words = Catalogue.load(language)

    def look(self) -> None:
        assert axe_faults(self.page) == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], self.page.url

    def press(self, key: str, within: str = "") -> None:
        if within:
            self.page.locator("summary").filter(has_text=self.words.t(within)).click()
        self.page.locator("main").locator("a, button").filter(has_text=self.words.t(key)).first.click()
        self.page.wait_for_load_state()

    def books_by_video(self) -> None:
        self.page.goto(f"{self.root}/book/{CENTRE}/{SERVICE}")
        self.page.locator(".slots a").first.click()
        expect(self.page.locator("main")).to_contain_text(self.words.t("pages.video.choose_after"))
        self.press("pages.sign_in_to_confirm")
        self.page.locator("#cpr").fill(AHMED)
        self.press("pages.send_code")
        self.page.locator("#code").fill(self.ministry.code(AHMED))
        self.press("pages.code_enter")
        self.page.locator("input[value=virtual]").check()
        self.look()
        self.press("pages.confirm")
        expect(self.page.locator(".by-video")).to_contain_text(self.words.t("pages.video.by"))
        expect(self.page.locator(".qr")).to_have_count(0)
        self.at("before").look()

    def at(self, stage: str) -> Customer:
        """Wait until the page shows a stage of the turn by itself."""
        expect(self.page.locator(f"#turn [data-stage={stage}]")).to_be_visible(timeout=30_000)
        return self

    def enters(self) -> str:
        return entered(self.page, "#turn a.main")

    def listens(self) -> None:
        """Count what would be heard and felt, which a machine of tests cannot."""
        self.page.add_init_script("""
            window.rung = {tones: 0, shaken: 0};
            navigator.vibrate = () => { window.rung.shaken += 1; return true; };
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (at) { window.rung.tones += 1; start.call(this, at); };
            const later = window.setTimeout, pending = [];
            const waits = (...what) => { const id = later(...what); pending.push(id); return id; };
            window.setTimeout = waits;
            window.goBehind = () => { pending.forEach(clearTimeout); window.setTimeout = () => 0; };
            window.comeBack = () => { window.setTimeout = waits; };
        """)

    def goes_behind(self) -> None:
        """Be a page behind others: its browser lets none of its scripts wait for a time any more."""
        self.page.evaluate("window.goBehind()")

    def comes_back(self) -> Customer:
        self.page.evaluate("window.comeBack()")
        return self

    @property
    def rung(self) -> tuple[int, int]:
        """How many tones were heard, and how often the phone shook."""
        said = self.page.evaluate("window.rung")
        return said["tones"], said["shaken"]


def entered(page: Page, link: str) -> str:
    """Press a link to a room; return the address that opened, in a page of its own."""
    with page.expect_popup() as opened:
        page.locator(link).click()
    address: str = opened.value.url
    assert opened.value.evaluate("opener") is None, "the room has no way back into our page"
    opened.value.close()
    page.bring_to_front()
    return address


def is_moderator(address: str) -> Any:
    body = parse_qs(urlsplit(address).query)["jwt"][0].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["context"]["user"]["moderator"]


def board(hub: Hub) -> str:
    hub.arbiter.refresh().result()
    return (hub.broadcast.latest("board") or b"").decode()


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long), "ar"])
def test_from_the_booking_to_the_room(house: tuple[Ministry, Hub], browser: Browser, language: str) -> None:
    ministry, hub = house
    clock = ministry.clock
    with serving(hub.app) as counter, pages(browser, DROPPED) as new_page:  # type: ignore[arg-type]  # any ASGI
        customer = Customer(ministry, new_page(viewport=PHONE), language)
        customer.listens()
        customer.books_by_video()
        (booking,) = until(lambda: hub.arbiter._appointments.by_video(), "the hub knows of the booking")
        # The clerk is there before the customer's time, and nobody waits.
        page = new_page(viewport={"width": 1366, "height": 700}, locale="en")
        page.goto(f"{counter}/counter/icon.svg")
        page.evaluate("localStorage['dawr.counter.language'] = 'en'")
        clerk = Clerk(page).sign_in("maryam").sit("1").open()
        expect(page.locator("#queue .row")).to_have_count(0)

        clock.pass_time((booking.slot_at - clock.now()).total_seconds() + 1)
        expect(page.locator("#queue .row[data-channel=virtual] .row-tags")).to_contain_text("By video")
        customer.at("waiting")

        # Who waits may step away and leave, and take that back, without losing place or sound.
        customer.press("follow.sound")
        expect(customer.page.locator("#sound")).to_be_disabled()
        customer.press("pages.video.out")
        customer.at("away").look()
        expect(page.locator("#queue .row .row-tags")).to_contain_text("Out until")
        customer.press("pages.video.back")
        customer.at("waiting").press("follow.leave_yes", within="follow.leave")
        customer.at("left").look()
        expect(page.locator("#queue .row")).to_have_count(0)
        customer.press("follow.rejoin")
        customer.at("waiting")
        assert customer.rung == (1, 0), "the tone that says that the sound is on"
        customer.goes_behind()

        page.bring_to_front()  # A page behind another hears no key.
        clerk.press("n").sees("called", NUMBER)
        expect(page.locator("#current .video")).to_contain_text("By video")
        customer.at("called").comes_back().look()
        assert customer.rung == (7, 1)
        assert customer.page.title().startswith(f"{customer.words.t('pages.video.called')} · ")
        clerks, customers = entered(page, "#room"), customer.enters()
        assert urlsplit(clerks).path == urlsplit(customers).path, "one room"
        assert (is_moderator(clerks), is_moderator(customers)) == (True, False)
        assert booking.id not in clerks + customers
        assert NUMBER not in board(hub), "the hall does not see it"
        (message,) = until(lambda: ministry.messages(AHMED, "video_called"), "the word that it is the turn")
        link = customer.page.url.partition("?")[0].rpartition("/")[2]
        assert message.text.endswith(f"/b/{link}") and message.lang == language

        page.bring_to_front()
        clerk.press("s").sees("serving", NUMBER).press("f").sees("open")
        customer.at("finished")
        assert NUMBER not in board(hub)
