"""A hub that dies while a hall waits: from its death to the next call, on the clerk's real page and a real display.

Nobody touches anything but the clerk's key: what starts the hub again is what its unit says.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.bench.board import painted, start_display
from scripts.dawr_dev.bench.figures import Figures, of_samples, percentile
from scripts.dawr_dev.bench.hall import PIN, Hall
from scripts.dawr_dev.bench.load import send
from scripts.dawr_dev.clerk import Clerk, open_browser
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.processes import House, Running, wait_until
from scripts.dawr_dev.xscreen import XScreen

_PIXELS = (1920, 1080)
_WAITING = 100
_DEATHS = 6
_CUSTOMER = ("call_next", "start_serving", "finish")
_UNIT = PROJECT / "systemd" / "dawr-hub.service"
_WITHIN_S = 60.0
_OLD_NEWS_S = 35.0
"""A display that starts shows calls of the last half minute one by one: the morning's are to be older."""
_BEAT_S = 5.5
"""The hub's first heartbeat tells a page how soon to come back: no page is younger for long."""


@dataclass(frozen=True, slots=True)
class Back:
    """Seconds from a hub's death to its serving again, to the clerk's next call, and to its frame on the display."""

    serves_s: float
    called_s: float
    painted_s: float


def pause_s() -> float:
    """Return how long the hub's unit waits before it starts the hub again."""
    found = re.search(r"^RestartSec=([\d.]+)$", _UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    return float(found[1]) if found else 0.1  # systemd's own


class WaitingHall:
    """A hub with people waiting, a clerk at the counter page in a browser, and a display; the first call was made."""

    def __init__(self, house: House, hall: Hall, clerk: Clerk, display: Running) -> None:
        self._house, self._hall, self._clerk, self._display = house, hall, clerk, display
        self._calls, self._earlier = 0, len(list(figures(display.output(), "call_painted")))
        self.call()
        wait_until(self._painted, _WITHIN_S, "the first call on the display")

    def call(self) -> str:
        """Press the key for the next customer, and see one; return the number."""
        if self._calls:
            self._clerk.press("s")
            self._clerk.sees("serving")
            self._clerk.press("f")
            self._clerk.sees("open")
        self._clerk.press("n")
        self._clerk.sees("called")
        self._calls += 1
        return self._clerk.number()

    def die(self, how: signal.Signals) -> Back:
        """End the hub by a signal while its clerk is about to call; return when all went on."""
        self._clerk.press("s")
        self._clerk.sees("serving")
        self._clerk.press("f")
        self._clerk.sees("open")
        hub = self._house["hub"]
        died = time.monotonic()
        hub.signal(how)
        self._clerk.press("n")
        wait_until(lambda: hub.exit_code is not None or None, _WITHIN_S, "the hub's end")
        # What systemd does: it waits, and starts it. The clerk's key has been pressed all the while.
        time.sleep(pause_s())
        self._hall.start()
        serves = time.monotonic()
        self._clerk.sees("called")
        called = time.monotonic()
        self._calls += 1
        return Back(
            serves - died, called - died, wait_until(self._painted, _WITHIN_S, "the call on the display") - died
        )

    def _painted(self) -> float | None:
        return painted(self._display, self._earlier + self._calls - 1)


@contextmanager
def waiting_hall(folder: Path, events: int = 0) -> Iterator[WaitingHall]:
    """Run one; with a store of about so many `events` of the morning before."""
    with XScreen(*_PIXELS) as glass, House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        # Each customer of the morning makes four events.
        portion = 40
        for _ in range(events // (4 * portion * len(hall.counters))):
            hall.take_tickets(portion * len(hall.counters))
            send(hall.at.host, hall.at.port, [hall.claims(counter, _CUSTOMER, portion) for counter in hall.counters])
        hall.take_tickets(_WAITING)
        time.sleep(_OLD_NEWS_S if events else 0)
        display = start_display(house, folder, hall, glass, _WITHIN_S)
        # Its driver keeps a loop of its own running in this thread: it comes after all that needs one.
        with sync_playwright() as playwright:
            browser = open_browser(playwright)
            clerk = Clerk(browser, hall.url, "en")
            clerk.sign_in("c1", PIN, lambda: None)
            clerk.sit("1")
            clerk.sees("open")
            clerk.page.wait_for_timeout(1000 * _BEAT_S)
            yield WaitingHall(house, hall, clerk, display)
            clerk.leave()
            browser.close()


def hub_restart(folder: Path) -> Figures:
    """Time from the death of a hub with a day's 20,000 events to the next call that its clerk makes."""
    with waiting_hall(folder, 20_000) as hall:
        backs = [hall.die(how) for _ in range(_DEATHS // 2) for how in (signal.SIGKILL, signal.SIGTERM)]
    serves, board = [back.serves_s for back in backs], [back.painted_s for back in backs]
    note = f"{_DEATHS // 2} by kill -9, as many stopped; {pause_s():g} s of each is the unit's RestartSec; "
    note += f"serving p50 {percentile(serves, 0.5):.2f} s; on the display p50 {percentile(board, 0.5):.2f} s, "
    note += f"longest {max(board):.2f} s"
    return of_samples("hub_restart", [1000 * back.called_s for back in backs], note=note)
