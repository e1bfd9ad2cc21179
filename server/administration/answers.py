"""What the administration's verbs take and give, and why they refuse. Instants are aware, in UTC.

Nothing of a customer here is ready for a log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import PlainSerializer, PlainValidator

from queueing.centre import Centre
from queueing.words import Words
from server.administration.roles import Asker, Role
from server.booking.answers import Appointment, Block

AsSettings = Annotated[
    Centre,
    PlainSerializer(lambda centre: centre.to_json()),
    PlainValidator(lambda said: said if isinstance(said, Centre) else Centre.from_json(said)),
]
"""A centre that is written down as its settings, where an answer is kept."""

BodyKind = Literal["ministry", "department", "centre"]
How = Literal["move", "cancel"]
"""What becomes of a booking at a time that is no more: moved to the nearest free slot (cancelled where there is none),
or cancelled. Each customer is told by one message; nothing of it counts against anybody.
"""


class Why(StrEnum):
    """Why something is not done; pages and API have words for each."""

    SIGNED_OUT = "nobody is signed in"
    WRONG_PASSWORD = "the name or the password is not right"
    TOO_MANY = "too many tries; see retry_after_s"
    MUST_CHANGE = "the password has to be changed first"
    WEAK_PASSWORD = "the password is too short, too long or the name itself"
    MAY_NOT = "this account may not do that here"
    NO_SUCH_BODY = "there is no such ministry, department or centre"
    NO_SUCH_ACCOUNT = "there is no such account"
    NO_SUCH_STAFF = "there is no such member of staff at this centre"
    NAME_TAKEN = "the name is another's already"
    NAME = "a name has 2 to 64 small letters, digits, hyphens or dots"
    WRONG_PLACE = "a body of this kind cannot stand there"
    NOT_EMPTY = "there is something below it still"
    LAST_ADMINISTRATOR = "nobody could administer the server any more"
    INVALID = "the settings are not right; see errors"
    CHANGED = "somebody else has changed it meanwhile; see version"
    DISPLACES = "bookings stand at times that would be no more: say what becomes of them; see displaced"
    NOTHING_THERE = "nothing is open then that could be closed"
    PAST = "that time has passed"
    NO_REASON = "a reason has to be given"
    NO_SUCH_CUSTOMER = "nobody with this CPR has ever booked"
    WRONG_BIRTH_DATE = "that is not the date of birth on record, or nobody's"
    NO_SUCH_APPOINTMENT = "there is no such appointment at this centre"
    NO_SUCH_COMPLAINT = "there is no such complaint at this centre, or it is answered already"
    PIN = "a PIN has 4 to 12 digits"
    CALENDAR = "the calendar cannot be taken; see errors"


class RefusedError(Exception):
    """A rule says no. What comes with it depends on `why`.

    `errors` with INVALID and CALENDAR: each names its field, `services[2].slot_s: whole minutes, 300 to 14400`.
    `version` with CHANGED: the one that is stored now. `displaced` with DISPLACES: by service, how many bookings.
    `retry_after_s` with TOO_MANY.
    """

    def __init__(
        self,
        why: Why,
        *,
        errors: Sequence[str] = (),
        version: int | None = None,
        displaced: Displaced | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(why.name)
        self.why = why
        self.errors = tuple(errors)
        self.version = version
        self.displaced = displaced
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session's token, told once, and how long it lasts at most; half an hour unused ends it, too."""

    token: str = field(repr=False)
    expires_at: datetime
    asker: Asker


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a body, which holds for all below it; body "" is the whole server."""

    body: str
    role: Role


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in here. `name` is typed to sign in; `subject` is the national sign-on's word for them."""

    id: str
    name: str
    shown: str
    grants: tuple[Grant, ...]
    subject: str
    disabled: bool
    must_change: bool
    made_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that was made for an account: told once, to be changed at the first sign-in."""

    account: Account
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """A ministry, a department or a centre; `above` is "" for a ministry, and for a centre that belongs to none yet."""

    id: str
    kind: BodyKind
    name: Words
    above: str


@dataclass(frozen=True, slots=True)
class Document:
    """A centre's own settings as they are stored; `imported` holidays join them and are changed by importing anew.

    `version` rises with each change; who changes says which one was read.
    """

    centre: AsSettings
    version: int
    body: str
    imported: tuple[tuple[date, Words], ...]


@dataclass(frozen=True, slots=True)
class Displaced:
    """How many bookings stand at times that are no more, in all and by service and day."""

    count: int
    by_service: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of a centre did: its settings now, and the bookings that it displaced.

    Those are moved or cancelled from now on, in the background, each once; see `Progress`.
    """

    document: Document
    displaced: Displaced
    change: str
    """Names the change: for `progress`, and in the audit log."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of the bookings that a change displaced. `gone`: ended by the customers themselves before."""

    waiting: int
    moved: int
    cancelled: int
    gone: int


@dataclass(frozen=True, slots=True)
class Closing:
    """A day to be closed at a centre, some hours of it, or one service in it. Times are the centre's own.

    `reason` is shown to everybody, by language; empty: the usual words.
    """

    day: date
    begins: time | None = None
    ends: time | None = None
    service: str = ""
    reason: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours to be opened on a day, or more places in them. Times are the centre's own.

    `services`: for these alone (empty: for all that are booked). `places`: so many customers a slot for them, null: as
    the counters allow. `text` is announced to everybody, by language; empty: the usual words.
    """

    day: date
    begins: time
    ends: time
    services: tuple[str, ...] = ()
    places: int | None = None
    text: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """A slot of a service: how many it takes, how many have booked."""

    service: str
    at: datetime
    until: datetime
    places: int
    taken: int


@dataclass(frozen=True, slots=True)
class DaySeen:
    """A day at a centre: its hours (UTC) and its slots by service; `holiday` is the name of one, if it is."""

    day: date
    hours: tuple[tuple[datetime, datetime], ...]
    holiday: Words | None
    slots: Mapping[str, tuple[SlotSeen, ...]]


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What a calendar changed: days added, renamed, taken back; and the bookings that it displaced."""

    added: int
    renamed: int
    removed: int
    displaced: Displaced
    change: str


@dataclass(frozen=True, slots=True)
class CentreSeen:
    """A centre at a glance. `places` and `taken` are today's, of all services; `troubles`: devices that want somebody.

    `taken` counts places that are held, also by who came already.
    """

    id: str
    name: Words
    above: str
    open: bool
    changes_at: datetime | None
    booked_today: int
    places_left: int
    devices: int
    troubles: int


@dataclass(frozen=True, slots=True)
class StaffSeen:
    """Somebody who works at a centre's counters; the PIN is told to nobody."""

    id: str
    name: Words
    role: Literal["clerk", "supervisor"]
    disabled: bool


@dataclass(frozen=True, slots=True)
class CustomerSeen:
    """A customer as a help desk sees one: bookings at the centres where it may help, the block that holds, all blocks.

    `id` names the customer in the audit log; the CPR is nowhere in it.
    """

    id: str
    name: Words = field(repr=False)
    coming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]
    block: Block | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Who a customer at the desk is: CPR and date of birth, as on the card. `lang` is a newcomer's, for messages."""

    cpr: str = field(repr=False)
    born: date = field(repr=False)
    lang: str = "ar"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit log: who did what to which body, from where, and what was before and after.

    `act` is a word of `server.administration.audit.Act`; `about` names what (an account, a service, a customer's
    internal id); `before` and `after` hold what changed and nothing else. Nothing personal.
    """

    id: str
    at: datetime
    by: str
    by_name: str
    address: str
    body: str
    act: str
    about: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entries:
    """A page of the audit log, the newest first. `next` is where the next page begins, "" at the end."""

    entries: tuple[Entry, ...]
    next: str
