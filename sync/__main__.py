"""`python -m sync keygen DATA DEVICE` makes a device's key; `python -m sync verify LOG` checks a log's chains.

`python -m sync schema` writes `sync/schema.sql` anew from the tables' declarations, for developers.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from queueing.wire import Stream
from sync.clock import SystemClock
from sync.identity import DeviceKey, IdentityError
from sync.log import DeviceLog, LogError
from sync.storage import StorageUnavailable


def main(arguments: list[str]) -> int:
    """Run the command; print what the registers need, or why not. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sync", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    keygen = commands.add_parser("keygen", help="make DATA/device.key and print its public key")
    keygen.add_argument("data", type=Path)
    keygen.add_argument("device")
    verify = commands.add_parser("verify", help="read a log of a stopped device and check every chain")
    verify.add_argument("log", type=Path)
    commands.add_parser("schema", help="write sync/schema.sql anew (for developers)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "keygen":
        return _keygen(chosen.data, chosen.device)
    return _schema() if chosen.command == "schema" else _verify(chosen.log)


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
