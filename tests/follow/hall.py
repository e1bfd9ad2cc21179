"""A hub on a real port whose customers follow their turns; its clock goes by itself and can be set on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from queueing.following import follow_id
from tests.hub.house import DAY, NINE, House, Web, settings_json
from tests.waiting import until

__all__ = ["DAY", "NINE", "FollowedHall", "RunningClock", "followed"]


class RunningClock:
    """A clock that goes, from nine o'clock on; a test may set it further on."""

    def __init__(self, at: datetime = NINE) -> None:
        self._at = at
        self._begun = time.monotonic()
        self._more = 0.0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self.monotonic() - self._begun)

    def monotonic(self) -> float:
        return time.monotonic() + self._more

    def pass_time(self, seconds: float) -> None:
        self._more += seconds


class FollowedHall:
    """The hub, its kiosk, its clerks and its customers' phones."""

    def __init__(self, house: House, web: Web) -> None:
        self.house = house
        self.web = web
        self.url = web.url

    @property
    def clock(self) -> RunningClock:
        clock = self.house.clock
        assert isinstance(clock, RunningClock)
        return clock

    def take(self, how_many: int = 1, **more: Any) -> list[str]:
        """Let tickets be taken; return their follow ids."""
        first = len(self.house.kiosk.log)
        self.house.take(how_many, **more)
        return [follow_id(event) for event in self.house.kiosk.log[first:]]

    def open(self, clerk: int = 1) -> None:
        assert self.house.press(clerk, "open")[0] == 200

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=10, allow_redirects=False, **more)

    def now(self, identity: str, lang: str = "en") -> dict[str, Any]:
        """Return what the page's script is told now."""
        answer = self.get(f"/t/{identity}/now?lang={lang}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.content)
        return found

    def told(self, identity: str, phase: str) -> dict[str, Any]:
        """Return what is told once it is of a phase: a clerk's key is answered before its news are out."""
        found: dict[str, Any] = until(lambda: (now := self.now(identity))["phase"] == phase and now, f"{phase}")
        return found

    def wish(self, identity: str, what: str) -> requests.Response:
        data = {"what": what}
        return requests.post(f"{self.url}/t/{identity}/wish?lang=en", data=data, timeout=10, allow_redirects=False)


@contextmanager
def followed(data: Path, **centre: Any) -> Iterator[FollowedHall]:
    """Give a hub that serves; `centre` changes its centre's settings."""
    clock = RunningClock()
    house = House(data, clock)
    settings = settings_json(house.devices)
    settings["centre"] = settings["centre"] | centre
    house = House(data, clock, settings)
    with house.serving() as web:
        try:
            yield FollowedHall(house, web)
        finally:
            house.hub.end_streams()
