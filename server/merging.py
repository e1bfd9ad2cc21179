"""Brings what a file says anew into what people have changed since: three documents in, one out. Pure.

What the file says as it did before stays as it is by now, whoever changed it; what it says otherwise counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = ("id", "date", "country")
"""By which of its fields an entry of a list is known again."""


def merged(before: Any, said: Any, now: Any) -> Any:
    """Return `now` with what `said` has otherwise than `before`: fields of objects, entries of lists with names."""
    if said == before:
        return now
    if isinstance(before, Mapping) and isinstance(said, Mapping) and isinstance(now, Mapping):
        return _objects(before, said, now)
    names = _names(before, said, now)
    if names is not None:
        return list(_objects(*names).values())
    return said


_GONE = object()


def _objects(before: Mapping[str, Any], said: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for name in (*now, *(name for name in said if name not in now)):
        was, new, stands = (each.get(name, _GONE) for each in (before, said, now))
        value = new if was is _GONE and new is not _GONE else stands if new is was else merged(was, new, stands)
        if value is not _GONE:
            result[name] = value
    return result


def _names(*lists: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None:
    """Return lists by their entries' names; None where they have none, or one name twice."""
    for name in _NAMES:
        if all(isinstance(each, list) and all(isinstance(e, Mapping) and e.get(name) for e in each) for each in lists):
            named = [{str(entry[name]): entry for entry in each} for each in lists]
            if all(len(by_name) == len(each) for by_name, each in zip(named, lists, strict=True)):
                return named[0], named[1], named[2]
    return None
