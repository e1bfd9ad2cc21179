"""Days and slots, opened at once and announced, or closed without anybody left unaware; holidays from a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from sqlmodel import Session, col, func, select

from assets.texts import Catalogue, languages
from queueing.centre import Centre
from queueing.hours import spans
from queueing.slots import slots_of
from server import holidays
from server.administration import displaced as displacing
from server.administration import openings
from server.administration.answers import (
    Changed,
    Closing,
    DaySeen,
    Displaced,
    How,
    ImportDone,
    Opening,
    RefusedError,
    SlotSeen,
    Why,
)
from server.administration.audit import Act, note
from server.administration.centres import Centres, Fields, Make, joined, own, store
from server.administration.house import House, check, kind_of
from server.administration.openings import Said
from server.administration.roles import EVERYWHERE, Asker, Right
from server.api.once import Once, once
from server.booking.tables import SlotRow
from server.pages.phrases import Phrases
from server.planting import BOOKED, KEPT, NO_SHOW
from server.seed import SeedError
from server.tables import AppointmentRow, CentreRow
from sync.clock import Clock

DAYS_MOST = 31
_CLOSED = {
    (False, False): "days.closed",
    (False, True): "days.closed_hours",
    (True, False): "days.closed_service",
    (True, True): "days.closed_service_hours",
}
"""By whether it is about one service, and about some hours."""


class Days:
    """The verbs. SEE reads, CHANGE_CENTRE changes. They need no version: each changes its own day alone."""

    def __init__(self, house: House, centres: Centres) -> None:
        self._house = house
        self._centres = centres
        self._words = cache(lambda: [Sayings(Catalogue.load(name), house.clock) for name in languages()])

    async def week(self, asker: Asker, centre_id: str, first: date, days: int = 7) -> tuple[DaySeen, ...]:
        """Return up to 31 days of a centre with their slots: how many each takes, how many have booked."""
        centre = self._house.centre(asker, Right.SEE, centre_id)
        wanted = [first + timedelta(days=ahead) for ahead in range(max(1, min(days, DAYS_MOST)))]

        def look(session: Session) -> dict[tuple[str, object], int]:
            ends = [until for day in wanted for _, until in spans(centre, day)]
            begins = [since for day in wanted for since, _ in spans(centre, day)]
            if not ends:
                return {}
            rows = session.exec(
                select(SlotRow.service, SlotRow.slot_at, SlotRow.taken).where(
                    SlotRow.centre == centre_id,
                    col(SlotRow.slot_at) >= min(begins),
                    col(SlotRow.slot_at) < max(ends),
                )
            )
            return {(service, at): taken for service, at, taken in rows}

        taken = await self._house.look(look)
        return tuple(
            DaySeen(
                day,
                tuple(spans(centre, day)),
                next((each.name for each in centre.holidays if each.date == day), None),
                {
                    service.id: tuple(
                        SlotSeen(service.id, slot.at, slot.until, slot.places, taken.get((service.id, slot.at), 0))
                        for slot in slots_of(centre, service, day)
                    )
                    for service in centre.services
                    if service.appointments
                },
            )
            for day in wanted
        )

    async def preview_close(self, asker: Asker, centre_id: str, closing: Closing) -> Displaced:
        """Count the bookings that a closing would displace. Refused: NOTHING_THERE, PAST, INVALID."""
        return await self._centres.tried(centre_id, self._closing(asker, centre_id, closing))

    async def close(
        self,
        asker: Asker,
        centre_id: str,
        closing: Closing,
        displaced: How | None = None,
        *,
        asked: Once | None = None,
    ) -> Changed:
        """Close a day, some of its hours, or a service. Refused: DISPLACES without `displaced`; NOTHING_THERE, PAST."""
        make = self._closing(asker, centre_id, closing)
        about = closing.day.isoformat()
        return await self._centres.made(asker, centre_id, make, Act.CLOSED, about, displaced, asked=asked)

    async def open(self, asker: Asker, centre_id: str, opening: Opening, *, asked: Once | None = None) -> Changed:
        """Open hours or places at once, and announce them. Refused: PAST, INVALID."""
        seen = self._house.centre(asker, Right.CHANGE_CENTRE, centre_id)
        now = self._house.clock.now()
        words = self._words()

        def make(fields: Fields) -> Fields:
            openings.check(seen, opening, now)
            texts = {each.language: opening.text.get(each.language) or each.opened(seen, opening) for each in words}
            centre = Centre.from_json(fields)
            return openings.opened(centre, _with_imported(centre, seen), opening, Said(texts, {}), now).to_json()

        return await self._centres.made(asker, centre_id, make, Act.OPENED, opening.day.isoformat(), None, asked=asked)

    async def preview_import(self, asker: Asker, body: str, calendar: bytes) -> ImportDone:
        """Say what a calendar (.ics) would change at a centre, or at all centres below a body. Refused: CALENDAR."""
        check(asker, Right.CHANGE_CENTRE, body)
        days = _parsed(calendar, self._house.clock.now().date())

        def look(session: Session) -> None:
            # What it would do is found by doing it, and then it is not done.
            raise _TriedError(self._imported(session, asker, body, days, "move"))

        try:
            await self._house.look(look)
        except _TriedError as tried:
            return tried.done
        raise AssertionError("it was done")

    async def import_holidays(
        self,
        asker: Asker,
        body: str,
        calendar: bytes,
        displaced: How | None = None,
        *,
        asked: Once | None = None,
    ) -> ImportDone:
        """Import holidays at a centre, or at all centres below a body. Refused: CALENDAR, DISPLACES."""
        check(asker, Right.CHANGE_CENTRE, body)
        days = _parsed(calendar, self._house.clock.now().date())

        def job(session: Session) -> ImportDone:
            return self._imported(session, asker, body, days, displaced)

        done = await self._house.change(list(self._house.registers.centres), once(asked, ImportDone, job))
        await self._centres.work_off(done.displaced)
        return done

    def _closing(self, asker: Asker, centre_id: str, closing: Closing) -> Make:
        seen = self._house.centre(asker, Right.CHANGE_CENTRE, centre_id)
        now = self._house.clock.now()
        words = self._words()

        def make(fields: Fields) -> Fields:
            # In the transaction: who asks again after the day has passed is not refused what was done.
            openings.check(seen, closing, now)
            said = Said(
                {each.language: each.closed(seen, closing) for each in words},
                {each.language: closing.reason.get(each.language) or each.holiday() for each in words},
            )
            centre = Centre.from_json(fields)
            return openings.closed(centre, _with_imported(centre, seen), closing, said, now).to_json()

        return make

    def _imported(
        self,
        session: Session,
        asker: Asker,
        body: str,
        days: dict[date, dict[str, str]],
        how: How | None,
    ) -> ImportDone:
        now = self._house.clock.now()
        rows = {row.id: row for row in session.exec(select(CentreRow).order_by(col(CentreRow.id)))}
        before = {name: joined(session, own(session, row)) for name, row in rows.items()}
        whose = _whose(session, asker, body, rows)
        done = holidays.put(session, days, whose)
        counts, found = [], []
        for name in sorted(done.touched):
            row = rows[name]
            after = joined(session, Centre.from_json({**row.settings, "version": row.edition + 1}))
            displacing.shut(session, before[name], after, now)
            there = displacing.find(session, before[name], after, now)
            counts.append(displacing.count(there, after))
            found += there
        displaced = displacing.together(counts)
        if found and how is None:
            raise RefusedError(Why.DISPLACES, displaced=displaced)
        told: dict[str, object] = {day.isoformat(): days[day] for day in sorted(days)}
        change = note(session, asker, body, Act.HOLIDAYS_IMPORTED, "", now, {}, {"days": told})
        displacing.remember(session, found, change, how or "move", now)
        session.flush()
        for name in sorted(done.touched):
            store(session, rows[name], rows[name].settings)
        return ImportDone(done.added, done.renamed, done.removed, displaced, change)


class _TriedError(Exception):
    """What an import would have done; its transaction is rolled back."""

    def __init__(self, done: ImportDone) -> None:
        super().__init__()
        self.done = done


class Sayings:
    """The usual words of announcements in one language."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._phrases = Phrases(catalogue, clock)
        self.language = catalogue.language

    def holiday(self) -> str:
        """Name a closed day."""
        return self._catalogue.t("days.holiday")

    def closed(self, centre: Centre, closing: Closing) -> str:
        """Announce a closing."""
        day, what = self._phrases.day(closing.day, centre), self._services(centre, [closing.service])
        hours = self._hours(centre, closing.begins, closing.ends)
        said = self._catalogue.t(
            _CLOSED[bool(closing.service), bool(hours)], day=day, **({"service": what} if what else {}), **hours
        )
        why = closing.reason.get(self.language, "").strip()
        return f"{said} {why}" if why else said

    def opened(self, centre: Centre, opening: Opening) -> str:
        """Announce an opening."""
        day, what = self._phrases.day(opening.day, centre), self._services(centre, opening.services)
        hours = self._hours(centre, opening.begins, opening.ends)
        key = "days.opened_service" if what else "days.opened"
        return self._catalogue.t(key, day=day, **({"service": what} if what else {}), **hours)

    def _services(self, centre: Centre, services: Sequence[str]) -> str:
        names = [found.name for each in services if each and (found := centre.service(each)) is not None]
        return self._catalogue.t("days.and").join(self._phrases.of(name) for name in names)

    def _hours(self, centre: Centre, begins: time | None, ends: time | None) -> dict[str, str]:
        if begins is None and ends is None:
            return {}
        return {
            "begins": self._phrases.clock(begins or time.min, centre),
            "ends": self._phrases.clock(ends or time.max, centre),
        }


def booked_today(session: Session, centres: Sequence[Centre], now: datetime) -> dict[str, int]:
    """Count the bookings of the centres' day that nobody took back, by centre; in one question where one clock goes."""
    days: dict[tuple[datetime, datetime], list[str]] = {}
    for centre in centres:
        today = now.astimezone(centre.zone).date()
        begins, ends = (datetime.combine(today + timedelta(days=ahead), time.min, centre.zone) for ahead in (0, 1))
        days.setdefault((begins.astimezone(UTC), ends.astimezone(UTC)), []).append(centre.id)
    counted = (
        select(AppointmentRow.centre, func.count())
        .where(col(AppointmentRow.status).in_((BOOKED, KEPT, NO_SHOW)))
        .group_by(col(AppointmentRow.centre))
    )
    found: dict[str, int] = {}
    for (begins, ends), names in days.items():
        slot_at = col(AppointmentRow.slot_at)
        of_day = counted.where(col(AppointmentRow.centre).in_(names), slot_at >= begins, slot_at < ends)
        found.update(session.exec(of_day).all())
    return found


def _with_imported(centre: Centre, seen: Centre) -> Centre:
    """Return a centre's own settings with the holidays that were imported for it."""
    own_days = {each.date for each in centre.holidays}
    imported = tuple(each for each in seen.holidays if each.date not in own_days)
    return replace(centre, holidays=(*centre.holidays, *imported))


def _parsed(calendar: bytes, today: date) -> dict[date, dict[str, str]]:
    try:
        return holidays.parse(calendar, languages(), today)
    except SeedError as error:
        raise RefusedError(Why.CALENDAR, errors=error.errors) from error


def _whose(session: Session, asker: Asker, body: str, rows: dict[str, CentreRow]) -> list[str]:
    """Return for which centres a body's holidays are."""
    if body == EVERYWHERE:
        return [holidays.EVERY_CENTRE]
    if not kind_of(session, body):
        raise RefusedError(Why.NO_SUCH_BODY)
    return [name for name in rows if asker.tree.is_below(name, body)]
