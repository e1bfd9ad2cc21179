"""Days, instants and times of day as the API takes them: as ISO 8601 texts and nothing else.

Left alone, pydantic also takes numbers, as seconds since 1970 or midnight: what somebody meant would be another one.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2}.*)?", re.DOTALL)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.DOTALL)


def _day(said: object) -> object:
    if isinstance(said, str) and not _DAY.fullmatch(said):
        raise ValueError("a day is YYYY-MM-DD")
    return _text(said)


def _instant(said: object) -> object:
    if isinstance(said, str) and not _INSTANT.fullmatch(said):
        raise ValueError("an instant is YYYY-MM-DDTHH:MM:SS and a zone")
    return _text(said)


def _clock(said: object) -> object:
    if isinstance(said, str) and not _CLOCK.fullmatch(said):
        raise ValueError("a time of day is HH:MM")
    return _text(said)


def _text(said: object) -> object:
    if isinstance(said, (int, float)):
        raise ValueError("no number")
    return said


Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
