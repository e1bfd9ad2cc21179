"""A hub that is revoked at its server: it erases what is personal, ends, and does not serve again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import requests

from hub import contacts
from hub.barring import REVOKED
from hub.build import Hub
from hub.config import HubConfig
from hub.contacts import Contact
from hub.settings import APPOINTMENTS_FILE, SETTINGS_FILE, DaysAppointments, SettingsStore
from hub.shutout import ShutOut
from hub.upstream import fetch_settings
from queueing.wire import Stream
from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.processes import wait_until
from server.enrolment import Wanted
from sync import enrolled
from sync.enrolment import enrol
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from sync.revocation import Judge
from sync.rights import Role
from tests.contracts.hub import running_hub
from tests.server.site import CENTRE, Client, Site
from tests.sync.fakes import BOOT
from tests.sync.node import serving

PHONE = "+97336001234"


def test_a_revoked_hub_erases_what_is_personal_and_ends(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    data = tmp_path / "hub"
    with Site(tmp_path / "server").served() as client:
        who = enrol(
            client.url, client.service.devices.new_code(Wanted(CENTRE, Role.HUB, "hub-1"), "boss").code, "hub", data
        )
        assert (who.device, who.incarnation, who.series) == ("hub-1", 2, "")
        config = HubConfig("", data, port=0, server_url=client.url)
        key, config = DeviceKey.load(data), enrolled.as_enrolled(config, "hub")
        clock = client.site.clock
        line = PeerLine(client.url, Signer(key, config.device, config.incarnation, clock))
        settings = fetch_settings(line, SettingsStore(data))
        line.close()
        ended = threading.Event()
        hub = Hub(config, clock, BOOT, settings, DaysAppointments(), key, ended.set)
        hub.start()
        try:
            contact = Contact("kiosk-1.1.1", PHONE, "ar")
            hub.arbiter.writer.submit(lambda tx: contacts.keep(tx, contact, clock.now())).result()
            assert PHONE.encode() in _bytes_of(data)
            client.service.devices.revoke("hub-1", "boss")
            assert hub._upstream is not None
            hub._upstream.day_opened("2099-01-01")  # it asks at once, not in up to a minute
            assert ended.wait(60)
        finally:
            hub.close()
    assert PHONE.encode() not in _bytes_of(data)
    assert not (data / SETTINGS_FILE).exists() and not (data / APPOINTMENTS_FILE).exists()
    toml = tmp_path / "hub.toml"
    toml.write_text(f'device = ""\ndata = {json.dumps(str(data))}\nport = 0\nserver_url = "http://127.0.0.1:9"\n')
    again = subprocess.run(
        [sys.executable, "-m", "hub", "--config", str(toml)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert again.returncode == 1 and REVOKED in again.stderr


def test_a_hub_that_is_cut_off_shuts_a_device_out_and_the_server_s_word_follows(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with Site(tmp_path / "server").served() as client:
        with running_hub(client, tmp_path / "hub") as hub, serving(hub.app) as url:  # type: ignore[arg-type]
            assert _ask(client, url, "kiosk-1").status_code == 200
            assert hub.registrar._line is not None and hub._upstream is not None
            hub._upstream.close()
            hub.registrar._line.close()
            hub.registrar._line = PeerLine("http://127.0.0.1:9", hub.registrar._line._signer)
            assert asyncio.run(hub.registrar.revoke("kiosk-1", "boss")) is False
            refused = _ask(client, url, "kiosk-1").json()
            assert (refused["code"], refused["revocation"]) == ("REVOKED", None), (
                "refused at once, and nothing to believe"
            )
            assert _ask(client, url, "display-1", "/v1/snapshot?view=board").status_code == 200
            hub.end_streams()
        assert client.send("kiosk-1", "GET", "/v1/settings").status_code == 200, "the server has not heard of it"
        with running_hub(client, tmp_path / "hub") as hub, serving(hub.app) as url:  # type: ignore[arg-type]
            judge = Judge(Stream("kiosk-1", 1), client.server_key)
            wait_until(
                lambda: judge.believes(_ask(client, url, "kiosk-1").json()["revocation"]) or None, 20, "its word"
            )
            wait_until(lambda: None if ShutOut(tmp_path / "hub").all() else True, 20, "nobody shut out any more")
            hub.end_streams()
        assert client.send("kiosk-1", "GET", "/v1/settings").json()["code"] == "REVOKED"
        (row,) = (each for each in client.service.devices.standings() if each.device == "kiosk-1")
        assert (row.state, row.by) == ("revoked", "hub-1/boss"), "on record with who did it"


def _ask(client: Client, url: str, device: str, target: str = "/v1/settings") -> requests.Response:
    signer = Signer(client.site.keys[device], device, 1, client.site.clock)
    return requests.get(url + target, headers={"Authorization": signer.authorization("GET", target)}, timeout=10)


def _bytes_of(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())
