"""The administration's verbs, by subject, and signing in: the one object that pages and the API are handed."""

from __future__ import annotations

import asyncio
import logging
import secrets

from sqlmodel import Session

from server.administration import signing_in
from server.administration.accounts import Accounts
from server.administration.answers import RefusedError, SignedIn, Why
from server.administration.audit import Act, note
from server.administration.bodies import Bodies
from server.administration.centres import Centres
from server.administration.complaints import Complaints
from server.administration.crew import Crew
from server.administration.days import Days
from server.administration.displaced import Displacements
from server.administration.figures import Figures
from server.administration.helping import HelpDesk
from server.administration.house import House
from server.administration.on_behalf import OnBehalf
from server.administration.records import Records
from server.administration.remarks import RatingRemarks
from server.administration.roles import EVERYWHERE, Asker
from server.administration.tables import AccountRow
from server.booking.desk import Booking
from server.devices import Devices
from server.limits import limit

SIGN_INS_PER_MINUTE = 20
"""Tries from one address."""
LOOKED_UP_PER_MINUTE = 30
"""Customers by one asker: a desk never needs more, and nobody reads the register through this."""

_log = logging.getLogger(__name__)


class Administration:
    """All verbs, for an event loop. Each raises RefusedError when a rule says no, and StorageUnavailable."""

    def __init__(
        self,
        house: House,
        devices: Devices,
        booking: Booking,
        displacements: Displacements,
        *,
        sign_ins_per_minute: int = SIGN_INS_PER_MINUTE,
    ) -> None:
        self._house = house
        self._tries = limit(house.store, house.clock, "accounts_tried", sign_ins_per_minute)
        self.centres = Centres(house, displacements)
        self.days = Days(house, self.centres)
        self.bodies = Bodies(house, devices)
        self.accounts = Accounts(house)
        self.crew = Crew(house, devices)
        looked_up = limit(house.store, house.clock, "customers_looked_up", LOOKED_UP_PER_MINUTE)
        self.help = HelpDesk(house, booking, looked_up)
        self.on_behalf = OnBehalf(house, booking, looked_up)
        self.complaints = Complaints(house)
        self.remarks = RatingRemarks(house)
        self.records = Records(house)
        self.figures = Figures(house)

    async def sign_in(self, name: str, password: str, origin: str) -> SignedIn:
        """Begin a session; `origin` is the address that asks. Refused: WRONG_PASSWORD, TOO_MANY.

        The answer and the time it takes are the same for a name that nobody has.
        """
        await self._prove(name, password, origin)
        now, token = self._house.clock.now(), secrets.token_urlsafe(32)

        def job(session: Session) -> Asker:
            asker = signing_in.enter(session, name, token, origin, now)
            note(session, asker, EVERYWHERE, Act.SIGNED_IN, asker.id, now)
            return asker

        asker = await self._house.look(job)
        return SignedIn(token, now + signing_in.SESSION_MOST, asker)

    async def enter(self, subject: str, origin: str) -> SignedIn:
        """Begin a session for whom a national sign-on has proven: the account linked to its `subject`.

        Refused: NO_SUCH_ACCOUNT, for a disabled one as well.
        """
        now, token = self._house.clock.now(), secrets.token_urlsafe(32)

        def job(session: Session) -> Asker:
            asker = signing_in.enter_by_subject(session, subject, token, origin, now)
            note(session, asker, EVERYWHERE, Act.SIGNED_IN, asker.id, now, {}, {"by": "sign_on"})
            return asker

        return SignedIn(token, now + signing_in.SESSION_MOST, await self._house.look(job))

    async def asker(self, token: str, origin: str) -> Asker:
        """Return whose session a token is, and keep it alive. Refused: SIGNED_OUT."""
        now = self._house.clock.now()
        return await self._house.look(lambda session: signing_in.who(session, token, origin, now))

    async def change_password(self, asker: Asker, old: str, new: str) -> None:
        """Change the own password; its other sessions end. Refused: WRONG_PASSWORD, TOO_MANY, WEAK_PASSWORD."""
        mine = await self._house.look(lambda session: signing_in.own(session, asker))
        await self._prove(mine.name, old, asker.address)
        signing_in.check_strength(mine.name, new)
        if new == old:
            raise RefusedError(Why.WEAK_PASSWORD)
        password_hash = await asyncio.to_thread(signing_in.hash_of, new)
        now = self._house.clock.now()

        def job(session: Session) -> None:
            row = session.get_one(AccountRow, mine.id)
            row.password_hash, row.must_change = password_hash, False
            signing_in.forgive(session, mine.name)
            signing_in.end_all(session, mine.id, asker.session)
            note(session, asker, EVERYWHERE, Act.PASSWORD_CHANGED, asker.id, now)

        await self._house.look(job)

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self._house.look(lambda session: signing_in.end(session, token))

    async def _prove(self, name: str, password: str, origin: str) -> None:
        """Refuse who does not know a name's password, after so many tries for a while even who does."""
        wait_s = await self._tries.take(origin)
        if wait_s:
            raise RefusedError(Why.TOO_MANY, retry_after_s=wait_s)
        now = self._house.clock.now()
        password_hash = await self._house.look(lambda session: signing_in.take_try(session, name, now))
        # Slow on purpose, so not in the registers' thread.
        if not await asyncio.to_thread(signing_in.is_right, password_hash, password):
            _log.info("sign_in_refused origin=%s", origin)
            raise RefusedError(Why.WRONG_PASSWORD)
