"""What operators do at the machine itself: `python -m server accounts ...`, `holidays ...`, by the server's admin door.

Who may open the data folder may do so: that is how the first account comes to be. The rules are the verbs' own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from server import admin
from server.admin import Asked, Told
from server.administration.accounts import DOOR, Accounts
from server.administration.answers import Account, Grant, How, RefusedError, Why
from server.administration.centres import Centres
from server.administration.days import Days
from server.administration.desk import Administration
from server.administration.displaced import Displacements
from server.administration.house import House
from server.administration.roles import Asker, Role
from server.registers import Registers
from server.storage import Store
from sync.clock import SystemClock

VERBS = ("accounts-add", "accounts-list", "accounts-reset-password", "holidays-import")
_HOWS = ("move", "cancel")


def verbs_of(administration: Administration) -> Mapping[str, Callable[[Asked], Told]]:
    """Return what a running server's door does."""
    return {verb: partial(do, administration.accounts, administration.days) for verb in VERBS}


def do(accounts: Accounts, days: Days, asked: Asked) -> Told:
    """Do what was asked for; refusals are told by code and words. Not in an event loop. Raises StorageUnavailable."""
    try:
        return asyncio.run(_done(accounts, days, asked))
    except RefusedError as error:
        told: Told = {"refused": error.why.name, "why": error.why.value}
        if error.errors:
            told["why"] = "\n".join(error.errors)
        if error.displaced is not None:
            told["booked"] = error.displaced.count
        return told
    except (KeyError, ValueError):
        return {"refused": "INVALID", "why": "the question has not the form that it has to have"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `accounts ...` to the command line."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, required=True)
    common.add_argument("--json", action="store_true", help="for programs")
    add = verbs.add_parser("add", parents=[common], help="an account; its password is shown this once")
    add.add_argument("--name", required=True, help="to sign in with")
    add.add_argument("--shown", default="", help="the name that others see")
    add.add_argument("--role", default=Role.ADMINISTRATOR.value, choices=[role.value for role in Role])
    add.add_argument("--body", default="", help="ministry, department or centre; without it the whole server")
    verbs.add_parser("list", parents=[common], help="every account with its roles")
    reset = verbs.add_parser("reset-password", parents=[common], help="a new password, shown this once")
    reset.add_argument("name")
    for verb in (add, reset):
        verb.add_argument("--by", default=os.environ.get("SUDO_USER", ""), help="who does it, for the record")


def run(data: Path, chosen: argparse.Namespace, database: str = "") -> tuple[int, str]:
    """Ask the running server, or do it on its folder when none runs; return the exit status and what to print.

    1: refused; 75 (EX_TEMPFAIL): not now. Raises DataFolderError, VaultError, StorageUnavailable.
    """
    asked = {"verb": f"accounts-{chosen.verb}"}
    asked |= {name: value for name in ("name", "shown", "role", "body", "by") if (value := getattr(chosen, name, ""))}
    told = asked_of(data, asked, database)
    return admin.answer(told, lambda: _words(chosen.verb, told), as_json=chosen.json)


def import_holidays(
    data: Path, calendar: bytes, centres: list[str], booked: str, database: str = ""
) -> tuple[int, str]:
    """Import holidays for centres ("": for all), also while the server runs; return the status and what to print."""
    lines = []
    for centre in centres:
        asked = {"verb": "holidays-import", "body": centre, "calendar": calendar.decode("utf-8", "replace")}
        told = asked_of(data, asked | ({"booked": booked} if booked else {}), database)
        if told.get("refused") == Why.DISPLACES.name:
            stands = f"{told['booked']} appointments stand on these days"
            return 1, f"{stands}: say --booked move or --booked cancel; each customer is told"
        if told.get("refused") == Why.NO_SUCH_BODY.name:
            return 1, f"no such centre: {centre}"
        status, words = admin.answer(told, str)
        if status:
            return status, words
        lines.append(f"{told['added']} added, {told['renamed']} renamed, {told['removed']} taken back")
        if told["booked"]:
            lines.append(f"{told['booked']} appointments stood on these days; their customers are told")
    return 0, "\n".join(lines)


def asked_of(data: Path, asked: Asked, database: str) -> Told:
    """Ask the running server, or do it here while none runs. Raises DataFolderError, VaultError, StorageUnavailable."""
    return admin.asked_of(data, asked, lambda *ground: do(*_alone(*ground), asked), database)


def _alone(store: Store, registers: Registers) -> tuple[Accounts, Days]:
    clock = SystemClock()
    house = House(store, registers, clock)
    return Accounts(house), Days(house, Centres(house, Displacements(store, registers, clock)))


async def _done(accounts: Accounts, days: Days, asked: Asked) -> Told:
    asker = _asker(asked)
    match asked["verb"]:
        case "accounts-add":
            grant = Grant(asked.get("body", ""), Role(asked["role"]))
            made = await accounts.add(asker, asked["name"], asked.get("shown", ""), grant)
            return _row(made.account) | {"password": made.password}
        case "accounts-list":
            return {"accounts": [_row(each) for each in await accounts.all(asker)]}
        case "accounts-reset-password":
            found = [each for each in await accounts.all(asker) if each.name == asked["name"].strip().lower()]
            if not found:
                raise RefusedError(Why.NO_SUCH_ACCOUNT)
            anew = await accounts.reset_password(asker, found[0].id)
            return _row(anew.account) | {"password": anew.password}
        case "holidays-import":
            how = asked.get("booked")
            if how is not None and how not in _HOWS:
                raise ValueError(how)
            done = await days.import_holidays(
                asker, asked.get("body", ""), asked["calendar"].encode(), cast(How | None, how)
            )
            counts: Told = {"added": done.added, "renamed": done.renamed, "removed": done.removed}
            return counts | {"booked": done.displaced.count}
    raise ValueError(asked["verb"])


def _asker(asked: Asked) -> Asker:
    return replace(DOOR, name=asked.get("by") or DOOR.name)


def _row(account: Account) -> Told:
    roles = ",".join(f"{grant.role.value}@{grant.body or 'server'}" for grant in account.grants)
    return {
        "id": account.id,
        "name": account.name,
        "shown": account.shown,
        "roles": roles,
        "disabled": account.disabled,
        "seen_at": account.seen_at.isoformat() if account.seen_at else None,
    }


def _words(verb: str, told: Told) -> str:
    if verb != "list":
        return (
            f"{told['password']}\n{told['name']} is {told['roles']}; the password is to be changed at the first sign-in"
        )
    rows = told["accounts"]
    assert isinstance(rows, list)
    return admin.table(("name", "shown", "roles", "disabled", "seen_at"), rows)
