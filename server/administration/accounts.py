"""Accounts of who administers: made, given roles, disabled; never deleted, for the audit log names them."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session, col, select

from server.administration import signing_in
from server.administration.answers import Account, Grant, NewPassword, RefusedError, Why
from server.administration.audit import Act, note
from server.administration.house import House, check, kind_of
from server.administration.roles import EVERYWHERE, Asker, Held, Right, Role, rights_of
from server.administration.tables import AccountRow, GrantRow
from server.api.once import Once, once
from server.planting import PINS
from server.postgres import one_at_a_time

NAME = re.compile(r"[a-z0-9][a-z0-9.@_-]{1,63}")
_PASSWORD_BYTES = 12
DOOR = Asker("door", "operator", (Held(EVERYWHERE, frozenset(Right)),))
"""Who may open the server's data folder, at the machine itself."""


class Accounts:
    """The verbs. ACCOUNTS is wanted at each body that an account holds a role at: nobody touches who stands higher."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def all(
        self, asker: Asker, body: str = "", *, after: str = "", most: int | None = None
    ) -> tuple[Account, ...]:
        """Return the accounts with a role at a body or below it that the asker may manage, by name.

        Those whose names come after `after`, `most` of them. One that has lost its last role is everybody's who may
        manage all.
        """
        if body != EVERYWHERE:
            check(asker, Right.ACCOUNTS, body)
        elif asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        elif not asker.may_anywhere(Right.ACCOUNTS):
            raise RefusedError(Why.MAY_NOT)

        wanted = select(AccountRow).where(col(AccountRow.name) > after).order_by(col(AccountRow.name)).limit(most)
        bodies = (EVERYWHERE, *asker.tree.above)
        held = select(GrantRow.account).where(GrantRow.account == AccountRow.id)
        if body != EVERYWHERE or not asker.may(Right.ACCOUNTS, EVERYWHERE):
            below = [each for each in bodies if asker.tree.is_below(each, body)]
            wanted = wanted.where(held.where(col(GrantRow.body).in_(below)).exists())
        if not asker.may(Right.ACCOUNTS, EVERYWHERE):
            mine = asker.realm(Right.ACCOUNTS, bodies)
            wanted = wanted.where(~held.where(col(GrantRow.body).not_in(mine)).exists())

        def look(session: Session) -> tuple[Account, ...]:
            rows = session.exec(wanted).all()
            grants = _grants(session, [row.id for row in rows])
            return tuple(_told(row, grants.get(row.id, ())) for row in rows)

        return await self._house.look(look)

    async def get(self, asker: Asker, account_id: str) -> Account:
        """Return one account. Refused: MAY_NOT, also for one that is not there."""
        return await self._house.look(lambda session: told(session, _managed(session, asker, account_id)))

    async def add(self, asker: Asker, name: str, shown: str, grant: Grant) -> NewPassword:
        """Make an account with its first role. Refused: NAME, NAME_TAKEN, NO_SUCH_BODY, MAY_NOT."""
        check(asker, Right.ACCOUNTS, grant.body)
        password, password_hash = await _new_password()
        now = self._house.clock.now()

        def job(session: Session) -> Account:
            return add(session, asker, name, shown, grant, password_hash, now)

        return NewPassword(await self._house.look(job), password)

    async def change(
        self,
        asker: Asker,
        account_id: str,
        *,
        shown: str | None = None,
        subject: str | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Change how an account is shown, its link to the national sign-on, whether it may sign in; all or none.

        Refused as by `rename`, `link` and `disable`.
        """

        def job(session: Session, row: AccountRow, now: datetime) -> None:
            if shown is not None:
                _rename(session, asker, row, shown, now)
            if subject is not None:
                _link(session, asker, row, subject, now)
            if disabled is not None:
                (_disable if disabled else _enable)(session, asker, row, now)

        return await self._changed(asker, account_id, job)

    async def rename(self, asker: Asker, account_id: str, shown: str) -> Account:
        """Change how an account is shown; the name to sign in with stays."""
        return await self.change(asker, account_id, shown=shown)

    async def reset_password(self, asker: Asker, account_id: str) -> NewPassword:
        """Make a new password; all of the account's sessions end."""
        password, password_hash = await _new_password()

        def job(session: Session, row: AccountRow, now: datetime) -> None:
            row.password_hash, row.must_change = password_hash, True
            signing_in.end_all(session, row.id)
            _note(session, asker, row, Act.PASSWORD_RESET, now)

        return NewPassword(await self._changed(asker, account_id, job), password)

    async def disable(self, asker: Asker, account_id: str) -> Account:
        """Let an account sign in no more; its sessions end. Refused: LAST_ADMINISTRATOR."""
        return await self.change(asker, account_id, disabled=True)

    async def enable(self, asker: Asker, account_id: str) -> Account:
        """Let a disabled account sign in again."""
        return await self.change(asker, account_id, disabled=False)

    async def grant(self, asker: Asker, account_id: str, grant: Grant, *, asked: Once | None = None) -> Account:
        """Give an account another role at a body; nothing happens when it has it. Refused: NO_SUCH_BODY, MAY_NOT."""
        check(asker, Right.ACCOUNTS, grant.body)

        def job(session: Session, row: AccountRow, now: datetime) -> None:
            _check_grantable(session, grant)
            if session.get(GrantRow, (row.id, grant.body, grant.role.value)) is None:
                session.add(GrantRow(account=row.id, body=grant.body, role=grant.role.value))
                _note(session, asker, row, Act.ROLE_GRANTED, now, {}, _words(grant), grant.body)

        return await self._changed(asker, account_id, job, asked)

    async def take_back(self, asker: Asker, account_id: str, grant: Grant) -> Account:
        """Take a role back. Refused: LAST_ADMINISTRATOR, MAY_NOT."""
        check(asker, Right.ACCOUNTS, grant.body)

        def job(session: Session, row: AccountRow, now: datetime) -> None:
            held = session.get(GrantRow, (row.id, grant.body, grant.role.value))
            if held is not None:
                with _somebody_stays(session):
                    session.delete(held)
                _note(session, asker, row, Act.ROLE_TAKEN_BACK, now, _words(grant), {}, grant.body)

        return await self._changed(asker, account_id, job)

    async def link(self, asker: Asker, account_id: str, subject: str) -> Account:
        """Link an account to a national sign-on's subject ("" unlinks). Refused: NAME_TAKEN when another has it."""
        return await self.change(asker, account_id, subject=subject)

    async def _changed(
        self,
        asker: Asker,
        account_id: str,
        job: Callable[[Session, AccountRow, datetime], None],
        asked: Once | None = None,
    ) -> Account:
        now = self._house.clock.now()

        def both(session: Session) -> Account:
            _be_alone(session)
            row = _managed(session, asker, account_id)
            job(session, row, now)
            session.flush()
            return told(session, row)

        return await self._house.look(once(asked, Account, both))


def add(
    session: Session, asker: Asker, name: str, shown: str, grant: Grant, password_hash: str, now: datetime
) -> Account:
    """Make an account whose password somebody else has seen. Raises RefusedError."""
    name = signing_in.normal(name)
    if not NAME.fullmatch(name):
        raise RefusedError(Why.NAME)
    _be_alone(session)
    _check_grantable(session, grant)
    if session.exec(select(AccountRow.id).where(AccountRow.name == name)).first():
        raise RefusedError(Why.NAME_TAKEN)
    row = AccountRow(
        id=secrets.token_hex(8),
        name=name,
        shown=_shown(shown) or name,
        password_hash=password_hash,
        must_change=True,
        subject="",
        made_at=now,
    )
    session.add(row)
    session.flush()
    session.add(GrantRow(account=row.id, body=grant.body, role=grant.role.value))
    _note(session, asker, row, Act.ACCOUNT_ADDED, now, {}, {"name": name} | _words(grant), grant.body)
    session.flush()
    return told(session, row)


def _made_password() -> tuple[str, str]:
    """Return a new password that nobody guesses, and its hash. Slow on purpose."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    return password, PINS.hash(password)


def told(session: Session, row: AccountRow) -> Account:
    """Return an account as it is told."""
    return _told(row, _grants(session, [row.id]).get(row.id, ()))


def _grants(session: Session, accounts: Collection[str]) -> dict[str, list[Grant]]:
    rows = session.exec(
        select(GrantRow).where(col(GrantRow.account).in_(accounts)).order_by(col(GrantRow.body), col(GrantRow.role))
    )
    found: dict[str, list[Grant]] = {}
    for row in rows:
        found.setdefault(row.account, []).append(Grant(row.body, Role(row.role)))
    return found


def _told(row: AccountRow, grants: Collection[Grant]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        shown=row.shown,
        grants=tuple(grants),
        subject=row.subject,
        disabled=row.disabled_at is not None,
        must_change=row.must_change,
        made_at=row.made_at,
        seen_at=row.seen_at,
    )


async def _new_password() -> tuple[str, str]:
    return await asyncio.to_thread(_made_password)


def _shown(shown: str) -> str:
    return " ".join(shown.split())[:100]


def _words(grant: Grant) -> dict[str, object]:
    return {"body": grant.body, "role": grant.role.value}


def _note(
    session: Session,
    asker: Asker,
    row: AccountRow,
    act: Act,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    body: str | None = None,
) -> None:
    if body is None:
        # Where the account stands: who administers there is to see it.
        body = min((grant.body for grant in told(session, row).grants), default=EVERYWHERE)
    note(session, asker, body, act, f"account:{row.id}", now, before, after)


def _may_manage(asker: Asker, grants: Collection[Grant]) -> bool:
    """Say whether an account may be managed: by who may do so wherever it holds a role; else it could be taken over."""
    if not grants:
        return asker.may(Right.ACCOUNTS, EVERYWHERE)
    return all(asker.may(Right.ACCOUNTS, each.body) for each in grants)


def _managed(session: Session, asker: Asker, account_id: str) -> AccountRow:
    if asker.must_change:
        raise RefusedError(Why.MUST_CHANGE)
    row = session.get(AccountRow, account_id)
    if row is None and asker.may(Right.ACCOUNTS, EVERYWHERE):
        raise RefusedError(Why.NO_SUCH_ACCOUNT)
    if row is None or not _may_manage(asker, told(session, row).grants):
        raise RefusedError(Why.MAY_NOT)
    return row


def _check_grantable(session: Session, grant: Grant) -> None:
    if grant.body != EVERYWHERE and not kind_of(session, grant.body):
        raise RefusedError(Why.NO_SUCH_BODY)


def _be_alone(session: Session) -> None:
    """Be the only one who changes accounts, until the transaction ends.

    Of two who disable one another at the same moment each would see the other still there, and of two who take the
    same name, or link the same person, each that it is free.
    """
    one_at_a_time(session, "accounts")


def _rename(session: Session, asker: Asker, row: AccountRow, shown: str, now: datetime) -> None:
    before, row.shown = row.shown, _shown(shown)
    _note(session, asker, row, Act.ACCOUNT_RENAMED, now, {"shown": before}, {"shown": row.shown})


def _link(session: Session, asker: Asker, row: AccountRow, subject: str, now: datetime) -> None:
    others = select(AccountRow.id).where(AccountRow.subject == subject, AccountRow.id != row.id)
    if subject and session.exec(others).first():
        raise RefusedError(Why.NAME_TAKEN)
    row.subject = subject
    # The subject may be a personal number: that there is one is enough.
    _note(session, asker, row, Act.ACCOUNT_LINKED, now, {}, {"linked": bool(subject)})


def _disable(session: Session, asker: Asker, row: AccountRow, now: datetime) -> None:
    if row.disabled_at is None:
        with _somebody_stays(session):
            row.disabled_at = now
        signing_in.end_all(session, row.id)
        _note(session, asker, row, Act.ACCOUNT_DISABLED, now)


def _enable(session: Session, asker: Asker, row: AccountRow, now: datetime) -> None:
    if row.disabled_at is not None:
        row.disabled_at = None
        _note(session, asker, row, Act.ACCOUNT_ENABLED, now)


@contextmanager
def _somebody_stays(session: Session) -> Iterator[None]:
    """Refuse what would take away the last one who may administer all of the server."""
    was_somebody = _is_administered(session)
    yield
    session.flush()
    if was_somebody and not _is_administered(session):
        raise RefusedError(Why.LAST_ADMINISTRATOR)


def _is_administered(session: Session) -> bool:
    roles = session.exec(
        select(GrantRow.role)
        .join(AccountRow, col(AccountRow.id) == col(GrantRow.account))
        .where(GrantRow.body == EVERYWHERE, col(AccountRow.disabled_at).is_(None))
    )
    return any(Right.ACCOUNTS in rights_of(Role(role)) for role in roles)
