"""`python -m hub --config hub.toml`: the composition root. Everything is made, joined, started and ended here."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from hub.barring import REVOKED
from hub.build import Hub
from hub.config import HubConfig
from hub.settings import DaysAppointments, Settings, SettingsError, SettingsStore, read_json
from hub.upstream import fetch_settings
from sync.bugs import end_process_on_bug
from sync.clock import Clock, SystemClock, boot_id
from sync.config import ConfigError, load
from sync.enrolled import EnrolledError, as_enrolled, is_revoked
from sync.enrolment import settle
from sync.identity import DeviceKey, IdentityError, Signer
from sync.line import PeerLine, PeerUnavailable
from sync.storage import StorageUnavailable

ENDING = (signal.SIGTERM, signal.SIGINT)
SETTINGS_RETRY_S = 2.0
COLLECTED_EVERY = (20_000, 20, 20)
"""The collector's thresholds: a hall leaves few cycles; Python's own would have it look dozens of times a second."""

_log = logging.getLogger("hub")


def main(arguments: list[str]) -> int:
    """Run the hub until SIGTERM or SIGINT; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub", description="a centre's arbiter")
    parser.add_argument("--config", type=Path, required=True)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    end_process_on_bug()
    os.umask(0o077)  # What this writes is for its owner's eyes only, whatever folder it was given.
    try:
        config = load(parser.parse_args(arguments).config, HubConfig)
        _complete_enrolment(config.data)
        run(as_enrolled(config, "hub"))
    except (ConfigError, EnrolledError, SettingsError, IdentityError, StorageUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _complete_enrolment(data: Path) -> None:
    """Put a key in its place that a power cut has left waiting for it. Raises EnrolledError and IdentityError."""
    try:
        made = settle(data)
    except OSError as error:
        raise EnrolledError(f"{data}: {error.strerror}") from error
    if made is not None:
        _log.warning("enrolment_completed device=%s incarnation=%d", made.device, made.incarnation)


def run(config: HubConfig) -> None:
    """Make the hub's parts, serve, end them in turn.

    Raises SettingsError, IdentityError, EnrolledError, StorageUnavailable.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    if is_revoked(config.data, config.incarnation):
        raise EnrolledError(REVOKED)
    clock = SystemClock()
    key = DeviceKey.load(config.data) if config.server_url else None
    first = _first_settings(config, clock, key)
    if first is None:
        return
    hub = Hub(config, clock, boot_id(), *first, key, lambda: os.kill(os.getpid(), signal.SIGTERM))
    # uvicorn raises the signal that ended it once more when it is done: the parts have yet to end after that.
    for number in ENDING:
        signal.signal(number, lambda *_: None)
    hub.start()
    gc.freeze()  # What was made by now stays: no collection looks through it while a clerk waits.
    gc.set_threshold(*COLLECTED_EVERY)
    try:
        _serve(config, hub)
    finally:
        hub.close()


def _first_settings(config: HubConfig, clock: Clock, key: DeviceKey | None) -> tuple[Settings, DaysAppointments] | None:
    """Return the settings to begin with: the seed's, the kept ones, or the server's, which is waited for.

    None when the hub was told to end while it waited.
    """
    store = SettingsStore(config.data)
    if key is None and config.seed is not None:
        # Without a server the seed is the only source: what was kept of one may be old.
        seed = read_json(config.seed)
        settings = Settings.from_json(seed)
        if isinstance(seed, dict) and "appointments" in seed:
            return settings, DaysAppointments.from_json(str(seed.get("day", "")), seed)
        return settings, DaysAppointments()
    kept = store.settings()
    if kept is not None:
        return kept, store.appointments()
    if key is None:
        raise SettingsError([f"no settings: neither server_url nor seed is set, and {config.data} has none"])
    line = PeerLine(config.server_url, Signer(key, config.device, config.incarnation, clock))
    ended = threading.Event()
    former = [signal.signal(number, lambda *_: ended.set()) for number in ENDING]
    try:
        while not ended.is_set():
            try:
                return fetch_settings(line, store), store.appointments()
            except (PeerUnavailable, SettingsError) as error:
                _log.warning("settings_awaited why=%s", error)
                ended.wait(SETTINGS_RETRY_S)
    finally:
        line.close()
        for number, handler in zip(ENDING, former, strict=True):
            signal.signal(number, handler)
    return None


class _Server(uvicorn.Server):
    """uvicorn, which says where it serves and ends the live streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, host: str, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._host = host
        self._end_streams = end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say where."""
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"ready url=http://{self._host}:{port}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the live streams, then as uvicorn does."""
        self._end_streams()
        super().handle_exit(sig, frame)


def _serve(config: HubConfig, hub: Hub) -> None:
    served = uvicorn.Config(
        hub.app,
        host=config.host,
        port=config.port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # A request's address is who sent it: wrong PINs are counted by it.
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    _Server(served, config.host, hub.end_streams).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
