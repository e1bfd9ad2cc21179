"""Accounts of who administers: made, given roles, disabled; never deleted, for the audit log names them."""

from __future__ import annotations

from server.administration.answers import Account, Grant, NewPassword
from server.administration.roles import Asker


class Accounts:
    """The verbs. ACCOUNTS is wanted at each body that an account holds a role at: nobody touches who stands higher."""

    async def all(self, asker: Asker, body: str = "") -> tuple[Account, ...]:
        """Return the accounts with a role at a body or below it that the asker may manage, by name."""
        raise NotImplementedError

    async def get(self, asker: Asker, account_id: str) -> Account:
        """Return one account. Refused: MAY_NOT, also for one that is not there."""
        raise NotImplementedError

    async def add(self, asker: Asker, name: str, shown: str, grant: Grant) -> NewPassword:
        """Make an account with its first role. Refused: NAME, NAME_TAKEN, NO_SUCH_BODY, MAY_NOT."""
        raise NotImplementedError

    async def rename(self, asker: Asker, account_id: str, shown: str) -> Account:
        """Change how an account is shown; the name to sign in with stays."""
        raise NotImplementedError

    async def reset_password(self, asker: Asker, account_id: str) -> NewPassword:
        """Make a new password; all of the account's sessions end."""
        raise NotImplementedError

    async def disable(self, asker: Asker, account_id: str) -> Account:
        """Let an account sign in no more; its sessions end. Refused: LAST_ADMINISTRATOR."""
        raise NotImplementedError

    async def enable(self, asker: Asker, account_id: str) -> Account:
        """Let a disabled account sign in again."""
        raise NotImplementedError

    async def grant(self, asker: Asker, account_id: str, grant: Grant) -> Account:
        """Give an account another role at a body; nothing happens when it has it. Refused: NO_SUCH_BODY, MAY_NOT."""
        raise NotImplementedError

    async def take_back(self, asker: Asker, account_id: str, grant: Grant) -> Account:
        """Take a role back. Refused: LAST_ADMINISTRATOR, MAY_NOT."""
        raise NotImplementedError

    async def link(self, asker: Asker, account_id: str, subject: str) -> Account:
        """Link an account to a national sign-on's subject ("" unlinks). Refused: NAME_TAKEN when another has it."""
        raise NotImplementedError
