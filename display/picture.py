"""What the hall shows, as frozen text: the board, the stage and the time in words of every language.

Pure. The QML shows a Picture and adds nothing; two equal pictures need no frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from assets.texts import Catalogue
from display.board import Board, Call, Waiting
from display.presence import Link

# Rows of the list: what a hall remembers at a glance (look.md: six to eight).
ROWS = 8
SERVICES = 10
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ARABIC_INDIC = {ord("0") + digit: chr(0x0660 + digit) for digit in range(10)}
_ISOLATES = {0x2066: None, 0x2067: None, 0x2068: None, 0x2069: None}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language. Right-to-left languages stand on the right of the board, the others on the left."""

    text: str
    rtl: bool


Both = tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """The call that has the stage."""

    call_id: str
    number: str
    counter: str
    again: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A call in the list; `standing` is `stage`, `next` (its announcement is still to come) or `past`."""

    call_id: str
    number: str
    counter: str
    standing: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service, how many wait for it, and the expected wait in minutes as a range (empty when unknown)."""

    letter: str
    names: Both
    count: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Centre, clock and date, and how the source is."""

    names: Both
    dates: Both
    clock: str
    link: str
    since: Both


@dataclass(frozen=True, slots=True)
class Picture:
    """All that can be seen. `started` is false until there is a first board, from the hub or from the disk."""

    started: bool
    stage: Stage | None
    rows: tuple[Row, ...]
    services: tuple[ServiceRow, ...]
    notice: Both
    bar: Bar


@dataclass(frozen=True, slots=True)
class Moment:
    """What goes into a picture beside the board; `heard_at` is when the source was last heard, by the hub's clock."""

    now: datetime
    zone: ZoneInfo
    link: Link
    heard_at: datetime | None
    turn: int
    """Which of several notices has its turn; counts up for ever."""


def picture(
    board: Board | None,
    on_stage: Call | None,
    waiting: Sequence[Call],
    moment: Moment,
    catalogues: Mapping[str, Catalogue],
) -> Picture:
    """Return what the hall is to show now."""
    digits = board.digits if board else "latn"
    languages = [language for language in board.languages if language in catalogues] if board else []
    spoken = [catalogues[language] for language in languages or catalogues]
    return Picture(
        started=board is not None,
        stage=_stage(on_stage, digits),
        rows=_rows(board, on_stage, waiting) if board else (),
        services=tuple(_service(row, spoken, digits) for row in _shown(board)) if board else (),
        notice=_notice(board, moment, spoken, digits),
        bar=_bar(board, moment, spoken, digits),
    )


def labels(catalogues: Sequence[Catalogue]) -> dict[str, Both]:
    """Return the words that never change, by what they are for."""
    return {
        "counter": _both(catalogues, "display.counter"),
        "ticket": _both(catalogues, "display.ticket"),
        "again": _both(catalogues, "display.again"),
        "waiting": _both(catalogues, "display.waiting"),
        "minutes": _both(catalogues, "display.minutes"),
        "idle": _both(catalogues, "display.idle"),
        "starting": _both(catalogues, "display.starting"),
    }


def in_digits(text: str, digits: str) -> str:
    """Return a text with the centre's digits: `latn` or `arab`."""
    return text.translate(_ARABIC_INDIC) if digits == "arab" else text


def in_minutes(low_s: int, high_s: int) -> str:
    """Return an expected wait as a range of minutes. The hub has rounded it already (`queueing.waits.Wait.minutes`)."""
    return f"{low_s // 60}\u2013{high_s // 60}"


def _both(catalogues: Sequence[Catalogue], key: str) -> Both:
    return tuple(_words(each, each.t(key)) for each in catalogues)


def _timed(catalogues: Sequence[Catalogue], key: str, moment: Moment, heard_at: datetime, digits: str) -> Both:
    """Return a sentence with a time of day in it, and its date when that is another day than today.

    Each language writes them in its own digits.
    """
    local, today = (each.astimezone(moment.zone) for each in (heard_at, moment.now))

    def when(catalogue: Catalogue) -> str:
        own = _digits_of(catalogue, digits)
        clock = _clock(heard_at, moment.zone, own)
        if local.date() == today.date():
            return clock
        said = catalogue.t("display.day_time", date=_date(catalogue, local, own), time=clock)
        # Isolated as a whole by the sentence: of isolates alone the bidirectional order would be left to right.
        return said.translate(_ISOLATES)

    return tuple(_words(each, each.t(key, time=when(each))) for each in catalogues)


def _digits_of(catalogue: Catalogue, digits: str) -> str:
    """Return the digits inside a sentence: a left-to-right language keeps its own."""
    return digits if catalogue.direction == "rtl" else "latn"


def _words(catalogue: Catalogue, text: str) -> Words:
    return Words(text, catalogue.direction == "rtl")


def _named(names: Mapping[str, str], catalogues: Sequence[Catalogue]) -> Both:
    return tuple(_words(each, names[each.language]) for each in catalogues if names.get(each.language))


def _stage(call: Call | None, digits: str) -> Stage | None:
    if call is None:
        return None
    return Stage(call.call_id, in_digits(call.number, digits), in_digits(call.counter, digits), call.kind == "recall")


def _rows(board: Board, on_stage: Call | None, waiting: Sequence[Call]) -> tuple[Row, ...]:
    still = {call.number for call in waiting}

    def standing(call: Call) -> str:
        if on_stage and call.number == on_stage.number:
            return "stage"
        return "next" if call.number in still else "past"

    return tuple(
        Row(
            call.call_id,
            in_digits(call.number, board.digits),
            in_digits(call.counter, board.digits),
            standing(call),
        )
        for call in board.calls[:ROWS]
    )


def _shown(board: Board) -> Sequence[Waiting]:
    """Choose the services when there are more than fit: those that somebody waits for, in the centre's order."""
    if len(board.waiting) <= SERVICES:
        return board.waiting
    wanted = {row.service for row in sorted(board.waiting, key=lambda row: -row.count)[:SERVICES]}
    return [row for row in board.waiting if row.service in wanted]


def _service(row: Waiting, catalogues: Sequence[Catalogue], digits: str) -> ServiceRow:
    span = "" if row.low_s is None or row.high_s is None else in_minutes(row.low_s, row.high_s)
    return ServiceRow(
        letter=row.letter,
        names=_named(row.name, catalogues),
        count=in_digits(str(row.count), digits),
        minutes=in_digits(span, digits),
    )


def _notice(board: Board | None, moment: Moment, catalogues: Sequence[Catalogue], digits: str) -> Both:
    """Return the notice whose turn it is; with the source long gone, the sentence for staff in its place."""
    if moment.link is Link.REVOKED:
        return ()  # Its own words stand in the place of the board.
    if moment.link is Link.LONG_LOST:
        if moment.heard_at is None:
            return _both(catalogues, "display.lost.never")
        return _timed(catalogues, "display.lost.staff", moment, moment.heard_at, digits)
    valid = [notice for notice in board.notices if notice.valid(moment.now)] if board else []
    return _named(valid[moment.turn % len(valid)].text, catalogues) if valid else ()


def _bar(board: Board | None, moment: Moment, catalogues: Sequence[Catalogue], digits: str) -> Bar:
    local = moment.now.astimezone(moment.zone)
    lost = moment.link in (Link.LOST, Link.LONG_LOST)
    since: Both = ()
    if lost and moment.heard_at is not None:
        since = _timed(catalogues, "display.lost.since", moment, moment.heard_at, digits)
    elif lost:
        since = _both(catalogues, "display.lost.connecting")
    dates = tuple(_words(each, _date(each, local, _digits_of(each, digits))) for each in catalogues)
    return Bar(
        names=_named(board.centre, catalogues) if board else (),
        dates=dates,
        clock=_clock(moment.now, moment.zone, digits),
        link=moment.link.value,
        since=since,
    )


def _date(catalogue: Catalogue, local: datetime, digits: str) -> str:
    weekday = catalogue.t(f"display.weekday.{_WEEKDAYS[local.weekday()]}")
    month = catalogue.t(f"display.month.{local.month}")
    said = catalogue.t("display.date", weekday=weekday, day=local.day, month=month)
    return in_digits(said, digits).translate(_ISOLATES)


def _clock(moment: datetime, zone: ZoneInfo, digits: str) -> str:
    return in_digits(moment.astimezone(zone).strftime("%H:%M"), digits)
