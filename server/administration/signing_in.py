"""Who administers signs in: name and password, sessions, back-off against guessing. Jobs on a session, no HTTP.

A name that nobody has is answered as one with a wrong password is, and counted alike. Hashing is slow on purpose and is
done outside the jobs.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select, update

from server.administration.answers import RefusedError, Why
from server.administration.house import tree_of
from server.administration.roles import Asker, Held, Role, rights_of
from server.administration.tables import AccountRow, AccountSessionRow, GrantRow, GuessRow
from server.booking.signing_in import hashed
from server.planting import PINS
from server.postgres import one_at_a_time

SESSION_IDLE = timedelta(minutes=30)
SESSION_MOST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)
FREE_TRIES = 5
"""Wrong passwords in a row for a name before it has to wait."""
BACK_OFF = timedelta(seconds=30)
"""After the last of them; each one more doubles it."""
BACK_OFF_MOST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
PASSWORD_LEAST, PASSWORD_MOST = 12, 128
"""NIST SP 800-63B asks for length, not for kinds of characters."""


def wait_after(misses: int) -> timedelta:
    """Return how long a name has to wait after so many wrong passwords in a row."""
    if misses < FREE_TRIES:
        return timedelta()
    doubled: timedelta = BACK_OFF * 2 ** min(misses - FREE_TRIES, 10)
    return min(doubled, BACK_OFF_MOST)


def normal(name: str) -> str:
    """Return a name as it is kept."""
    return name.strip().lower()


def take_try(session: Session, name: str, now: datetime) -> str:
    """Count a try, before it is looked at; return the hash that the password has to match. Raises RefusedError."""
    key = hashlib.sha256(normal(name).encode()).hexdigest()
    # Else as many tries as there are connections would count as one.
    one_at_a_time(session, f"guess/{key}")
    row = session.get(GuessRow, key)
    if row is not None and now - row.at >= FORGOTTEN_AFTER:
        row.misses = 0
    if row is not None and (wait := row.at + wait_after(row.misses) - now) > timedelta():
        raise RefusedError(Why.TOO_MANY, retry_after_s=max(1, round(wait.total_seconds() + 0.5)))
    if row is None:
        session.add(GuessRow(name_hash=key, misses=1, at=now))
    else:
        row.misses, row.at = row.misses + 1, now
    account = _named(session, name)
    return account.password_hash if account is not None and account.password_hash else _nobodys()


@cache
def _nobodys() -> str:
    """Return what is looked at for a name that nobody has, so that the time taken tells nothing."""
    return PINS.hash(secrets.token_urlsafe(16))


def hash_of(password: str) -> str:
    """Return a password's hash; as slow as it is meant to be."""
    return PINS.hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Say whether a password is the one that was hashed; as slow as it is meant to be."""
    try:
        return PINS.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def check_strength(name: str, password: str) -> None:
    """Refuse a password that is too easily guessed, or longer than anybody types."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST or normal(password) == normal(name):
        raise RefusedError(Why.WEAK_PASSWORD)


def begin(session: Session, account: AccountRow, token: str, origin: str, now: datetime) -> Asker:
    """Begin a session for an account that has proven who it is."""
    account.seen_at = now
    session.add(AccountSessionRow(token_hash=hashed(token), account=account.id, made_at=now, seen_at=now))
    forgive(session, account.name)
    session.execute(delete(AccountSessionRow).where(col(AccountSessionRow.seen_at) < now - SESSION_IDLE))
    session.execute(delete(GuessRow).where(col(GuessRow.at) < now - FORGOTTEN_AFTER))
    return replace(asker_of(session, account, origin), session=hashed(token))


def forgive(session: Session, name: str) -> None:
    """Forget the wrong passwords of a name: the right one was typed."""
    key = hashlib.sha256(normal(name).encode()).hexdigest()
    session.execute(delete(GuessRow).where(col(GuessRow.name_hash) == key))


def enter(session: Session, name: str, token: str, origin: str, now: datetime) -> Asker:
    """Begin a session for whom the password of a name was right. Raises RefusedError."""
    account = _named(session, name)
    if account is None or account.disabled_at is not None:
        raise RefusedError(Why.WRONG_PASSWORD)
    return begin(session, account, token, origin, now)


def enter_by_subject(session: Session, subject: str, token: str, origin: str, now: datetime) -> Asker:
    """Begin a session for whom a national sign-on has proven. Raises RefusedError."""
    rows = session.exec(select(AccountRow).where(AccountRow.subject == subject)).all() if subject else []
    account = next((row for row in rows if row.disabled_at is None), None)
    if account is None:
        raise RefusedError(Why.NO_SUCH_ACCOUNT)
    if account.must_change:
        # Nobody needs the password that somebody else has seen.
        account.password_hash, account.must_change = "", False
    return begin(session, account, token, origin, now)


def who(session: Session, token: str, origin: str, now: datetime) -> Asker:
    """Return whose session a token is; being asked keeps it alive. Raises RefusedError."""
    row = session.get(AccountSessionRow, hashed(token))
    if row is None or now >= min(row.seen_at + SESSION_IDLE, row.made_at + SESSION_MOST):
        raise RefusedError(Why.SIGNED_OUT)
    account = session.get_one(AccountRow, row.account)
    if account.disabled_at is not None:
        raise RefusedError(Why.SIGNED_OUT)
    if now - row.seen_at >= _SEEN_EVERY:
        # Not through the row: it may have been signed out of at this very moment.
        session.execute(
            update(AccountSessionRow).where(col(AccountSessionRow.token_hash) == row.token_hash).values(seen_at=now)
        )
    return replace(asker_of(session, account, origin), session=row.token_hash)


def end(session: Session, token: str) -> None:
    """End a token's session, if there is one."""
    session.execute(delete(AccountSessionRow).where(col(AccountSessionRow.token_hash) == hashed(token)))


def end_all(session: Session, account_id: str, but: str = "") -> None:
    """End all sessions of an account, but one by its hash."""
    session.execute(
        delete(AccountSessionRow).where(
            col(AccountSessionRow.account) == account_id, col(AccountSessionRow.token_hash) != but
        )
    )


@dataclass(frozen=True, slots=True)
class Own:
    """What is needed of an account to change its own password."""

    id: str
    name: str


def own(session: Session, asker: Asker) -> Own:
    """Return the account that asks. Raises RefusedError where none does but a key or the door."""
    kind, _, identity = asker.id.partition(":")
    account = session.get(AccountRow, identity) if kind == "account" else None
    if account is None:
        raise RefusedError(Why.NO_SUCH_ACCOUNT)
    return Own(account.id, account.name)


def asker_of(session: Session, account: AccountRow, origin: str) -> Asker:
    """Return an account as one that asks, with its rights as they are now."""
    grants = session.exec(select(GrantRow).where(GrantRow.account == account.id)).all()
    held = tuple(Held(row.body, rights_of(Role(row.role))) for row in grants)
    return Asker(
        f"account:{account.id}",
        account.shown,
        held,
        origin,
        must_change=account.must_change,
        tree=tree_of(session),
    )


def _named(session: Session, name: str) -> AccountRow | None:
    return session.exec(select(AccountRow).where(AccountRow.name == normal(name))).one_or_none()
