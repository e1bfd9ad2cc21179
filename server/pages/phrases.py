"""Days, times and hours as a language says them on the pages; the centre's own zone and digits. Nothing is decided."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from assets.texts import Catalogue
from queueing.centre import DAYS, Centre, ExtraDay, Holiday, Notice, Service
from queueing.hours import Open, opening
from queueing.words import Words
from sms.numbers import grouped
from sync.clock import Clock

WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""The week as a calendar in Bahrain shows it."""
_AHEAD_DAYS = 60
"""How far ahead the days with other hours are told."""
_RIGHT_TO_LEFT = "\u200f"
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class Phrases:
    """What pages say in one language."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._c = catalogue
        self._clock = clock

    def of(self, text: Words | None) -> str:
        """Return a text in this language, in another where it has none."""
        if not text:
            return ""
        return text.get(self._c.language) or next(iter(text.values()))

    def digits(self, text: str, centre: Centre) -> str:
        """Return a text with the digits that the centre writes in this language."""
        return text.translate(_ARABIC_DIGITS) if self._c.language == "ar" and centre.digits == "arab" else text

    def clock(self, at: datetime | time, centre: Centre) -> str:
        """Return a time of day at the centre."""
        moment = at.astimezone(centre.zone).time() if isinstance(at, datetime) else at
        return self.digits("24:00" if moment == time.max else f"{moment:%H:%M}", centre)

    def day(self, day: date | datetime, centre: Centre) -> str:
        """Return a day with its weekday: Sunday 22 November."""
        if isinstance(day, datetime):
            day = day.astimezone(centre.zone).date()
        return self.digits(self._date(day), centre)

    def _date(self, day: date) -> str:
        weekday, month = self.weekday(DAYS[day.weekday()]), self._c.t(f"pages.month.{day.month}")
        said = self._c.t("pages.day", weekday=weekday, day=day.day, month=month)
        # All of it is isolated: within another text nothing but this mark would say which way it runs.
        return f"{_RIGHT_TO_LEFT}{said}" if self._c.direction == "rtl" else said

    def weekday(self, name: str) -> str:
        """Return a day of the week by its name in the data."""
        return self._c.t(f"pages.weekday.{name}")

    def when(self, at: datetime, centre: Centre) -> str:
        """Return an instant near now: a time today or tomorrow, or a day with its time."""
        clock = self.clock(at, centre)
        today = self._clock.now().astimezone(centre.zone).date()
        ahead = (at.astimezone(centre.zone).date() - today).days
        if ahead in (0, 1):
            return self._c.t("pages.today_at" if ahead == 0 else "pages.tomorrow_at", time=clock)
        return self._c.t("pages.day_at", day=self.day(at, centre), time=clock)

    def minutes(self, seconds: int, centre: Centre) -> str:
        """Return how long a service takes."""
        return self.digits(self._c.n("pages.minutes", max(1, round(seconds / 60))), centre)

    def is_open(self, centre: Centre) -> bool:
        """Say whether a centre is open now."""
        return isinstance(opening(centre, self._clock.now()), Open)

    def standing(self, centre: Centre) -> str:
        """Say whether a centre is open now, and until or from when."""
        found = opening(centre, self._clock.now())
        if isinstance(found, Open):
            return self._c.t("pages.open_until", time=self.clock(found.until, centre))
        if found.next_opens_at is None:
            return self._c.t("pages.closed")
        key = "pages.closed_holiday" if found.why == "holiday" else "pages.closed_until"
        return self._c.t(key, when=self.when(found.next_opens_at, centre))

    def spans(self, spans: tuple[tuple[time, time], ...], centre: Centre) -> str:
        """Return the hours of a day."""
        if not spans:
            return self._c.t("pages.closed")
        said = [
            self._c.t("pages.from_until", begins=self.clock(begins, centre), ends=self.clock(ends, centre))
            for begins, ends in sorted(spans)
        ]
        return self._c.t("pages.and").join(said)

    def week(self, centre: Centre) -> list[tuple[str, str, bool]]:
        """Return the days of the week with their hours, and which of them is today."""
        today = DAYS[self._clock.now().astimezone(centre.zone).weekday()]
        return [(self.weekday(day), self.spans(centre.hours.get(day, ()), centre), day == today) for day in WEEK]

    def other_days(self, centre: Centre) -> list[tuple[str, str, str]]:
        """Return the coming days that are not as their week: the day, why, and the hours."""
        today = self._clock.now().astimezone(centre.zone).date()
        last = today + timedelta(days=_AHEAD_DAYS)
        extra = {day.date: day for day in centre.extra_days if today <= day.date <= last}
        holidays = {day.date: day for day in centre.holidays if today <= day.date <= last}
        rows = []
        for day in sorted(extra.keys() | holidays.keys()):
            rows.append((self.day(day, centre), *self._other(extra.get(day), holidays.get(day), centre)))
        return rows

    def _other(self, extra: ExtraDay | None, holiday: Holiday | None, centre: Centre) -> tuple[str, str]:
        why = self.of(holiday.name) if holiday is not None else self._c.t("pages.extra_hours")
        return why, self.spans(extra.hours if extra is not None else (), centre)

    def notices(self, notices: tuple[Notice, ...]) -> list[Notice]:
        """Return the notices that are valid now."""
        now = self._clock.now()
        return [
            notice
            for notice in notices
            if (notice.since is None or notice.since <= now) and (notice.until is None or now < notice.until)
        ]

    def until(self, at: datetime) -> str:
        """Return the last day of something that ends at an instant, in the zone that the instant was written in."""
        return self._date((at - timedelta(seconds=1)).date())

    def again(self, at: datetime, centre: Centre) -> str:
        """Return an instant from which on something may be done: a day, with its time unless it is its beginning."""
        begins = at.astimezone(centre.zone).time() == time.min
        return (
            self.day(at, centre)
            if begins
            else self._c.t("pages.day_at", day=self.day(at, centre), time=self.clock(at, centre))
        )

    def needs(self, service: Service) -> tuple[str, ...]:
        """Return what one has to bring, in this language or another."""
        return service.needs.get(self._c.language) or next(iter(service.needs.values()), ())

    def ended(self, status: str, *, late: bool) -> str:
        """Say what became of an appointment."""
        return self._c.t("pages.status.cancelled_late" if late and status == "cancelled" else f"pages.status.{status}")

    def channels(self, service: Service) -> str:
        """Say how one comes to a service."""
        return self._c.t("pages.booked_or_not" if service.appointments else "pages.walk_in_only")

    def reference(self, number: str, centre: Centre) -> str:
        """Return a complaint's number in groups, as one reads it out: 26-4821-0937."""
        return self.digits(f"{number[:2]}-{number[2:6]}-{number[6:]}", centre)

    @staticmethod
    def phone(number: str) -> str:
        """Return a number as people write it: +973 1700 0000."""
        return grouped(number)


def by_governorate(centres: list[Centre], phrases: Phrases) -> list[tuple[str, list[Centre]]]:
    """Return centres by governorate, both by name; those without one last, under ""."""
    found: dict[str, list[Centre]] = {}
    for centre in sorted(centres, key=lambda each: phrases.of(each.name)):
        found.setdefault(phrases.of(centre.governorate), []).append(centre)
    return sorted(found.items(), key=lambda each: (not each[0], each[0]))
