"""The supervisor's page of devices in a real browser, before a real hub and a real server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from hub.build import Hub
from queueing.wire import Event, Stream
from sync.enrolment import EnrolmentRefused, enrol
from sync.identity import DeviceKey, Signer
from tests.contracts.hub import running_hub
from tests.server.site import CENTRE, Client, Site
from tests.sync.fakes import chain
from tests.sync.node import serving
from tests.waiting import until

PIN = "4321"
EXPECTED = ("401", "503", "ERR_")


@dataclass
class Place:
    client: Client
    hub: Hub
    url: str

    def ask(self, device: str, target: str) -> requests.Response:
        signer = Signer(self.client.site.keys[device], device, 1, self.client.site.clock)
        headers = {"Authorization": signer.authorization("GET", target)}
        return requests.get(self.url + target, headers=headers, timeout=10, stream=True)


@contextmanager
def _place(folder: Path, known: list[Event]) -> Iterator[Place]:
    """Run a centre; of its hub's log the server knows some events already."""
    site = Site(folder)
    names = {"ar": "مشرفة", "en": "Boss"}
    site.overlay["staff"] = [
        {"centre": CENTRE, "id": "boss", "name": names, "pin": PIN, "role": "supervisor"},
        {"centre": CENTRE, "id": "clerk", "name": {"ar": "كاتب", "en": "Clerk"}, "pin": PIN, "role": "clerk"},
    ]
    with site.served() as client:
        client.service.writer.submit(lambda tx: tx.store(known)).result()
        with running_hub(client, folder / "hub") as hub, serving(hub.app) as url:  # type: ignore[arg-type]  # any ASGI application will do
            yield Place(client, hub, url)
            hub.end_streams()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with _place(tmp_path, getattr(request, "param", [])) as place:
        yield place


@pytest.fixture
def open_page(browser: Browser, place: Place) -> Iterator[Callable[..., Page]]:
    contexts = []
    faults: list[str] = []

    def open_(language: str = "en", staff: str = "boss", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('dawr.counter.language', '{language}')")
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type == "error" and not any(each in message.text for each in EXPECTED)
                else None
            ),
        )
        page.goto(f"{place.url}/devices")
        page.locator(f'[data-clerk="{staff}"]').click()
        page.locator("#pin").fill(PIN)
        page.locator("button.primary").click()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults


def test_a_supervisor_makes_a_code_and_a_machine_becomes_a_kiosk(
    place: Place, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page()
    expect(page.locator("tr[data-device]")).to_have_count(4)
    page.locator("#new-kiosk").click()
    code = page.locator("#code").inner_text()
    page.locator("#dialog-close").click()
    who = enrol(place.url, code, "kiosk", tmp_path / "new")
    assert who.centre == CENTRE
    # The hub knows it at once, not by its next word to the server.
    signer = Signer(DeviceKey.load(tmp_path / "new"), who.device, 1, place.client.site.clock)
    headers = {"Authorization": signer.authorization("GET", "/v1/settings")}
    assert requests.get(f"{place.url}/v1/settings", headers=headers, timeout=10).status_code == 200
    row = page.locator(f'tr[data-device="{who.device}"]')
    expect(row.locator(".machine-state")).to_have_text("In service", timeout=15_000)
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(place.url, code, "kiosk", tmp_path / "other")
    assert refused.value.code == "SPENT"


def test_a_revoked_device_is_refused_at_once_and_what_it_follows_ends(
    place: Place, open_page: Callable[..., Page]
) -> None:
    live = place.ask("display-1", "/v1/live?view=board")
    assert live.status_code == 200
    ended = threading.Event()

    def read() -> None:
        try:
            for _ in live.iter_content(chunk_size=None):
                pass
        except requests.RequestException:
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    page = open_page()
    row = page.locator('tr[data-device="display-1"]')
    expect(row.locator(".machine-state")).to_have_text("In service")
    expect(row).to_contain_text("07:00")  # the centre's time, not the computer's
    row.locator(".revoke").click()
    page.locator("#revoke-yes").click()
    expect(row.locator(".machine-state")).to_have_text("Out of service", timeout=15_000)
    assert ended.wait(15), "an open stream ends with the next heartbeat"
    again = place.ask("display-1", "/v1/live?view=board")
    assert (again.status_code, again.json()["code"]) == (401, "REVOKED")


def test_a_clerk_sees_nothing_of_it(open_page: Callable[..., Page]) -> None:
    page = open_page("en", "clerk")
    expect(page.locator(".machines-note")).to_contain_text("Only a supervisor")
    expect(page.locator("tr[data-device]")).to_have_count(0)


def test_with_the_server_gone_it_says_so_and_shows_what_the_hub_knows(
    place: Place, open_page: Callable[..., Page]
) -> None:
    place.hub.registrar._line = None
    page = open_page("ar")
    expect(page.locator(".machines-note")).to_contain_text("لا يمكن الوصول إلى الخادم")
    expect(page.locator('tr[data-device="kiosk-1"]')).to_be_visible()
    expect(page.locator("#new-kiosk")).to_be_disabled()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_with_the_server_gone_a_device_is_shut_out_of_the_hall_and_the_page_says_what_is_left_to_do(
    place: Place, open_page: Callable[..., Page]
) -> None:
    place.hub.registrar._line = None
    page = open_page()
    row = page.locator('tr[data-device="kiosk-1"]')
    expect(row.locator(".anew")).to_have_count(0)
    row.locator(".revoke").click()
    page.locator("#revoke-yes").click()
    expect(page.get_by_role("dialog")).to_contain_text("switch it off")
    page.locator("#dialog-close").click()
    expect(row.locator(".machine-state")).to_contain_text("the server does not know yet")
    expect(row.locator(".revoke")).to_have_count(0)
    refused = place.ask("kiosk-1", "/v1/settings").json()
    assert (refused["code"], refused["revocation"]) == ("REVOKED", None)


@pytest.mark.parametrize("place", [chain(Stream("hub-1", 1), 3, salt="other ")], indirect=True, ids=["put back"])
@pytest.mark.parametrize(
    ("language", "state", "banner"),
    [
        pytest.param("en", "Old data was put back", "takes nothing", marks=pytest.mark.long),
        ("ar", "بيانات قديمة", "الخادم لا يقبل"),
    ],
)
def test_a_hub_whose_history_is_another_is_told_to_supervisors_with_what_to_do(
    place: Place, open_page: Callable[..., Page], language: str, state: str, banner: str
) -> None:
    page = open_page(language)
    expect(page.locator('tr[data-device="hub-1"] .machine-state')).to_contain_text(state)
    page.goto(f"{place.url}/")
    page.locator("[data-counter]").first.click()
    told = page.locator('#devices li[data-device="hub"]')

    def is_told() -> int:
        place.client.site.clock.pass_time(1)  # the view is made anew by the hub's clock, which the test moves
        return told.count()

    until(is_told, "the line about the hub")
    expect(told).to_contain_text(banner)
    clerk = open_page(language, "clerk")
    expect(clerk.locator(".machines-note")).to_be_visible()  # signed in
    clerk.goto(f"{place.url}/")
    clerk.locator("[data-counter]").first.click()
    expect(clerk.locator("#queue")).to_be_visible()
    expect(clerk.locator('#devices li[data-device="hub"]')).to_have_count(0)


@pytest.mark.long
def test_a_kiosk_whose_history_is_another_is_shown(place: Place, open_page: Callable[..., Page]) -> None:
    signer = Signer(place.client.site.keys["kiosk-1"], "kiosk-1", 1, place.client.site.clock)
    said = json.dumps({"dev": "kiosk-1", "inc": 1, "next_seq": 1, "head_hash": "ab" * 32, "schema": 1}).encode()
    headers = {"Authorization": signer.authorization("POST", "/v1/hello", said), "Content-Type": "application/json"}
    assert requests.post(f"{place.url}/v1/hello", said, headers=headers, timeout=10).json()["code"] == "FORK"
    row = open_page().locator('tr[data-device="kiosk-1"]')
    expect(row.locator(".machine-state")).to_contain_text("Old data was put back")
    expect(row.locator(".anew")).to_be_visible()
    expect(row.locator(".revoke")).to_be_visible()


@pytest.mark.long
def test_a_display_whose_disk_was_copied_is_shown_with_what_to_do(place: Place, open_page: Callable[..., Page]) -> None:
    clock, target = place.client.site.clock, "/v1/live?view=board"
    signers = [Signer(place.client.site.keys["display-1"], "display-1", 1, clock) for _ in range(2)]

    def follow(signer: Signer) -> requests.Response:
        headers = {"Authorization": signer.authorization("GET", target)}
        live = requests.get(place.url + target, headers=headers, timeout=20, stream=True)
        assert live.status_code == 200
        return live

    def ends(live: requests.Response) -> bool:
        """Read on; within the time of two heartbeats a stream that is superseded has ended."""
        began = time.monotonic()
        return not any(time.monotonic() - began > 12 for _ in live.iter_content(chunk_size=None))

    original, copy = (follow(signer) for signer in signers)
    assert ends(original), "the copy came after it: it is taken for dead"
    clock.pass_time(5)
    again = follow(signers[0])
    for language, state in (("en", "Seen at two places"), ("ar", "يظهر في مكانين")):
        row = open_page(language).locator('tr[data-device="display-1"]')
        expect(row.locator(".machine-state")).to_contain_text(state)
        expect(row.locator(".anew")).to_be_visible()
    assert not ends(again), "both are left alone now: one of them is what the hall looks at"
    for live in (original, copy, again):
        live.close()


@pytest.mark.long
def test_a_supervisor_finds_it_from_the_counter_page(place: Place, open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.locator("table")).to_be_visible()
    page.goto(f"{place.url}/")
    page.locator('a[href="/devices"]').click()
    expect(page.locator("table")).to_be_visible()
