"""The registers' side of enrolment: one-time codes, what a spent one makes, revocation. Jobs on a session, no HTTP.

A code is ten digits: four name it, six are secret and kept as argon2id. It holds for ten minutes and five tries, makes
one device, and gives the same answer again to the same key.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from argon2.exceptions import VerificationError
from sqlmodel import Session, col, delete, select

from queueing.wire import Stream
from server.planting import OWN_LOG, PINS
from server.registers import raise_revision
from server.tables import CentreRow, DeviceActRow, DeviceRow, EnrolmentRow, RetiredRow
from sync.enrolment import CODE_DIGITS, NAME_DIGITS
from sync.rights import Role

HOLDS = timedelta(minutes=10)
TRIES = 5
KEPT = timedelta(days=1)
"""A spent code answers its own device again for so long."""
SERIES_REST = timedelta(days=2)
"""A kiosk's series is given to nobody for so long after it was taken from one: its numbers may still wait."""
ALL_SERIES = (*"012345678", *(str(n) for n in range(90, 100)))

FORKED, REJOINED = "forked", "rejoined"

_DEVICE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Why(StrEnum):
    """Why something is not done; the value is for people."""

    CENTRE = "there is no such centre"
    DEVICE = "there is no such device in this centre"
    NAME = "a device's name is small letters, digits and hyphens, and not the server's own"
    ELSEWHERE = "the name belongs to another centre's device"
    ROLE = "this is another kind of device"
    SERIES = "the series is not free, or is none (one digit 0 to 8, or 90 to 99)"
    WRONG_CODE = "the code is not right"
    EXPIRED = "the code has expired"
    SPENT = "the code was used by another machine"
    EXHAUSTED = "the code was typed wrongly too often"
    PROOF = "the key does not sign what was sent"
    KEY = "this key belongs to a device already"


class RefusedError(Exception):
    """A rule says no."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was just made; `code` is told once and kept nowhere."""

    code: str
    device: str
    role: Role
    centre: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """What a code made."""

    device: str
    role: Role
    centre: str
    incarnation: int
    series: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """For which device a code is wanted. Without `device` the server names a new one; without `series` it chooses."""

    centre: str
    role: Role
    device: str = ""
    series: str = ""


def make_code(
    session: Session, wanted: Wanted, by: str, now: datetime, digits: Callable[[int], str] | None = None
) -> Code:
    """Make a one-time code; earlier ones for the same device hold no more. Raises RefusedError."""
    if session.get(CentreRow, wanted.centre) is None:
        raise RefusedError(Why.CENTRE)
    device = wanted.device or _free_name(session, wanted.role)
    if not _DEVICE_ID.fullmatch(device) or device == OWN_LOG:
        raise RefusedError(Why.NAME)
    known = _row(session, device)
    if known is not None and known.centre != wanted.centre:
        raise RefusedError(Why.ELSEWHERE)
    if known is not None and known.role != wanted.role:
        raise RefusedError(Why.ROLE)
    if wanted.series and (
        wanted.role is not Role.KIOSK or wanted.series not in _free_series(session, wanted.centre, now)
    ):
        raise RefusedError(Why.SERIES)
    session.exec(delete(EnrolmentRow).where(col(EnrolmentRow.expires_at) < now - KEPT))
    session.exec(delete(EnrolmentRow).where(col(EnrolmentRow.device) == device, col(EnrolmentRow.incarnation) == 0))
    make = digits or _random_digits
    taken = set(session.exec(select(EnrolmentRow.name)))
    name = next(each for each in iter(lambda: make(NAME_DIGITS), "") if each not in taken)
    secret = make(CODE_DIGITS - NAME_DIGITS)
    session.add(
        EnrolmentRow(
            name=name,
            secret_hash=PINS.hash(secret),
            centre=wanted.centre,
            device=device,
            role=wanted.role.value,
            series=wanted.series,
            made_at=now,
            made_by=by,
            expires_at=now + HOLDS,
        )
    )
    _note(session, device, known.incarnation if known is not None else 0, "code", by, now)
    return Code(name + secret, device, wanted.role, wanted.centre, now + HOLDS)


def take_try(session: Session, code: str) -> str:
    """Count one try at a code, before it is looked at; return the secret's hash. Raises RefusedError."""
    row = session.get(EnrolmentRow, code[:NAME_DIGITS])
    if row is None:
        raise RefusedError(Why.WRONG_CODE)
    if row.tries >= TRIES:
        raise RefusedError(Why.EXHAUSTED)
    row.tries += 1
    return row.secret_hash


def is_secret(secret_hash: str, code: str) -> bool:
    """Say whether a code's secret half is the one that was hashed; as slow as it is meant to be."""
    try:
        return PINS.verify(secret_hash, code[NAME_DIGITS:])
    except VerificationError:
        return False


def spend(session: Session, code: str, role: Role, public_key: str, hardware: str, now: datetime) -> Made:
    """Make the device that a code (whose secret was right) is for. Raises RefusedError."""
    row = session.get(EnrolmentRow, code[:NAME_DIGITS])
    if row is None:
        raise RefusedError(Why.WRONG_CODE)
    row.tries -= 1  # It was no wrong one.
    if row.role != role:
        raise RefusedError(Why.ROLE)
    if row.incarnation:
        if row.public_key != public_key:
            raise RefusedError(Why.SPENT)
        return Made(row.device, role, row.centre, row.incarnation, row.series)
    if row.expires_at <= now:
        raise RefusedError(Why.EXPIRED)
    if public_key in _known_keys(session):
        raise RefusedError(Why.KEY)
    row.series = _series_for(session, row, role, now)
    known = _row(session, row.device)
    if known is None:
        known = DeviceRow(
            centre=row.centre, id=row.device, role=row.role, series="", incarnation=0, public_key="", revoked=False
        )
        session.add(known)
    else:
        _retire(session, known, now)
    known.incarnation += 1
    known.series, known.public_key, known.revoked = row.series, public_key, False
    row.public_key, row.incarnation = public_key, known.incarnation
    raise_revision(session, row.centre)
    _note(session, row.device, known.incarnation, "enrolled", row.made_by, now, hardware)
    return Made(row.device, role, row.centre, known.incarnation, row.series)


def revoke(session: Session, device: str, by: str, now: datetime, centre: str = "", public_key: str = "") -> bool:
    """Take a device (of that centre) out of service; tell whether it was in. Raises RefusedError for an unknown one.

    With `public_key` only the machine that has this key: one that was enrolled anew meanwhile stays in.
    """
    known = _row(session, device)
    if known is None or centre not in ("", known.centre):
        raise RefusedError(Why.DEVICE)
    if public_key not in ("", known.public_key):
        return False
    session.exec(delete(EnrolmentRow).where(col(EnrolmentRow.device) == device, col(EnrolmentRow.incarnation) == 0))
    if known.revoked:
        return False
    _retire(session, known, now)
    known.revoked = True
    raise_revision(session, known.centre)
    _note(session, device, known.incarnation, "revoked", by, now)
    return True


def note_fork(session: Session, device: str, incarnation: int, now: datetime, *, is_fork: bool) -> None:
    """Keep that a device's log goes on from another history than the one that is known here, or does so no more."""
    _note(session, device, incarnation, FORKED if is_fork else REJOINED, "server", now)


def forks(session: Session) -> dict[Stream, datetime]:
    """Return the streams whose devices have another history than the one that is known here, and since when."""
    found = acts(session, (FORKED, REJOINED)).values()
    return {Stream(row.device, row.incarnation): row.at for row in found if row.act == FORKED}


def acts(session: Session, which: Iterable[str] = ("enrolled", "revoked")) -> dict[str, DeviceActRow]:
    """Return each device's newest act of these kinds."""
    rows = session.exec(
        select(DeviceActRow).where(col(DeviceActRow.act).in_(tuple(which))).order_by(col(DeviceActRow.id))
    )
    return {row.device: row for row in rows}


def waiting_codes(session: Session, now: datetime) -> list[EnrolmentRow]:
    """Return the codes that can still be used."""
    rows = session.exec(select(EnrolmentRow).where(col(EnrolmentRow.incarnation) == 0).order_by(EnrolmentRow.device))
    return [row for row in rows if row.expires_at > now and row.tries < TRIES]


def _row(session: Session, device: str) -> DeviceRow | None:
    return session.exec(select(DeviceRow).where(DeviceRow.id == device)).one_or_none()


def _free_name(session: Session, role: Role) -> str:
    """Return the first name of the kind that no device and no code has; names are the whole server's."""
    taken = {*session.exec(select(DeviceRow.id)), *session.exec(select(EnrolmentRow.device))}
    number = 1
    while f"{role}-{number}" in taken:
        number += 1
    return f"{role}-{number}"


def _free_series(session: Session, centre: str, now: datetime) -> list[str]:
    """Return the series that no kiosk of the centre has or had until lately."""
    used = {row.series for row in session.exec(select(DeviceRow).where(DeviceRow.centre == centre)) if not row.revoked}
    rests = select(RetiredRow).where(RetiredRow.centre == centre, col(RetiredRow.retired_at) > now - SERIES_REST)
    used |= {row.series for row in session.exec(rests)}
    return [series for series in ALL_SERIES if series not in used]


def _series_for(session: Session, row: EnrolmentRow, role: Role, now: datetime) -> str:
    if role is not Role.KIOSK:
        return ""
    # Also a kiosk that is enrolled anew gets another one: its numbers of today are out.
    free = _free_series(session, row.centre, now)
    if not free or row.series not in ("", *free):
        raise RefusedError(Why.SERIES)
    return row.series or free[0]


def _known_keys(session: Session) -> set[str]:
    return {*session.exec(select(DeviceRow.public_key)), *session.exec(select(RetiredRow.public_key))}


def _retire(session: Session, known: DeviceRow, now: datetime) -> None:
    if session.get(RetiredRow, (known.id, known.incarnation)) is None:
        session.add(
            RetiredRow(
                device=known.id,
                incarnation=known.incarnation,
                centre=known.centre,
                series=known.series,
                public_key=known.public_key,
                retired_at=now,
            )
        )


def _note(session: Session, device: str, incarnation: int, act: str, by: str, now: datetime, note: str = "") -> None:
    session.add(DeviceActRow(device=device, incarnation=incarnation, act=act, by=by, note=note, at=now))


def _random_digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
