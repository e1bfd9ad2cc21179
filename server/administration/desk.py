"""The administration's verbs, by subject, and signing in: the one object that pages and the API are handed."""

from __future__ import annotations

from server.administration.accounts import Accounts
from server.administration.answers import SignedIn
from server.administration.bodies import Bodies
from server.administration.centres import Centres
from server.administration.crew import Crew
from server.administration.days import Days
from server.administration.helping import HelpDesk
from server.administration.records import Records
from server.administration.roles import Asker, Right


class Administration:
    """All verbs, for an event loop. Each raises RefusedError when a rule says no, and StorageUnavailable."""

    bodies: Bodies
    accounts: Accounts
    centres: Centres
    days: Days
    crew: Crew
    help: HelpDesk
    records: Records

    def may(self, asker: Asker, right: Right, body: str) -> bool:
        """Say whether a right is held at a body (a ministry, a department or a centre, "" for the whole server)."""
        raise NotImplementedError

    async def sign_in(self, name: str, password: str, origin: str) -> SignedIn:
        """Begin a session; `origin` is the address that asks. Refused: WRONG_PASSWORD, TOO_MANY.

        The answer and the time it takes are the same for a name that nobody has.
        """
        raise NotImplementedError

    async def enter(self, subject: str, origin: str) -> SignedIn:
        """Begin a session for whom a national sign-on has proven: the account linked to its `subject`.

        Refused: NO_SUCH_ACCOUNT, for a disabled one as well.
        """
        raise NotImplementedError

    async def asker(self, token: str, origin: str) -> Asker:
        """Return whose session a token is, and keep it alive. Refused: SIGNED_OUT."""
        raise NotImplementedError

    async def change_password(self, asker: Asker, old: str, new: str) -> None:
        """Change the own password; its other sessions end. Refused: WRONG_PASSWORD, TOO_MANY, WEAK_PASSWORD."""
        raise NotImplementedError

    async def sign_out(self, token: str) -> None:
        """End a session."""
        raise NotImplementedError
