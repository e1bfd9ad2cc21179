"""Accounts and what they may: made, given roles, disabled; a new password is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.administration.answers import Account, Grant, RefusedError, Why
from server.administration.pages import fields
from server.administration.pages.bodies import with_names
from server.administration.pages.fields import Field
from server.administration.pages.room import AT_ONCE, StaffRoom
from server.administration.roles import EVERYWHERE, Asker, Right, Role

_FAULTS: Mapping[Why, tuple[str, str]] = {
    Why.NAME: ("name", "administration.accounts.fault_name"),
    Why.NAME_TAKEN: ("name", "administration.fault.taken"),
    Why.NO_SUCH_BODY: ("body", "administration.fault.form"),
    Why.MAY_NOT: ("body", "administration.accounts.fault_body"),
}


class AccountPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, room: StaffRoom) -> None:
        self._room = room
        self._accounts = room.administration.accounts
        self.router = APIRouter()
        one = "/accounts/{account}"
        for path, endpoint, method in (
            ("/accounts", self._list, "GET"),
            ("/accounts/new", self._new, "GET"),
            ("/accounts/new", self._add, "POST"),
            (one, self._show, "GET"),
            (f"{one}/name", self._rename, "POST"),
            (f"{one}/link", self._link, "POST"),
            (f"{one}/grant", self._grant, "POST"),
            (f"{one}/take-back", self._take_back, "POST"),
            (f"{one}/password", self._reset, "POST"),
            (f"{one}/disable", self._disable, "POST"),
            (f"{one}/enable", self._enable, "POST"),
        ):
            room.add(self.router, path, endpoint, method)

    async def _list(self, request: Request, asker: Asker) -> Response:
        _check_anywhere(asker)
        asked = {name: request.query_params.get(name, "").strip() for name in ("q", "body")}
        after = request.query_params.get("after", "")
        if asked["q"]:
            wanted = asked["q"].casefold()
            all_of = await self._accounts.all(asker, asked["body"], after=after)
            found = [each for each in all_of if wanted in f"{each.name} {each.shown}".casefold()][: AT_ONCE + 1]
        else:
            found = list(await self._accounts.all(asker, asked["body"], after=after, most=AT_ONCE + 1))
        names, kept = await self._names(request, asker), {name: value for name, value in asked.items() if value}
        return self._room.page(
            request,
            "accounts.html",
            asker,
            accounts=found[:AT_ONCE],
            bodies={name: said.rpartition(" · ")[2] for name, said in names.items()},
            choices=[(name, said) for name, said in names.items() if name and asker.may(Right.ACCOUNTS, name)],
            asked=asked,
            newest=urlencode(kept) if after else None,
            next_query=urlencode(kept | {"after": found[AT_ONCE - 1].name}) if len(found) > AT_ONCE else "",
        )

    async def _new(self, request: Request, asker: Asker) -> Response:
        return await self._new_page(request, asker, {})

    async def _add(self, request: Request, asker: Asker) -> Response:
        _check_anywhere(asker)
        form, asked = await self._room.form(request), await self._fields(request, asker)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, self._room.zone)
        if not faults:
            grant = Grant(values["body",] or EVERYWHERE, Role(values["role",]))
            try:
                made = await self._accounts.add(asker, values["name",], values["shown",], grant)
                return await self._page(request, asker, made.account, password=made.password)
            except RefusedError as error:
                if error.why not in _FAULTS:
                    raise
                faults = dict([_FAULTS[error.why]])
        return await self._new_page(request, asker, typed, faults)

    async def _show(self, request: Request, asker: Asker) -> Response:
        account = await self._accounts.get(asker, request.path_params["account"])
        return await self._page(request, asker, account)

    async def _rename(self, request: Request, asker: Asker) -> Response:
        form = await self._room.form(request)
        shown = form.get("shown", "").strip()
        return await self._did(request, asker, lambda account: self._accounts.rename(asker, account, shown))

    async def _link(self, request: Request, asker: Asker) -> Response:
        form, account = await self._room.form(request), request.path_params["account"]
        try:
            await self._accounts.link(asker, account, form.get("subject", "").strip())
        except RefusedError as error:
            if error.why is not Why.NAME_TAKEN:
                raise
            found = await self._accounts.get(asker, account)
            return await self._page(request, asker, found, fault="administration.accounts.subject_taken")
        return self._room.go(request, f"/accounts/{account}", "saved")

    async def _grant(self, request: Request, asker: Asker) -> Response:
        grant = _grant_of(await self._room.form(request))
        return await self._did(request, asker, lambda account: self._accounts.grant(asker, account, grant))

    async def _take_back(self, request: Request, asker: Asker) -> Response:
        grant = _grant_of(await self._room.form(request))
        return await self._did(request, asker, lambda account: self._accounts.take_back(asker, account, grant))

    async def _disable(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        return await self._did(request, asker, lambda account: self._accounts.disable(asker, account))

    async def _enable(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        return await self._did(request, asker, lambda account: self._accounts.enable(asker, account))

    async def _reset(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        made = await self._accounts.reset_password(asker, request.path_params["account"])
        return await self._page(request, asker, made.account, password=made.password)

    async def _did(self, request: Request, asker: Asker, verb: Callable[[str], Awaitable[Account]]) -> Response:
        account = request.path_params["account"]
        try:
            await verb(account)
        except RefusedError as error:
            if error.why is not Why.LAST_ADMINISTRATOR:
                raise
            found = await self._accounts.get(asker, account)
            return await self._page(request, asker, found, fault="administration.accounts.last")
        return self._room.go(request, f"/accounts/{account}", "saved")

    async def _new_page(
        self, request: Request, asker: Asker, typed: Mapping[str, str], faults: Mapping[str, str] = {}
    ) -> Response:
        _check_anywhere(asker)
        asked = await self._fields(request, asker)
        return self._room.make(
            request,
            asker,
            ("/accounts", "administration.nav.accounts"),
            ("/accounts/new", "administration.accounts.new", "administration.accounts.lead"),
            fields.entries(asked, typed, faults),
        )

    async def _page(
        self, request: Request, asker: Asker, account: Account, *, password: str = "", fault: str = ""
    ) -> Response:
        asked = await self._fields(request, asker)
        return self._room.page(
            request,
            "account.html",
            asker,
            status=409 if fault else 200,
            account=account,
            has_sign_on=bool(self._room.sign_on),
            is_own=asker.id == f"account:{account.id}",
            bodies=await self._names(request, asker),
            entries=fields.entries([each for each in asked if each.name in ("role", "body")], {}),
            password=password,
            fault=fault,
            can_switch=request.method == "GET",
        )

    async def _fields(self, request: Request, asker: Asker) -> tuple[Field, ...]:
        t, key = self._room.words(request).t, "administration.accounts."
        roles = tuple((each.value, t(f"administration.role.{each.value}")) for each in Role)
        bodies = tuple(
            (body, name)
            for body, name in (await self._names(request, asker)).items()
            if asker.may(Right.ACCOUNTS, body)
        )
        return (
            Field(("name",), f"{key}name", f"{key}name_hint", is_required=True, length=64),
            Field(("shown",), f"{key}shown", f"{key}shown_hint", is_required=True, length=80),
            Field(("role",), f"{key}role", "", "one", True, options=roles),
            Field(("body",), f"{key}body", f"{key}body_hint", "one", options=bodies),
        )

    async def _names(self, request: Request, asker: Asker) -> dict[str, str]:
        """Return every body that the asker knows, by what it is called from the top down."""
        tree = await self._room.administration.bodies.tree(asker)
        named = with_names(tree, self._room.phrases(request))
        top = self._room.words(request).t("administration.bodies.everywhere")
        return {EVERYWHERE: top} | {body.id: " · ".join(names) for body, names in named}


def _check_anywhere(asker: Asker) -> None:
    if not asker.may_anywhere(Right.ACCOUNTS):
        raise RefusedError(Why.MAY_NOT)


def _grant_of(form: Mapping[str, str]) -> Grant:
    """Return the role that a form names. Raises RefusedError."""
    role = next((each for each in Role if each.value == form.get("role")), None)
    if role is None:
        raise RefusedError(Why.MAY_NOT)
    return Grant(form.get("body", EVERYWHERE), role)
