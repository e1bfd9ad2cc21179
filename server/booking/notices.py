"""Messages that booking decides on, each once and for ever: its row and the change that it tells of are one commit.

Handing over is another matter: the outbox keeps a file of its own. It takes an id once, so a row that was handed over
and not noted so is handed over again and goes out once. No text and no number is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol, TypeVar

from sqlalchemy import ColumnElement, Executable, and_, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select, update

from assets.texts import Catalogue
from queueing.centre import Centre
from queueing.words import Words
from server.booking.seals import opened_code, phone_of
from server.booking.tables import BlockRow, CodeRow, NoticeRow, VirtualTicketRow
from server.feedback.tables import ComplaintRow
from server.planting import BOOKED, CANCELLED
from server.tables import AppointmentRow, CustomerRow
from server.vault import Vault
from sms.life import Why as End
from sms.message import VALID_S, WAITS, Kind, Message
from sms.numbers import WrongNumberError, mobile
from sms.outbox import KEPT_S, Told
from sms.texts import Values, compose

MOST = 32
"""Handed over at once; on SQLite who books meanwhile waits for it."""
_HELD_MOST = 100
"""Of those that wait for a limit, looked at in each round."""
KEPT = timedelta(days=30)
"""A notice is remembered so long, and so is never decided on again."""
HELD = End.LIMIT.value
"""The state of a notice that waits until its number may get a message again."""

_OF_APPOINTMENT = {
    Kind.BOOKING_CONFIRMED: BOOKED,
    Kind.BOOKING_MOVED: BOOKED,
    Kind.BOOKING_CANCELLED: CANCELLED,
    Kind.REMINDER_DAY: BOOKED,
    Kind.REMINDER_HOURS: BOOKED,
    Kind.VIDEO_CALLED: BOOKED,
    Kind.CENTRE_MOVED: BOOKED,
    Kind.CENTRE_CANCELLED: CANCELLED,
}
"""What an appointment has to be for a message about it to be true still."""


# What most notices are about comes with them, so that `session.get` finds it there and asks nobody: one statement for a
# round, not two for each notice.
_STANDING = (
    select(NoticeRow, AppointmentRow, CustomerRow)
    .where(col(NoticeRow.handed_at).is_(None))
    .join(
        AppointmentRow,
        and_(col(AppointmentRow.centre) == col(NoticeRow.centre), col(AppointmentRow.id) == col(NoticeRow.about)),
        isouter=True,
    )
    .join(CustomerRow, col(CustomerRow.id) == col(AppointmentRow.customer), isouter=True)
    .order_by(col(NoticeRow.made_at))
)
_NOTE = (
    update(NoticeRow)
    .where(col(NoticeRow.id) == bindparam("which"))
    .values(handed_at=bindparam("handed"), state=bindparam("now"))
)


class Outlet(Protocol):
    """Takes messages and keeps each id once; `server.messages.Messages` is one."""

    @property
    def countries(self) -> Sequence[str]:
        """Calling codes of the countries to which it sends."""
        ...

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        """Take messages; they are on the disk when it returns. Raises StorageUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that has to be handed over now: the message, and how long it is worth sending; None: it has lapsed."""

    id: str
    message: Message | None
    valid_s: float
    why: str = ""


Part = TypeVar("Part", str, ColumnElement[str])


def notice_id(centre: Part, about: Part, kind: Kind) -> Part:
    """Return the id of a notice, of two texts or of two columns."""
    return "booking:" + centre + "/" + about + f":{kind.value}"


def decide(
    session: Session,
    kind: Kind,
    centre: str,
    about: str,
    now: datetime,
    until: datetime | None = None,
    *,
    unless: str = "",
) -> bool:
    """Decide that a message goes out about something (see `NoticeRow.about`); False when that was decided before.

    `unless`: why none goes out; that is decided once and for ever, too.
    """
    row = {
        "id": notice_id(centre, about, kind),
        "kind": kind.value,
        "centre": centre,
        "about": about,
        "made_at": now,
        "until": until or now + timedelta(seconds=VALID_S[kind]),
        "handed_at": now if unless else None,
        "state": unless,
    }
    connection = session.connection()
    return connection.execute(_noting(connection.dialect.name), row).first() is not None


@cache
def _noting(dialect: str) -> Executable:
    insert = postgresql.insert(NoticeRow) if dialect == "postgresql" else sqlite.insert(NoticeRow)
    return insert.on_conflict_do_nothing().returning(col(NoticeRow.id))


def waiting(
    session: Session,
    vault: Vault,
    centres: Mapping[str, Centre],
    catalogue: Callable[[str], Catalogue],
    countries: Sequence[str],
    now: datetime,
) -> list[Due]:
    """Return what has to be handed over, oldest first; the texts are made here and kept nowhere.

    Those that wait for a limit come beside the others: many of them keep nobody's message back.
    """
    fresh = session.exec(_STANDING.where(NoticeRow.state != HELD).limit(MOST)).all()
    held = session.exec(_STANDING.where(NoticeRow.state == HELD).limit(_HELD_MOST)).all()
    rows = sorted((*fresh, *held), key=lambda found: found[0].made_at)
    return [_due(session, row, vault, centres, catalogue, countries, now) for row, _, _ in rows]


def settle(session: Session, due: Sequence[Due], told: Mapping[str, Told], now: datetime) -> int:
    """Note what became of notices by the outbox's word, or why one was not handed over; return how many are done.

    One that has to reach its customer stays where a limit refused it, and is handed over in a later round.
    """
    notes, done = [], 0
    for each in due:
        said = told.get(each.id)
        state = each.why if said is None else said.why or said.state
        is_held = each.message is not None and each.message.kind in WAITS and state == HELD
        notes.append({"which": each.id, "handed": None if is_held else now, "now": state})
        done += not is_held
    session.connection().execute(_NOTE, notes)
    return done


def lapse(session: Session, now: datetime) -> None:
    """Give up what is not worth sending any more, where nothing can be sent."""
    session.execute(
        update(NoticeRow)
        .where(col(NoticeRow.handed_at).is_(None), col(NoticeRow.until) <= now)
        .values(handed_at=now, state="too_late")
    )


def forget_old(session: Session, now: datetime) -> None:
    """Delete what nobody asks for any more."""
    session.execute(delete(NoticeRow).where(col(NoticeRow.made_at) < now - KEPT))


def page_address(centre: Centre, page: str) -> str:
    """Return where a page of a centre's customers is, "" where the centre has no address."""
    address = centre.booking_url or centre.follow_url
    return f"{address}/{page}" if address else ""


def _due(
    session: Session,
    row: NoticeRow,
    vault: Vault,
    centres: Mapping[str, Centre],
    catalogue: Callable[[str], Catalogue],
    countries: Sequence[str],
    now: datetime,
) -> Due:
    # The outbox forgets an id some time after its end: nothing that old is handed over again.
    if now >= row.until or now >= row.made_at + timedelta(seconds=KEPT_S):
        return Due(row.id, None, 0.0, "too_late")
    kind = Kind(row.kind)
    if kind is Kind.ONE_TIME_CODE:
        said = _of_code(session, row, vault, now)
    elif kind is Kind.BLOCKED:
        said = _of_block(session, row, vault, centres)
    elif kind is Kind.COMPLAINT_ANSWERED:
        said = _of_complaint(session, row, vault, centres)
    else:
        said = _of_appointment(session, row, kind, vault, centres)
    if isinstance(said, str):
        return Due(row.id, None, 0.0, said)
    lang, phone, values = said
    try:
        number = mobile(phone, countries) if phone else ""
    except WrongNumberError as error:
        return Due(row.id, None, 0.0, error.reason.value)
    if not number:
        return Due(row.id, None, 0.0, "no_number")
    text = compose(kind, values, catalogue(lang))
    return Due(row.id, Message(row.id, number, lang, kind, text), (row.until - now).total_seconds())


_Said = tuple[str, str, Values]


def _of_code(session: Session, row: NoticeRow, vault: Vault, now: datetime) -> _Said | str:
    code = session.get(CodeRow, row.about)
    if code is None or code.spent_at is not None:
        return "not_true_any_more"
    digits, phone = opened_code(code, vault)
    minutes = max(1, round((code.expires_at - now).total_seconds() / 60))
    return code.lang, phone, Values(code=digits, count=minutes)


def _of_block(session: Session, row: NoticeRow, vault: Vault, centres: Mapping[str, Centre]) -> _Said | str:
    block = session.get(BlockRow, row.about)
    centre = centres.get(row.centre)
    if block is None or block.lifted_at is not None or centre is None:
        return "not_true_any_more"
    customer = session.get_one(CustomerRow, block.customer)
    return customer.lang, phone_of(customer, vault), Values(at=block.until.astimezone(centre.zone))


def _of_complaint(session: Session, row: NoticeRow, vault: Vault, centres: Mapping[str, Centre]) -> _Said | str:
    complaint = session.get(ComplaintRow, (row.centre, row.about))
    centre = centres.get(row.centre)
    if complaint is None or complaint.answered_at is None or centre is None:
        return "not_true_any_more"
    customer = session.get_one(CustomerRow, complaint.customer)
    url = page_address(centre, f"{customer.lang}/c/{complaint.reference}")
    return customer.lang, phone_of(customer, vault), Values(centre=_in(centre.name, customer.lang), url=url)


def _of_appointment(
    session: Session, row: NoticeRow, kind: Kind, vault: Vault, centres: Mapping[str, Centre]
) -> _Said | str:
    appointment = session.get(AppointmentRow, (row.centre, row.about))
    centre = centres.get(row.centre)
    service = centre.service(appointment.service) if centre is not None and appointment is not None else None
    if appointment is None or centre is None or appointment.status != _OF_APPOINTMENT[kind]:
        return "not_true_any_more"
    if kind is Kind.VIDEO_CALLED and not _is_called(session, appointment):
        return "not_true_any_more"
    customer = session.get_one(CustomerRow, appointment.customer)
    values = Values(
        service=_in(service.name, customer.lang) if service is not None else "",  # The centre has given it up since.
        centre=_in(centre.name, customer.lang),
        at=appointment.slot_at.astimezone(centre.zone),
        url=page_address(centre, f"b/{appointment.link}") if appointment.link else "",
        by_video=appointment.channel == "virtual",
    )
    return customer.lang, phone_of(customer, vault), values


def _is_called(session: Session, appointment: AppointmentRow) -> bool:
    ticket = session.get(VirtualTicketRow, (appointment.centre, appointment.id))
    return ticket is not None and ticket.phase == "called"


def _in(words: Words, lang: str) -> str:
    return words.get(lang) or next(iter(words.values()), "")
