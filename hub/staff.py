"""Who sits at a counter: names, PINs and sessions of the staff. It knows no HTTP and no rule of the queue.

A PIN is checked against argon2id's hash, as slowly for a name that does not exist; wrong ones are limited by name
and by address. A session is 128 random bits in a cookie; only their hash is kept, so a copy of the log signs nobody in.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.limits import Limit
from hub.settings import Settings, StaffMember
from queueing.wire import instant_from_wire, instant_to_wire
from sync.clock import Clock
from sync.log import Transaction
from sync.writer import LogWriter

SESSION = timedelta(hours=12)
TRIES_OF_A_NAME = 5
TRIES_OF_AN_ADDRESS = 30
TRIES_WITHIN_S = 600.0

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$ZPfIe9ZRckGRmVdP1dHZhQ$lGb4ID0ORQiPPEJwoKjOpjEYfHQ56NiBEkUI0Fld7tE"
"""Checked for names that do not exist: the work of a default hash, and nobody's PIN (256 random bits, thrown away)."""

_log = logging.getLogger(__name__)


class WrongPinError(Exception):
    """The name and the PIN do not belong together; which of them is wrong is not told."""


class TooManyTriesError(Exception):
    """Try again after `wait_s` seconds, with whatever PIN."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(str(wait_s))
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class _Session:
    staff: str
    pin_mark: str
    ends_at: datetime


class StaffDoor:
    """Lets staff in and knows them again. For one event loop; `start` before it serves."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        writer: LogWriter,
        clock: Clock,
        *,
        token: Callable[[], str] = lambda: secrets.token_hex(16),
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._settings = settings
        self._writer = writer
        self._clock = clock
        self._token = token
        self._hasher = hasher or PasswordHasher()
        self._of_name = Limit(TRIES_OF_A_NAME, TRIES_WITHIN_S, clock.monotonic)
        self._of_address = Limit(TRIES_OF_AN_ADDRESS, TRIES_WITHIN_S, clock.monotonic)
        self._sessions: dict[str, _Session] = {}
        # One at a time: argon2 takes 64 MiB and a core, and calls must go on meanwhile.
        self._hashing = ThreadPoolExecutor(1, thread_name_prefix="pin")

    def start(self) -> None:
        """Read the sessions that are kept. Raises StorageUnavailable."""
        now = self._clock.now()

        def read(tx: Transaction) -> list[tuple[str, str, str, str]]:
            tx.connection.execute("DELETE FROM session WHERE ends_at <= ?", (instant_to_wire(now),))
            return tx.connection.execute("SELECT token_hash, staff, pin_mark, ends_at FROM session").fetchall()

        for token_hash, staff, pin_mark, ends_at in self._writer.submit(read).result():
            self._sessions[token_hash] = _Session(staff, pin_mark, instant_from_wire(ends_at))

    def close(self) -> None:
        """End the thread that checks PINs."""
        self._hashing.shutdown(cancel_futures=True)

    def members(self) -> list[StaffMember]:
        """Return who may sign in, in the order of the settings."""
        return list(self._settings().staff.values())

    async def sign_in(self, staff: str, pin: str, address: str) -> tuple[StaffMember, str]:
        """Return the member and the new cookie's value. Raises WrongPinError, TooManyTriesError, StorageUnavailable."""
        # Both are counted before the PIN is looked at: tries at the same moment are tries, too.
        wait_s = max(self._of_name.wait_s(staff), self._of_address.wait_s(address))
        if wait_s:
            raise TooManyTriesError(wait_s)
        self._of_name.take(staff)
        self._of_address.take(address)
        member = self._settings().staff.get(staff)
        pin_hash = _NOBODY if member is None else member.pin_hash
        is_right = await asyncio.get_running_loop().run_in_executor(self._hashing, self._is_pin, pin_hash, pin)
        if member is None or not is_right:
            _log.warning("sign_in_refused address=%s", address)
            raise WrongPinError
        self._of_name.clear(staff)
        token = self._token()
        await self._keep(_hash(token), _Session(staff, _mark(member.pin_hash), self._clock.now() + SESSION))
        _log.info("signed_in staff=%s", staff)
        return member, token

    async def sign_out(self, token: str) -> None:
        """End a session. Raises StorageUnavailable."""
        token_hash = _hash(token)
        self._sessions.pop(token_hash, None)

        def forget(tx: Transaction) -> None:
            tx.connection.execute("DELETE FROM session WHERE token_hash = ?", (token_hash,))

        await self._writer.run(forget)

    def who(self, token: str | None) -> StaffMember | None:
        """Return whose session a cookie's value is; None when it has ended, or the member or the PIN has changed."""
        session = self._sessions.get(_hash(token)) if token else None
        if session is None or session.ends_at <= self._clock.now():
            return None
        member = self._settings().staff.get(session.staff)
        if member is None or session.pin_mark != _mark(member.pin_hash):
            return None
        return member

    def _is_pin(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return False

    async def _keep(self, token_hash: str, session: _Session) -> None:
        row = (token_hash, session.staff, session.pin_mark, instant_to_wire(session.ends_at))

        def keep(tx: Transaction) -> None:
            tx.connection.execute("INSERT INTO session (token_hash, staff, pin_mark, ends_at) VALUES (?, ?, ?, ?)", row)

        await self._writer.run(keep)
        self._sessions[token_hash] = session


@lru_cache(maxsize=1024)
def _mark(pin_hash: str) -> str:
    """Return what tells in a session that the PIN is still the one that it began with."""
    return _hash(pin_hash)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
