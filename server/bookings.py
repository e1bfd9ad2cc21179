"""What the registry tells a centre: a day's appointments, and who a customer is as far as a kiosk has to know.

A customer is named by the keyed hash alone, on the way in and on the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlmodel import Session, col, or_, select

from queueing.centre import Centre
from server.booking.seals import customer_place
from server.planting import BOOKED, STANDS
from server.tables import AppointmentRow, CustomerRow
from server.vault import Vault
from sync.codes import BookingCode

VIRTUAL = "virtual"
"""The channel of an appointment by video."""
AGE_TO_BOOK = 17
"""Years from which one books by oneself (B1)."""


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment; `customer` is the keyed hash. `lang` is told of the one by video: its hub speaks first."""

    id: str
    customer: str
    service: str
    slot_at: datetime
    channel: str = "counter"
    status: str = BOOKED
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the registry knows of a customer on a centre's day."""

    result: Literal["appointment", "none", "unknown", "under_age"]
    appointments: tuple[Booking, ...] = ()
    priority: Literal["older"] | None = None


def of_day(session: Session, centre: Centre, day: date) -> list[Booking]:
    """Return a centre's appointments of a local day, in order of their slots."""
    begins_at, ends_at = _span(centre, day)
    rows = session.exec(
        select(AppointmentRow, CustomerRow.lookup, CustomerRow.lang)
        .where(
            AppointmentRow.customer == CustomerRow.id,
            AppointmentRow.centre == centre.id,
            col(AppointmentRow.status).in_(STANDS),
            AppointmentRow.slot_at >= begins_at,
            AppointmentRow.slot_at < ends_at,
        )
        .order_by(AppointmentRow.slot_at, AppointmentRow.id)  # type: ignore[arg-type]  # a class's field is its column
    )
    return [
        Booking(
            row.id, lookup, row.service, row.slot_at, row.channel, row.status, lang if row.channel == VIRTUAL else ""
        )
        for row, lookup, lang in rows
    ]


def to_sign(session: Session, name: str, centre: str | None = None) -> list[BookingCode]:
    """Return what the codes of the bookings with an id, or with a name in a seed, say; of one centre or of all."""
    wanted = select(AppointmentRow, CustomerRow.lookup).where(
        AppointmentRow.customer == CustomerRow.id,
        AppointmentRow.channel == "counter",
        col(AppointmentRow.status).in_(STANDS),
        or_(col(AppointmentRow.id) == name, col(AppointmentRow.reference) == name),
    )
    rows = session.exec(wanted if centre is None else wanted.where(AppointmentRow.centre == centre))
    return [BookingCode(row.centre, row.id, row.service, row.slot_at, lookup) for row, lookup in rows]


class Registry:
    """Answers look-ups, with the same work for a customer who is known and for one who is not."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        # Opened in place of an unknown customer's birth date, so that the time taken tells nothing.
        self._decoy = CustomerRow(id="-", lookup="-", cpr=b"", name=b"", born=b"")
        self._decoy.born = vault.seal(date(1990, 1, 1).isoformat(), customer_place("-", "born"))

    def look_up(self, session: Session, centre: Centre, customer: str, now: datetime) -> Found:
        """Return what is known of the customer with this keyed hash, and today's appointments at this centre."""
        known = session.exec(select(CustomerRow).where(CustomerRow.lookup == customer)).one_or_none()
        person = known or self._decoy
        born = date.fromisoformat(self._vault.unseal(person.born, customer_place(person.id, "born")))
        today = now.astimezone(centre.zone).date()
        age = age_on(born, today)
        bookings = self._of_customer(session, centre, person, today)
        if known is None:
            return Found("unknown")
        if age < AGE_TO_BOOK:
            return Found("under_age")
        priority: Literal["older"] | None = "older" if age >= centre.priority_age else None
        return Found("appointment" if bookings else "none", tuple(bookings), priority)

    @staticmethod
    def _of_customer(session: Session, centre: Centre, person: CustomerRow, today: date) -> Sequence[Booking]:
        begins_at, ends_at = _span(centre, today)
        rows = session.exec(
            select(AppointmentRow)
            .where(
                AppointmentRow.customer == person.id,
                AppointmentRow.centre == centre.id,
                AppointmentRow.channel == "counter",  # One by video is not checked in for.
                col(AppointmentRow.status).in_(STANDS),
                AppointmentRow.slot_at >= begins_at,
                AppointmentRow.slot_at < ends_at,
            )
            .order_by(AppointmentRow.slot_at)  # type: ignore[arg-type]  # a class's field is its column
        )
        return [Booking(row.id, person.lookup, row.service, row.slot_at) for row in rows]


def _span(centre: Centre, day: date) -> tuple[datetime, datetime]:
    begins_at, ends_at = (
        datetime.combine(day + timedelta(days=days), time.min, centre.zone).astimezone(UTC) for days in (0, 1)
    )
    return begins_at, ends_at


def age_on(born: date, today: date) -> int:
    """Return full years; who is born on 29 February is a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
