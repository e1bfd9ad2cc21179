"""Booking's house with the administration in it, on either database, without HTTP."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from server.administration.answers import Changed, Closing, How
from server.administration.desk import Administration
from server.administration.displaced import Displacements
from server.administration.house import House as Ground
from server.administration.roles import EVERYWHERE, Asker, Held, Role, Tree, rights_of
from server.booking.answers import Appointment, Customer
from server.booking.seals import seal_customer
from server.devices import Devices
from server.planting import BOOKED
from server.tables import AppointmentRow, CustomerRow
from tests.server.booking.house import CENTRE, OTHER, SERVICE, House

TREE = Tree({CENTRE: "traffic", "traffic": "interior", "interior": "", OTHER: ""})
MANAGER = Asker("account:m", "Manager", (Held(CENTRE, rights_of(Role.MANAGER)),), tree=TREE)
ROOT = Asker("account:r", "Root", (Held(EVERYWHERE, rights_of(Role.ADMINISTRATOR)),), tree=TREE)
TUESDAY = date(2026, 11, 24)


class Home(House):
    """A house whose rounds work off what a change displaces."""

    def open(self) -> None:
        super().open()
        self.displacements = Displacements(self.store, self.registers, self.clock)
        self.rounds.also(self.displacements.go)
        ground = Ground(self.store, self.registers, self.clock)
        devices = Devices(self.store, self.registers, self.clock)
        self.it = Administration(ground, devices, self.booking, self.displacements)

    def crowd(self, count: int) -> list[Customer]:
        """Register customers with a phone each, every second one in Arabic."""
        like = self.sign_in()

        def add(session: Session) -> None:
            known = session.get_one(CustomerRow, like.id)
            for n in range(count):
                row = CustomerRow(id=f"c{n}", lookup=f"{n:032x}", cpr=known.cpr, born=b"", name=b"")
                row.lang = "ar" if n % 2 else "en"
                seal(row, self, n)
                session.add(row)

        self.store.call(add)
        return [Customer(f"c{n}", "en", like.name, like.born) for n in range(count)]

    def on(self, day: date = TUESDAY, service: str = SERVICE) -> list[datetime]:
        """Return when slots of a day begin that have a place."""
        return [at for at in self.slots(service) if at.astimezone(self.registers.centres[CENTRE].zone).date() == day]

    def close_day(self, how: How | None = None, day: date = TUESDAY, **what: Any) -> Changed:
        return self.do(self.it.days.close(MANAGER, CENTRE, Closing(day, **what), how))

    def standing(self, day: date = TUESDAY) -> list[str]:
        """Return whose bookings stand on a day."""
        zone = self.registers.centres[CENTRE].zone

        def look(session: Session) -> list[str]:
            rows = session.exec(select(AppointmentRow).where(AppointmentRow.status == BOOKED)).all()
            return [row.customer for row in rows if row.slot_at.astimezone(zone).date() == day]

        return self.store.call(look)

    def coming(self, customer: Customer) -> tuple[Appointment, ...]:
        return self.do(self.booking.mine(customer)).coming

    def told(self, *kinds: str) -> list[str]:
        """Return the numbers to which messages of some kinds went, after all were handed over."""
        self.rounds.hand_over()
        return sorted(message.to for message in self.outlet.taken.values() if message.kind in kinds)


def seal(row: CustomerRow, home: House, n: int) -> None:
    seal_customer(row, home.store.vault, born="1990-01-01", name="{}", phone=phone(n))


def phone(n: int) -> str:
    """Return a customer's number."""
    return f"+9733600{n:04d}"


def opened(folder: Path, database: str = "", **changes: Any) -> Home:
    """Open a home."""
    return Home(folder, None, database, **changes)
