"""A counter's claims: what was asked, read by hand (the hot path), and the command that it comes to.

It judges form and who may ask; whether it may happen is `queueing.decide`'s.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from hub.settings import StaffMember
from queueing import commands
from queueing.commands import Command
from queueing.cpr import ascii_digits
from queueing.decide import Reason, Refused
from queueing.state import State
from sync.problems import Problem

_CLAIM_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_TEXT_MAX = 200

SUPERVISORS = frozenset({"open_service", "close_service"})
"""Verbs that are a supervisor's alone. They need no counter."""


class Claim(NamedTuple):
    """One press of a key. `asked` is the hash of all of it, so that an id used twice for two things is found out."""

    id: str
    counter: str
    verb: str
    arguments: Mapping[str, Any]
    asked: str


def read_claim(body: bytes, clerk: StaffMember) -> Claim:
    """Return the claim that a request's body tells. Raises Problem 422."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _invalid("the body is JSON") from error
    if not isinstance(said, dict):
        raise _invalid("the body is an object")
    claim_id, counter, what = said.get("claim_id"), said.get("counter"), said.get("what")
    if not isinstance(claim_id, str) or not _CLAIM_ID.fullmatch(claim_id):
        raise _invalid("claim_id is a UUID")
    if not isinstance(what, dict) or not isinstance(what.get("verb"), str) or what["verb"] not in VERBS:
        raise _invalid("what.verb is one of " + ", ".join(VERBS))
    verb = what["verb"]
    if not isinstance(counter, str) or len(counter) > _TEXT_MAX or (not counter and verb not in SUPERVISORS):
        raise _invalid("counter is a counter's id")
    for name, value in what.items():
        for text in value if isinstance(value, list) else () if value is None else (value,):
            if not isinstance(text, str) or len(text) > _TEXT_MAX:
                raise _invalid(f"what.{name} is a text or a list of texts")
    # Texts alone: orjson's sorted JSON of them is the canonical one.
    asked = hashlib.sha256(orjson.dumps([counter, what, clerk.id], option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Claim(claim_id, counter, verb, what, asked)


def command_of(claim: Claim, clerk: StaffMember, state: State) -> Command:
    """Return the command that a claim comes to in a state (a typed number needs it).

    Raises Refused, and Problem 422 when an argument is missing.
    """
    if claim.verb not in SUPERVISORS:
        counter = state.counters.get(claim.counter)
        held = counter is not None and counter.status != "closed" and counter.clerk != clerk.id
        if held and claim.verb != "open" and clerk.role != "supervisor":
            raise Refused(Reason.COUNTER_OF_ANOTHER, counter=claim.counter)
    return VERBS[claim.verb](claim, clerk, state)


def _simple(command: type[commands.AtCounter]) -> Callable[[Claim, StaffMember, State], Command]:
    return lambda claim, clerk, state: command(claim.counter, claim.id)


def _call(claim: Claim, clerk: StaffMember, state: State) -> Command:
    ticket = claim.arguments.get("ticket")
    if ticket is None:
        number = _letters_and_digits(_needed(claim, "number"))
        found = state.by_number(number)
        if found is None:
            raise Refused(Reason.TICKET_UNKNOWN, number=number)
        ticket = found.id
    return commands.Call(claim.counter, claim.id, _is_text(ticket, "ticket"))


def _letters_and_digits(number: str) -> str:
    # A number as people type it: small letters, Arabic digits, blanks.
    return "".join(ascii_digits(sign) or sign for sign in number.upper() if sign.isalnum())


def _resume(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.Resume(claim.counter, claim.id, _needed(claim, "ticket"))


def _open(claim: Claim, clerk: StaffMember, state: State) -> Command:
    services = claim.arguments.get("services") or []
    if not isinstance(services, list):
        raise _invalid("what.services is a list of service ids")
    return commands.OpenCounter(claim.counter, claim.id, clerk.id, tuple(services))


def _pause(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.PauseCounter(claim.counter, claim.id, _needed(claim, "reason"))


def _park(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.Park(claim.counter, claim.id, _optional(claim, "reason") or "")


def _transfer(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.Transfer(
        claim.counter, claim.id, _optional(claim, "to_service") or None, _optional(claim, "to_counter") or None
    )


def _open_service(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.OpenService(_needed(claim, "service"), clerk.id)


def _close_service(claim: Claim, clerk: StaffMember, state: State) -> Command:
    return commands.CloseService(_needed(claim, "service"), clerk.id)


VERBS: Mapping[str, Callable[[Claim, StaffMember, State], Command]] = {
    "call_next": _simple(commands.CallNext),
    "call": _call,
    "recall": _simple(commands.Recall),
    "start_serving": _simple(commands.StartServing),
    "finish": _simple(commands.Finish),
    "mark_no_show": _simple(commands.MarkNoShow),
    "park": _park,
    "resume": _resume,
    "transfer": _transfer,
    "undo": _simple(commands.Undo),
    "open": _open,
    "pause": _pause,
    "close": _simple(commands.CloseCounter),
    "open_service": _open_service,
    "close_service": _close_service,
}
"""Every verb of POST /v1/claims."""


def _needed(claim: Claim, name: str) -> str:
    return _is_text(claim.arguments.get(name), name)


def _optional(claim: Claim, name: str) -> str | None:
    value = claim.arguments.get(name)
    return None if value is None else _is_text(value, name)


def _is_text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise _invalid(f"what.{name} is missing")
    return value


def _invalid(why: str) -> Problem:
    return Problem(422, "INVALID", "The request does not have the form that it has to have", why=why)
