"""What a line of the audit log says was before and after, taken apart to the single values that differ.

A value that a form of the settings asks for is said by the form's own words and in its units, so that it can be typed
there again; any other by its place in the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assets.texts import Catalogue
from server.administration.answers import Entry
from server.administration.audit import Act
from server.administration.pages import sections
from server.administration.pages.fields import Field

_SHOWN_MAX = 400
"""Characters of a value; the whole is in the API."""
_UTC = ZoneInfo("UTC")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs: what it is called, and how it was and is; "" where there was none."""

    name: str
    before: str
    after: str


def differences(entry: Entry, words: Catalogue, languages: Sequence[str]) -> list[Difference]:
    """Return what differs between before and after, in the order in which it stands there."""
    # Other acts have names of their own for what they change.
    settings = sections.WHOLE if entry.act == Act.CENTRE_CHANGED else ()
    known = {
        field.name: (section.name, field)
        for section in (sections.whole_section(name, languages) for name in settings)
        for field in section.fields
    }
    found = []
    for name, before, after in _leaves("", dict(entry.before), dict(entry.after)):
        section, field = known.get(name, ("", None))
        label = name
        if field is not None:
            label = f"{words.t(f'administration.section.{section}')}: {words.t(field.label)}"
            label += f" ({field.language})" if field.language else ""
        found.append(Difference(label, _said(before, field, words), _said(after, field, words)))
    return found


def _leaves(name: str, before: object, after: object) -> Iterator[tuple[str, object, object]]:
    """Give each value that is not the same on both sides, with its place (`services.renewal.slot_s`)."""
    if before == after:
        return
    sides = _named(before), _named(after)
    if sides[0] is None or sides[1] is None:
        yield name, before, after
        return
    for key in dict.fromkeys((*sides[0], *sides[1])):
        below = f"{name}.{key}" if name else key
        yield from _leaves(below, sides[0].get(key, _NOTHING), sides[1].get(key, _NOTHING))


def _named(value: object) -> Mapping[str, object] | None:
    """Return what has names within a value: an object's fields, the entries of a list that have an id."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(each, dict) and each.get("id") for each in value):
        return {str(each["id"]): each for each in value}
    return None


def _said(value: object, field: Field | None, words: Catalogue) -> str:
    if value is _NOTHING or value is None:
        return ""
    if isinstance(value, bool):
        return words.t("administration.yes") if value else words.t("administration.no")
    if field is not None:
        text = field.shown(value, _UTC)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
