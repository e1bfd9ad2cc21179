"""A centre's real hub in this process, with what a server gives it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.build import Hub
from hub.config import HubConfig
from hub.settings import DaysAppointments, SettingsStore
from hub.upstream import fetch_settings
from sync.identity import Signer
from sync.line import PeerLine
from tests.server.site import Client
from tests.sync.fakes import BOOT


@contextmanager
def running_hub(client: Client, data: Path) -> Iterator[Hub]:
    """Run it on a folder; on another entry it comes back with what it has kept."""
    data.mkdir(exist_ok=True)
    site, key = client.site, client.site.keys["hub-1"]
    line = PeerLine(client.url, Signer(key, "hub-1", 1, site.clock))
    settings = fetch_settings(line, SettingsStore(data))
    line.close()
    config = HubConfig("hub-1", data, port=0, server_url=client.url)
    hub = Hub(config, site.clock, BOOT, settings, DaysAppointments(), key)
    hub.start()
    try:
        yield hub
    finally:
        hub.close()
