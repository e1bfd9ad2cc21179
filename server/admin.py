"""What operators do to devices: `python -m server devices ...`, and the socket by which a running server is asked.

The socket is a file in the data folder that its owner alone may open: who may read the registers may ask. One line of
JSON goes in, one comes out. The rules are `server.enrolment`'s.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from server.devices import Devices, Standing
from server.enrolment import RefusedError, Wanted
from server.registers import Registers
from server.signing import ServerKey
from server.storage import DataFolder, Store
from sync.clock import SystemClock
from sync.enrolment import grouped
from sync.rights import Role
from sync.storage import StorageUnavailable

SOCKET = "admin.sock"
_LINE_MAX, _ANSWER_MAX = 1 << 20, 1 << 26
"""Bytes of a question, and of what a server that we run may answer: a list of all its accounts is long."""
_WITHIN_S = 30.0

Asked = Mapping[str, str]
Told = dict[str, object]


class AdminDoor:
    """Serves the socket in a thread of its own, one question after another."""

    def __init__(self, data: Path, devices: Devices, more: Mapping[str, Callable[[Asked], Told]] | None = None) -> None:
        """Open it, also for the questions in `more`, by their verbs. Raises OSError.

        What an earlier run left is removed (the folder's lock is ours).
        """
        self._path = data / SOCKET
        self._devices = devices
        self._more = more or {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with suppress(FileNotFoundError):
            self._path.unlink()
        with _short(data) as name:
            self._socket.bind(name)
        self._path.chmod(0o600)
        self._socket.listen(8)
        self._thread = threading.Thread(target=self._serve, name="admin", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                asking, _ = self._socket.accept()
            except OSError:
                return  # closed
            with asking, suppress(OSError):
                asking.settimeout(_WITHIN_S)
                told = self._answer(_line(asking))
                asking.sendall(json.dumps(told).encode() + b"\n")

    def _answer(self, line: bytes) -> Told:
        try:
            asked = json.loads(line)
        except ValueError:
            return {"refused": "INVALID", "why": "the question is no JSON"}
        if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
            return {"refused": "INVALID", "why": "the question has not the form that it has to have"}
        try:
            if asked.get("verb") in self._more:
                return self._more[asked["verb"]](asked)
            return do(self._devices, asked)
        except StorageUnavailable as error:
            return {"unavailable": str(error.reason)}


def do(devices: Devices, asked: Asked) -> Told:
    """Do what was asked for; refusals are told by code and words. Raises StorageUnavailable."""
    by = asked.get("by") or "operator"
    try:
        match asked.get("verb"):
            case "list":
                return {"devices": [_row(each) for each in devices.standings(asked.get("centre", ""))]}
            case "new-code":
                role = Role(asked["role"])
                code = devices.new_code(
                    Wanted(asked["centre"], role, asked.get("device", ""), asked.get("series", "")), by
                )
                told = {"code": grouped(code.code), "expires_at": code.expires_at.isoformat()}
                return {**told, "device": code.device, "role": str(code.role), "centre": code.centre}
            case "revoke":
                return {"device": asked["device"], "was_in_service": devices.revoke(asked["device"], by)}
    except RefusedError as error:
        return {"refused": error.why.name, "why": error.why.value}
    except (KeyError, ValueError):
        pass
    return {"refused": "INVALID", "why": "the question has not the form that it has to have"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `devices ...` to the command line."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, required=True)
    common.add_argument("--json", action="store_true", help="for programs")
    listing = verbs.add_parser("list", parents=[common], help="every device and how it stands")
    listing.add_argument("--centre", default="", help="of one centre")
    code = verbs.add_parser("new-code", parents=[common], help="a one-time code for a new device, or for one anew")
    code.add_argument("--centre", required=True)
    code.add_argument("--role", required=True, choices=[role.value for role in Role])
    code.add_argument("--device", default="", help="its name; the server finds one for a new device")
    code.add_argument("--series", default="", help="a kiosk's series; the server finds a free one")
    verbs.add_parser("server-key", parents=[common], help="the server's public key, for devices without a code")
    gone = verbs.add_parser("revoke", parents=[common], help="take a device out of service")
    gone.add_argument("device")
    for verb in (code, gone):
        verb.add_argument("--by", default=os.environ.get("SUDO_USER", ""), help="who does it, for the record")


def run(data: Path, chosen: argparse.Namespace, database: str = "") -> tuple[int, str]:
    """Ask the running server, or do it on its folder when none runs; return the exit status and what to print.

    1: refused; 75 (EX_TEMPFAIL): not now. Raises DataFolderError, VaultError, StorageUnavailable.
    """
    if chosen.verb == "server-key":
        public = ServerKey.read(data).public
        return 0, json.dumps({"server_key": public}) if chosen.json else public
    names = ("verb", "centre", "role", "device", "series", "by")
    asked = {name: value for name in names if (value := getattr(chosen, name, ""))}
    told = asked_of(data, asked, lambda store, registers: do(Devices(store, registers, SystemClock()), asked), database)
    return answer(told, lambda: _words(chosen.verb, told), as_json=chosen.json)


def halls(data: Path, *, as_json: bool) -> tuple[int, str]:
    """Ask the running server how far it is behind each centre; 1 for an alarm, 75 when it cannot be asked."""
    told = ask(data, {"verb": "halls"}) or {"unavailable": "the server does not run"}
    rows = told.get("halls")
    if not isinstance(rows, list):
        return 75, json.dumps(told) if as_json else f"not now: {told.get('unavailable', told.get('why'))}"
    status = 1 if any(row["state"] == "late" for row in rows) else 0
    columns = ("centre", "state", "behind", "behind_since", "heard_at")
    return status, json.dumps(told, ensure_ascii=False) if as_json else table(columns, rows)


def ask(data: Path, asked: Asked) -> Told | None:
    """Return the running server's answer, None when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(_WITHIN_S)
        try:
            with _short(data) as name:
                asking.connect(name)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            return {"unavailable": f"{data / SOCKET}: {error.strerror}"}
        try:
            asking.sendall(json.dumps(asked).encode() + b"\n")
            told = json.loads(_line(asking, _ANSWER_MAX))
        except (OSError, ValueError):
            return {"unavailable": "the server did not answer"}
        return told if isinstance(told, dict) else {"unavailable": "the server's answer is none"}


def asked_of(data: Path, asked: Asked, job: Callable[[Store, Registers], Told], database: str = "") -> Told:
    """Ask the running server, or do the job here while none runs.

    Raises DataFolderError, VaultError, StorageUnavailable.
    """
    told = ask(data, asked)
    return told if told is not None else alone(data, job, database)


def answer(told: Told, words: Callable[[], str], *, as_json: bool = False) -> tuple[int, str]:
    """Return the exit status (1: refused; 75, EX_TEMPFAIL: not now) and what to print, in `words` what was done."""
    status = 1 if "refused" in told else 75 if "unavailable" in told else 0
    if as_json:
        return status, json.dumps(told, ensure_ascii=False)
    return status, str(told["why"]) if status == 1 else f"not now: {told['unavailable']}" if status else words()


def alone(data: Path, job: Callable[[Store, Registers], Told], database: str = "") -> Told:
    """Do it here, while no server runs. Raises DataFolderError, VaultError, StorageUnavailable."""
    folder = DataFolder(data)
    try:
        store = Store(data, database)
        try:
            return job(store, store.call(Registers.read))
        finally:
            store.close()
    finally:
        folder.close()


def _row(standing: Standing) -> Told:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(standing).items()
    }


def _words(verb: str, told: Told) -> str:
    if verb == "new-code":
        return f"{told['code']}\n{told['role']} {told['device']} of {told['centre']}, until {told['expires_at']}"
    if verb == "revoke":
        return f"{told['device']}: {'revoked' if told['was_in_service'] else 'was revoked already'}"
    rows = told["devices"]
    assert isinstance(rows, list)
    told_rows = [row | {"state": f"forked since {row['forked_since']}"} if row["forked_since"] else row for row in rows]
    return table(("centre", "device", "role", "series", "incarnation", "state", "last_event_at"), told_rows)


def table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows in columns for a terminal."""
    lines = [tuple(columns), *(tuple(_cell(row[name]) for name in columns) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    cells = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in cells)


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value)


def _line(connection: socket.socket, most: int = _LINE_MAX) -> bytes:
    said = bytearray()
    while not said.endswith(b"\n") and len(said) < most and (piece := connection.recv(65536)):
        said += piece
    return bytes(said)


@contextmanager
def _short(data: Path) -> Iterator[str]:
    """Give the socket's name by way of the open folder: a socket's own path may have 107 bytes and no more."""
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
