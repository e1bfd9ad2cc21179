"""Ministries, departments and centres: what stands below what, and how each is doing."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

from sqlmodel import Session, select

from queueing.centre import Centre, CentreError
from queueing.hours import Open, opening
from queueing.slots import Slot, slots_of
from queueing.words import Words
from server.administration.answers import Body, BodyKind, CentreSeen, Document, RefusedError, Why
from server.administration.audit import Act, note
from server.administration.centres import document
from server.administration.days import booked_today
from server.administration.house import House, check, kind_of
from server.administration.roles import EVERYWHERE, Asker, Right, Tree
from server.administration.tables import BodyRow, GrantRow
from server.api.once import Once, once
from server.booking import places
from server.devices import Devices
from server.postgres import one_at_a_time
from server.tables import CentreRow

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]")
_ABOVE: dict[str, tuple[str, ...]] = {
    "ministry": ("",),
    "department": ("ministry",),
    "centre": ("", "ministry", "department"),
}
"""What each kind may stand below; "" is the server itself."""
_TROUBLES = ("forked",)
_TREE = "bodies"
"""What one at a time does: a name is looked for among two tables, and nothing is put below what another takes away."""


class Bodies:
    """The verbs. SEE shows a body; BODIES at the one above changes it."""

    def __init__(self, house: House, devices: Devices) -> None:
        self._house = house
        self._devices = devices

    async def tree(self, asker: Asker, *, after: str = "", most: int | None = None) -> tuple[Body, ...]:
        """Return the bodies at which the asker may do anything, and those above them, each after the one above it.

        Those after the place `after` (`place`), `most` of them.
        """
        if asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        centres, above = self._house.registers.centres, asker.tree.above

        def look(session: Session) -> list[Body]:
            return [_told(row) for row in session.exec(select(BodyRow))]

        # Their settings are in memory; what they belong to is known since the asker was looked up.
        all_of = await self._house.look(look)
        all_of += [Body(each.id, "centre", each.name, above.get(each.id, EVERYWHERE)) for each in centres.values()]
        seen: set[str] = set()
        for body in all_of:
            if asker.may(Right.SEE, body.id):
                seen.update(asker.tree.path(body.id))
        placed = sorted(
            ((_steps(place(asker.tree, each)), each) for each in all_of if each.id in seen), key=lambda one: one[0]
        )
        begins = _steps(after)
        return tuple(each for steps, each in placed if steps > begins)[:most]

    async def overview(self, asker: Asker, *, after: str = "", most: int | None = None) -> tuple[CentreSeen, ...]:
        """Return the centres that the asker may see, each at a glance, by id: those after `after`, `most` of them."""
        if asker.must_change:
            raise RefusedError(Why.MUST_CHANGE)
        centres = self._house.registers.centres
        mine = [centres[name] for name in sorted(asker.realm(Right.SEE, centres)) if name > after][:most]
        if not mine:
            return ()
        standings = await asyncio.to_thread(self._devices.standings, mine[0].id if len(mine) == 1 else "")
        now = self._house.clock.now()

        # Reckoned outside the registers' threads: on SQLite who books waits for those.
        slots = await asyncio.to_thread(lambda: {each.id: _to_come(each, now) for each in mine})

        def look(session: Session) -> tuple[dict[str, int], dict[tuple[str, str, datetime], int]]:
            return booked_today(session, mine, now), places.taken_of(session, slots)

        booked, taken = await self._house.look(look)
        found = []
        for centre in mine:
            is_open = opening(centre, now)
            devices = [each for each in standings if each.centre == centre.id and each.state != "revoked"]
            found.append(
                CentreSeen(
                    id=centre.id,
                    name=centre.name,
                    above=asker.tree.above.get(centre.id, ""),
                    open=isinstance(is_open, Open),
                    changes_at=is_open.until if isinstance(is_open, Open) else is_open.next_opens_at,
                    booked_today=booked.get(centre.id, 0),
                    places_left=sum(
                        max(0, slot.places - taken.get((centre.id, service, slot.at), 0))
                        for service, of_service in slots[centre.id].items()
                        for slot in of_service
                    ),
                    devices=len(devices),
                    troubles=sum(each.state in _TROUBLES for each in devices),
                )
            )
        return tuple(found)

    async def add(
        self, asker: Asker, body_id: str, kind: BodyKind, name: Words, above: str = "", *, asked: Once | None = None
    ) -> Body:
        """Make a ministry (`above` "") or a department of one. Refused: NAME, NAME_TAKEN, NO_SUCH_BODY, WRONG_PLACE."""
        check(asker, Right.BODIES, above)
        now = self._house.clock.now()

        def job(session: Session) -> Body:
            if kind == "centre":
                raise RefusedError(Why.WRONG_PLACE)
            _check_new(session, body_id, kind, above)
            words = _named(name)
            session.add(BodyRow(id=body_id, kind=kind, name=words, above=above))
            note(session, asker, body_id, Act.BODY_ADDED, kind, now, {}, {"name": words, "above": above})
            return Body(body_id, kind, words, above)

        return await self._house.look(once(asked, Body, job))

    async def rename(self, asker: Asker, body_id: str, name: Words) -> Body:
        """Give a ministry or a department another name; a centre's is in its settings."""
        check(asker, Right.BODIES, body_id)
        now = self._house.clock.now()

        def job(session: Session) -> Body:
            row = _row(session, body_id)
            before, row.name = dict(row.name), _named(name)
            note(session, asker, body_id, Act.BODY_RENAMED, row.kind, now, {"name": before}, {"name": row.name})
            return _told(row)

        return await self._house.look(job)

    async def remove(self, asker: Asker, body_id: str) -> None:
        """Take away a ministry or a department that has nothing below it and no account. Refused: NOT_EMPTY."""
        check(asker, Right.BODIES, asker.tree.above.get(body_id, EVERYWHERE))
        now = self._house.clock.now()

        def job(session: Session) -> None:
            one_at_a_time(session, _TREE)
            row = _row(session, body_id)
            if (
                session.exec(select(BodyRow.id).where(BodyRow.above == body_id)).first()
                or session.exec(select(CentreRow.id).where(CentreRow.body == body_id)).first()
                or session.exec(select(GrantRow.account).where(GrantRow.body == body_id)).first()
            ):
                raise RefusedError(Why.NOT_EMPTY)
            before = {"name": dict(row.name), "above": row.above}
            note(session, asker, row.above, Act.BODY_REMOVED, body_id, now, before, {})
            session.delete(row)

        await self._house.look(job)

    async def add_centre(
        self, asker: Asker, above: str, settings: dict[str, object], *, asked: Once | None = None
    ) -> Document:
        """Make a centre of a whole settings document. Refused: INVALID, NAME_TAKEN, NO_SUCH_BODY, WRONG_PLACE."""
        check(asker, Right.BODIES, above)
        now = self._house.clock.now()
        try:
            centre = Centre.from_json(settings | {"version": 1})
        except CentreError as error:
            raise RefusedError(Why.INVALID, errors=error.errors) from error

        def job(session: Session) -> Document:
            _check_new(session, centre.id, "centre", above)
            session.add(CentreRow(id=centre.id, settings=centre.to_json(), body=above))
            session.flush()
            note(session, asker, centre.id, Act.CENTRE_ADDED, centre.id, now, {}, {"above": above})
            return document(session, centre.id)

        return await self._house.change([centre.id], once(asked, Document, job))

    async def place_centre(self, asker: Asker, centre_id: str, above: str) -> Body:
        """Put a centre below another body; BODIES is wanted at both."""
        check(asker, Right.BODIES, asker.tree.above.get(centre_id, EVERYWHERE))
        check(asker, Right.BODIES, above)
        now = self._house.clock.now()

        def job(session: Session) -> Body:
            one_at_a_time(session, _TREE)
            row = session.get(CentreRow, centre_id)
            if row is None:
                raise RefusedError(Why.NO_SUCH_BODY)
            _check_place(session, "centre", above)
            before, row.body = row.body, above
            note(session, asker, centre_id, Act.CENTRE_PLACED, centre_id, now, {"above": before}, {"above": above})
            return _centre(row)

        return await self._house.look(job)


def place(tree: Tree, body: Body) -> str:
    """Return where a body stands in the list of all: after the one above it, ministries and departments first."""
    *above, own = reversed(tree.path(body.id)[:-1])
    return "/".join([*(f"0{each}" for each in above), f"{int(body.kind == 'centre')}{own}"])


def _steps(place: str) -> tuple[str, ...]:
    return tuple(place.split("/")) if place else ()


def _to_come(centre: Centre, now: datetime) -> dict[str, list[Slot]]:
    """Return today's slots of a centre that have not begun, by service."""
    today = now.astimezone(centre.zone).date()
    return {
        service.id: [slot for slot in slots_of(centre, service, today) if slot.at > now] for service in centre.services
    }


def _told(row: BodyRow) -> Body:
    return Body(row.id, "ministry" if row.kind == "ministry" else "department", row.name, row.above)


def _centre(row: CentreRow) -> Body:
    name = row.settings.get("name")
    return Body(row.id, "centre", name if isinstance(name, dict) else {}, row.body)


def _row(session: Session, body_id: str) -> BodyRow:
    row = session.get(BodyRow, body_id)
    if row is None:
        raise RefusedError(Why.NO_SUCH_BODY)
    return row


def _named(name: Words) -> dict[str, str]:
    words = {language: " ".join(text.split()) for language, text in name.items()}
    if not words or not all(0 < len(text) <= 200 for text in words.values()):
        raise RefusedError(Why.INVALID, errors=["name: a text in each language"])
    return words


def _check_new(session: Session, body_id: str, kind: BodyKind, above: str) -> None:
    if not NAME.fullmatch(body_id):
        raise RefusedError(Why.NAME)
    one_at_a_time(session, _TREE)
    if kind_of(session, body_id):
        raise RefusedError(Why.NAME_TAKEN)
    _check_place(session, kind, above)


def _check_place(session: Session, kind: BodyKind, above: str) -> None:
    found = kind_of(session, above)
    if above != EVERYWHERE and not found:
        raise RefusedError(Why.NO_SUCH_BODY)
    if found not in _ABOVE[kind]:
        raise RefusedError(Why.WRONG_PLACE)
