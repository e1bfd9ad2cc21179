"""What a clerk does at the page, and what a clerk sees there."""

from __future__ import annotations

import re
from typing import Self

from playwright.sync_api import Page, Route, expect

# How long a page may take on a busy machine, not how long it takes: retries back off for some seconds.
expect.set_options(timeout=20_000)


def shown(text: str) -> re.Pattern[str]:
    """Return a pattern of a text whatever stands isolated in it (U+2068, U+2069 are not seen)."""
    return re.compile("[\u2068\u2069]*".join(re.escape(character) for character in text))


class Clerk:
    """A person at a page: only keys, taps and eyes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.start = page.evaluate("origin")

    def comes_to(self, counter: str, who: str = "fatima", pin: str = "1234") -> Self:
        """Be signed in and at a counter, as on any day but the first, without the screens that lead there."""
        status = self.page.evaluate(
            """([counter, clerk, pin]) => { localStorage['dawr.counter.counter'] = counter;
            return fetch('/v1/staff/sign-in', {method: 'POST', headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({clerk, pin})}).then((answer) => answer.status) }""",
            [counter, who, pin],
        )
        assert status in (200, 204)
        self.page.goto(self.start)
        return self.sees("closed")

    def sign_in(self, who: str = "fatima", pin: str = "1234") -> Self:
        self.page.goto(self.start)
        self.page.locator(f"[data-clerk={who}]").click()
        self.page.keyboard.type(pin)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".places")).to_be_visible()
        return self

    def sit(self, counter: str) -> Self:
        self.page.locator(f"[data-counter='{counter}']").click()
        expect(self.page.locator(".work")).to_be_visible()
        return self

    def open(self) -> Self:
        self.press("o")
        return self.sees("open")

    def press(self, key: str) -> Self:
        self.page.keyboard.press(key)
        return self

    def sees(self, status: str, number: str | None = None) -> Self:
        """Wait until the current customer's panel shows a status, and a number."""
        expect(self.page.locator("#current")).to_have_attribute("data-status", status)
        if number is not None:
            expect(self.page.locator("#current .plate")).to_have_text(number)
        return self

    def is_told(self, text: str) -> Self:
        """Wait until the line under the customer says something."""
        expect(self.page.locator("#said")).to_contain_text(shown(text))
        return self

    def is_asked(self, title: str) -> Self:
        """Wait until a dialog asks something."""
        expect(self.page.locator("dialog h2")).to_contain_text(shown(title))
        return self


def lose_replies(page: Page, times: int) -> None:
    """Let the hub get the next claims of a tapped page and lose its replies."""

    def lost(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/v1/claims", lost, times=times)
