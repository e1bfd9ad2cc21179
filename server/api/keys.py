"""The keys of other systems: made, revoked, recognised. Jobs on a session and the verbs over them; no HTTP.

A key is `dawr_<id>_<secret>`: the id finds its row, the secret has 256 random bits, so a bare hash of it gives nothing
away. It says what its holder may do, and at which centres.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import Session, col, select

from server.administration.roles import Asker, Held, Right
from server.api.tables import ApiKeyActRow, ApiKeyCentreRow, ApiKeyRow
from server.registers import Registers
from server.storage import Store
from sync.clock import Clock

BEGINS = "dawr_"
"""How every key begins: so that whoever finds one in a log or a repository knows what it is."""
_TEXT = re.compile(BEGINS + r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME_MOST = 64

_log = logging.getLogger(__name__)


class KeyRight(StrEnum):
    """What a key's holder may do at the key's centres."""

    READ = "read"
    """The centre's appointments, without who has them."""
    BOOK = "book"
    """Book, move and cancel for customers, as they would themselves."""
    MANAGE = "manage"
    """What administrators change of a centre: services, hours, slots, notices."""


_OF_ADMINISTRATION = {
    KeyRight.READ: frozenset({Right.SEE}),
    KeyRight.MANAGE: frozenset({Right.SEE, Right.CHANGE_CENTRE}),
}


class Why(StrEnum):
    """Why a key is not made or revoked."""

    NAME = "a key needs a name of at most 64 characters"
    RIGHTS = "a key may read, book or manage: name one of these at least"
    NO_SUCH_CENTRE = "there is no such centre"
    NO_SUCH_KEY = "there is no such key"


class RefusedError(Exception):
    """A rule says no."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder and its operator may see it."""

    id: str
    name: str
    centres: frozenset[str]
    rights: frozenset[KeyRight]
    made_at: datetime
    made_by: str
    last_used_on: date | None
    revoked_at: datetime | None

    def asker(self, address: str) -> Asker:
        """Return who the administration is asked by: the key, with what it may at each of its centres."""
        rights: frozenset[Right] = frozenset().union(*(_OF_ADMINISTRATION.get(each, ()) for each in self.rights))
        held = tuple(Held(centre, rights) for centre in sorted(self.centres)) if rights else ()
        return Asker(f"key:{self.id}", self.name, held, address)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made; `text` is told once and kept nowhere."""

    key: ApiKey
    text: str = field(repr=False)


class Keys:
    """The verbs. Each raises StorageUnavailable; what makes or ends a key raises RefusedError and is not for a loop."""

    def __init__(self, store: Store, registers: Registers, clock: Clock) -> None:
        self._store = store
        self._registers = registers
        self._clock = clock

    def make(self, name: str, centres: Sequence[str], rights: Sequence[str], by: str) -> NewKey:
        """Make a key for another system."""
        name = name.strip()
        if not 0 < len(name) <= _NAME_MOST:
            raise RefusedError(Why.NAME)
        if not rights or not set(rights) <= set(KeyRight):
            raise RefusedError(Why.RIGHTS)
        if not centres or not set(centres) <= self._registers.centres.keys():
            raise RefusedError(Why.NO_SUCH_CENTRE)
        now, key_id, secret = self._clock.now(), secrets.token_hex(6), secrets.token_urlsafe(32)

        def job(session: Session) -> ApiKey:
            row = ApiKeyRow(
                id=key_id,
                name=name,
                secret_hash=_hashed(secret),
                rights=sorted(set(rights)),
                made_at=now,
                made_by=by,
                revoked_by="",
            )
            session.add(row)
            session.flush()
            session.add_all(ApiKeyCentreRow(centre=centre, key=key_id) for centre in set(centres))
            return _told(row, centres)

        made = self._store.call(job)
        _log.info("key_made key=%s by=%s", made.id, by)
        return NewKey(made, f"{BEGINS}{key_id}_{secret}")

    def all(self, centre: str = "") -> list[ApiKey]:
        """Return every key (for a centre), revoked ones too, by name."""
        found = self._store.call(_all)
        return sorted((key for key in found if centre in ("", *key.centres)), key=lambda key: (key.name, key.id))

    def revoke(self, key_id: str, by: str) -> bool:
        """Let a key open nothing any more; tell whether it did until now."""
        now = self._clock.now()

        def job(session: Session) -> bool:
            row = session.get(ApiKeyRow, key_id)
            if row is None:
                raise RefusedError(Why.NO_SUCH_KEY)
            was_valid = row.revoked_at is None
            if was_valid:
                row.revoked_at, row.revoked_by = now, by
            return was_valid

        was_valid = self._store.call(job)
        _log.warning("key_revoked key=%s by=%s was_valid=%d", key_id, by, was_valid)
        return was_valid

    async def known(self, text: str) -> ApiKey | None:
        """Return whose key a text is, and note the day; None for what is no key, or one that was revoked."""
        parts = _TEXT.fullmatch(text)
        if parts is None:
            return None
        today, key_id, secret_hash = self._clock.now().date(), parts[1], _hashed(parts[2])

        def job(session: Session) -> ApiKey | None:
            row = session.get(ApiKeyRow, key_id)
            if row is None or not hmac.compare_digest(row.secret_hash, secret_hash) or row.revoked_at is not None:
                return None
            if row.last_used_on != today:
                # Not through the row: two requests at once would both change it, and neither needs to wait.
                session.execute(update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_on=today))
            centres = session.exec(select(ApiKeyCentreRow.centre).where(ApiKeyCentreRow.key == key_id)).all()
            return _told(row, centres)

        return await self._store.run(job)


def note(session: Session, key: ApiKey, act: str, centre: str, appointment: str, now: datetime) -> None:
    """Keep what was done with a key, in the transaction that does it."""
    session.add(
        ApiKeyActRow(centre=centre, id=secrets.token_hex(8), key=key.id, act=act, appointment=appointment, at=now)
    )


def _all(session: Session) -> list[ApiKey]:
    centres: dict[str, list[str]] = {}
    for row in session.exec(select(ApiKeyCentreRow)):
        centres.setdefault(row.key, []).append(row.centre)
    return [_told(row, centres.get(row.id, ())) for row in session.exec(select(ApiKeyRow))]


def _told(row: ApiKeyRow, centres: Sequence[str]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        centres=frozenset(centres),
        rights=frozenset(KeyRight(each) for each in row.rights),
        made_at=row.made_at,
        made_by=row.made_by,
        last_used_on=row.last_used_on,
        revoked_at=row.revoked_at,
    )


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
