"""A centre's settings, changed as a whole or by their first-level fields, never over another's change in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlmodel import Session, col, select, update

from queueing.centre import Centre, CentreError
from server import holidays
from server.administration import displaced as displacing
from server.administration.answers import Changed, Displaced, Document, How, Progress, RefusedError, Why
from server.administration.audit import Act, differences, note
from server.administration.displaced import Displacements
from server.administration.house import House
from server.administration.roles import Asker, Right
from server.api.once import Once, once
from server.tables import CentreRow, HolidayRow
from sync.storage import StorageUnavailable

WORKS_OFF_S = 2.0
"""So long a change waits for the bookings that it displaced; what is left the rounds do."""
_TRIES = 5

_log = logging.getLogger(__name__)

Fields = dict[str, Any]
Make = Callable[[Fields], Mapping[str, object]]
"""Makes the fields that change of the settings as they are."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a change did, in its transaction."""

    displaced: Displaced
    change: str


class Centres:
    """The verbs. SEE reads, CHANGE_CENTRE changes."""

    def __init__(self, house: House, displacements: Displacements) -> None:
        self._house = house
        self._displacements = displacements

    async def document(self, asker: Asker, centre_id: str) -> Document:
        """Return a centre's own settings with their version."""
        self._house.centre(asker, Right.SEE, centre_id)
        return await self._house.look(lambda session: document(session, centre_id))

    async def preview(self, asker: Asker, centre_id: str, fields: Mapping[str, object]) -> Displaced:
        """Check a change without making it, and count the bookings that it would displace. Refused: INVALID."""
        self._house.centre(asker, Right.CHANGE_CENTRE, centre_id)
        return await self.tried(centre_id, lambda _: fields)

    async def change(
        self,
        asker: Asker,
        centre_id: str,
        fields: Mapping[str, object],
        version: int,
        displaced: How | None = None,
    ) -> Changed:
        """Replace fields of the settings, as `Centre.to_json` has them: `hours`, `services`, `counters`, `booking` ...

        All of it or nothing; `version` is the one that was read. Refused: INVALID, CHANGED, DISPLACES.
        """
        self._house.centre(asker, Right.CHANGE_CENTRE, centre_id)
        return await self.made(asker, centre_id, lambda _: fields, Act.CENTRE_CHANGED, "", displaced, version)

    async def progress(self, asker: Asker, centre_id: str, change: str) -> Progress:
        """Say what became of the bookings that a change has displaced."""
        self._house.centre(asker, Right.SEE, centre_id)
        return await self._house.look(lambda session: displacing.progress(session, centre_id, change))

    async def tried(self, centre_id: str, make: Make) -> Displaced:
        """Count what a change would displace. The caller has seen to the right."""
        now = self._house.clock.now()

        def look(session: Session) -> Displaced:
            row = session.get_one(CentreRow, centre_id)
            old = own(session, row)
            new = checked(row, make(old.to_json()), old.version + 1)
            before, after = joined(session, old), joined(session, new)
            return displacing.count(displacing.find(session, before, after, now), after)

        return await self._house.look(look)

    async def made(
        self,
        asker: Asker,
        centre_id: str,
        make: Make,
        act: Act,
        about: str,
        displaced: How | None,
        version: int | None = None,
        asked: Once | None = None,
    ) -> Changed:
        """Make a change, note it and work off what it displaces. The caller has seen to the right.

        Without `version` it is made of the settings as they are, and once more when somebody else was quicker.
        """
        now = self._house.clock.now()

        def job(session: Session) -> Changed:
            done = apply(session, asker, centre_id, make, act, about, displaced, version, now)
            return Changed(document(session, centre_id), done.displaced, done.change)

        for tries in range(_TRIES):
            try:
                changed = await self._house.change([centre_id], once(asked, Changed, job))
                break
            except RefusedError as error:
                if error.why is not Why.CHANGED or version is not None or tries == _TRIES - 1:
                    raise
        await self.work_off(changed.displaced)
        return changed

    async def work_off(self, displaced: Displaced) -> None:
        """Do what is to become of the bookings that a change displaced, as far as there is time."""
        if not displaced.count:
            return
        try:
            await asyncio.to_thread(self._displacements.go, WORKS_OFF_S)
        except StorageUnavailable as error:
            # The change is made, whatever becomes of this: the rounds go on with it.
            _log.warning("displaced_later reason=%s", error.reason)


def apply(
    session: Session,
    asker: Asker,
    centre_id: str,
    make: Make,
    act: Act,
    about: str,
    displaced: How | None,
    version: int | None,
    now: datetime,
) -> Done:
    """Change a centre's settings in one transaction with what it displaces and its line in the audit log.

    Raises RefusedError. In the order slots, then the centre's row, as bookings have it.
    """
    row = session.get_one(CentreRow, centre_id)
    if version is not None and version != row.edition:
        raise RefusedError(Why.CHANGED, version=row.edition)
    old = own(session, row)
    new = checked(row, make(old.to_json()), old.version + 1)
    found = displace(session, joined(session, old), joined(session, new), displaced, now)
    before, after = differences(old.to_json(), new.to_json())
    for side in (before, after):
        side.pop("version")
    change = note(session, asker, centre_id, act, about, now, before, after)
    displacing.remember(session, found, change, displaced or "move", now)
    session.flush()
    store(session, row, new.to_json())
    return Done(displacing.count(found, new), change)


def displace(session: Session, old: Centre, new: Centre, how: How | None, now: datetime) -> list[Any]:
    """Shut the slots that go and return the bookings that stand there. Refused: DISPLACES, where nobody says how."""
    displacing.shut(session, old, new, now)
    found = displacing.find(session, old, new, now)
    if found and how is None:
        raise RefusedError(Why.DISPLACES, displaced=displacing.count(found, new))
    return found


def store(session: Session, row: CentreRow, settings: Mapping[str, object]) -> None:
    """Store a centre's settings as its next edition. Refused: CHANGED, when somebody else was quicker."""
    done = session.execute(
        update(CentreRow)
        .where(col(CentreRow.id) == row.id, col(CentreRow.edition) == row.edition)
        .values(settings=dict(settings), edition=CentreRow.edition + 1, revision=CentreRow.revision + 1)
        .execution_options(synchronize_session=False)
    )
    if cast(CursorResult[Any], done).rowcount != 1:
        raise RefusedError(Why.CHANGED, version=row.edition + 1)
    session.refresh(row)


def own(session: Session, row: CentreRow) -> Centre:
    """Return a centre's own settings, as they are stored."""
    return Centre.from_json({**row.settings, "version": row.edition})


def joined(session: Session, centre: Centre) -> Centre:
    """Return a centre with its imported holidays, as everybody sees it."""
    return holidays.joined(session, {centre.id: centre})[centre.id]


def checked(row: CentreRow, fields: Mapping[str, object], version: int) -> Centre:
    """Return the centre that some changed fields make. Refused: INVALID, with every fault."""
    if fields.get("id", row.id) != row.id:
        raise RefusedError(Why.INVALID, errors=["centre.id: stays as it is"])
    try:
        return Centre.from_json({**row.settings, **fields, "id": row.id, "version": version})
    except CentreError as error:
        raise RefusedError(Why.INVALID, errors=error.errors) from error


def document(session: Session, centre_id: str) -> Document:
    """Return a centre's settings with their version and the holidays that join them."""
    row = session.get_one(CentreRow, centre_id)
    imported = session.exec(
        select(HolidayRow)
        .where(col(HolidayRow.centre).in_((centre_id, holidays.EVERY_CENTRE)))
        .order_by(col(HolidayRow.day))
    )
    days = {each.day: each.name for each in imported}
    return Document(own(session, row), row.edition, row.body, tuple(sorted(days.items())))
