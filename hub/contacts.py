"""The phones that tickets' messages go to: taken from the kiosks, kept in a side table, erased by schedule.

A phone is in no event, view or log, and leaves this table only for the gateway. It decides nothing about messages
(`messenger`).
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from hub.arbiter import Arbiter
from queueing.facts import MessageSettled
from queueing.wire import instant_to_wire
from sms.life import Why
from sms.numbers import WrongNumberError, mobile
from sync.clock import Clock
from sync.gate import Gate
from sync.log import Transaction
from sync.problems import Problem, problem_docs
from sync.rights import Device, Right

KEPT = timedelta(days=1)
"""A phone is erased after this at the latest."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a ticket's messages go to: `phone` is E.164, `lang` the language chosen at the kiosk."""

    ticket: str
    phone: str
    lang: str


class ContactIn(BaseModel):
    """A ticket's phone, as the customer typed it at the kiosk."""

    model_config = ConfigDict(frozen=True)

    ticket: str = Field(min_length=1, max_length=120, examples=["kiosk-1.1.42"])
    phone: str = Field(pattern=r"^\+[0-9]{6,15}$", examples=["+97336001234"])
    lang: str = Field(pattern="^[a-z]{2,3}(-[A-Za-z]{2,8})?$", examples=["ar"])


def contacts_router(arbiter: Arbiter, gate: Gate, clock: Clock) -> APIRouter:
    """Return the route by which kiosks hand over phones."""
    router = APIRouter(prefix="/v1", tags=["devices"])
    sends = gate.may(Right.SEND_CONTACTS)

    @router.post("/contacts", status_code=204, responses=problem_docs(401, 403, 411, 413, 422, 503))
    async def contacts(device: Annotated[Device, Depends(sends)], said: ContactIn) -> None:
        """Take the phone of one of the kiosk's own tickets. Repetition is harmless; then the kiosk may erase it.

        422 WRONG_NUMBER {reason}: no message may go there, now or later; staff are told so by an event. The ticket
        itself may arrive afterwards.
        """
        if said.ticket.split(".")[0] != device.id:
            raise Problem(403, "NOT_YOURS", "A kiosk gives the phones of its own tickets")
        try:
            phone = mobile(said.phone, [plan.country for plan in arbiter.settings.centre.phones])
        except WrongNumberError as error:
            await arbiter.writer.run(lambda tx: _note_refused(tx, arbiter, said.ticket))
            raise Problem(422, "WRONG_NUMBER", "No message may go to this number", reason=error.reason) from error
        now = clock.now()
        await arbiter.writer.run(lambda tx: keep(tx, Contact(said.ticket, phone, said.lang), now))

    return router


def _note_refused(tx: Transaction, arbiter: Arbiter, ticket_id: str) -> None:
    """Note that a ticket's first message cannot be sent, once. A kiosk hands the ticket over before its phone."""
    ticket = arbiter.hall.state.tickets.get(ticket_id)
    if ticket is not None and "eticket" not in dict(ticket.messages):
        arbiter.note(tx, [MessageSettled(ticket_id, "eticket", "failed", Why.REFUSED)])


def keep(tx: Transaction, contact: Contact, now: datetime) -> None:
    """Keep a ticket's phone. The first one stays: messages may be on their way to it."""
    tx.connection.execute(
        "INSERT OR IGNORE INTO contact (ticket, phone, lang, kept_at) VALUES (?, ?, ?, ?)",
        (contact.ticket, contact.phone, contact.lang, instant_to_wire(now)),
    )


def all_of(connection: sqlite3.Connection) -> list[Contact]:
    """Return every phone that is kept, the oldest first."""
    rows = connection.execute("SELECT ticket, phone, lang FROM contact ORDER BY kept_at, ticket")
    return [Contact(*row) for row in rows]


def erase(tx: Transaction, tickets: Iterable[str]) -> None:
    """Erase the phones of tickets that no message can come to any more."""
    _overwrite(tx)
    tx.connection.executemany("DELETE FROM contact WHERE ticket = ?", ((ticket,) for ticket in tickets))


def purge(tx: Transaction, now: datetime) -> None:
    """Erase the phones that were kept long enough, whatever became of their tickets."""
    before = (instant_to_wire(now - KEPT),)
    if tx.connection.execute("SELECT 1 FROM contact WHERE kept_at < ?", before).fetchone():
        _overwrite(tx)
        tx.connection.execute("DELETE FROM contact WHERE kept_at < ?", before)


def _overwrite(tx: Transaction) -> None:
    # Else SQLite leaves what was erased in the file's free pages, and in what was written ahead of it.
    tx.connection.execute("PRAGMA secure_delete = ON")
    tx.leaves_no_trace = True
