"""What answers to browsers have alike, in the hub and in the server: packing, kept files, languages, who asks.

It knows no page and no text, and decides nothing.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from follow.page import Look

_PACK_FROM = 600
"""Bytes of an answer from which on packing it gains something."""
_KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
"""Where a proxy sits that is believed."""


def packed(request: Request, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> Response:
    """Return an answer of a media type, packed where that gains something and the browser can read it."""
    if len(body) < _PACK_FROM:
        return Response(body, status, dict(headers), kind)
    varied = dict(headers) | {"Vary": "Accept-Encoding"}
    if not _unpacks(request):
        return Response(body, status, varied, kind)
    return Response(gzip.compress(body, 6), status, varied | {"Content-Encoding": "gzip"}, kind)


def file_of(look: Look, request: Request, headers: Mapping[str, str]) -> Response:
    """Return the file that a path's `version` and `name` say, to be kept for ever."""
    file = look.files.get(request.path_params["name"])
    if file is None or request.path_params["version"] != look.version:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    kept = dict(headers) | _KEEP
    if not file.packed:
        return Response(file.body, headers=kept, media_type=file.kind)
    kept["Vary"] = "Accept-Encoding"
    if not _unpacks(request):
        return Response(file.body, headers=kept, media_type=file.kind)
    return Response(file.packed, headers=kept | {"Content-Encoding": "gzip"}, media_type=file.kind)


def by_wish(request: Request, languages: Iterable[str]) -> list[str]:
    """Return languages, those that the browser wishes first; browsers name the one they like best first."""
    wished = [
        re.split("[-;]", each.strip())[0] for each in request.headers.get("accept-language", "").lower().split(",")
    ]
    return sorted(languages, key=lambda name: wished.index(name) if name in wished else len(wished))


def address_of(request: Request) -> str:
    """Return who asks: the sender, or whom a proxy on this very machine names last."""
    sender = request.client.host if request.client else ""
    named = request.headers.get("x-forwarded-for", "")
    return named.rpartition(",")[2].strip() if named and sender in THIS_MACHINE else sender


def _unpacks(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")
