"""The line to the server: settings and bookings come and are kept, logs go, and nothing stops without it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from hub.settings import APPOINTMENTS_FILE, SETTINGS_FILE, SettingsError, SettingsStore
from hub.shutout import ShutOut
from hub.upstream import Upstream, fetch_appointments, fetch_settings
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine, PeerUnavailable
from sync.link import LinkStatus
from tests.hub.house import CUSTOMER, DAY, House, settings_json
from tests.hub.server import FakeServer
from tests.sync.fakes import FakeClock

BOOKED = [{"id": "apt-1", "customer": CUSTOMER, "service": "renew", "slot_at": "2026-11-22T06:10:00Z"}]


def _line(tmp_path: Path, server: FakeServer) -> PeerLine:
    key = DeviceKey.make(tmp_path / "hub-key")
    return PeerLine(server.url, Signer(key, "hub", 1, FakeClock()))


def test_what_is_fetched_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    assert store.settings() is None
    with FakeServer().running() as server:
        line = _line(tmp_path, server)
        server.answers = {"/v1/settings": (200, settings_json(version=4)), "/v1/day-appointments": (200, BOOKED)}
        settings = fetch_settings(line, store)
        booked = fetch_appointments(line, store, DAY)
        line.close()
    assert settings.version == 4
    assert store.settings() == settings
    assert store.appointments() == booked
    assert [each.id for each in booked.of(CUSTOMER)] == ["apt-1"]
    for name in (SETTINGS_FILE, APPOINTMENTS_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_wrong_settings_replace_nothing(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    with FakeServer().running() as server:
        line = _line(tmp_path, server)
        server.answers["/v1/settings"] = (200, settings_json())
        kept = fetch_settings(line, store)
        server.answers["/v1/settings"] = (200, settings_json(centre={"id": "x"}, lookup_key="?"))
        with pytest.raises(SettingsError) as refused:
            fetch_settings(line, store)
        server.answers["/v1/settings"] = (500, {})
        with pytest.raises(PeerUnavailable):
            fetch_settings(line, store)
        line.close()
    with pytest.raises(PeerUnavailable):
        fetch_settings(line, store)
    assert "lookup_key: base64" in refused.value.errors
    assert "centre.services: missing" in refused.value.errors
    assert store.settings() == kept


def _status(version: int | None, up: bool = True) -> LinkStatus:
    return LinkStatus(up, "", 0, None, version)


def test_new_settings_and_bookings_reach_the_hall(tmp_path: Path) -> None:
    with House(tmp_path).running() as house, FakeServer().running() as server:
        line = _line(tmp_path, server)
        arbiter = house.hub.arbiter
        (ticket,) = house.take(customer=CUSTOMER, says_booked=True)
        upstream = Upstream(arbiter, line, SettingsStore(tmp_path), ShutOut(tmp_path))
        server.answers = {
            "/v1/settings": (200, house.settings_json | {"version": 2}),
            "/v1/day-appointments": (200, {"appointments": BOOKED}),
        }
        upstream.start()
        try:
            server.wait_for(f"/v1/day-appointments?day={DAY}")
            server.answers["/v1/settings"] = (200, house.settings_json | {"version": 3, "staff": []})
            upstream.heard(_status(3))
            server.wait_for("/v1/day-appointments", times=2)
        finally:
            upstream.close()
            line.close()
        assert arbiter.settings.version == 3
        assert arbiter.settings.staff == {}
        assert house.view("kiosk")["settings_version"] == 3
        assert house.state.tickets[ticket].appointment == "apt-1"


def test_the_same_version_is_not_fetched_again(tmp_path: Path) -> None:
    with House(tmp_path).running() as house, FakeServer().running() as server:
        line = _line(tmp_path, server)
        server.answers = {"/v1/settings": (200, house.settings_json), "/v1/day-appointments": (200, [])}
        upstream = Upstream(house.hub.arbiter, line, SettingsStore(tmp_path), ShutOut(tmp_path))
        upstream.start()
        try:
            server.wait_for("/v1/day-appointments")
            upstream.heard(_status(1, up=False))
            upstream.heard(_status(1))  # the line is back: the bookings may have changed meanwhile
            server.wait_for("/v1/day-appointments", times=2)
            for _ in range(5):
                upstream.heard(_status(1))
        finally:
            upstream.close()
            line.close()
        assert [path for _, path in server.asked if path == "/v1/settings"] == ["/v1/settings"]


def test_the_hub_forwards_every_log_and_works_while_the_server_is_gone(tmp_path: Path) -> None:
    received: dict[str, list[int]] = {}

    def hello(path: str, said: Any) -> tuple[int, Any]:
        expect = len(received.get(said["dev"], [])) + 1
        return 200, {
            "expect_seq": expect,
            "head_hash": "0" * 64,
            "now": "2026-11-22T06:00:00Z",
            "settings_version": 1,
        }

    def events(path: str, said: Any) -> tuple[int, Any]:
        seqs = received.setdefault(said["dev"], [])
        seqs += [event["seq"] for event in said["events"] if event["seq"] > len(seqs)]
        return 200, {"ack_seq": seqs[-1]}

    server = FakeServer()
    DeviceKey.make(tmp_path / "hub-key")
    with server.running():
        url = server.url
        house = House(tmp_path, server_url=url)
        server.answers = {
            "/v1/settings": (200, house.settings_json),
            "/v1/day-appointments": (200, []),
            "/v1/hello": (200, hello),
            "/v1/events": (200, events),
        }
        with house.running():
            house.take(3)
            house.press(1, "open")
            server.wait_for("/v1/events", times=2)
            with server.came:
                assert server.came.wait_for(lambda: {"hub", "kiosk-1"} <= received.keys(), 10)
                assert server.came.wait_for(lambda: len(received["kiosk-1"]) == 3, 10)
                assert server.came.wait_for(lambda: len(received["hub"]) == 2, 10)
    with house.running():
        assert house.press(1, "call_next")[1]["ticket"]["number"] == "A0001"
    assert received["hub"] == [1, 2]
    assert json.loads((tmp_path / SETTINGS_FILE).read_text())["version"] == 1
