"""`python -m sync enrol ROLE --config FILE` makes this machine a device by a one-time code, which it asks for.

`python -m sync keygen DATA DEVICE` makes a device's key; `python -m sync verify LOG` checks a log's chains.

`python -m sync schema` writes `sync/schema.sql` anew from the tables' declarations, for developers.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from pathlib import Path

from queueing.wire import Stream
from sync import enrolled
from sync.clock import SystemClock
from sync.identity import KEY_FILE, DeviceKey, IdentityError
from sync.log import DeviceLog, LogError
from sync.rights import Role
from sync.storage import StorageUnavailable


def main(arguments: list[str]) -> int:
    """Run the command; print what the registers need, or why not. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sync", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    enrolling = commands.add_parser("enrol", help="make this machine a device, by a one-time code")
    enrolling.add_argument("role", choices=[role.value for role in Role])
    enrolling.add_argument("--config", type=Path, required=True, help="the app's own TOML file: its data and peer")
    enrolling.add_argument("--code", help="the code; without it, it is asked for (or read from a pipe)")
    keygen = commands.add_parser("keygen", help="make DATA/device.key and print its public key")
    keygen.add_argument("data", type=Path)
    keygen.add_argument("device")
    verify = commands.add_parser("verify", help="read a log of a stopped device and check every chain")
    verify.add_argument("log", type=Path)
    commands.add_parser("schema", help="write sync/schema.sql anew (for developers)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "enrol":
        return _enrol(chosen.role, chosen.config, chosen.code)
    if chosen.command == "keygen":
        return _keygen(chosen.data, chosen.device)
    return _schema() if chosen.command == "schema" else _verify(chosen.log)


def _enrol(role: str, config: Path, code: str | None) -> int:
    # requests: the other commands need no network.
    from sync.enrolment import EnrolmentRefused, EnrolmentUnavailable, enrol  # noqa: PLC0415

    os.umask(0o077)
    try:
        told = tomllib.loads(config.read_text(encoding="utf-8"))
        url, data = str(told.get("server_url" if role == "hub" else "hub_url") or ""), config.parent / str(told["data"])
    except (OSError, ValueError, KeyError) as error:
        print(f"{config}: {error}", file=sys.stderr)
        return 2
    if not url:
        print(f"{config}: says of no {'server' if role == 'hub' else 'hub'} to enrol at", file=sys.stderr)
        return 2
    try:
        who = enrol(url, code if code is not None else input("code: "), role, data)
    except EnrolmentRefused as error:
        print(f"refused ({error.code}): {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except EnrolmentUnavailable as error:
        print(f"not now: {error}; the same code may be tried again", file=sys.stderr)
        return 75  # EX_TEMPFAIL
    # Whoever runs this as root: the app is another user, and the folder is that user's.
    owner = data.stat()
    if os.geteuid() == 0:
        for path in (data / KEY_FILE, data / enrolled.FILE):
            os.chown(path, owner.st_uid, owner.st_gid)
    series = f", series {who.series}" if who.series else ""
    print(f"{who.device} of {who.centre}, incarnation {who.incarnation}{series}; start the {role} again")
    return 0


def _keygen(data: Path, device: str) -> int:
    try:
        key = DeviceKey.make(data)
    except IdentityError as error:
        print(f"{device}: {error}", file=sys.stderr)
        return 1
    print(key.public)
    return 0


def _verify(path: Path) -> int:
    if not path.is_file():
        print(f"{path}: there is no such log", file=sys.stderr)
        return 2
    try:
        log = DeviceLog.open(path, Stream("verify", 1), SystemClock(), boot="")
        try:
            log.verify()
            for stream, head in sorted(log.streams().items()):
                print(f"stream={stream} seq={head.seq} hash={head.hash}")
        finally:
            log.close()
    except (LogError, StorageUnavailable) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    return 0


def _schema() -> int:
    # SQLModel: no device loads it.
    from sync.tables import schema  # noqa: PLC0415

    Path(__file__).with_name("schema.sql").write_text(schema(), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
