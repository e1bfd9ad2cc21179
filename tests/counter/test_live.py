"""The news: fresh, old, and healing by itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub


def test_old_news_is_marked_with_its_time_and_the_mark_goes_by_itself(timed_clerk: Clerk, hub: FakeHub) -> None:
    clerk, page = timed_clerk, timed_clerk.page
    expect(page.locator("#news")).to_have_text("Live")
    hub.mute = True
    page.clock.run_for(13_000)
    expect(page.locator("#news")).to_contain_text("Last news")
    expect(page.locator("#stale")).to_contain_text("what you see may be old")
    clerk.sees("closed")
    hub.mute = False
    hub.take("A047", "renewal")
    page.clock.run_for(1_000)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#news")).to_have_text("Live")
    expect(page.locator("#queue .row")).to_have_count(1)


def test_a_stream_that_ends_with_an_error_is_opened_again(clerk: Clerk, hub: FakeHub) -> None:
    page = clerk.page
    page.route("**/v1/live*", lambda route: route.fulfill(status=503, body="restarting"), times=2)
    page.reload()
    expect(page.locator("#news")).to_contain_text("Connecting")
    clerk.sees("closed")
    hub.take("A047", "renewal")
    expect(page.locator("#queue .row")).to_have_count(1)


def test_when_the_hub_forgets_the_clerk_the_page_asks_to_sign_in(clerk: Clerk, hub: FakeHub) -> None:
    hub.sessions.clear()
    hub.publish()
    expect(clerk.page.locator(".sign-in")).to_be_visible(timeout=10_000)


def test_after_a_claim_without_live_news_the_state_is_fetched(timed_clerk: Clerk, hub: FakeHub) -> None:
    clerk, page = timed_clerk, timed_clerk.page
    hub.take("A047", "renewal")
    clerk.open()
    hub.mute = True
    page.clock.run_for(13_000)
    expect(page.locator("#stale")).to_be_visible()
    clerk.press("n").sees("called", "A047")


def test_after_a_claim_on_a_line_that_has_just_broken_the_state_is_fetched(tapped_clerk: Clerk, hub: FakeHub) -> None:
    clerk, page = tapped_clerk, tapped_clerk.page
    hub.take("A047", "renewal")
    clerk.open()
    # The hub has been started anew: the browser opens the stream again only after some seconds.
    page.route("**/v1/live*", lambda route: route.abort("connectionrefused"))
    with page.expect_event("requestfailed", lambda request: "/v1/live" in request.url):
        hub.hang_up()
    expect(page.locator("#news")).to_have_text("Live")
    clerk.press("n").sees("called", "A047")


def test_durations_follow_the_hubs_clock_not_the_computers(timed_clerk: Clerk, hub: FakeHub) -> None:
    page = timed_clerk.page
    page.clock.set_system_time("2031-01-01T00:00:00Z")
    hub.take("A047", "renewal", 600)
    page.reload()
    expect(page.locator("#queue .row-time")).to_contain_text("10")


def test_the_hubs_clock_is_the_least_delayed_of_the_last_messages(modules: Callable[[str, str], object]) -> None:
    result = modules(
        "clock.js",
        "let at = 0; const clock = new m.HubClock(() => at);"
        " const said = (s) => clock.hear(new Date(s * 1000).toISOString());"
        " said(100); at = 5000; said(103); at = 10000; const late = clock.now();"
        " for (let i = 0; i < 6; i += 1) { at += 5000; said(50 + at / 1000); }"
        " return [late, clock.now() - at];",
    )
    assert result == [110_000, 50_000]
