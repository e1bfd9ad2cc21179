"""A centre as data: its services, counters, hours and the numbers of its rules.

Read from JSON at the edge (the server's seed, the hub's settings); every error is listed at once. It decides nothing.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from queueing.contact import Contact, Question, contact_faults
from queueing.day_slots import DaySlots, slot_faults, span_faults
from queueing.following import LINK_MAX, is_address
from queueing.words import Words

_DAY_S = 86_400

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CentreError(ValueError):
    """A centre's data is wrong; `errors` names every fault and where it stands."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Service:
    """What one comes for. `letter` begins its numbers; times are in seconds; `daily_limit` counts tickets a day.

    Booked it is every `slot_s` seconds from the opening on, by `places` customers each; null: as many as its counters
    serve in that time, less the share of those who walk in (see `slots`). `virtual`: it can also be held by video.
    """

    id: str
    letter: str
    name: Words
    group: Words | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fee: Words | None = None
    target_wait_s: int = 900
    typical_serving_s: int = 420
    appointments: bool = True
    daily_limit: int | None = None
    slot_s: int = 900
    places: int | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class CounterPlace:
    """A counter: what is written over it (`label`), the services that it can serve, and its hall or zone."""

    id: str
    label: str
    services: tuple[str, ...]
    zone: str = "hall"


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast each class's claim to be next grows: points a second of waiting (see `priority`)."""

    walk_in: float = 1.0
    appointment: float = 2.0
    priority: float = 3.0


@dataclass(frozen=True, slots=True)
class AppointmentRule:
    """An appointment counts from `early_lead_s` before its slot; more than `grace_s` after it, it is a walk-in."""

    early_lead_s: int = 300
    grace_s: int = 900


@dataclass(frozen=True, slots=True)
class BookingRule:
    """What may be booked, and what becomes of who wastes it (see `slots`, `keeping`). Days are the centre's own.

    `horizon_days`: from today so many days ahead. `walk_in_share`: the part of the counters' time that is not booked.
    `late_cancel_s`: nearer to its slot than this, a cancellation is late. `open_per_service`: a customer's appointments
    that are still to come. More than `misses` in a row within `within_days` days block booking for `block_days`;
    `early_cancels_count`: a cancellation in time is a miss, too.
    """

    horizon_days: int = 7
    walk_in_share: float = 0.5
    late_cancel_s: int = 3600
    open_per_service: int = 1
    misses: int = 3
    within_days: int = 7
    block_days: int = 7
    early_cancels_count: bool = True


@dataclass(frozen=True, slots=True)
class StepOutRule:
    """A customer may step out without losing the place: for `max_s` seconds each, `times` times (0: not offered)."""

    max_s: int = 1800
    times: int = 2


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which the centre is closed."""

    date: date
    name: Words


@dataclass(frozen=True, slots=True)
class ExtraDay:
    """A day with hours of its own, whatever the week or a holiday says."""

    date: date
    hours: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement on the display, valid from `since` until `until`. `id`: by which who made it finds it again."""

    text: Words
    since: datetime | None = None
    until: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why a counter pauses."""

    id: str
    name: Words


@dataclass(frozen=True, slots=True)
class Voice:
    """The order of the languages in which a call is spoken."""

    order: tuple[str, ...] = ("ar", "en")


@dataclass(frozen=True, slots=True)
class Messages:
    """When a customer is told by SMS that the turn is near, and that it has come.

    `near_people`: so many or fewer are ahead; `near_minutes`: the turn is expected within so many. Either may be null;
    with both, whichever comes first. `called`: a message when the ticket is called.
    """

    near_people: int | None = 3
    near_minutes: int | None = None
    called: bool = True


# Source: libphonenumber, region BH, kind mobile. A test holds it to the library's own word, range by range.
_BAHRAIN_MOBILE = (
    *("30", "31", "32", "33", "34", "35", "36", "37", "39"),
    *("380", "381", "382", "383", "384", "385", "387", "388", "389"),
    *("6300", "6333", "6361", "6366", "6441", "666", "669"),
    *("6630", "6633", "6634", "6635", "6636", "6637", "6638", "6639"),
    *("6670", "6671", "6672", "6673", "6674", "6675", "6676", "6678", "6679"),
)


@dataclass(frozen=True, slots=True)
class PhonePlan:
    """A country's mobile numbers as a kiosk checks them; whether one can get a message the hub says in the end.

    `country` is the calling code without +, `length` the digits after it, `mobile_prefixes` what those begin with. By
    default Bahrain's, exactly as libphonenumber has them, which is what the hub asks.
    """

    country: str = "973"
    length: int = 8
    mobile_prefixes: tuple[str, ...] = _BAHRAIN_MOBILE

    def begins_like_mobile(self, digits: str) -> bool:
        """Say whether digits, all or the first of them, can become a mobile number."""
        return any(digits.startswith(prefix) or prefix.startswith(digits) for prefix in self.mobile_prefixes)


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre's settings. `hours` is by day (`sun` ...), each a list of spans in the centre's own time zone.

    `follow_url` is where customers follow their turns, "https://dawr.example.bh"; "" where they cannot. `sms_default`:
    kiosks offer the message before the paper; `phones` are the countries to which one may be sent, the usual one first.
    `booking_url` is where the booking pages are, in the same form; "" where `follow_url` names the same server.
    `governorate`, `address`, `contact` and `questions` are for the public pages, where centres stand by governorate.
    `day_slots`: services that take more, fewer or nobody at some hours of a day. `version` rises with each change.
    """

    id: str
    name: Words
    services: tuple[Service, ...]
    counters: tuple[CounterPlace, ...]
    version: int = 1
    timezone: str = "Asia/Bahrain"
    digits: Literal["latn", "arab"] = "latn"
    languages: tuple[str, ...] = ("ar", "en")
    rates: Rates = Rates()
    appointments: AppointmentRule = AppointmentRule()
    priority_age: int = 60
    hours: Mapping[str, tuple[tuple[time, time], ...]] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    extra_days: tuple[ExtraDay, ...] = ()
    voice: Voice = Voice()
    notices: tuple[Notice, ...] = ()
    pause_reasons: tuple[PauseReason, ...] = ()
    messages: Messages = Messages()
    sms_default: bool = False
    phones: tuple[PhonePlan, ...] = (PhonePlan(),)
    step_out: StepOutRule = StepOutRule()
    booking: BookingRule = BookingRule()
    follow_url: str = ""
    booking_url: str = ""
    governorate: Words | None = None
    address: Words | None = None
    contact: Contact = field(default_factory=Contact)
    questions: tuple[Question, ...] = ()
    day_slots: tuple[DaySlots, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the centre that a JSON object tells. Raises CentreError with every fault."""
        errors: list[str] = []
        centre = _read(cls, data, "centre", errors)
        if not errors:
            errors += _faults(centre)
        if errors:
            raise CentreError(errors)
        return typing.cast(Self, centre)

    def to_json(self) -> dict[str, Any]:
        """Return its JSON object, which `from_json` reads back to an equal centre."""
        return typing.cast(dict[str, Any], _plain(self))

    @property
    def zone(self) -> ZoneInfo:
        """The centre's time zone."""
        return ZoneInfo(self.timezone)

    def service(self, service_id: str) -> Service | None:
        """Return a service by id, or None."""
        return next((service for service in self.services if service.id == service_id), None)

    def counter(self, counter_id: str) -> CounterPlace | None:
        """Return a counter by id, or None."""
        return next((counter for counter in self.counters if counter.id == counter_id), None)

    def local_day(self, at: datetime) -> str:
        """Return the date (YYYY-MM-DD) at the centre at an instant."""
        return at.astimezone(self.zone).date().isoformat()


def _faults(centre: Centre) -> list[str]:
    errors = []
    ids = [service.id for service in centre.services]
    letters = [service.letter for service in centre.services]
    counters = [counter.id for counter in centre.counters]
    for what, names in (("service", ids), ("letter", letters), ("counter", counters)):
        errors += [f"centre: {what} {name!r} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    errors += [
        f"centre.services[{i}].letter: one letter A to Z"
        for i, letter in enumerate(letters)
        if not re.fullmatch(r"[A-Z]", letter)
    ]
    errors += [
        f"centre.counters[{i}].services: {name!r} is no service here"
        for i, counter in enumerate(centre.counters)
        for name in counter.services
        if name not in ids
    ]
    errors += [
        f"centre.phones[{i}]: country and prefixes in digits, 4 to 14 digits long"
        for i, plan in enumerate(centre.phones)
        if not all(re.fullmatch(r"[0-9]{1,4}", text) for text in (plan.country, *plan.mobile_prefixes))
        or not 4 <= plan.length <= 14
    ]
    if not centre.phones:
        errors.append("centre.phones: one or more")
    errors += [f"centre.hours: {day!r} is no day" for day in centre.hours if day not in DAYS]
    for day, hours in centre.hours.items():
        errors += span_faults(hours, f"centre.hours.{day}")
    for i, extra in enumerate(centre.extra_days):
        errors += span_faults(extra.hours, f"centre.extra_days[{i}].hours")
    errors += slot_faults(centre.day_slots, ids, "centre.day_slots")
    for name, rate in (
        ("walk_in", centre.rates.walk_in),
        ("appointment", centre.rates.appointment),
        ("priority", centre.rates.priority),
    ):
        if not 0 < rate <= 1000:
            # A class whose claim never grows would starve.
            errors.append(f"centre.rates.{name}: more than 0, up to 1000")
    errors += _booking_faults(centre)
    if not 0 <= centre.step_out.times <= 100 or not 60 <= centre.step_out.max_s <= _DAY_S:
        errors.append("centre.step_out: times 0 to 100, max_s 60 to 86400")
    errors += [
        f"centre.appointments.{name}: 0 to 86400"
        for name in ("early_lead_s", "grace_s")
        if not 0 <= getattr(centre.appointments, name) <= _DAY_S
    ]
    errors += [
        f"centre.{name}: scheme and host in small letters, at most {LINK_MAX} characters"
        for name, url in (("follow_url", centre.follow_url), ("booking_url", centre.booking_url))
        if url and not is_address(url)
    ]
    for name, least in (("near_people", centre.messages.near_people), ("near_minutes", centre.messages.near_minutes)):
        if least is not None and least < 1:
            errors.append(f"centre.messages.{name}: 1 or more, or null")
    errors += contact_faults(centre.contact, "centre.contact")
    try:
        ZoneInfo(centre.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        errors.append(f"centre.timezone: {centre.timezone!r} is unknown")
    return errors


def _booking_faults(centre: Centre) -> list[str]:
    errors = []
    for i, service in enumerate(centre.services):
        if not 300 <= service.slot_s <= 4 * 3600 or service.slot_s % 60:
            errors.append(f"centre.services[{i}].slot_s: whole minutes, 300 to 14400")
        if service.places is not None and not 0 <= service.places <= 1000:
            errors.append(f"centre.services[{i}].places: 0 to 1000, or null")
        if not 1 <= service.typical_serving_s <= _DAY_S:
            errors.append(f"centre.services[{i}].typical_serving_s: 1 to 86400")
        if not 0 <= service.target_wait_s <= _DAY_S:
            errors.append(f"centre.services[{i}].target_wait_s: 0 to 86400")
        if service.daily_limit is not None and not 0 <= service.daily_limit <= 100_000:
            errors.append(f"centre.services[{i}].daily_limit: 0 to 100000, or null")
    rule = centre.booking
    if not 0 <= rule.walk_in_share <= 1:
        errors.append("centre.booking.walk_in_share: 0 to 1")
    if not 0 <= rule.late_cancel_s <= 30 * _DAY_S:
        errors.append("centre.booking.late_cancel_s: 0 to 2592000")
    for name in ("horizon_days", "open_per_service", "misses", "within_days", "block_days"):
        if not 1 <= getattr(rule, name) <= 365:
            errors.append(f"centre.booking.{name}: 1 to 365")
    return errors


def _read(hint: Any, value: object, where: str, errors: list[str]) -> Any:
    """Return a JSON value as the type that a field declares; add what is wrong to `errors`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if value is None else _read(inner, value, where, errors)
    if origin is Literal:
        if value not in arguments:
            errors.append(f"{where}: one of {', '.join(map(str, arguments))}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            errors.append(f"{where}: a list")
            return ()
        if arguments[-1] is not Ellipsis:
            if len(value) != len(arguments):
                errors.append(f"{where}: {len(arguments)} entries")
                return ()
            return tuple(
                _read(a, v, f"{where}[{i}]", errors) for i, (a, v) in enumerate(zip(arguments, value, strict=True))
            )
        return tuple(_read(arguments[0], entry, f"{where}[{i}]", errors) for i, entry in enumerate(value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            errors.append(f"{where}: an object")
            return {}
        return {str(key): _read(arguments[1], entry, f"{where}.{key}", errors) for key, entry in value.items()}
    if is_dataclass(hint):
        return _read_record(typing.cast(type, hint), value, where, errors)
    if hint in (date, time, datetime):
        return _read_moment(hint, value, where, errors)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        errors.append(f"{where}: {hint.__name__}")
    return value


def _read_moment(hint: Any, value: object, where: str, errors: list[str]) -> Any:
    try:
        if hint is time and value == "24:00":
            return time.max
        moment = hint.fromisoformat(value)
    except (TypeError, ValueError):
        errors.append(f"{where}: a {hint.__name__} in ISO 8601")
        return None
    if hint is datetime and moment.tzinfo is None:
        errors.append(f"{where}: an instant with its offset")
    return moment


def _read_record(cls: type, value: object, where: str, errors: list[str]) -> Any:
    if not isinstance(value, dict):
        errors.append(f"{where}: an object")
        return None
    hints = _hints_of(cls)
    known = {item.name: item for item in fields(cls)}
    errors += [f"{where}.{name}: unknown" for name in value if name not in known]
    values = {}
    for name, item in known.items():
        if name in value:
            values[name] = _read(hints[name], value[name], f"{where}.{name}", errors)
        elif item.default is MISSING and item.default_factory is MISSING:
            errors.append(f"{where}.{name}: missing")
    return None if errors else cls(**values)


@cache
def _hints_of(cls: type) -> dict[str, Any]:
    # They are texts that are evaluated: done again for each service and counter it was most of a centre's reading.
    return typing.get_type_hints(cls)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, time):
        return "24:00" if value == time.max else value.strftime("%H:%M")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
