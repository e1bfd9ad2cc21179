"""The hub's configuration: one frozen record, read from hub.toml by `sync.config`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assets.paths import ROOT


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What an installer sets.

    `device` is its name; empty for one that is enrolled by a code, which names it (`sync.enrolled`). `server_key` is
    the server's public key, for one that was not: without it no revocation is believed.
    `server_url` empty: the hub works for itself, from `seed` (a file with the JSON of GET /v1/settings and, if wished,
    `appointments`) or from what it kept. `port` 0: any free one. Look-ups are limited, for each kiosk and for each
    customer, in a minute. `modem` is the device of a GSM modem (/dev/serial/by-id/..., "" for none) that
    sends the messages that the server has not taken for `modem_after_s` seconds.
    """

    device: str
    data: Path
    host: str = "127.0.0.1"
    port: int = 8461
    server_url: str = ""
    seed: Path | None = None
    counter_pages: Path = ROOT.parent / "counter"
    incarnation: int = 1
    lookups_per_minute: int = 60
    lookups_per_customer: int = 20
    modem: str = ""
    modem_after_s: int = 30
    server_key: str = ""

    def __post_init__(self) -> None:
        if set(self.device) & set('".,'):
            raise ValueError("device is a name without a full stop, a comma or a quotation mark")
        if not 0 <= self.port <= 65535:
            raise ValueError("port is 0 to 65535")
        if self.server_url and not self.server_url.startswith(("http://", "https://")):
            raise ValueError("server_url begins with http:// or https://")
        if min(self.incarnation, self.lookups_per_minute, self.lookups_per_customer) < 1:
            raise ValueError("incarnation and the limits of look-ups are 1 or more")
        if self.modem_after_s < 0:
            raise ValueError("modem_after_s is 0 or more")
