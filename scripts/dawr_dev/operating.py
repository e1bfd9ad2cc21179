"""What an operator does at the demonstration's server: a device's one-time code, an account that administers.

The server's own commands are called in this process, which loads them once; a server that runs is asked at its door.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.dawr_dev.processes import ProcessError
from server import admin
from server.administration.operating import asked_of
from server.administration.roles import Role

_ACCOUNT = "demo"
_KEPT = "administrator.json"


@dataclass(frozen=True, slots=True)
class Administrator:
    """An account of the whole server; its password counts until it has chosen another, at its first sign-in."""

    name: str
    password: str


def new_code(data: Path, database: str, centre: str, role: str, device: str = "") -> str:
    """Make a one-time code, as `python -m server devices new-code` does; `data` is the server's. Raise ProcessError."""
    parser = argparse.ArgumentParser()
    admin.add_arguments(parser)
    wanted = ["--centre", centre, "--role", role, "--device", device]
    words = ["new-code", *wanted, "--by", "demo", "--json", "--config", "unused"]
    status, said = admin.run(data, parser.parse_args(words), database)
    if status:
        raise ProcessError(f"no code for {device or role}: {said}")
    return str(json.loads(said)["code"])


def administrator(folder: Path, data: Path, database: str) -> Administrator:
    """Return the account of this demonstration, whose first password is kept in `folder`; made when it has none.

    `data` is the server's. Raises ProcessError.
    """
    kept = folder / _KEPT
    if kept.exists():
        return Administrator(**json.loads(kept.read_text(encoding="utf-8")))
    asked = {"verb": "accounts-add", "name": _ACCOUNT, "shown": "Demo", "role": Role.ADMINISTRATOR.value, "body": ""}
    told = asked_of(data, asked, database)
    if "password" not in told:
        raise ProcessError(f"no account that administers: {told}")
    made = Administrator(_ACCOUNT, str(told["password"]))
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made
