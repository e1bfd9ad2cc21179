"""Signing in: one-time codes, registration at the first sign-in, sessions. Jobs on a session, no HTTP.

Whoever asks for a code is answered alike, and the same is done, whether or not somebody has that CPR: for nobody a code
is made, kept and thrown away. What is told apart is told only to who has the phone on record.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam
from sqlalchemy import select as columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select, update

from server.booking.answers import CodeSent, Customer, RefusedError, Why
from server.booking.notices import decide
from server.booking.registry import Person
from server.booking.seals import opened, opened_code, opened_customer, phone_of, seal_code, seal_customer
from server.booking.tables import CodeRow, SessionRow
from server.bookings import AGE_TO_BOOK, age_on
from server.tables import CustomerRow
from server.vault import Vault
from sms.message import Kind

DIGITS = 6
TRIES = 5
CODE_HOLDS = timedelta(minutes=5)
CODES = 3
CODES_WITHIN = timedelta(minutes=10)
"""So many codes for one CPR within that."""
BACK_OFF_WITHIN = timedelta(days=1)
SESSION_IDLE = timedelta(minutes=30)
SESSION_MOST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)

# Asked with every request of who is signed in: made once, and rows of plain columns.
_WHO = (
    columns(
        col(SessionRow.seen_at),
        col(SessionRow.made_at),
        col(SessionRow.lang),
        col(CustomerRow.id),
        col(CustomerRow.name),
        col(CustomerRow.born),
    )
    .join(CustomerRow, col(CustomerRow.id) == col(SessionRow.customer))
    .where(col(SessionRow.token_hash) == bindparam("which"))
)
_SEEN = update(SessionRow).where(col(SessionRow.token_hash) == bindparam("which")).values(seen_at=bindparam("now"))


def wait_for_code(unspent: Sequence[datetime], now: datetime) -> timedelta:
    """Return how long until another code may be asked for, after those of the last day that nobody used.

    Three in ten minutes; from the sixth on each three more double the ten minutes that have to pass after the last.
    """
    waits = [timedelta()]
    lately = sorted(at for at in unspent if at > now - CODES_WITHIN)
    if len(lately) >= CODES:
        waits.append(lately[-CODES] + CODES_WITHIN - now)
    if len(unspent) >= 2 * CODES:
        waits.append(max(unspent) + CODES_WITHIN * 2 ** min(len(unspent) // CODES - 2, 6) - now)
    return max(waits)


def make_code(session: Session, vault: Vault, cpr: str, person: Person | None, lang: str, now: datetime) -> CodeSent:
    """Make a code for whoever has a CPR, and have it sent where somebody has it. Raises RefusedError."""
    lookup = vault.customer_hash(cpr)
    unspent = session.exec(
        select(CodeRow.made_at).where(
            CodeRow.lookup == lookup, col(CodeRow.spent_at).is_(None), col(CodeRow.made_at) > now - BACK_OFF_WITHIN
        )
    ).all()
    wait = wait_for_code(unspent, now)
    if wait > timedelta():
        raise RefusedError(Why.TOO_MANY_CODES, retry_after_s=max(1, round(wait.total_seconds() + 0.5)))
    known = _customer(session, lookup)
    phone = person.phone if person is not None else phone_of(known, vault) if known is not None else ""
    row = CodeRow(
        id=secrets.token_hex(8), lookup=lookup, code=b"", phone=b"", lang=lang, made_at=now, expires_at=now + CODE_HOLDS
    )
    seal_code(row, vault, f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", phone)
    session.add(row)
    decide(session, Kind.ONE_TIME_CODE, "", row.id, now)
    return CodeSent(DIGITS, row.expires_at)


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in that was let in."""

    customer: Customer
    is_new: bool


def use_code(
    session: Session,
    vault: Vault,
    cpr: str,
    code: str,
    person: Person | None,
    declared: date | None,
    today: date,
    token: str,
    now: datetime,
) -> Entered | RefusedError:
    """Spend the newest code for a CPR and begin a session, or say why not.

    A refusal is given back, not raised: the try that it cost has to be committed.
    """
    lookup = vault.customer_hash(cpr)
    row = session.exec(
        select(CodeRow).where(CodeRow.lookup == lookup).order_by(col(CodeRow.made_at).desc()).limit(1)
    ).one_or_none()
    if row is None or row.expires_at <= now or row.spent_at is not None:
        return RefusedError(Why.CODE_EXPIRED)
    if not _takes_try(session, row.id):
        return RefusedError(Why.CODE_EXHAUSTED)
    right, phone = opened_code(row, vault)
    # Nobody's code has no phone, and is right for nobody.
    if not hmac.compare_digest(right.encode(), code.encode()) or not phone:
        return RefusedError(Why.WRONG_CODE)
    entered = admit(session, vault, cpr, person, declared, phone, row.lang, today, token, now)
    if isinstance(entered, RefusedError) and entered.why is Why.BIRTH_DATE:
        _gives_try_back(session, row.id)
    else:
        row.spent_at = now
    return entered


def admit(
    session: Session,
    vault: Vault,
    cpr: str,
    person: Person | None,
    declared: date | None,
    phone: str,
    lang: str,
    today: date,
    token: str,
    now: datetime,
) -> Entered | RefusedError:
    """Begin a session of somebody who is known to have a CPR, or say why not: BIRTH_DATE, UNDER_AGE."""
    entered = register(session, vault, cpr, person, declared, phone, today, now)
    if isinstance(entered, RefusedError):
        return entered
    session.get_one(CustomerRow, entered.customer.id).lang = lang
    session.flush()
    who_entered = entered.customer.id
    session.add(SessionRow(token_hash=hashed(token), customer=who_entered, lang=lang, made_at=now, seen_at=now))
    return Entered(replace(entered.customer, lang=lang), entered.is_new)


def register(
    session: Session,
    vault: Vault,
    cpr: str,
    person: Person | None,
    declared: date | None,
    phone: str,
    today: date,
    now: datetime,
    lang: str = "",
    *,
    is_proof: bool = False,
) -> Entered | RefusedError:
    """Register who has a CPR, or bring the row to what the registry says now; say why not: BIRTH_DATE, UNDER_AGE.

    `lang` is for who comes for the first time: the language that messages come in. `is_proof`: what is declared has to
    be the date of birth on record, where there is one.
    """
    row = _customer(session, vault.customer_hash(cpr))
    born = person.born if person is not None else None
    if born is None and row is not None:
        born = opened_customer(row, vault).born
    if is_proof and born not in (None, declared):
        return RefusedError(Why.BIRTH_DATE)
    born = born or declared
    if born is None or not date(1900, 1, 1) <= born <= today:
        return RefusedError(Why.BIRTH_DATE)
    if age_on(born, today) < AGE_TO_BOOK:
        return RefusedError(Why.UNDER_AGE)
    is_new = row is None or row.registered_at is None
    customer = _registered(session, vault, cpr, row, person, born, phone, now)
    if is_new and lang:
        customer.lang = lang
    session.flush()
    return Entered(opened_customer(customer, vault), is_new)


def known(session: Session, vault: Vault, cpr: str) -> Customer:
    """Return who has a CPR and is known here. Raises RefusedError: somebody who is not has no appointment."""
    row = _customer(session, vault.customer_hash(cpr))
    if row is None:
        raise RefusedError(Why.NO_SUCH_APPOINTMENT)
    return opened_customer(row, vault)


def who(session: Session, vault: Vault, token: str, now: datetime) -> Customer:
    """Return whose session a token is; being asked keeps it alive. Raises RefusedError."""
    found = session.connection().execute(_WHO, {"which": hashed(token)}).first()
    if found is None or now >= min(found.seen_at + SESSION_IDLE, found.made_at + SESSION_MOST):
        raise RefusedError(Why.SIGNED_OUT)
    if now - found.seen_at >= _SEEN_EVERY:
        session.connection().execute(_SEEN, {"which": hashed(token), "now": now})
    return opened(found.id, found.name, found.born, found.lang, vault)


def end(session: Session, token: str) -> None:
    """End a token's session, if there is one."""
    session.execute(delete(SessionRow).where(col(SessionRow.token_hash) == hashed(token)))


def forget_old(session: Session, now: datetime) -> None:
    """Delete the sessions that are over and the codes that nobody can use any more."""
    session.execute(delete(SessionRow).where(col(SessionRow.seen_at) < now - SESSION_IDLE))
    session.execute(delete(SessionRow).where(col(SessionRow.made_at) < now - SESSION_MOST))
    session.execute(delete(CodeRow).where(col(CodeRow.made_at) < now - BACK_OFF_WITHIN))


def hashed(token: str) -> str:
    """Return what is kept of a token: it has 256 random bits, so a bare hash gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()


def _customer(session: Session, lookup: str) -> CustomerRow | None:
    return session.exec(select(CustomerRow).where(CustomerRow.lookup == lookup)).one_or_none()


def _takes_try(session: Session, code_id: str) -> bool:
    """Count a try before it is looked at; False when there were enough. Also with two at once."""
    done = session.execute(
        update(CodeRow)
        .where(col(CodeRow.id) == code_id, col(CodeRow.tries) < TRIES)
        .values(tries=col(CodeRow.tries) + 1)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], done).rowcount == 1


def _gives_try_back(session: Session, code_id: str) -> None:
    session.execute(
        update(CodeRow)
        .where(col(CodeRow.id) == code_id)
        .values(tries=col(CodeRow.tries) - 1)
        .execution_options(synchronize_session=False)
    )


def _new_customer(session: Session, vault: Vault, cpr: str) -> CustomerRow:
    """Add a customer's row, or return the one that somebody else has just added for the same CPR."""
    lookup = vault.customer_hash(cpr)
    row = CustomerRow(id=secrets.token_hex(8), lookup=lookup, cpr=b"", born=b"", name=b"")
    seal_customer(row, vault, cpr=cpr, name="{}")
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return session.exec(select(CustomerRow).where(CustomerRow.lookup == lookup)).one()
    return row


def _registered(
    session: Session,
    vault: Vault,
    cpr: str,
    row: CustomerRow | None,
    person: Person | None,
    born: date,
    phone: str,
    now: datetime,
) -> CustomerRow:
    """Return the customer's row, brought to what the registry says now."""
    if row is None:
        row = _new_customer(session, vault, cpr)
    seal_customer(row, vault, born=born.isoformat())
    if phone:
        seal_customer(row, vault, phone=phone)
    if person is not None and person.name:
        seal_customer(row, vault, name=json.dumps(dict(person.name), ensure_ascii=False, sort_keys=True))
    row.registered_at = row.registered_at or now
    return row
