"""The administration over HTTP, for other programs: its verbs as JSON. It decides nothing.

Who asks is `doors.Doors.asker`'s word; refusals are problems whose `code` is the name of a `Why`.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from follow.answers import address_of
from server.administration import answers, wire
from server.administration.bodies import place
from server.administration.centres_api import add_centre_routes
from server.administration.desk import Administration
from server.administration.doors import CHANGES, READS, Bearer, Doors, Route, asked_by, token_of
from server.administration.figures import ServedReport
from server.administration.roles import Asker, Role
from server.administration.wire import Name
from server.api.forms import Day
from server.api.once import Once, OnceReader
from server.api.paging import After, Limit, Page, cursor, link, name_position, page
from sync.problems import problem_docs
from sync.serving import private


def administration_router(it: Administration, doors: Doors, reader: OnceReader) -> APIRouter:
    """Return all the administration's routes."""
    router = APIRouter(
        prefix="/v1/administration", tags=["administration"], dependencies=[Depends(private)], route_class=Route
    )
    asks, once = Depends(doors.asker), Depends(asked_by(doors, reader))
    _add_own_routes(router, it, asks)
    _add_account_routes(router, it, asks, once)
    _add_body_routes(router, it, asks, once)
    _add_figures_route(router, it, asks)
    add_centre_routes(router, it, asks, once)
    return router


def _me(asker: Asker) -> wire.MeOut:
    return wire.MeOut.model_validate(asker)


def _add_own_routes(router: APIRouter, it: Administration, asks: Any) -> None:
    @router.post("/sessions", responses=problem_docs(403, 422, 429, 503))
    async def sign_in(request: Request, said: wire.SignInIn) -> wire.SessionOut:
        """Begin a session. The answer is the same for a name that nobody has."""
        entered = await it.sign_in(said.name, said.password, address_of(request))
        return wire.SessionOut(token=entered.token, expires_at=entered.expires_at, asker=_me(entered.asker))

    @router.post("/sessions/end", responses=problem_docs(401, 403, 503))
    async def sign_out(said: Bearer, asker: Asker = asks) -> wire.DoneOut:
        """End the session."""
        await it.sign_out(token_of(said))
        return wire.DoneOut()

    @router.get("/me", responses=problem_docs(401, 403, 503))
    async def me(asker: Asker = asks) -> wire.MeOut:
        """Say who asks, and which rights that one has where."""
        return _me(asker)

    @router.post("/password", responses=problem_docs(401, 403, 404, 422, 429, 503))
    async def password(said: wire.PasswordIn, asker: Asker = asks) -> wire.DoneOut:
        """Change the own password."""
        await it.change_password(asker, said.old, said.new)
        return wire.DoneOut()


def _add_account_routes(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.get("/accounts", responses=READS)
    async def accounts(
        request: Request,
        response: Response,
        body: wire.BodyId = "",
        after: After = "",
        limit: Limit = 50,
        asker: Asker = asks,
    ) -> Page[answers.Account]:
        """List the accounts at a body and below it that the asker may manage, by name."""
        found = await it.accounts.all(asker, body, after=name_position(after), most=limit + 1)
        return page(request, response, found, limit, lambda last: cursor(last.name))

    @router.post("/accounts", responses=CHANGES)
    async def add(said: wire.AccountIn, asker: Asker = asks) -> answers.NewPassword:
        """Make an account. Its password is told once, and has to be changed at the first sign-in."""
        return await it.accounts.add(asker, said.name, said.shown, answers.Grant(said.grant.body, said.grant.role))

    @router.get("/accounts/{account}", responses=READS)
    async def account(account: Name, asker: Asker = asks) -> answers.Account:
        """Give one account."""
        return await it.accounts.get(asker, account)

    @router.patch("/accounts/{account}", responses=CHANGES)
    async def change(account: Name, said: wire.AccountChangeIn, asker: Asker = asks) -> answers.Account:
        """Change how an account is shown, disable or enable it, link it to the national sign-on; all of it or none."""
        return await it.accounts.change(asker, account, shown=said.shown, subject=said.subject, disabled=said.disabled)

    @router.post("/accounts/{account}/password", responses=CHANGES)
    async def reset(account: Name, asker: Asker = asks) -> answers.NewPassword:
        """Make a new password for an account; its sessions end."""
        return await it.accounts.reset_password(asker, account)

    @router.post("/accounts/{account}/grants", responses=CHANGES)
    async def grant(
        account: Name, said: wire.GrantIn, asker: Asker = asks, asked: Once | None = once
    ) -> answers.Account:
        """Give an account a role at a body."""
        return await it.accounts.grant(asker, account, answers.Grant(said.body, said.role), asked=asked)

    @router.delete("/accounts/{account}/grants", responses=CHANGES)
    async def take_back(account: Name, role: Role, body: wire.BodyId = "", asker: Asker = asks) -> answers.Account:
        """Take a role back."""
        return await it.accounts.take_back(asker, account, answers.Grant(body, role))


def _add_body_routes(router: APIRouter, it: Administration, asks: Any, once: Any) -> None:
    @router.get("/bodies", responses=READS)
    async def bodies(
        request: Request, response: Response, after: After = "", limit: Limit = 50, asker: Asker = asks
    ) -> Page[answers.Body]:
        """List ministries, departments and centres, each after the one above it."""
        found = await it.bodies.tree(asker, after=name_position(after), most=limit + 1)
        return page(request, response, found, limit, lambda last: cursor(place(asker.tree, last)))

    @router.post("/bodies", responses=CHANGES)
    async def add(said: wire.BodyIn, asker: Asker = asks, asked: Once | None = once) -> answers.Body:
        """Make a ministry, or a department of one."""
        return await it.bodies.add(asker, said.id, said.kind, said.name, said.above, asked=asked)

    @router.patch("/bodies/{body}", responses=CHANGES)
    async def rename(body: Name, said: wire.NameIn, asker: Asker = asks) -> answers.Body:
        """Give a ministry or a department another name."""
        return await it.bodies.rename(asker, body, said.name)

    @router.delete("/bodies/{body}", responses=CHANGES)
    async def remove(body: Name, asker: Asker = asks) -> wire.DoneOut:
        """Take away a ministry or a department that has nothing below it."""
        await it.bodies.remove(asker, body)
        return wire.DoneOut()

    @router.post("/holidays", responses=CHANGES)
    async def holidays(said: wire.HolidaysIn, asker: Asker = asks, asked: Once | None = once) -> answers.ImportDone:
        """Import holidays from a calendar (.ics)."""
        return await it.days.import_holidays(asker, said.body, said.calendar.encode(), said.displaced, asked=asked)

    @router.post("/holidays/preview", responses=CHANGES)
    async def preview(said: wire.HolidaysIn, asker: Asker = asks) -> answers.ImportDone:
        """Say what a calendar would change, and change nothing."""
        return await it.days.preview_import(asker, said.body, said.calendar.encode())

    @router.get("/audit", responses=READS)
    async def audit(
        request: Request,
        response: Response,
        body: wire.BodyId = "",
        by: Annotated[str, Query(max_length=100, pattern="^[A-Za-z0-9:._-]*$")] = "",
        act: Annotated[str, Query(max_length=40, pattern="^[a-z_]*$")] = "",
        after: Annotated[str, Query(max_length=40, pattern="^[0-9a-f]*$", description="`next` of a page.")] = "",
        limit: Limit = 50,
        asker: Asker = asks,
    ) -> answers.Entries:
        """Give the audit log of a body and all below, the newest first, in pages."""
        found = await it.records.page(asker, body, by=by, act=act, after=after, limit=limit)
        link(request, response, found.next)
        return found


def _add_figures_route(router: APIRouter, it: Administration, asks: Any) -> None:
    @router.get("/figures", responses=READS)
    async def figures(
        body: wire.BodyId = "",
        first: Annotated[Day | None, Query(description="The first day; else thirty days until the last.")] = None,
        last: Annotated[Day | None, Query(description="The last day; else today.")] = None,
        asker: Asker = asks,
    ) -> ServedReport:
        """Say how many were served in a period, and what part of them by video: a body's centres together."""
        return await it.figures.served(asker, body, first, last)
