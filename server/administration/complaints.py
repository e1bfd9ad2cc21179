"""Complaints and suggestions of a centre, as its staff see to them: read, taken in hand, answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session

from server.administration.answers import RefusedError, Why
from server.administration.audit import Act, note
from server.administration.house import House
from server.administration.roles import Asker, Right
from server.api.once import Once, once
from server.feedback import complaints
from server.feedback.answers import Complaint
from server.feedback.complaints import NoSuchComplaintError


class Complaints:
    """The verbs. HELP is wanted at the centre. Who has written is in none of the answers, but in what was written."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def all(
        self,
        asker: Asker,
        centre_id: str,
        *,
        answered: bool = False,
        after: tuple[datetime, str] | None = None,
        most: int = complaints.LISTED,
    ) -> tuple[Complaint, ...]:
        """Return those that wait, the one that is due first before the others; or the answered ones, newest first.

        `most` of them, after one's instant (`due_at`, `answered_at`) and number.
        """
        centre, vault = self._house.centre(asker, Right.HELP, centre_id), self._house.store.vault
        return await self._house.look(
            lambda session: complaints.of_centre(session, vault, centre.id, answered=answered, after=after, most=most)
        )

    async def one(self, asker: Asker, centre_id: str, reference: str) -> Complaint:
        """Return one by its number. Refused: NO_SUCH_COMPLAINT."""
        centre, vault = self._house.centre(asker, Right.HELP, centre_id), self._house.store.vault

        def job(session: Session) -> Complaint:
            with _refused():
                return complaints.told(complaints.find(session, centre.id, reference), vault)

        return await self._house.look(job)

    async def take(self, asker: Asker, centre_id: str, reference: str, *, asked: Once | None = None) -> Complaint:
        """Note that somebody sees to it, which its customer is shown. Refused: NO_SUCH_COMPLAINT."""
        centre, vault = self._house.centre(asker, Right.HELP, centre_id), self._house.store.vault
        now = self._house.clock.now()

        def job(session: Session) -> Complaint:
            with _refused():
                taken = complaints.take_in_hand(session, vault, centre.id, reference)
            note(session, asker, centre.id, Act.COMPLAINT_TAKEN, f"complaint:{taken.reference}", now)
            return taken

        return await self._house.look(once(asked, Complaint, job))

    async def answer(
        self, asker: Asker, centre_id: str, reference: str, text: str, *, asked: Once | None = None
    ) -> Complaint:
        """Answer it, once; the customer gets a message and reads it on the own page.

        Refused: NO_SUCH_COMPLAINT; booking's NO_WORDS.
        """
        centre, vault = self._house.centre(asker, Right.HELP, centre_id), self._house.store.vault
        now = self._house.clock.now()

        def job(session: Session) -> Complaint:
            with _refused():
                answered = complaints.answer(session, vault, centre.id, reference, asker.id, text, now)
            note(session, asker, centre.id, Act.COMPLAINT_ANSWERED, f"complaint:{answered.reference}", now)
            return answered

        answered = await self._house.look(once(asked, Complaint, job))
        self._house.wake()
        return answered


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except NoSuchComplaintError as error:
        raise RefusedError(Why.NO_SUCH_COMPLAINT) from error
