"""What headquarters is told of each centre: how far the server is behind it, since when, and when that is an alarm."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from queueing.wire import instant_to_wire
from server import admin
from server.service import load_seeds
from server.standings import SILENT_AFTER, Standings
from server.storage import Store
from sync.lateness import Behind
from tests.clusters import fresh_database
from tests.server.site import CENTRE, OTHER, Client, Site
from tests.sync.fakes import FakeClock


def test_each_state_in_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    standings, since = Standings(clock), clock.now()

    def state() -> str:
        (standing,) = standings.all(["one"])
        return standing.state

    caplog.set_level(logging.INFO, "server.standings")
    assert state() == "never heard"
    standings.hear("one", Behind())
    assert state() == "fine"
    standings.hear("one", Behind(7, since))
    assert state() == "behind"
    for _ in range(3):
        standings.hear("one", Behind(9, since, late=True))
    assert state() == "late"
    clock.pass_time(SILENT_AFTER.total_seconds() + 1)
    assert state() == "cut off", "who is not heard may be further behind than it said"
    for _ in range(2):
        standings.hear("one", Behind(3, since))
    assert state() == "behind"
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"centre_late centre=one behind=9 since={instant_to_wire(since)}",
        "centre_late_over centre=one behind=3",
    ]


def test_headquarters_asks_the_running_server(tmp_path: Path) -> None:
    with Site(tmp_path).served() as client:
        since = client.site.clock.now()
        _hello(client, "hub-1", Behind(120, since, late=True))
        _hello(client, "kiosk-1", Behind(5, since))
        status, text = admin.halls(client.site.data, as_json=True)
        rows = {row.pop("centre"): row for row in json.loads(text)["halls"]}
        assert status == 1
        heard = instant_to_wire(since)
        late = {"state": "late", "heard_at": heard, "behind": 120, "behind_since": heard}
        assert rows[CENTRE] == late, "a kiosk's own word is not the centre's"
        assert rows[OTHER]["state"] == "never heard"
        _hello(client, "hub-1", Behind())
        status, text = admin.halls(client.site.data, as_json=False)
        assert status == 0 and text.splitlines()[1].split()[:3] == [CENTRE, "fine", "0"]
    assert admin.halls(client.site.data, as_json=False) == (75, "not now: the server does not run")


def test_what_an_older_hub_or_a_later_one_says_is_no_error(tmp_path: Path) -> None:
    with Site(tmp_path).served() as client:
        for said in (None, "much", {"events": "7"}, {"events": 1, "since": "today"}, {"events": 1, "more": {}}):
            assert _hello(client, "hub-1", said) == 200


def _hello(client: Client, device: str, behind: object) -> int:
    said = {"dev": device, "inc": 1, "next_seq": 1, "head_hash": "0" * 64, "schema": 1}
    if behind is not None:
        said["behind"] = behind.to_wire() if isinstance(behind, Behind) else behind
    return client.send(device, "POST", "/v1/hello", said).status_code


def test_what_one_process_hears_the_other_tells(tmp_path: Path, site: Site) -> None:
    url, heard = fresh_database("standings"), []
    stores = Store(tmp_path / "keys", url), Store(tmp_path / "keys", url)
    load_seeds(stores[0], site.write(), site.clock)
    first, second = (Standings(site.clock, store) for store in stores)
    second.listen(lambda centre, at: heard.append(centre))
    first.hear(CENTRE, Behind(7, site.clock.now(), late=True))
    for standings in (first, second, second):
        standings.exchange()
    assert [each.state for each in second.all([CENTRE, OTHER])] == ["late", "never heard"]
    assert heard == [CENTRE]
    site.clock.pass_time(1)
    second.hear(CENTRE, Behind())
    for standings in (second, first):
        standings.exchange()
    assert first.all([CENTRE]) == second.all([CENTRE]) and first.all([CENTRE])[0].state == "fine"
    for store in stores:
        store.close()
