"""Booking's verbs, as `server.booking` tells them: each finds what it needs, runs one job and wakes what follows."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import NewType, TypeVar

from sqlmodel import Session, col, select

from assets.texts import languages
from queueing.centre import Centre
from queueing.cpr import ascii_digits, parse
from server.booking import appointments, blocks, places, signing_in, virtual
from server.booking.answers import (
    Appointment,
    Block,
    Channel,
    CodeSent,
    Customer,
    FreeDay,
    Mine,
    RefusedError,
    SignedIn,
    Ticket,
    Why,
)
from server.booking.appointments import Change, told
from server.booking.lately import Lately, free_of
from server.booking.registry import Person, Registry
from server.booking.rounds import Rounds
from server.booking.together import Together
from server.limits import Limit, limit
from server.planting import BOOKED, MOVED, STANDS
from server.registers import Registers
from server.signing import ServerKey
from server.storage import Store
from server.tables import AppointmentRow, CustomerRow
from sync.clock import Clock
from sync.codes import BookingCode

T = TypeVar("T")

Token = NewType("Token", str)
"""Of a session, as its customer brings it; it may be anything, or be over."""
Around = Callable[[Session, Callable[[], Appointment]], Appointment]
"""What else is done in the transaction of a change, and whether the change is: an answer may be there already."""

SIGN_INS_PER_MINUTE = 60
"""Codes asked for, and as many tries, from one address; behind one there may be a whole mobile operator."""
MISSES_PER_MINUTE = 30
"""Links that nobody has, from one address."""
_FIRST_LANGUAGE = "ar"
HISTORY = 50
"""Past appointments that a customer is shown."""

_log = logging.getLogger(__name__)


class Booking:
    """The verbs, for an event loop. Each raises RefusedError when a rule says no, and StorageUnavailable."""

    def __init__(
        self,
        store: Store,
        registers: Registers,
        registry: Registry,
        signer: ServerKey,
        rounds: Rounds,
        clock: Clock,
        *,
        sign_ins_per_minute: int = SIGN_INS_PER_MINUTE,
        has_rooms: bool = True,
    ) -> None:
        """`has_rooms`: there are video rooms, so that an appointment can be held by video."""
        self.has_rooms = has_rooms
        self._store = store
        self._registers = registers
        self._registry = registry
        self._signer = signer
        self._rounds = rounds
        self._clock = clock
        self._together = Together(store)
        self._lately = Lately(clock.monotonic)
        self._languages = frozenset(languages())
        self._asks = limit(store, clock, "codes_asked", sign_ins_per_minute)
        self._missed = limit(store, clock, "links_missed", MISSES_PER_MINUTE)
        self._tries = limit(store, clock, "codes_tried", sign_ins_per_minute)

    # --- who it is

    async def begin_sign_in(self, cpr: str, lang: str, origin: str) -> CodeSent:
        """Have a one-time code sent to the phone on record; answers alike whether or not there is one.

        Messages come in `lang`, in Arabic where there are no texts in it. `origin` is the address that asks. Raises
        RegistryUnavailable, too.
        """
        digits = _digits(cpr)
        lang = lang if lang in self._languages else _FIRST_LANGUAGE
        await _limit(self._asks, origin)
        person = await self._person(digits)
        now = self._clock.now()
        sent = await self._store.run(
            lambda session: signing_in.make_code(session, self._store.vault, digits, person, lang, now)
        )
        self._rounds.wake()
        return sent

    async def finish_sign_in(self, cpr: str, code: str, origin: str, born: date | None = None) -> SignedIn:
        """Let in who has the code, registering who comes for the first time; `born` where the registry has none.

        Raises RegistryUnavailable, too.
        """
        digits = _digits(cpr)
        await _limit(self._tries, origin)
        person = await self._person(digits)
        now, token, vault = self._clock.now(), secrets.token_urlsafe(32), self._store.vault
        today, typed = self._today(now), ascii_digits(code)
        entered = await self._store.run(
            lambda session: signing_in.use_code(session, vault, digits, typed, person, born, today, token, now)
        )
        if isinstance(entered, RefusedError):
            _log.info("sign_in_refused why=%s", entered.why.name)
            raise entered
        return SignedIn(token, now + signing_in.SESSION_MOST, entered.customer, entered.is_new)

    async def admit(self, cpr: str, vouched: Person, lang: str, origin: str, born: date | None = None) -> SignedIn:
        """Let in whom another service vouches for, as a code does; `born` where nobody knows the date of birth.

        What the registry has on record goes before what is vouched for. Raises RegistryUnavailable, too.
        """
        digits = _digits(cpr)
        await _limit(self._tries, origin)
        on_record = await self._person(digits)
        person = vouched if on_record is None else on_record.completed(vouched)
        now, token, vault = self._clock.now(), secrets.token_urlsafe(32), self._store.vault
        today, lang = self._today(now), lang if lang in self._languages else _FIRST_LANGUAGE
        entered = await self._store.run(
            lambda session: signing_in.admit(
                session, vault, digits, person, born, person.phone, lang, today, token, now
            )
        )
        if isinstance(entered, RefusedError):
            _log.info("sign_on_refused why=%s", entered.why.name)
            raise entered
        return SignedIn(token, now + signing_in.SESSION_MOST, entered.customer, entered.is_new)

    async def register(self, cpr: str, lang: str, born: date | None = None, *, is_proof: bool = False) -> Customer:
        """Return the customer with a CPR, registered now where it is the first time, without a session.

        For who books for others: the registry's word counts, `born` where nobody knows it. `is_proof`: another `born`
        than the one on record is refused (BIRTH_DATE), and nobody is registered. Raises RegistryUnavailable.
        """
        digits = _digits(cpr)
        person = await self._person(digits)
        now, vault = self._clock.now(), self._store.vault
        today, phone = self._today(now), person.phone if person is not None else ""
        lang = lang if lang in self._languages else _FIRST_LANGUAGE
        entered = await self._store.run(
            lambda session: signing_in.register(
                session, vault, digits, person, born, phone, today, now, lang, is_proof=is_proof
            )
        )
        if isinstance(entered, RefusedError):
            raise entered
        return entered.customer

    async def with_cpr(self, cpr: str) -> Customer:
        """Return the customer with a CPR who is known here. Refused: CPR, NO_SUCH_APPOINTMENT for one who is not."""
        digits = _digits(cpr)
        return await self._store.run(lambda session: signing_in.known(session, self._store.vault, digits))

    async def customer(self, token: Token) -> Customer:
        """Return whose session a token is, and keep it alive."""
        now = self._clock.now()
        return await self._together.run(lambda session: self._whose(session, token, now))

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self._store.run(lambda session: signing_in.end(session, token))

    # --- appointments

    async def free(self, centre_id: str, service_id: str) -> tuple[FreeDay, ...]:
        """Return the days of the horizon with their slots that have not begun, full ones too."""
        centre = self._centre(centre_id)
        service = centre.service(service_id)
        if service is None or not service.appointments:
            raise RefusedError(Why.NO_SUCH_SERVICE)
        now = self._clock.now()
        known = self._lately.free(centre, service, now)
        if known is not None:
            return known
        days = self._lately.times(centre, service, now)
        all_slots = [slot for _, slots in days for slot in slots]
        if not all_slots:
            return free_of(days, {}, now)
        since, until = all_slots[0].at, all_slots[-1].until
        taken = await self._together.run(
            lambda session: places.taken(session, centre_id, service_id, since, until),
            lambda taken: self._lately.read(centre_id, service_id, taken),
        )
        return self._lately.free(centre, service, now) or free_of(days, taken, now)

    async def book(
        self,
        who: Customer | Token,
        centre_id: str,
        service_id: str,
        slot_at: datetime,
        channel: Channel = "counter",
        *,
        around: Around | None = None,
    ) -> Appointment:
        """Book a slot that begins at an instant (aware).

        For a session's token whose it is is found out in the same transaction, which is one less.
        """
        centre = self._centre(centre_id)
        self._check_rooms(channel)
        service = centre.service(service_id)
        seems_full = service is not None and self._lately.is_full(centre, service, slot_at, self._clock.now())
        job = appointments.own_or_taken if seems_full else appointments.book
        change = Change(self._clock.now(), secrets.token_hex(8))

        def tell(made: Appointment) -> None:
            if made.id == change.new_id:
                self._lately.booked(made.centre, made.service, made.slot_at)
            self._tell(change)

        def booked(session: Session) -> Appointment:
            customer = who if isinstance(who, Customer) else self._whose(session, who, change.now)
            return job(session, change, centre, service_id, slot_at, customer, channel)

        run = self._together.run if around is None else self._store.run
        try:
            made = await run(_within(around, booked), tell)
        except RefusedError as error:
            if error.why is Why.TAKEN and not seems_full:
                self._lately.full(centre_id, service_id, slot_at)
            raise
        self._rounds.wake()
        _log.info("booked centre=%s appointment=%s", made.centre, made.id)
        return made

    async def move(
        self,
        customer: Customer,
        centre_id: str,
        appointment_id: str,
        slot_at: datetime,
        channel: Channel | None = None,
        *,
        around: Around | None = None,
    ) -> Appointment:
        """Move an own booking; it is another appointment then, with the same link. Moving is never held against one."""
        centre = self._centre(centre_id)
        self._check_rooms(channel)
        moved = await self._change(
            lambda session, change: appointments.move(
                session, change, centre, appointment_id, slot_at, customer, channel
            ),
            around,
        )
        _log.info("moved centre=%s appointment=%s to=%s", centre_id, appointment_id, moved.id)
        return moved

    async def cancel(
        self, customer: Customer, centre_id: str, appointment_id: str, *, around: Around | None = None
    ) -> Appointment:
        """Cancel an own booking."""
        centre = self._centre(centre_id)
        gone = await self._change(
            lambda session, change: appointments.cancel(session, change, centre, appointment_id, customer),
            around,
        )
        _log.info("cancelled centre=%s appointment=%s late=%s", gone.centre, gone.id, gone.late)
        return gone

    async def mine(self, customer: Customer) -> Mine:
        """Return a customer's appointments and blocks."""
        now, centres = self._clock.now(), self._registers.centres

        def look(session: Session) -> Mine:
            own = select(AppointmentRow).where(AppointmentRow.customer == customer.id)
            is_coming = (col(AppointmentRow.status) == BOOKED) & (col(AppointmentRow.slot_at) > now)
            coming = session.exec(own.where(is_coming).order_by(col(AppointmentRow.slot_at))).all()
            past = session.exec(
                own.where(~is_coming, col(AppointmentRow.status) != MOVED)
                .order_by(col(AppointmentRow.slot_at).desc())
                .limit(HISTORY)
            ).all()
            return Mine(
                tuple(told(row, centres.get(row.centre), now) for row in coming),
                tuple(told(row, centres.get(row.centre), now) for row in past),
                blocks.current(session, customer.id, now),
                blocks.all_of(session, customer.id),
            )

        return await self._store.run(look)

    async def history(
        self, customer: Customer, before: tuple[datetime, str] | None, most: int
    ) -> tuple[Appointment, ...]:
        """Return a customer's appointments that are not to come any more, the newest first, from a slot and id on."""
        now, centres = self._clock.now(), self._registers.centres
        slot_at, own_id = col(AppointmentRow.slot_at), col(AppointmentRow.id)
        is_coming = (col(AppointmentRow.status) == BOOKED) & (slot_at > now)
        own = select(AppointmentRow).where(
            AppointmentRow.customer == customer.id, ~is_coming, col(AppointmentRow.status) != MOVED
        )
        if before is not None:
            own = own.where((slot_at < before[0]) | ((slot_at == before[0]) & (own_id < before[1])))
        ordered = own.order_by(slot_at.desc(), own_id.desc()).limit(most)
        rows = await self._store.run(lambda session: session.exec(ordered).all())
        return tuple(told(row, centres.get(row.centre), now) for row in rows)

    async def by_link(self, link: str) -> Ticket:
        """Return the appointment that a link names. Its QR's text is empty once it was cancelled."""
        now, centres = self._clock.now(), self._registers.centres

        def look(session: Session) -> tuple[AppointmentRow, CustomerRow] | None:
            row = session.exec(select(AppointmentRow).where(AppointmentRow.link == link)).one_or_none()
            return None if row is None else (row, session.get_one(CustomerRow, row.customer))

        found = await self._together.run(look) if link else None
        if found is None:
            raise RefusedError(Why.NO_SUCH_APPOINTMENT)
        row, customer = found
        code = ""
        if row.status in STANDS and row.channel == "counter":
            code = self._signer.code(BookingCode(row.centre, row.id, row.service, row.slot_at, customer.lookup))
        return Ticket(told(row, centres.get(row.centre), now), code, customer.lang, customer.id)

    async def by_video(self, appointment: Appointment) -> virtual.VideoTurn | None:
        """Return the turn of an appointment by video, None before its time or while its centre is cut off."""
        return await self._store.run(lambda session: virtual.turn_of(session, appointment.centre, appointment.id))

    async def may_miss(self, origin: str) -> bool:
        """Count a link that nobody has; False when an address has asked for too many, of whichever process."""
        return not await self._missed.take(origin)

    # --- staff's

    async def lift_block(self, customer_id: str, by: str, why: str) -> Block:
        """Lift a customer's block for a reason, in the name of a member of staff."""
        now = self._clock.now()

        def job(session: Session) -> Block:
            appointments.begin(session, customer_id)
            return blocks.lift(session, customer_id, by, why, now)

        return await self._store.run(job)

    async def _change(self, job: Callable[[Session, Change], Appointment], around: Around | None = None) -> Appointment:
        change = Change(self._clock.now(), secrets.token_hex(8))

        def tell(made: Appointment) -> None:
            self._lately.forget(made.centre, made.service)
            self._tell(change)

        made = await self._store.run(_within(around, lambda session: job(session, change)), tell)
        self._rounds.wake()
        return made

    def _tell(self, change: Change) -> None:
        """Let the centres' hubs hear of a change that is committed."""
        if change.revisions:
            self._registers.told(change.revisions)

    def _whose(self, session: Session, token: Token, now: datetime) -> Customer:
        return signing_in.who(session, self._store.vault, token, now)

    async def _person(self, cpr: str) -> Person | None:
        return await asyncio.get_running_loop().run_in_executor(None, self._registry.person, cpr)

    def _check_rooms(self, channel: Channel | None) -> None:
        if channel == "virtual" and not self.has_rooms:
            raise RefusedError(Why.NOT_VIRTUAL)

    def _centre(self, centre_id: str) -> Centre:
        centre = self._registers.centres.get(centre_id)
        if centre is None:
            raise RefusedError(Why.NO_SUCH_CENTRE)
        return centre

    def _today(self, now: datetime) -> date:
        """Return the date where the first centre is: a country's age counts by its own day."""
        centre = next(iter(self._registers.centres.values()), None)
        return now.date() if centre is None else now.astimezone(centre.zone).date()


def _within(around: Around | None, job: Callable[[Session], Appointment]) -> Callable[[Session], Appointment]:
    return job if around is None else lambda session: around(session, lambda: job(session))


def _digits(cpr: str) -> str:
    digits = parse(cpr)
    if digits is None:
        raise RefusedError(Why.CPR)
    return digits


async def _limit(counted: Limit, origin: str) -> None:
    wait_s = await counted.take(origin)
    if wait_s:
        raise RefusedError(Why.TOO_MANY, retry_after_s=wait_s)
