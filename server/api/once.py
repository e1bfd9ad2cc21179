"""Idempotency-Key: who asks again after an answer that was lost gets that answer, and nothing is done twice.

The answer is kept, sealed, in the same transaction as the act, so that neither is ever there without the other:
whatever dies, a repetition finds both or none. Source: draft-ietf-httpapi-idempotency-key-header; where it leaves a
choice, decision 0018. Credentials are never given out this way: what is kept would be one.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Header, Request
from pydantic import TypeAdapter
from sqlmodel import Session, col, delete, func, select

from server.api.tables import AnsweredRow
from server.postgres import lock_number
from server.vault import Vault
from sync.clock import Clock
from sync.problems import Problem

KEPT = timedelta(hours=24)

_T = TypeVar("_T")

IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,128}$",
        description="A name for this request, new for each act, the same when it is sent again: it is done once, and "
        "the same answer given again for 24 hours.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


class OtherRequestError(Exception):
    """The key was used for another request."""


class UnderWayError(Exception):
    """The same request is being worked on this very moment."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is to be done once: whose, under which key, and what it says (a keyed hash)."""

    caller: str
    key: str
    request_hash: str
    now: datetime
    vault: Vault = field(repr=False)

    def of(self, session: Session, kind: type[_T], act: Callable[[], _T]) -> _T:
        """Do it and keep the answer (of a type that pydantic can write down), or give the one that is kept.

        A refusal that is raised undoes everything and keeps nothing: asked again it is looked at anew. Raises
        OtherRequestError and UnderWayError.
        """
        self._be_alone(session)
        form = TypeAdapter(kind)
        kept = session.get(AnsweredRow, (self.caller, self.key))
        if kept is not None and kept.made_at > self.now - KEPT:
            if not secrets.compare_digest(kept.request_hash, self.request_hash):
                raise OtherRequestError
            return form.validate_json(self.vault.unseal(base64.b64decode(kept.answer), self._place))
        if kept is not None:
            session.delete(kept)
            session.flush()
        answer = act()
        session.add(
            AnsweredRow(
                caller=self.caller,
                key=self.key,
                request_hash=self.request_hash,
                answer=base64.b64encode(self.vault.seal(form.dump_json(answer).decode(), self._place)).decode(),
                made_at=self.now,
            )
        )
        return answer

    @property
    def _place(self) -> str:
        return f"answered/{self.caller}/{self.key}"

    def _be_alone(self, session: Session) -> None:
        """Raise UnderWayError where another connection has this key in its hands. On SQLite there is one alone."""
        if session.get_bind().dialect.name != "postgresql":
            return
        number = lock_number(f"once/{self.caller}/{self.key}")
        if not session.execute(select(func.pg_try_advisory_xact_lock(number))).scalar():
            raise UnderWayError


def once(asked: Once | None, kind: type[_T], act: Callable[[Session], _T]) -> Callable[[Session], _T]:
    """Return a job that does an act, or does it once where a request asks so; `kind` as for `Once.of`."""
    return act if asked is None else lambda session: asked.of(session, kind, lambda: act(session))


class OnceReader:
    """Reads the header off requests."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def of(self, request: Request, key: str | None, caller: str) -> Once | None:
        """Return what a caller's request is to be done as; None without a key: it is done whenever it comes."""
        if key is None:
            return None
        said = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).hexdigest()
        return Once(caller, key, self._vault.keyed_hash("once", said), self._clock.now(), self._vault)


def forget_old(session: Session, now: datetime) -> None:
    """Delete the answers that are not given again."""
    session.execute(delete(AnsweredRow).where(col(AnsweredRow.made_at) < now - KEPT))


def once_told(error: Exception) -> Problem:
    """Return the problem that an OtherRequestError or UnderWayError is."""
    if isinstance(error, OtherRequestError):
        return Problem(422, "IDEMPOTENCY_KEY", "This Idempotency-Key was used for another request")
    return Problem(409, "UNDER_WAY", "The same request is being worked on", headers={"Retry-After": "1"})
