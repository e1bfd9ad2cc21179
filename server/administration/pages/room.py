"""What the staff's pages share: who asks, what one may be offered, forms, and what a "no" looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from assets.texts import Catalogue
from follow.answers import address_of
from follow.page import Look
from server import enrolment
from server.administration.answers import RefusedError, Why
from server.administration.desk import Administration
from server.administration.pages import refusals
from server.administration.pages.fields import Entry
from server.administration.roles import Asker, Right
from server.booking import answers as booking_answers
from server.booking.registry import RegistryUnavailable
from server.pages.frame import Frame
from server.pages.guard import ForeignError, keep_cookie, keep_mark, mark_of, read_form
from server.pages.phrases import Phrases
from server.pages.public import add_pages
from server.registers import Registers
from sync.clock import Clock
from sync.storage import StorageUnavailable

SESSION = "dawr_staff"
"""The cookie of who is signed in here; a customer's is another."""
BYTES_MAX = 128 << 10
AT_ONCE = 50
"""Rows of a long list on a page."""
_FIELDS_MAX = 400
_RETRY_AFTER_S = 5
_MISSING = frozenset(
    {
        *(Why.NO_SUCH_BODY, Why.NO_SUCH_ACCOUNT, Why.NO_SUCH_STAFF),
        *(Why.NO_SUCH_CUSTOMER, Why.NO_SUCH_APPOINTMENT, Why.NO_SUCH_COMPLAINT),
        *(booking_answers.Why.NO_SUCH_CENTRE, booking_answers.Why.NO_SUCH_SERVICE),
        *(booking_answers.Why.NO_SUCH_APPOINTMENT, booking_answers.Why.NO_SUCH_SLOT),
        *(enrolment.Why.CENTRE, enrolment.Why.DEVICE),
    }
)
# What a page says after it was done; the address names the word, never the text.
_TOLD: Mapping[str, str] = {
    "saved": "administration.told.saved",
    "closed": "administration.told.closed",
    "opened": "administration.told.opened",
    "removed": "administration.told.removed",
    "added": "administration.told.added",
    "revoked": "administration.told.revoked",
    "disabled": "administration.told.disabled",
    "password": "administration.told.password",
}
_PLACES: Sequence[tuple[str, str, Right | None]] = (
    ("/staff", "administration.nav.overview", None),
    ("/staff/figures", "figures.title", Right.SEE),
    ("/staff/help", "administration.nav.help", Right.HELP),
    ("/staff/bodies", "administration.nav.bodies", Right.BODIES),
    ("/staff/accounts", "administration.nav.accounts", Right.ACCOUNTS),
    ("/staff/audit", "administration.nav.audit", Right.AUDIT),
)

OfStaff = Callable[[Request, Asker], Awaitable[Response]]


class StaffRoom:
    """Frame and administration as the staff's pages use them."""

    def __init__(
        self,
        frame: Frame,
        look: Look,
        administration: Administration,
        registers: Registers,
        clock: Clock,
        *,
        sign_on: str = "",
    ) -> None:
        """Take what pages need; `sign_on` is where the national sign-on begins, "" where there is none."""
        self.frame = frame
        self.look = look
        self.administration = administration
        self.registers = registers
        self.clock = clock
        self.sign_on = sign_on
        self.languages = tuple(frame.catalogues)
        self.zone = ZoneInfo("UTC")
        """For forms of no centre: they ask for no time."""

    def words(self, request: Request) -> Catalogue:
        """Return the texts of the request's language."""
        return self.frame.catalogues[self.frame.language(request)]

    def phrases(self, request: Request) -> Phrases:
        """Return what is said in the request's language."""
        return self.frame.phrases[self.frame.language(request)]

    def root(self, request: Request) -> str:
        """Return the request's language as its path begins."""
        return f"/{self.frame.language(request)}"

    def add(self, router: APIRouter, path: str, endpoint: OfStaff, *methods: str) -> None:
        """Serve a page of who is signed in, under each language's path."""
        add_pages(router, self.frame, f"/staff{path}", self.guarded(endpoint), methods or ("GET",))

    async def form(self, request: Request, *, bytes_max: int = BYTES_MAX) -> Mapping[str, str]:
        """Return a form's fields. Raises ForeignError."""
        return await read_form(request, bytes_max=bytes_max, fields_max=_FIELDS_MAX)

    def page(self, request: Request, template: str, asker: Asker | None, **values: Any) -> Response:
        """Return a page; it may have forms."""
        mark = mark_of(request)
        rest = request.url.path.removeprefix(self.root(request))
        can_go = asker is not None and not asker.must_change
        places = [
            (path, label, rest == path or (path != "/staff" and rest.startswith(path)))
            for path, label, right in _PLACES
            if can_go and asker is not None and (right is None or asker.may_anywhere(right))
        ]
        said = _TOLD.get(request.query_params.get("done", ""))
        common = {
            "form": mark,
            "me": asker,
            "places": places,
            "staff_files": self.look.path,
            "names": {name: each.t("pages.language") for name, each in self.frame.catalogues.items()},
            "groups": by_label,
            "query": f"?{request.url.query}" if request.url.query else "",
            "told": self.words(request).t(said) if said else "",
        }
        response = self.frame.page(request, template, **(common | values))
        keep_mark(request, response, mark)
        return response

    def make(
        self,
        request: Request,
        asker: Asker,
        among: tuple[str, str],
        what: tuple[str, str, str],
        entries: Sequence[Entry],
    ) -> Response:
        """Return a form for something new. `among`: the list's path and its label; `what`: path, title and lead."""
        return self.page(
            request,
            "make.html",
            asker,
            status=422 if any(each.fault for each in entries) else 200,
            among=among[0],
            among_label=among[1],
            action=what[0],
            title=what[1],
            lead=what[2],
            entries=entries,
            can_switch=request.method == "GET",
        )

    def trouble(
        self, request: Request, status: int, what: str, asker: Asker | None, retry_after_s: int = 0, why: str = ""
    ) -> Response:
        """Return the page for what went wrong; `why` is the reason in words, where there is one."""
        response = self.page(request, "trouble.html", asker, status=status, what=what, why=why)
        if retry_after_s:
            response.headers["Retry-After"] = str(retry_after_s)
        return response

    def go(self, request: Request, path: str, done: str = "") -> Response:
        """Send the browser to a page of the staff's, asking with GET; `done` is the word for what was done."""
        return self.frame.go(f"{self.root(request)}/staff{path}" + (f"?done={done}" if done else ""))

    def keep_session(self, request: Request, response: Response, token: str, seconds: int) -> None:
        """Let the browser keep who is signed in; 0 seconds: forget it."""
        keep_cookie(request, response, SESSION, token, seconds)

    async def asker(self, request: Request) -> Asker | None:
        """Return who is signed in, None when nobody is."""
        token = request.cookies.get(SESSION, "")
        if not token:
            return None
        try:
            return await self.administration.asker(token, address_of(request))
        except RefusedError as error:
            if error.why is Why.SIGNED_OUT:
                return None
            raise

    def guarded(self, endpoint: OfStaff) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint for who is signed in, whose refusals and unavailabilities have a face."""

        async def inside(request: Request) -> Response:
            asker = await self.asker(request)
            if asker is None:
                return self._sign_in_first(request)
            if asker.must_change and not request.url.path.endswith("/staff/password"):
                return self.go(request, "/password")
            try:
                return await endpoint(request, asker)
            except RefusedError as error:
                return self._refused(request, asker, error)
            except (booking_answers.RefusedError, enrolment.RefusedError) as error:
                if error.why in _MISSING:
                    return self.trouble(request, 404, "missing", asker)
                return self.trouble(request, 409, "refused", asker, why=refusals.reason(error, self.words(request)))

        return self.open(inside)

    def open(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint for everybody, whose foreign forms and unavailabilities have a face."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except ForeignError:
                return self.trouble(request, 403, "foreign", None)
            except (StorageUnavailable, RegistryUnavailable):
                return self.trouble(request, 503, "unavailable", None, _RETRY_AFTER_S)

        return answer

    def check(self, asker: Asker, right: Right, body: str) -> None:
        """Refuse a form to whom its verb would refuse in the end: before anything is said of what is typed there.

        Raises RefusedError.
        """
        if not asker.may(right, body):
            raise RefusedError(Why.MAY_NOT)

    def _sign_in_first(self, request: Request) -> Response:
        to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        query = f"?to={quote(to, safe='/')}" if request.method == "GET" else ""
        return self.frame.go(f"{self.root(request)}/staff/sign-in{query}")

    def _refused(self, request: Request, asker: Asker, error: RefusedError) -> Response:
        if error.why is Why.MAY_NOT:
            return self.trouble(request, 403, "forbidden", asker)
        if error.why in _MISSING:
            return self.trouble(request, 404, "missing", asker)
        if error.why is Why.TOO_MANY:
            return self.trouble(request, 429, "too_many", asker, error.retry_after_s or 60)
        if error.why in (Why.SIGNED_OUT, Why.MUST_CHANGE):
            return self.go(request, "/sign-in" if error.why is Why.SIGNED_OUT else "/password")
        # Pages have words for what may be refused on them; this is what somebody else was quicker with.
        return self.trouble(request, 409, "refused", asker, why=refusals.reason(error, self.words(request)))


def by_label(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return fields in their order, those of one text in several languages together, and the times of a span."""
    groups: list[list[Entry]] = []
    for each in entries:
        last = groups[-1][0].field if groups else None
        is_same_text = last is not None and each.field.language and last.label == each.field.label
        if is_same_text or (last is not None and last.kind == each.field.kind == "clock"):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups
