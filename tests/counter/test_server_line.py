"""What the supervisor's page says of the line to the central server, before a real hub; clerks are not troubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.counter.test_machines import Place, open_page, place  # noqa: F401  # fixtures

SINCE = "2026-11-22T06:12:00.000000Z"


def at_counter(page: Page, url: str) -> None:
    """Be at a counter, as on any day but the first."""
    expect(page.locator("table, .machines-note").first).to_be_visible()  # signed in
    page.evaluate("localStorage['dawr.counter.counter'] = '1'")
    page.goto(f"{url}/")


@pytest.mark.parametrize(
    ("language", "what", "says", "advises", "tone"),
    [
        ("en", "late", "Does not take", "Call the technician", "alert"),
        ("ar", "cut", "تعذّر الاتصال", "تلقائيًا", "wait"),
    ],
)
def test_a_supervisor_is_told_since_when_how_many_and_what_to_do(
    place: Place,  # noqa: F811
    open_page: Callable[..., Page],  # noqa: F811
    language: str,
    what: str,
    says: str,
    advises: str,
    tone: str,
) -> None:
    place.hub.publisher.watch_line(lambda now: {"what": what, "since": SINCE, "behind": 120})
    place.hub.arbiter.refresh().result(5)  # the hub's clock stands: it tells nothing anew by itself
    page = open_page(language)
    at_counter(page, place.url)
    line = page.locator('#devices li[data-device="server"]')
    expect(line).to_contain_text(says)
    expect(line).to_contain_text("120")
    expect(line).to_contain_text(advises)
    expect(line).to_have_attribute("data-tone", tone)
    place.hub.publisher.watch_line(lambda now: None)
    place.hub.arbiter.refresh().result(5)
    expect(line).to_have_count(0)


def test_a_clerk_is_not_troubled(place: Place, open_page: Callable[..., Page]) -> None:  # noqa: F811
    place.hub.publisher.watch_line(lambda now: {"what": "late", "since": SINCE, "behind": 120})
    place.hub.arbiter.refresh().result(5)
    page = open_page("en", "clerk")
    at_counter(page, place.url)
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator('#devices li[data-device="server"]')).to_have_count(0)
