"""The audit log: who did what to which body, narrowed down by body and by act, page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.answers import Entry
from server.administration.pages.bodies import with_names
from server.administration.pages.room import StaffRoom
from server.administration.roles import EVERYWHERE, Asker, Right

_SHOWN_MAX = 2000
"""Characters of what was before or after; the whole is in the API."""


class AuditPages:
    """Serves it; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self.router = APIRouter()
        room.add(self.router, "/audit", self._show)

    async def _show(self, request: Request, asker: Asker) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ("body", "by", "act")}
        found = await self._room.administration.records.page(
            asker, **asked, after=request.query_params.get("after", ""), limit=50
        )
        tree = await self._room.administration.bodies.tree(asker)
        names = {EVERYWHERE: self._room.words(request).t("administration.bodies.everywhere")}
        names |= {body.id: " · ".join(said) for body, said in with_names(tree, self._room.phrases(request))}
        kept = {name: value for name, value in asked.items() if value}
        return self._room.page(
            request,
            "audit.html",
            asker,
            rows=[(each, _differences(each)) for each in found.entries],
            bodies=names,
            choices=[(body, name) for body, name in names.items() if body and self._room.may(asker, Right.AUDIT, body)],
            asked=asked,
            acts=self._acts(request),
            local=self._local,
            narrowed=lambda **more: urlencode(kept | more),
            next_query=urlencode(kept | {"after": found.next}) if found.next else "",
        )

    def _acts(self, request: Request) -> Mapping[str, str]:
        """Return what the words of acts mean; one without words is shown as it is."""
        prefix = "administration.act."
        texts = self._room.words(request).prefixed(prefix)
        return {key.removeprefix(prefix): text for key, text in texts.items() if isinstance(text, str)}

    def _local(self, at: datetime) -> str:
        """Return an instant as clocks where the first centre is say it: a country has one clock."""
        centre = next(iter(self._room.registers.centres.values()), None)
        zone = self._room.zone if centre is None else centre.zone
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _differences(entry: Entry) -> list[tuple[str, str, str]]:
    """Return what was before and after, by its name."""
    names = list(dict.fromkeys((*entry.before, *entry.after)))
    return [(name, _said(entry.before, name), _said(entry.after, name)) for name in names]


def _said(values: Mapping[str, object], name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
