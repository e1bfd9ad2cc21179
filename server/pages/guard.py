"""What comes with a form, and whether it may: a form counts only from our own page, in the browser that got it.

Three locks, each enough by itself: cookies are SameSite=Strict, a foreign Origin is refused, and the form holds what a
cookie holds. Nothing of what was typed is kept or logged.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from follow.answers import THIS_MACHINE
from server.booking.answers import Channel

SESSION = "dawr_session"
"""The cookie of who is signed in."""
BY_SIGN_ON = "dawr_by_sign_on"
"""The cookie that says that whoever is signed in came by the national sign-on, which is left by another way."""
_FORM = "dawr_form"
_FIELD = "form"
_BODY_MAX = 4096
_FIELDS_MAX = 20
_MADE = re.compile(r"[A-Za-z0-9_-]{22}")


class ForeignError(Exception):
    """The form does not come from our own page in this browser."""


def mark_of(request: Request) -> str:
    """Return what this browser's forms have to hold: its cookie's value, or a new one."""
    known = request.cookies.get(_FORM, "")
    return known if _MADE.fullmatch(known) else secrets.token_urlsafe(16)


def keep_mark(request: Request, response: Response, mark: str) -> None:
    """Let the browser keep the mark that its form was given."""
    if request.cookies.get(_FORM) != mark:
        keep_cookie(request, response, _FORM, mark, None)


def keep_session(request: Request, response: Response, token: str, seconds: int) -> None:
    """Let the browser keep who is signed in."""
    keep_cookie(request, response, SESSION, token, seconds)


def forget_session(request: Request, response: Response) -> None:
    """Let the browser forget who was signed in."""
    keep_cookie(request, response, SESSION, "", 0)
    if BY_SIGN_ON in request.cookies:
        keep_cookie(request, response, BY_SIGN_ON, "", 0)


async def read_form(
    request: Request, *, bytes_max: int = _BODY_MAX, fields_max: int = _FIELDS_MAX
) -> Mapping[str, str]:
    """Return a form's fields, at most so many of them and of its bytes. Raises ForeignError.

    Browsers send a line's end as two letters and count one: here it is one.
    """
    _check(request, "application/x-www-form-urlencoded", bytes_max)
    body = (await request.body()).decode("utf-8", "replace")
    try:
        # A field that was left empty is one all the same: who typed nothing is told so.
        typed = parse_qsl(body, keep_blank_values=True, max_num_fields=fields_max)
    except ValueError as error:
        raise ForeignError("no form of ours") from error
    fields = {name: value.replace("\r\n", "\n") for name, value in typed}
    _check_mark(request, fields)
    return fields


async def read_upload(request: Request, name: str, *, bytes_max: int) -> tuple[Mapping[str, str], bytes]:
    """Return the fields of a form with a file, and the file of that name, b"" without one. Raises ForeignError."""
    _check(request, "multipart/form-data", bytes_max)
    try:
        async with request.form(max_files=1, max_fields=_FIELDS_MAX) as form:
            fields = {key: value for key, value in form.items() if isinstance(value, str)}
            chosen = form.get(name)
            file = b"" if chosen is None or isinstance(chosen, str) else await chosen.read()
    except HTTPException as error:
        raise ForeignError("no form of ours") from error
    _check_mark(request, fields)
    return fields, file


def _check(request: Request, wanted: str, bytes_max: int) -> None:
    length = request.headers.get("content-length", "")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if not length.isdecimal() or int(length) > bytes_max or kind != wanted:
        raise ForeignError("no form of ours")
    if not _is_ours(request):
        raise ForeignError("another site's")


def _check_mark(request: Request, fields: Mapping[str, str]) -> None:
    mark = request.cookies.get(_FORM, "")
    if not _MADE.fullmatch(mark) or not secrets.compare_digest(mark.encode(), fields.get(_FIELD, "").encode()):
        raise ForeignError("not of this browser")
    if any("\0" in text for text in fields.values()):
        raise ForeignError("no form of ours")  # No browser sends a NUL, and no text in PostgreSQL has one.


def channel_of(fields: Mapping[str, str], otherwise: Channel) -> Channel:
    """Return how a form's customer wants to be served; `otherwise` where the form does not ask."""
    said = fields.get("channel")
    return "virtual" if said == "virtual" else "counter" if said == "counter" else otherwise


def _is_ours(request: Request) -> bool:
    """Say whether the browser names our own site as the form's, or names none at all, as old ones do."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    named = request.headers.get("origin") or request.headers.get("referer")
    try:
        return named is None or urlsplit(named).netloc == request.headers.get("host", "")
    except ValueError:  # that is no address at all
        return False


def keep_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    seconds: int | None,
    *,
    same_site: Literal["strict", "lax"] = "strict",
) -> None:
    """Let the browser keep what no script and no other site gets; 0 seconds: forget it, None: until it ends.

    `lax` is for the one cookie that has to come along when its owner is sent back from another site.
    """
    sender = request.client.host if request.client else ""
    is_https = request.url.scheme == "https" or (
        sender in THIS_MACHINE and request.headers.get("x-forwarded-proto") == "https"
    )
    response.set_cookie(name, value, seconds, path="/", secure=is_https, httponly=True, samesite=same_site)
