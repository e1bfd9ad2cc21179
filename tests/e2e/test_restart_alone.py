"""Devices that start with no network show the truth that they have: a kiosk, a display, a hub, a clerk's page."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from scripts.dawr_dev.clerk import Clerk, open_browser
from scripts.dawr_dev.demo import DISPLAY, DISPLAY_GLASS_MM, Screen
from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.xscreen import ScreenMap, XScreen
from tests.e2e.centre import Counter, centre


@pytest.mark.timeout(240)
@pytest.mark.survives("a start with no network", 4)
@pytest.mark.long
def test_everything_starts_with_no_network(tmp_path: Path) -> None:
    with centre(tmp_path) as the, XScreen(1280, 720) as glass:
        demo = the.demo
        board = ScreenMap(tmp_path / "display.json")
        demo.start_display(
            Screen((1280, 720), DISPLAY_GLASS_MM, glass.environment, screen_map=str(board.path)), audio=False
        )
        shown = [the.take_ticket(), the.take_ticket()]
        the.taken_at_hub(2)
        with Counter(demo, "6", demo.people.clerks[0]) as counter:
            assert counter.claim(str(uuid.uuid4()), "open")[0] == 200
            assert counter.claim(str(uuid.uuid4()), "call_next")[0] == 200
        board.wait(lambda seen: shown[0] in " ".join(seen.texts.values()), 30, "the call on the display")
        kept = demo.data / DISPLAY / "board.json"
        wait_until(lambda: True if kept.exists() and shown[0] in kept.read_text() else None, 20, "the call kept")

        # A power cut takes all of it; hub and server do not come back.
        for name in ("kiosk", "display", "hub", "server"):
            the.kill(name)
        board.path.unlink()
        demo.restart("display")
        the.back("kiosk")
        the.visitor.page("start")
        shown.append(the.take_ticket_cut_off())
        assert len(set(shown)) == 3, "a number is given once"
        seen = board.wait(lambda seen: "since-0" in seen.texts and "call-0" in seen.texts, 30, "the last board, aged")
        assert shown[0] in seen.texts["call-0"]
        glass.picture().save(tmp_path / "display.png")

        # The hub comes back without its server, and lets clerks sign in and call.
        the.back("hub")
        the.taken_at_hub(3)
        with Counter(demo, "6", demo.people.clerks[0]) as counter:
            assert counter.claim(str(uuid.uuid4()), "start_serving")[0] == 200
            assert counter.claim(str(uuid.uuid4()), "finish")[0] == 200
            assert counter.claim(str(uuid.uuid4()), "call_next")[1]["ticket"]["number"] == shown[1]
        board.wait(lambda seen: "since-0" not in seen.texts, 30, "news on the display")

        # A page that is open when the hub goes shows what it has, and from when.
        with sync_playwright() as playwright:
            browser = open_browser(playwright)
            page = Clerk(browser, demo.hub_url, "en")
            clerk = demo.people.clerks[1]
            page.sign_in(clerk.id, clerk.pin, lambda: None)
            page.sit("1")
            expect(page.page.locator("#news")).to_have_text("Live")
            the.kill("hub")
            expect(page.page.locator("#news")).to_contain_text("Last news", timeout=30_000)
            page.picture(tmp_path / "counter.png")
            page.leave()
            browser.close()
