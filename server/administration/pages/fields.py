"""What the staff's forms ask for: how a value is shown, how what was typed is read, and what is wrong with it.

A field stands for one place of a JSON document. It knows nothing of rules: whether the whole is right the core says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from queueing.cpr import ascii_digits

Path = tuple[str | int, ...]
Typed = Literal["text", "long", "lines", "code", "codes", "whole", "decimal", "percent"]
Kind = Literal[Typed, "tick", "one", "many", "day", "clock", "instant", "secret"]
"""`code`: digits that are no number; `codes`: several, whatever stands between them."""

REQUIRED, NUMBER, RANGE, FORM, REFUSED = (
    "administration.fault.required",
    "administration.fault.number",
    "administration.fault.range",
    "administration.fault.form",
    "administration.fault.refused",
)
# Arabic digits too: \d has them, and so has int().
_CLOCK = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?")
_NUMBER = re.compile(r"-?\d{1,9}")
_CODE = re.compile("[0-9٠-٩۰-۹]+")
_DECIMAL = re.compile(r"(\d{1,4})(?:[.,٫](\d{1,6}))?")
_YEARS = range(2000, 2101)
"""Days beyond are slips of the fingers, and the last one that there is has no day after it."""
_ON = "on"


class FieldError(Exception):
    """What was typed is no value of the field; `key` is the text that says so."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for. `path` is its place in the document, `label` and `hint` are keys of texts.

    `scale`: the document has so many of its units for one that is typed (60: minutes for seconds). `least` and `most`
    are in what is typed. `options` are values with the words for them. `language` is the one that a text is written in.
    """

    path: Path
    label: str
    hint: str = ""
    kind: Kind = "text"
    is_required: bool = False
    least: float = 0
    most: float = 1_000_000
    scale: int = 1
    options: tuple[tuple[str, str], ...] = ()
    language: str = ""
    length: int = 200

    @property
    def name(self) -> str:
        """Its name in the form."""
        return ".".join(map(str, self.path))

    def shown(self, value: object, zone: ZoneInfo) -> str:
        """Return a document's value as somebody would type it."""
        match self.kind:
            case _ if value is None:
                return ""
            case "whole":
                return str(int(str(value)) // self.scale)
            case "decimal":
                return f"{float(str(value)):g}"
            case "percent":
                return str(round(float(str(value)) * 100))
            case "tick":
                return _ON if value else ""
            case "lines":
                return "\n".join(_each(value))
            case "many" | "codes":
                return " ".join(_each(value))
            case "instant":
                return datetime.fromisoformat(str(value)).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        return str(value)

    def read(self, typed: str, zone: ZoneInfo) -> Any:
        """Return what was typed as the document has it. Raises FieldError."""
        text = typed.strip()
        if self.kind == "tick":
            return bool(text)
        if self.kind == "many":
            return [value for value, _ in self.options if value in text.split()]
        if len(text) > self.length:
            raise FieldError("administration.fault.long")
        if self.kind == "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        if not text:
            if self.is_required:
                raise FieldError(REQUIRED)
            return None if self.kind in ("whole", "decimal", "percent", "instant", "day", "clock") else ""
        return self._value(text, zone)

    def _value(self, text: str, zone: ZoneInfo) -> Any:
        match self.kind:
            case "whole" | "percent":
                if not _NUMBER.fullmatch(text):
                    raise FieldError(NUMBER)
                number = int(text)
                if not self.least <= number <= self.most:
                    raise FieldError(RANGE)
                return number / 100 if self.kind == "percent" else number * self.scale
            case "decimal":
                return self._decimal(text)
            case "code" | "codes":
                codes = [ascii_digits(each) for each in _CODE.findall(text)]
                if not codes:
                    raise FieldError("administration.fault.digits")
                return codes if self.kind == "codes" else "".join(codes)
            case "one":
                if text not in dict(self.options):
                    raise FieldError(FORM)
            case "day":
                return iso_day(text).isoformat()
            case "clock":
                return clock(text)
            case "instant":
                return _instant(text).replace(tzinfo=zone).isoformat()
        return text

    def _decimal(self, text: str) -> float:
        found = _DECIMAL.fullmatch(text)
        if found is None:
            raise FieldError("administration.fault.decimal")
        number = float(f"{int(found[1])}.{found[2] or 0}")
        if not self.least <= number <= self.most:
            raise FieldError(RANGE)
        return number


@dataclass(frozen=True, slots=True)
class Entry:
    """A field as a page shows it: what stands in it, what is wrong with it, and what somebody else has put there."""

    field: Field
    typed: str
    fault: str = ""
    other: str | None = None


def entries(
    fields: Sequence[Field],
    typed: Mapping[str, str],
    faults: Mapping[str, str] = {},
    others: Mapping[str, str] = {},
) -> list[Entry]:
    """Return fields as a page shows them; `others` has what stands there now, where that is not what was typed."""
    return [
        Entry(
            each,
            typed.get(each.name, ""),
            faults.get(each.name, ""),
            others[each.name] if each.name in others and others[each.name] != typed.get(each.name, "") else None,
        )
        for each in fields
    ]


def shown(fields: Sequence[Field], document: object, zone: ZoneInfo) -> dict[str, str]:
    """Return a document's values as they would be typed."""
    return {each.name: each.shown(value_at(document, each.path), zone) for each in fields}


def typed_in(fields: Sequence[Field], form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into fields; of several ticks of one field the values together."""
    return {
        each.name: " ".join(value for value, _ in each.options if form.get(f"{each.name}.{value}"))
        if each.kind == "many"
        else form.get(each.name, "")
        for each in fields
    }


def read(fields: Sequence[Field], typed: Mapping[str, str], zone: ZoneInfo) -> tuple[dict[Path, Any], dict[str, str]]:
    """Return the values that were typed, and what is wrong by the field's name."""
    values: dict[Path, Any] = {}
    faults: dict[str, str] = {}
    for each in fields:
        try:
            values[each.path] = each.read(typed.get(each.name, ""), zone)
        except FieldError as fault:
            faults[each.name] = fault.key
    return values, faults


def value_at(document: object, path: Path) -> Any:
    """Return what stands at a place of a document, None when nothing does."""
    found: Any = document
    for step in path:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def put(document: dict[str, Any], path: Path, value: object) -> None:
    """Put a value at a place of a document, making the objects on the way there."""
    found: Any = document
    for step in path[:-1]:
        if isinstance(step, str):
            if not isinstance(found.get(step), dict | list):
                found[step] = {}
            found = found[step]
        else:
            found = found[step]
    found[path[-1]] = value


def clock(typed: str) -> str:
    """Return a time of day as the document has it, from 7, 730, 7.30, 07:30 or ٧:٣٠; 24:00 ends a day.

    Raises FieldError.
    """
    found = _CLOCK.fullmatch(typed.strip())
    if found is None:
        raise FieldError("administration.fault.clock")
    hours, minutes = int(found[1]), int(found[2] or 0)
    if (hours, minutes) == (24, 0):
        return "24:00"
    if hours > 23 or minutes > 59:
        raise FieldError("administration.fault.clock")
    return f"{time(hours, minutes):%H:%M}"


def iso_day(text: str) -> date:
    """Return a day as browsers send it, of this century. Raises FieldError."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(FORM) from error
    if day.year not in _YEARS:
        raise FieldError(FORM)
    return day


def day_or_none(text: str) -> date | None:
    """Return a day of an address, None where it says none."""
    try:
        return iso_day(text)
    except FieldError:
        return None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise FieldError(FORM) from error
    if instant.year not in _YEARS:
        raise FieldError(FORM)
    return instant


def _each(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []
