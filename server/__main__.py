"""`python -m server --config FILE` serves.

`python -m server seed FILE... --config FILE` loads seeds and ends.
`python -m server booking-code APPOINTMENT... --config FILE` prints the text of each booking's QR, by the id of the
booking or its name in a seed; the server may be running.
`python -m server devices list|new-code|revoke ... --config FILE`: devices and their one-time codes; likewise.
`python -m server halls --config FILE [--json]`: how far the running server is behind each hall; status 1 is an alarm.
`python -m server keys add|list|revoke ... --config FILE`: keys of other systems; the server may be running.
`python -m server verify --config FILE` looks through the centres' logs, beside running servers; status 1: broken.
`python -m server move-to [URL] --config FILE` copies what is kept in files to an empty PostgreSQL, the configured one
if none is named; stop the server first.
`python -m server accounts add|list|reset-password ... --config FILE`: who administers; the server may be running.
`python -m server holidays FILE.ics --centre CENTRE...|--all --config FILE` imports holidays; likewise.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol

import uvicorn

from assets.texts import languages
from queueing.centre import CentreError
from server import admin, bookings, holidays, moving, postgres
from server.administration import operating as offices
from server.api import operating
from server.config import ServerConfig, configured
from server.moving import NotEmptyError
from server.seed import SeedError
from server.service import LOG_FILE, Service, load_seeds
from server.signing import ServerKey
from server.storage import DataFolder, DataFolderError, Store, looking_at
from server.vault import VaultError
from server.verifying import verify
from sync.bugs import end_process_on_bug
from sync.clock import SystemClock
from sync.config import ConfigError
from sync.log import LogError
from sync.storage import StorageReason, StorageUnavailable

COLLECTED_EVERY = (20_000, 20, 20)
"""The collector's thresholds, as a hub's: events are many and leave no cycles."""


_TO_DO = {
    StorageReason.GONE: "Is PostgreSQL running, and does the configured URL name it rightly? The unit tries again.",
    StorageReason.FULL: "Make room on the disk that it is on; what was kept is there.",
    StorageReason.READ_ONLY: "It may be read only: a standby, a role without rights, or a disk that has failed.",
    StorageReason.BUSY: "Somebody else holds it, or it has no connection left (max_connections). The unit tries again.",
    StorageReason.CORRUPT: "It is not what was written: docs/recovery.md says how to put a copy back.",
    StorageReason.IO: "The disk does not give or take it: journalctl -k says more.",
}


class _Verbs(Protocol):
    """A module of verbs for the command line."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, data: Path, chosen: argparse.Namespace, database: str = "") -> tuple[int, str]: ...


class _Server(uvicorn.Server):
    """Says on stdout where it serves, once it does; ends the live streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._end_streams()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"ready url=http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "devices": partial(_through_the_door, "devices", "the devices of all centres", admin),
        "keys": partial(_through_the_door, "keys", "the keys of other systems", operating),
        "accounts": partial(_through_the_door, "accounts", "the accounts of who administers", offices),
        "halls": _halls,
        "holidays": _holidays,
        "move-to": _move_to,
        "verify": _verify,
    }
    if arguments and arguments[0] in commands:
        return commands[arguments[0]](arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m server", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("command", nargs="?", choices=["seed", "booking-code"])
    parser.add_argument("what", nargs="*", metavar="FILE or APPOINTMENT")
    parser.add_argument("--centre", help="booking-code: of this centre alone")
    chosen = parser.parse_args(arguments)
    if (chosen.command is None) != (not chosen.what):
        parser.error("seed takes the files to load, booking-code the appointments")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    end_process_on_bug()
    os.umask(0o077)  # What this writes is for its owner's eyes only, whatever folder it was given.
    # uvicorn raises the signal that ended it again: it leads out through everything that has to be closed.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        config = configured(chosen.config, os.environ)
        if chosen.command is None:
            return _serve(config)
        if chosen.command == "booking-code":
            return _booking_codes(config, chosen.what, chosen.centre)
        return _seed(config, [Path(file) for file in chosen.what])
    except (ConfigError, SeedError, CentreError, DataFolderError, VaultError, StorageUnavailable) as error:
        return _fails(error)


def _serve(config: ServerConfig) -> int:
    with Service(config, SystemClock()) as service:
        gc.freeze()  # What was made by now stays: no collection looks through it again.
        gc.set_threshold(*COLLECTED_EVERY)
        server = _Server(
            uvicorn.Config(
                service.app,
                host=config.host,
                port=config.port,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=5,
            ),
            service.followed.end_streams,
        )
        server.run()
        return 0 if server.started else 1


def _seed(config: ServerConfig, files: list[Path]) -> int:
    folder = DataFolder(config.data)
    try:
        store = Store(config.data, config.database)
        try:
            changed = load_seeds(store, files, SystemClock())
        finally:
            store.close()
    finally:
        folder.close()
    print("changed" if changed else "nothing to change")
    return 0


def _booking_codes(config: ServerConfig, names: list[str], centre: str | None) -> int:
    key = ServerKey.read(config.data)
    with looking_at(config.data, config.database) as session:
        found = {name: bookings.to_sign(session, name, centre) for name in names}
    for codes in found.values():
        for code in codes:
            print(key.code(code))
    missing = [name for name, codes in found.items() if not codes]
    if missing:
        print(f"no such booking: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def _through_the_door(name: str, about: str, verbs: _Verbs, arguments: list[str]) -> int:
    """Ask the running server by its administrators' door, or do it on its data where none runs."""
    parser = argparse.ArgumentParser(prog=f"python -m server {name}", description=about)
    verbs.add_arguments(parser)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    os.umask(0o077)
    try:
        config = configured(chosen.config, os.environ)
        status, text = verbs.run(config.data, chosen, config.database)
        print(text, file=sys.stdout if status == 0 or chosen.json else sys.stderr)
        return status
    except (ConfigError, CentreError, DataFolderError, VaultError, StorageUnavailable) as error:
        return _fails(error)


def _halls(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m server halls", description="how far it is behind each hall")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_args(arguments)
    try:
        status, text = admin.halls(configured(chosen.config, os.environ).data, as_json=chosen.json)
    except ConfigError as error:
        return _fails(error)
    print(text, file=sys.stderr if status == 75 and not chosen.json else sys.stdout)
    return status


def _move_to(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m server move-to", description="files to PostgreSQL; stop it first")
    parser.add_argument("url", nargs="?", help="postgresql://user@host/name; the configured one if it is left out")
    parser.add_argument("--config", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        config = configured(chosen.config, os.environ)
        url = chosen.url or config.database
        fault = postgres.fault_of(url)
        if fault:
            parser.error(f"URL {fault}")
        folder = DataFolder(config.data)
        try:
            moved = moving.move(config.data, LOG_FILE, url)
        finally:
            folder.close()
    except (ConfigError, NotEmptyError, DataFolderError, VaultError, LogError, StorageUnavailable) as error:
        return _fails(error)
    print(f"moved rows={moved.rows} events={moved.events} messages={moved.messages}")
    return 0


def _verify(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m server verify", description="look through the centres' logs")
    parser.add_argument("--config", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        config = configured(chosen.config, os.environ)
        with looking_at(config.data, config.database):
            pass  # Another version's tables are not read as if they were ours.
        found = verify(config.data / LOG_FILE, config.database)
    except StorageUnavailable as error:
        status = _fails(error)
        # EX_TEMPFAIL: nothing is known of the logs. A disk that gives nothing back is for somebody to look at.
        return 75 if error.reason in (StorageReason.GONE, StorageReason.BUSY) else status
    except (ConfigError, DataFolderError) as error:
        return _fails(error)
    print(f"verified streams={found.streams} events={found.events} broken={len(found.faults)}")
    return 1 if found.faults else 0


def _holidays(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m server holidays", description="import holidays")
    parser.add_argument("file", type=Path, metavar="FILE.ics")
    parser.add_argument("--config", type=Path, required=True)
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--centre", nargs="+", metavar="CENTRE")
    whose.add_argument("--all", action="store_true", help="for every centre, also those that are still to come")
    parser.add_argument("--booked", choices=["move", "cancel"], default="", help="what becomes of bookings then")
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        # What is wrong is told with the file's name.
        days = holidays.read(chosen.file, languages(), SystemClock().now().date())
        config = configured(chosen.config, os.environ)
        centres = [holidays.EVERY_CENTRE] if chosen.all else chosen.centre
        calendar = chosen.file.read_bytes()
        status, text = offices.import_holidays(config.data, calendar, centres, chosen.booked, config.database)
    except (ConfigError, CentreError, SeedError, DataFolderError, VaultError, StorageUnavailable) as error:
        return _fails(error)
    print(text if status else f"{len(days)} days: {text}", file=sys.stderr if status else sys.stdout)
    return status


def _fails(error: Exception) -> int:
    """Say what is wrong and, where it is not in the words, what to do."""
    print(error, file=sys.stderr)
    if isinstance(error, StorageUnavailable):
        print(_TO_DO[error.reason], file=sys.stderr)
    return 1


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
