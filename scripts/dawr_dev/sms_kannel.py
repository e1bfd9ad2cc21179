"""Debian's Kannel for development and tests: its configuration, and bearerbox and smsbox as processes of a `House`.

What an installer writes by hand (docs/sms.md) is written here for one machine; nothing of it is used on a server.
"""

from __future__ import annotations

import http.client
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.dawr_dev.processes import House, ProcessError, Program, free_port, wait_until

_CONFIG = """\
group = core
admin-port = {admin}
admin-password = {secret}
admin-interface = "127.0.0.1"
smsbox-port = {boxes}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
# Warnings only: at a lower level both boxes write numbers and texts.
log-level = 2
store-type = spool
store-location = "{store}"
# On the disk too: what waits for its report outlives a restart of Kannel.
dlr-storage = spool
dlr-spool = "{reports}"
# What the operator does not take for a moment (throttling) is tried again after so many seconds, so many times.
sms-resend-freq = 2
sms-resend-retry = 30

group = smsc
smsc = smpp
smsc-id = operator
host = "127.0.0.1"
port = {smpp}
transceiver-mode = true
smsc-username = dawr
smsc-password = {smpp_secret}
system-type = ""
interface-version = 34
source-addr-autodetect = true
enquire-link-interval = 5
wait-ack = 10
reconnect-delay = 1

group = smsbox
bearerbox-host = "127.0.0.1"
sendsms-port = {http}
sendsms-interface = "127.0.0.1"
global-sender = Dawr
log-level = 2
# A report that we cannot take for a moment (our restart) is brought again after so many seconds, so many times.
http-queue-delay = 2
http-request-retry = 60

group = sendsms-user
username = {user}
password = {secret}
concatenation = true
max-messages = 3
user-allow-ip = "127.0.0.1"
user-deny-ip = "*.*.*.*"
"""
USER = "dawr"


@dataclass(frozen=True, slots=True)
class Kannel:
    """Kannel as it was started. `url` takes messages, `status_url` tells how its line to the operator stands."""

    url: str
    user: str
    password: str
    status_url: str
    folder: Path


def write(folder: Path, smpp_port: int) -> Kannel:
    """Write Kannel's configuration into a folder (0700), for an SMPP centre on a port of this machine."""
    store, reports = folder / "spool", folder / "reports"
    for each in (folder, store, reports):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_hex(16)
    http, admin = free_port(), free_port()
    path = folder / "kannel.conf"
    path.write_text(
        _CONFIG.format(
            admin=admin,
            boxes=free_port(),
            http=http,
            secret=secret,
            smpp=smpp_port,
            smpp_secret=secrets.token_hex(4),  # SMPP's passwords have eight letters at most
            store=store,
            reports=reports,
            user=USER,
        ),
        encoding="utf-8",
    )
    path.chmod(0o600)
    return Kannel(
        f"http://127.0.0.1:{http}/cgi-bin/sendsms",
        USER,
        secret,
        f"http://127.0.0.1:{admin}/status.xml?password={secret}",
        folder,
    )


def start_bearerbox(house: House, kannel: Kannel) -> None:
    """Start the box that holds the line to the operator. Raises ProcessError."""
    _start(house, "bearerbox", kannel)
    _wait_for(house, "bearerbox", kannel.status_url, b"<status>running")


def start_smsbox(house: House, kannel: Kannel) -> None:
    """Start the box that takes messages over HTTP. Raises ProcessError."""
    _start(house, "smsbox", kannel)
    # By its entry with bearerbox: a question to itself, before it knows its users, ends it (Kannel 1.4.5).
    _wait_for(house, "smsbox", kannel.status_url, b"<type>smsbox")


def _start(house: House, name: str, kannel: Kannel) -> None:
    box = _box(name)
    if box is None:
        raise ProcessError(
            f"there is no {name}: install Debian's package kannel (scripts/setup does), or scripts/run --no-sms"
        )
    # Warnings only on the console too, whose own level is another one.
    house.start(Program(name, [box, "--verbosity", "2", str(kannel.folder / "kannel.conf")]))


def _box(name: str) -> str | None:
    # They are in /usr/sbin, which is not on everybody's path.
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def _wait_for(house: House, name: str, url: str, told: bytes) -> None:
    """Wait until Kannel's status at `url` tells that a box serves."""
    host, _, path = url.removeprefix("http://").partition("/")

    def look() -> bool | None:
        if house[name].exit_code is not None:
            raise house[name].failure(f"ended with {house[name].exit_code}")
        line = http.client.HTTPConnection(host, timeout=2)
        try:
            line.request("GET", f"/{path}")
            return told in line.getresponse().read() or None
        except OSError:
            return None
        finally:
            line.close()

    try:
        wait_until(look, 20, f"{name}, by {host}")
    except TimeoutError as error:
        raise house[name].failure("does not serve") from error
