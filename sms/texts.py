"""The words of each kind of message, in the customer's language, in one part wherever that can be.

A part more doubles what a message costs, and arrives in two. So each kind has its texts from the fullest to the barest,
and the first that fits is taken; a service's name is shortened with an ellipsis before it is left out. The number, the
time and the link are never shortened. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from assets.texts import Catalogue
from sms.alphabet import parts, plain
from sms.message import Kind


@dataclass(frozen=True, slots=True)
class _Text:
    """A text by its key, and which of the things it says that not every message has."""

    key: str
    has: frozenset[str] = frozenset()


def _text(key: str, *has: str) -> _Text:
    return _Text(key, frozenset(has))


_BOOKED = (Kind.BOOKING_CONFIRMED, Kind.BOOKING_MOVED, Kind.REMINDER_DAY, Kind.REMINDER_HOURS)
_BY_VIDEO = {"short": ("service", "url"), "bare": ("url",), "unlinked": ("service",), "time": ()}
_OF_A_BOOKING = {
    "full": ("service", "centre", "url"),
    "short": ("service", "url"),
    "bare": ("url",),
    "unlinked": ("service",),
    "time": (),
}

_TEXTS: Mapping[Kind, tuple[_Text, ...]] = MappingProxyType(
    {
        Kind.ETICKET: (
            _text("sms.eticket.full", "service", "url"),
            _text("sms.eticket.short", "service", "url"),
            _text("sms.eticket.linked", "url"),
            _text("sms.eticket.bare", "url"),
            _text("sms.eticket.unlinked", "service"),
            _text("sms.eticket.number"),
        ),
        Kind.NEAR: (_text("sms.near.counted", "count"), _text("sms.near.next")),
        Kind.CALLED: (_text("sms.called"),),
        Kind.BOOKING_CANCELLED: (
            _text("sms.booking_cancelled.full", "service", "centre"),
            _text("sms.booking_cancelled.short", "service"),
            _text("sms.booking_cancelled.time"),
        ),
        Kind.CENTRE_MOVED: tuple(_text(f"sms.centre_moved.{form}", *has) for form, has in _OF_A_BOOKING.items()),
        Kind.CENTRE_CANCELLED: (
            _text("sms.centre_cancelled.full", "service", "centre"),
            _text("sms.centre_cancelled.short", "service"),
            _text("sms.centre_cancelled.time"),
        ),
        Kind.BLOCKED: (_text("sms.blocked"),),
        Kind.COMPLAINT_ANSWERED: (
            _text("sms.complaint_answered.full", "centre", "url"),
            _text("sms.complaint_answered.linked", "url"),
            _text("sms.complaint_answered.brief", "url"),
            _text("sms.complaint_answered.unlinked", "centre"),
            _text("sms.complaint_answered.bare"),
        ),
        Kind.ONE_TIME_CODE: (_text("sms.one_time_code", "count"),),
        Kind.VIDEO_CALLED: (
            _text("sms.video_called.linked", "url"),
            _text("sms.video_called.brief", "url"),
            _text("sms.video_called.bare"),
        ),
    }
    | {kind: tuple(_text(f"sms.{kind}.{form}", *has) for form, has in _OF_A_BOOKING.items()) for kind in _BOOKED}
)
_VIDEO_TEXTS: Mapping[Kind, tuple[_Text, ...]] = MappingProxyType(
    {kind: tuple(_text(f"sms.by_video.{kind}.{form}", *has) for form, has in _BY_VIDEO.items()) for kind in _BOOKED}
)
"""What is said instead of a booking by video: that there is nowhere to go."""
_LEAST = 8
"""A name that would be cut to fewer letters says nothing: it is left out."""
_ISOLATES = dict.fromkeys((0x2066, 0x2067, 0x2068, 0x2069))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Values:
    """What a text may say; a kind needs only some. `at` is in the centre's own time, names in the message's language.

    `counter` is what is written over it. `count`: the people ahead, or the minutes for which a code is good.
    `by_video`: of an appointment that is held by video.
    """

    number: str = ""
    service: str = ""
    centre: str = ""
    counter: str = ""
    count: int = 0
    at: datetime | None = None
    url: str = ""
    code: str = ""
    by_video: bool = False


def compose(kind: Kind, values: Values, catalogue: Catalogue) -> str:
    """Return a message's text: one part, unless even its barest text is longer. Raises KeyError for a missing text."""
    places = _places(values, catalogue)
    of_kind = _VIDEO_TEXTS.get(kind, _TEXTS[kind]) if values.by_video else _TEXTS[kind]
    texts = [text for text in of_kind if text.has <= places.keys()]
    # Who has a link gets it, however long it is: it is the ticket.
    texts = [text for text in texts if "url" in text.has] or texts
    naming = [text for text in texts if "service" in text.has]
    told = _first_that_fits(naming, places, catalogue)
    if not told and naming:
        told = _shortened(naming[-1], places, catalogue)
    rest = [text for text in texts if text not in naming] or naming
    return told or _first_that_fits(rest, places, catalogue) or _filled(rest[-1], places, catalogue)


def _first_that_fits(texts: Sequence[_Text], places: Mapping[str, str], catalogue: Catalogue) -> str:
    told = (_filled(text, places, catalogue) for text in texts)
    return next((each for each in told if parts(each) == 1), "")


def _places(values: Values, catalogue: Catalogue) -> dict[str, str]:
    """Return what there is to be filled in; a place without a value is none."""
    places = {
        "number": values.number,
        "service": values.service,
        "centre": values.centre,
        "counter": values.counter,
        "url": values.url,
        "code": values.code,
    }
    if values.at is not None:
        places["weekday"] = catalogue.t(f"sms.weekday.{_WEEKDAYS[values.at.weekday()]}")
        places["date"] = f"{values.at.day}/{values.at.month}"
        places["time"] = f"{values.at:%H:%M}"
    if values.count:
        places["count"] = str(values.count)
    return {name: value for name, value in places.items() if value}


def _shortened(text: _Text, places: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the text with as much of the service's name as there is room for, "" when that is too little."""
    name, ellipsis = places["service"], "..." if catalogue.direction == "ltr" else "…"
    for length in range(len(name) - 1, _LEAST - 1, -1):
        cut = name[:length].rstrip()
        whole_words = cut.rpartition(" ")[0] if name[length : length + 1] not in (" ", "") else cut
        kept = whole_words if len(whole_words) >= _LEAST else cut
        told = _filled(text, dict(places) | {"service": kept + ellipsis}, catalogue)
        if parts(told) == 1:
            return told
    return ""


def _filled(text: _Text, places: Mapping[str, str], catalogue: Catalogue) -> str:
    if "count" in text.has:
        rest = {name: value for name, value in places.items() if name != "count"}
        told = catalogue.n(text.key, int(places["count"]), **rest)
    else:
        told = catalogue.t(text.key, **places)
    # Phones isolate nothing and some draw the marks as boxes: numbers and links stand where their order is plain.
    told = told.translate(_ISOLATES)
    return plain(told) if catalogue.direction == "ltr" else told
