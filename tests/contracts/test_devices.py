"""A hub that is revoked at its server: it erases what is personal, ends, and does not serve again."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from hub import contacts
from hub.barring import REVOKED
from hub.build import Hub
from hub.config import HubConfig
from hub.contacts import Contact
from hub.settings import APPOINTMENTS_FILE, SETTINGS_FILE, DaysAppointments, SettingsStore
from hub.upstream import fetch_settings
from scripts.dawr_dev import PROJECT
from server.enrolment import Wanted
from sync import enrolled
from sync.enrolment import enrol
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from sync.rights import Role
from tests.server.site import CENTRE, Site
from tests.sync.fakes import BOOT

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


def _bytes_of(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())
