"""A customer's own phone: the messages that came to it, and the page on which a turn is followed, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import requests
from playwright.sync_api import Browser

from scripts.dawr_dev.processes import wait_until

_PIXELS = {"width": 390, "height": 844}
_WITHIN_S = 30.0

Shoot = Callable[[Path], object]
"""Takes a picture into a file."""


def messages_to(url: str, number: str) -> list[str]:
    """Return the messages that came to a number, newest first, as HTML of the operator's page at `url`."""
    return [part for part in requests.get(url, timeout=10).text.split("<article>") if number in part]


def word_in_messages(url: str, number: str, form: str) -> str:
    """Wait for a message to a number with something of a form; return it, the newest. Raises TimeoutError."""

    def look() -> str | None:
        found = (re.search(form, said) for said in messages_to(url, number))
        return next((match[0] for match in found if match is not None), None)

    return wait_until(look, _WITHIN_S, f"a message with {form}")


class Phone:
    """One phone. `number` is what its owner types; `messages_url` is where the operator shows what phones get."""

    def __init__(self, browser: Browser, number: str, messages_url: str, language: str) -> None:
        self.number = number
        self._messages_url = messages_url
        self._context = browser.new_context(viewport=_PIXELS, locale=language, device_scale_factor=2)  # type: ignore[arg-type]
        self._page = self._context.new_page()

    def book(self, root: str, centre: str, service: str, cpr: str, shot: Callable[[str, Shoot], object]) -> str:
        """Book the next time of a service on the public pages at `root`, from the first page on; return its link.

        `shot` takes a picture that has a name. Raises TimeoutError, playwright's Error.
        """
        page = self._page

        def seen(name: str) -> None:
            shot(name, lambda path: page.screenshot(path=path))

        page.goto(root)
        seen("booking-home")
        page.locator("main .act.main").first.click()
        page.locator(f'.picks a[href$="/book/{centre}/{service}"]').click()
        seen("booking-times")
        page.locator(".slots a").first.click()
        page.locator("main .act.main").click()
        page.locator("#cpr").fill(cpr)
        page.locator("main button").click()
        page.locator("#code").fill(self.word(r"\b[0-9]{6}\b"))
        seen("booking-code")
        page.locator("main button").first.click()
        page.locator('input[name="at"] ~ p button').click()
        page.locator(".qr svg").wait_for()
        seen("booking-ticket")
        link = page.url.partition("?")[0].rpartition("/")[2]
        page.locator('header nav a[href$="/mine"]').click()
        seen("booking-mine")
        return link

    def word(self, form: str) -> str:
        """Wait for a message with something of a form, a code for example; return it. Raises TimeoutError."""
        return word_in_messages(self._messages_url, self.number, form)

    def message(self, about: str) -> str:
        """Wait for a message that names something; return the address in it. Raises TimeoutError."""

        def look() -> str | None:
            return next((said for said in messages_to(self._messages_url, self.number) if about in said), None)

        text = wait_until(look, _WITHIN_S, f"a message about {about}")
        address = re.search(r'https?://[^\s<"]+', text)
        if address is None:
            raise TimeoutError(f"the message about {about} has no address")
        return address[0]

    def show_messages(self, path: Path) -> None:
        """Take a picture of what came."""
        self._page.goto(self._messages_url)
        self._page.screenshot(path=path)

    def follow(self, address: str, path: Path) -> str:
        """Open a turn's page and take its picture; return what it says."""
        self._page.goto(address)
        self._page.screenshot(path=path)
        return self._page.locator("body").inner_text()

    def close(self) -> None:
        """Put it away."""
        self._context.close()
