"""A centre that runs: server, hub, kiosk and paper as processes, and what a test sees of them from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from queueing.wire import Event
from scripts.dawr_dev.demo import HUB, KIOSK, KIOSK_GLASS_MM, Clerk, Demo, Screen
from scripts.dawr_dev.logs import events
from scripts.dawr_dev.processes import House, wait_until
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import ScreenMap, XScreen

PIXELS = (1080, 1920)
KNOWS_CENTRE = re.compile(r"settings version=")


class Centre:
    """The processes of the demonstration's centre, and one visitor before its kiosk."""

    def __init__(self, demo: Demo, glass: XScreen, scanner: str = "", *, sms: bool = False) -> None:
        self.demo = demo
        self.screen_map = ScreenMap(demo.data / "screen.json")
        self._screen = Screen(
            PIXELS, KIOSK_GLASS_MM["portrait"], glass.environment, screen_map=str(self.screen_map.path)
        )
        self.visitor = Visitor(glass, self.screen_map, rest_s=0.15)
        demo.begin()
        self.messages_url = demo.start_sms() if sms else ""
        demo.start_server()
        demo.start_hub()
        demo.start_paper()
        demo.start_kiosk(self._screen, demo.paper_url, "en", scanner=scanner).wait_for(KNOWS_CENTRE)
        self.visitor.page("start")

    def take_ticket(self) -> str:
        """Let a customer take a ticket and leave; return the number that the kiosk showed."""
        number = self.visitor.take_ticket("en").texts["ticket-number"]
        self.visitor.leave()
        return number

    def take_ticket_cut_off(self) -> str:
        """Let a customer with a CPR take a ticket while there is no hub to ask; return the number shown."""
        self.visitor.tap("begin-en")
        self.visitor.page("cpr")
        self.visitor.type_digits(self.demo.people.walk_ins[0])
        self.visitor.page("ask_booked")
        self.visitor.tap("booked-no")
        self.visitor.page("services")
        self.visitor.tap_first("service-")
        self.visitor.page("details")
        self.visitor.tap("take")
        number = self.visitor.page("ticket").texts["ticket-number"]
        self.visitor.leave()
        return number

    def take_by_message(self, phone: str) -> str:
        """Let a walk-in take a ticket by message; return the number shown."""
        visitor = self.visitor
        visitor.ask_for_ticket("en")
        visitor.page("delivery", 20)
        visitor.tap("by-sms")
        visitor.page("phone")
        visitor.tap_digits(phone)
        visitor.tap("send")
        number = visitor.page("ticket").texts["ticket-number"]
        visitor.leave()
        return number

    def kiosk_events(self) -> list[Event]:
        """Return what the kiosk's own log holds."""
        return events(self.demo.data / KIOSK / "log.db")

    def hub_events(self) -> list[Event]:
        """Return what the hub's log holds, the kiosk's events too."""
        return events(self.demo.data / HUB / "hub.db")

    def taken_at_hub(self, count: int) -> list[Event]:
        """Wait until so many tickets have arrived at the hub."""

        def look() -> list[Event] | None:
            taken = [event for event in self.hub_events() if event.type == "TicketTaken"]
            return taken if len(taken) >= count else None

        return wait_until(look, 20, f"{count} tickets at the hub")

    def message_to(self, phone: str) -> str:
        """Wait until the operator has a message for a phone; return the page that shows it."""

        def look() -> str | None:
            page = requests.get(self.messages_url, timeout=10).text
            return page if phone in page else None

        return wait_until(look, 30, "a message at the operator")

    def kill(self, name: str) -> None:
        """Take the power from a part."""
        self.demo.house[name].kill()

    def back(self, name: str) -> None:
        """Give it back."""
        if name == "kiosk":
            self.screen_map.path.unlink(missing_ok=True)
        self.demo.restart(name)


@contextmanager
def centre(data: Path, scanner: str = "", *, sms: bool = False, timezone: str = "") -> Iterator[Centre]:
    """Run one in a folder, in the demonstration's time zone or another.

    `scanner` is the URL of the kiosk's reader of codes, `sms`: with Kannel and its centre.
    """
    with XScreen(*PIXELS) as glass, House(data / "logs") as house:
        yield Centre(Demo(house, data, timezone=timezone), glass, scanner, sms=sms)


class Counter:
    """A clerk's computer, as far as the hub can tell."""

    def __init__(self, demo: Demo, counter: str, clerk: Clerk) -> None:
        self._url = demo.hub_url
        self._http = requests.Session()
        self._http.headers["Origin"] = demo.hub_url
        self.counter = counter
        answer = self._http.post(
            f"{self._url}/v1/staff/sign-in", json={"clerk": clerk.id, "pin": clerk.pin}, timeout=10
        )
        answer.raise_for_status()

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def claim(self, claim_id: str, verb: str) -> tuple[int, dict[str, Any]]:
        """Press a key; return the hub's status and answer. Raises requests.ConnectionError when there is no hub."""
        claim = {"claim_id": claim_id, "counter": self.counter, "what": {"verb": verb}}
        answer = self._http.post(f"{self._url}/v1/claims", json=claim, timeout=10)
        return answer.status_code, answer.json() if answer.content else {}
