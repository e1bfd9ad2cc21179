"""Complaints and suggestions: filed by a customer, taken in hand and answered by staff. Jobs on a session."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import cast

from sqlmodel import Session, and_, col, func, or_, select

from server.booking import appointments, notices
from server.booking.answers import Customer, RefusedError, Why
from server.feedback.answers import WORDS_MOST, Complaint, Kind, State
from server.feedback.tables import ComplaintRow
from server.tables import AppointmentRow
from server.vault import Vault
from sms.message import Kind as MessageKind

ANSWERED_WITHIN = timedelta(days=10)
"""When an answer is due."""
MOST_A_DAY = 5
"""Complaints of one customer within a day: a page cannot be made to fill the table."""
SHOWN, LISTED = 50, 200
"""How many a customer, and how many a centre, is shown."""
RECEIVED, IN_HAND, ANSWERED = "received", "in_hand", "answered"

_DAY = timedelta(days=1)


class NoSuchComplaintError(LookupError):
    """The centre has no such complaint, or it is answered already."""


def sealed_place(complaint_id: str, column: str) -> str:
    """Return the place that a complaint's column is sealed for."""
    return f"complaint/{complaint_id}/{column}"


def file(
    session: Session, vault: Vault, customer: Customer, centre: str, kind: Kind, words: str, visit: str, once: str,
    now: datetime,
) -> Complaint:  # fmt: skip
    """File a complaint about a centre, or an own visit there; `once` sent again gives the same one.

    Raises RefusedError.
    """
    appointments.begin(session, customer.id)  # one customer's come one after another, so the count holds
    known = session.exec(
        select(ComplaintRow).where(ComplaintRow.customer == customer.id, ComplaintRow.once == once)
    ).one_or_none()
    if known is not None:
        return told(known, vault)
    text = words.strip()
    if not 0 < len(text) <= WORDS_MOST:
        raise RefusedError(Why.NO_WORDS)
    if visit:
        visited = session.get(AppointmentRow, (centre, visit))
        if visited is None or visited.customer != customer.id:
            raise RefusedError(Why.NO_SUCH_APPOINTMENT)
    lately = session.exec(
        select(ComplaintRow.made_at)
        .where(ComplaintRow.customer == customer.id, col(ComplaintRow.made_at) > now - _DAY)
        .order_by(col(ComplaintRow.made_at))
    ).all()
    if len(lately) >= MOST_A_DAY:
        wait = lately[-MOST_A_DAY] + _DAY - now
        raise RefusedError(Why.TOO_MANY_COMPLAINTS, retry_after_s=max(1, round(wait.total_seconds())))
    identity = secrets.token_hex(8)
    row = ComplaintRow(
        centre=centre,
        id=identity,
        reference=_new_reference(session, now),
        customer=customer.id,
        once=once,
        kind=kind.value,
        visit=visit,
        words=vault.seal(text, sealed_place(identity, "words")),
        made_at=now,
        due_at=now + ANSWERED_WITHIN,
        state=RECEIVED,
    )
    session.add(row)
    session.flush()
    return told(row, vault)


def of_customer(session: Session, vault: Vault, customer: str) -> tuple[Complaint, ...]:
    """Return what a customer has filed, newest first."""
    rows = session.exec(
        select(ComplaintRow)
        .where(ComplaintRow.customer == customer)
        .order_by(col(ComplaintRow.made_at).desc())
        .limit(SHOWN)
    )
    return tuple(told(row, vault) for row in rows)


def own(session: Session, vault: Vault, customer: str, reference: str) -> Complaint:
    """Return a customer's own complaint by its number. Raises NoSuchComplaintError, for another's, too."""
    row = session.exec(
        select(ComplaintRow).where(ComplaintRow.reference == reference, ComplaintRow.customer == customer)
    ).one_or_none()
    if row is None:
        raise NoSuchComplaintError(reference)
    return told(row, vault)


def of_centre(
    session: Session,
    vault: Vault,
    centre: str,
    *,
    answered: bool,
    after: tuple[datetime, str] | None = None,
    most: int = LISTED,
) -> tuple[Complaint, ...]:
    """Return a centre's: those that wait, the one that is due first before the others; or the newest answered ones.

    `most` of them, from after an instant and a number on: `due_at` and `reference`, or `answered_at` and `reference`.
    """
    query = select(ComplaintRow).where(ComplaintRow.centre == centre)
    number, due_at, answered_at = col(ComplaintRow.reference), col(ComplaintRow.due_at), col(ComplaintRow.answered_at)
    if answered:
        query = query.where(ComplaintRow.state == ANSWERED).order_by(answered_at.desc(), number.desc())
        begin = after and or_(answered_at < after[0], and_(answered_at == after[0], number < after[1]))
    else:
        query = query.where(col(ComplaintRow.state).in_((RECEIVED, IN_HAND))).order_by(due_at, number)
        begin = after and or_(due_at > after[0], and_(due_at == after[0], number > after[1]))
    query = query if begin is None else query.where(begin)
    return tuple(told(row, vault) for row in session.exec(query.limit(most)))


def find(session: Session, centre: str, reference: str) -> ComplaintRow:
    """Return a centre's complaint by its number, however that is grouped; held until the transaction ends.

    Raises NoSuchComplaintError.
    """
    digits = "".join(each for each in reference if each.isdigit())
    row = session.exec(
        select(ComplaintRow).where(ComplaintRow.centre == centre, ComplaintRow.reference == digits).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchComplaintError(reference)
    return row


def take_in_hand(session: Session, vault: Vault, centre: str, reference: str) -> Complaint:
    """Note that somebody sees to it. Raises NoSuchComplaintError."""
    row = _open(session, centre, reference)
    row.state = IN_HAND
    return told(row, vault)


def answer(session: Session, vault: Vault, centre: str, reference: str, by: str, text: str, now: datetime) -> Complaint:
    """Answer it; the customer is told by a message, and reads the answer on the own page.

    Raises NoSuchComplaintError, RefusedError for no words.
    """
    row = _open(session, centre, reference)
    if not 0 < len(text.strip()) <= WORDS_MOST:
        raise RefusedError(Why.NO_WORDS)
    row.answer = vault.seal(text.strip(), sealed_place(row.id, "answer"))
    row.state, row.answered_at, row.answered_by = ANSWERED, now, by
    notices.decide(session, MessageKind.COMPLAINT_ANSWERED, centre, row.id, now)
    return told(row, vault)


def told(row: ComplaintRow, vault: Vault) -> Complaint:
    """Return a complaint as its customer and its centre are told of it. Raises VaultError."""
    return Complaint(
        centre=row.centre,
        reference=row.reference,
        kind=Kind(row.kind),
        visit=row.visit,
        words="" if row.words is None else vault.unseal(row.words, sealed_place(row.id, "words")),
        made_at=row.made_at,
        due_at=row.due_at,
        state=cast(State, row.state),
        answer="" if row.answer is None else vault.unseal(row.answer, sealed_place(row.id, "answer")),
        answered_at=row.answered_at,
    )


def _open(session: Session, centre: str, reference: str) -> ComplaintRow:
    row = find(session, centre, reference)
    if row.state == ANSWERED:
        raise NoSuchComplaintError(reference)
    return row


def _new_reference(session: Session, now: datetime) -> str:
    """Return a number that nobody has: the year and eight digits, so that it is taken for no CPR and no phone."""
    while True:
        reference = f"{now:%y}{secrets.randbelow(10**8):08d}"
        taken = select(func.count()).select_from(ComplaintRow).where(ComplaintRow.reference == reference)
        if not session.exec(taken).one():
            return reference
