"""The board as the hub sends it (`GET /v1/live?view=board`), read once into frozen values.

It reads; it neither stores nor shows. Unknown keys are let pass, so that a newer hub can speak to an older display.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, cast

Kind = Literal["call", "recall"]


class BoardError(Exception):
    """What came is no board; the message says where it differs."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call or recall of a ticket to a counter in a zone. `seq` orders calls within the hub's log."""

    call_id: str
    seq: int
    number: str
    counter: str
    kind: Kind
    at: datetime
    zone: str = ""

    @property
    def source(self) -> str:
        """The log it stands in, `device.incarnation`."""
        return self.call_id.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for a service, and the expected wait in seconds where the hub can tell one."""

    service: str
    letter: str
    name: Mapping[str, str]
    count: int
    low_s: int | None
    high_s: int | None


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement by language, and when it is valid."""

    text: Mapping[str, str]
    valid_from: datetime | None
    valid_until: datetime | None

    def valid(self, now: datetime) -> bool:
        """Say whether it is to be shown now."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that a hall may know. `calls` is newest first, `announce` oldest first."""

    centre: Mapping[str, str]
    timezone: str
    day: str
    calls: tuple[Call, ...]
    announce: tuple[Call, ...]
    waiting: tuple[Waiting, ...]
    notices: tuple[Notice, ...]
    voice_order: tuple[str, ...]
    digits: str
    languages: tuple[str, ...]

    @classmethod
    def from_json(cls, state: object) -> Self:
        """Read a board's state. Raises BoardError."""
        try:
            return cls._read(_mapping(state))
        except (KeyError, TypeError, ValueError) as error:
            raise BoardError(f"{type(error).__name__}: {error}") from error

    @classmethod
    def _read(cls, state: Mapping[str, object]) -> Self:
        centre = _mapping(state["centre"])
        languages = tuple(_text(each) for each in _list(state["languages"]))
        voice = _mapping(state.get("voice") or {})
        return cls(
            centre=_texts(centre["name"]),
            timezone=_text(centre.get("timezone") or ""),
            day=_text(state["day"] or ""),
            calls=tuple(_call(each) for each in _list(state["calls"])),
            announce=tuple(_call(each) for each in _list(state["announce"])),
            waiting=tuple(_waiting(each) for each in _list(state["waiting"])),
            notices=tuple(_notice(each) for each in _list(state.get("notices") or [])),
            voice_order=tuple(_text(each) for each in _list(voice.get("order") or languages)),
            digits=_text(state.get("digits") or "latn"),
            languages=languages,
        )

    def seen_from(self, zone: str) -> Self:
        """Return what a screen of one zone shows and speaks: that zone's calls; all of them for no zone."""
        if not zone:
            return self
        return replace(
            self,
            calls=tuple(call for call in self.calls if call.zone == zone),
            announce=tuple(call for call in self.announce if call.zone == zone),
        )

    def older_than(self, other: Board) -> bool:
        """Say whether this board is an earlier state of the same hub's log: a reply that came late.

        A log's days never go back, so a late board of yesterday is told from today's, too.
        """
        mine, theirs = _newest(self.announce), _newest(other.announce)
        if mine is None or theirs is None or mine.source != theirs.source:
            return False
        return (self.day, mine.seq) < (other.day, theirs.seq)


def _newest(calls: Iterable[Call]) -> Call | None:
    return max(calls, key=lambda call: call.seq, default=None)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {value!r:.40}")
    return cast(Mapping[str, object], value)


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, not {value!r:.40}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r:.40}")
    return value


def _texts(value: object) -> Mapping[str, str]:
    return {language: _text(text) for language, text in _mapping(value).items()}


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, not {value!r:.40}")
    return int(value)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} names no zone")
    return moment


def _call(value: object) -> Call:
    call = _mapping(value)
    return Call(
        call_id=_text(call["call_id"]),
        seq=_whole(call["seq"]),
        number=_text(call["number"]),
        counter=_text(call["counter"]),
        kind="recall" if call["kind"] == "recall" else "call",
        at=_moment(call["at"]),
        zone=_text(call.get("zone") or ""),
    )


def _waiting(value: object) -> Waiting:
    row = _mapping(value)
    low, high = row.get("low_s"), row.get("high_s")
    return Waiting(
        service=_text(row["service"]),
        letter=_text(row["letter"]),
        name=_texts(row["name"]),
        count=_whole(row["count"]),
        low_s=None if low is None else _whole(low),
        high_s=None if high is None else _whole(high),
    )


def _notice(value: object) -> Notice:
    notice = _mapping(value)
    begins, ends = notice.get("from"), notice.get("until")
    return Notice(
        text=_texts(notice["text"]),
        valid_from=_moment(begins) if begins else None,
        valid_until=_moment(ends) if ends else None,
    )
