"""The device's side of enrolment: a one-time code and a key made on the spot become a device of a centre.

    POST /v1/enrol {code, role, public_key, proof, hardware} -> {device, role, centre, incarnation, series, server_key}

The private key never leaves the machine; `proof` is its signature over code, role and public key. The key waits in a
file of its own until the answer is on the disk, so that a lost answer is asked for again with the same key, and gets
the same answer. It decides nothing: who may be enrolled as what is the server's.
"""

from __future__ import annotations

import base64
import platform
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import requests

from sync import enrolled
from sync.enrolled import Enrolled, EnrolledError
from sync.identity import KEY_FILE, DeviceKey, IdentityError

TARGET = "/v1/enrol"
CODE_DIGITS = 10
"""Four that name the code, six that are secret."""
NAME_DIGITS = 4
TIMEOUT_S = 15.0


class EnrolmentRefused(Exception):  # noqa: N818  # the house names failures by kind: refused
    """The server will not have it; `code` says why (WRONG_CODE, EXPIRED, SPENT, ROLE, SERIES, ...)."""

    def __init__(self, code: str, title: str = "") -> None:
        super().__init__(title or code)
        self.code = code


class EnrolmentUnavailable(Exception):  # noqa: N818
    """Nobody answered, or the disk did not take it: the same code may be tried again, it is not spent twice.

    `code` says why, where anybody said it (NO_SERVER, TOO_MANY); NO_ANSWER when nobody answered, DISK for this disk.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def digits_of(text: str) -> str | None:
    """Return a typed code's ten digits, whatever spaces, hyphens and kind of digits it has; None when it is none."""
    signs = [sign for sign in text if not sign.isspace() and unicodedata.category(sign) not in ("Pd", "Cf")]
    digits = "".join(str(unicodedata.decimal(sign, "x")) for sign in signs)
    return digits if len(digits) == CODE_DIGITS and digits.isdecimal() else None


def grouped(code: str) -> str:
    """Return a code as people read it out: 4821-739-405."""
    return f"{code[:4]}-{code[4:7]}-{code[7:]}"


def proof_of(code: str, role: str, public_key: str) -> bytes:
    """Return what the new key signs to show that its private half is there."""
    return "\n".join(("dawr-enrol-1", code, role, public_key)).encode("ascii")


def enrol(
    url: str, code: str, role: str, data: Path, post: Callable[..., requests.Response] = requests.post
) -> Enrolled:
    """Enrol this machine at the hub or server at `url`; afterwards its key and `enrolled.json` are in `data`.

    Raises EnrolmentRefused and EnrolmentUnavailable; ValueError when `code` is none.
    """
    digits = digits_of(code)
    if digits is None:
        raise ValueError(f"a code has {CODE_DIGITS} digits")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        completed = settle(data)
        if completed is not None:
            return completed  # The power went between the answer and the key's place.
        waiting = data / enrolled.WAITING
        key = DeviceKey.load(waiting) if (waiting / KEY_FILE).exists() else DeviceKey.make(waiting)
    except (OSError, IdentityError) as error:
        raise EnrolmentUnavailable(str(error), "DISK") from error
    proof = base64.b64encode(key.sign(proof_of(digits, role, key.public))).decode("ascii")
    asked = {"code": digits, "role": role, "public_key": key.public, "proof": proof, "hardware": hardware()}
    try:
        answer = post(url.rstrip("/") + TARGET, json=asked, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise EnrolmentUnavailable(f"{url}: no answer ({type(error).__name__})", "NO_ANSWER") from error
    said = _object(answer)
    if answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
        if said.get("code") == "KEY":
            # An earlier code's answer was lost and another code is typed now: the next try is made with another key.
            with suppress(OSError):
                (waiting / KEY_FILE).unlink()
        raise EnrolmentRefused(str(said.get("code")), str(said.get("title", "")))
    if answer.status_code != HTTPStatus.OK:
        code = str(said.get("code", ""))
        raise EnrolmentUnavailable(f"{url}: answered {answer.status_code} {code}".rstrip(), code)
    try:
        who = enrolled.from_json({**said, "public_key": key.public})
    except (KeyError, TypeError) as error:
        raise EnrolmentUnavailable(f"{url}: the answer is no enrolment") from error
    try:
        enrolled.keep(data, who)
        settle(data)
    except (OSError, IdentityError) as error:
        raise EnrolmentUnavailable(f"{data}: {error}", "DISK") from error
    return who


def settle(data: Path) -> Enrolled | None:
    """Put the accepted key in its place; return who it is for, None when no key was waiting for its place.

    Raises OSError, IdentityError.

    The order is: the answer on the disk, then the key's one rename. A key that no answer names stays where it waits. A
    machine whose old enrolment is unreadable is enrolled anew, and does not stay shut out by it.
    """
    waiting = data / enrolled.WAITING
    try:
        who = enrolled.enrolled(data)
    except EnrolledError:
        who = None
    if who is None or not (waiting / KEY_FILE).exists() or DeviceKey.load(waiting).public != who.public_key:
        return None
    (waiting / KEY_FILE).replace(data / KEY_FILE)
    enrolled.unmark(data)
    with suppress(OSError):
        waiting.rmdir()
    return who


def hardware() -> str:
    """Return what tells operators which machine it was: its name and kind, nothing of a person."""
    return f"{platform.node()} {platform.machine()}"[:80]


def _object(answer: requests.Response) -> Mapping[str, object]:
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
