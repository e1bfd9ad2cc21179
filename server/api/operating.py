"""What operators do to other systems' keys: `python -m server keys ...`, through the running server's admin door."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from server import admin
from server.admin import Asked, Told
from server.api.keys import ApiKey, KeyRight, Keys, RefusedError
from server.registers import Registers
from server.storage import Store
from sync.clock import SystemClock

KEY_VERBS = ("keys-add", "keys-list", "keys-revoke")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `keys ...` to the command line."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, required=True)
    common.add_argument("--json", action="store_true", help="for programs")
    add = verbs.add_parser("add", parents=[common], help="a key for another system; it is shown this once")
    add.add_argument("--name", required=True, help="whose it is, for the list")
    add.add_argument("--centre", required=True, nargs="+", metavar="CENTRE", help="the centres that it is for")
    rights = ", ".join(KeyRight)
    add.add_argument("--may", required=True, help=f"what it may do there, with commas between: {rights}")
    listing = verbs.add_parser("list", parents=[common], help="every key, its rights, and the day of its last use")
    listing.add_argument("--centre", default="", help="for one centre")
    gone = verbs.add_parser("revoke", parents=[common], help="let a key open nothing any more")
    gone.add_argument("key", help="its id, the middle part of the key")
    for verb in (add, gone):
        verb.add_argument("--by", default=os.environ.get("SUDO_USER", ""), help="who does it, for the record")


def do_to_keys(keys: Keys, asked: Asked) -> Told:
    """Do what was asked for; refusals are told by code and words. Raises StorageUnavailable."""
    by = asked.get("by") or "operator"
    try:
        match asked["verb"]:
            case "keys-add":
                made = keys.make(asked["name"], asked["centres"].split(","), asked["may"].split(","), by)
                return {"key": made.text, **_row(made.key)}
            case "keys-list":
                return {"keys": [_row(each) for each in keys.all(asked.get("centre", ""))]}
            case "keys-revoke":
                return {"id": asked["key"], "was_valid": keys.revoke(asked["key"], by)}
    except RefusedError as error:
        return {"refused": error.why.name, "why": error.why.value}
    except (KeyError, AttributeError):
        pass
    return {"refused": "INVALID", "why": "the question has not the form that it has to have"}


def run(data: Path, chosen: argparse.Namespace, database: str = "") -> tuple[int, str]:
    """Ask the running server, or do it on its folder when none runs; return the exit status and what to print.

    1: refused; 75 (EX_TEMPFAIL): not now. Raises DataFolderError, VaultError, StorageUnavailable.
    """
    asked = {"verb": f"keys-{chosen.verb}"}
    asked |= {name: value for name in ("name", "may", "key", "by") if (value := getattr(chosen, name, ""))}
    centres = chosen.centre if chosen.verb == "add" else []
    asked |= {"centres": ",".join(centres)} if centres else {"centre": getattr(chosen, "centre", "")}

    def alone(store: Store, registers: Registers) -> Told:
        return do_to_keys(Keys(store, registers, SystemClock()), asked)

    told = admin.asked_of(data, asked, alone, database)
    return admin.answer(told, lambda: _words(chosen.verb, told), as_json=chosen.json)


def _row(key: ApiKey) -> Told:
    return {
        "id": key.id,
        "name": key.name,
        "centres": ",".join(sorted(key.centres)),
        "may": ",".join(sorted(key.rights)),
        "made_at": key.made_at.isoformat(),
        "made_by": key.made_by,
        "last_used_on": key.last_used_on.isoformat() if key.last_used_on else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def _words(verb: str, told: Told) -> str:
    if verb == "add":
        return f"{told['key']}\n{told['name']} may {told['may']} at {told['centres']}; this is shown once"
    if verb == "revoke":
        return f"{told['id']}: {'revoked' if told['was_valid'] else 'was revoked already'}"
    rows = told["keys"]
    assert isinstance(rows, list)
    return admin.table(("id", "name", "centres", "may", "last_used_on", "revoked_at"), rows)
