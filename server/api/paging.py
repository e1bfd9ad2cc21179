"""Lists in pages: `limit` and `after` go in, the items and `next` come out, with a Link header for who follows those.

A cursor is where the last page ended, not how far it was: what is added or goes meanwhile shifts nothing. It says so in
clear text to us alone: callers hand it back as it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sync.problems import Problem

MOST = 200

_T = TypeVar("_T")


class Page(BaseModel, Generic[_T]):
    """A page of a list."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    items: list[_T]
    next: str = Field(description="For `after`; empty: this is the last page.")


After = Annotated[
    str,
    Query(max_length=400, pattern="^[A-Za-z0-9_-]*$", description="`next` of the page before; empty for the first."),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]


def cursor(*position: str) -> str:
    """Return the cursor of a position, the values that the list is sorted by."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def position(after: str, parts: int) -> tuple[str, ...] | None:
    """Return a cursor's position, None for the beginning. Raises Problem 422 for what is no cursor of this list."""
    if not after:
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except ValueError:
        said = None
    if not isinstance(said, list) or len(said) != parts or not all(_is_text(each) for each in said):
        raise _no_cursor()
    return tuple(said)


def name_position(after: str) -> str:
    """Return where a page of a list by names begins, "" at the beginning. Raises Problem 422."""
    where = position(after, 1)
    return where[0] if where is not None else ""


def time_position(after: str) -> tuple[datetime, str] | None:
    """Return where a page of a list by time begins: an instant, and an id among those of it. Raises Problem 422."""
    where = position(after, 2)
    if where is None:
        return None
    try:
        at = datetime.fromisoformat(where[0])
    except ValueError:
        raise _no_cursor() from None
    if at.tzinfo is None:
        raise _no_cursor()
    return at, where[1]


def page(request: Request, response: Response, found: Sequence[_T], limit: int, where: Callable[[_T], str]) -> Page[_T]:
    """Return a page of what was found (one more than `limit` was asked for), with its Link header."""
    items, following = cut(found, limit, where)
    link(request, response, following)
    return Page(items=items, next=following)


def link(request: Request, response: Response, after: str) -> None:
    """Say in a Link header (RFC 8288) where the next page is, if there is one."""
    if after:
        # Only what leads on: a relative address is right whatever name the server was reached by.
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        response.headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("after", after)])}>; rel="next"'


def cut(found: Sequence[_T], limit: int, where: Callable[[_T], str]) -> tuple[list[_T], str]:
    """Return a page of what was found (one more than `limit` was asked for), and where the next one begins, or ""."""
    kept = list(found[:limit])
    return kept, where(kept[-1]) if len(found) > limit else ""


def _is_text(each: object) -> bool:
    return isinstance(each, str) and "\0" not in each  # which no text in PostgreSQL has


def _no_cursor() -> Problem:
    return Problem(422, "CURSOR", "`after` is no `next` of this list")
