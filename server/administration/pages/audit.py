"""The audit log: who did what to which body, narrowed down by body and by act, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.pages.bodies import with_names
from server.administration.pages.differences import differences
from server.administration.pages.room import StaffRoom
from server.administration.roles import EVERYWHERE, Asker, Right


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
        words = self._room.words(request)
        names = {EVERYWHERE: words.t("administration.bodies.everywhere")}
        names |= {body.id: " · ".join(said) for body, said in with_names(tree, self._room.phrases(request))}
        kept = {name: value for name, value in asked.items() if value}
        return self._room.page(
            request,
            "audit.html",
            asker,
            rows=[(each, differences(each, words, self._room.languages)) for each in found.entries],
            about=await self._accounts(asker),
            bodies=names,
            choices=[(body, name) for body, name in names.items() if body and asker.may(Right.AUDIT, body)],
            asked=asked,
            acts=self._acts(request),
            local=self._local,
            narrowed=lambda **more: urlencode(kept | more),
            next_query=urlencode(kept | {"after": found.next}) if found.next else "",
        )

    async def _accounts(self, asker: Asker) -> dict[str, str]:
        """Return what accounts are called, by what stands for them in the log; none where they are none of hers."""
        if not asker.may_anywhere(Right.ACCOUNTS):
            return {}
        accounts = await self._room.administration.accounts.all(asker)
        return {f"account:{each.id}": each.shown for each in accounts}

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
