"""Booking over HTTP, for other programs: the verbs of `server.booking.desk` as JSON. It decides nothing.

A customer is who has the session's token, as `Authorization: Bearer`; cookies count for pages only, so no foreign page
can do anything here. Refusals are problems whose `code` is the name of a `Why`.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from follow.answers import address_of
from server.api.forms import Day, Instant
from server.api.once import IdempotencyKey, Once, OnceReader, OtherRequestError, UnderWayError, once_told
from server.api.paging import After, Limit, cursor, cut, link, time_position
from server.booking.answers import Appointment, Customer, FreeDay, RefusedError, Why
from server.booking.desk import Around, Booking, Token
from server.booking.registry import RegistryUnavailable
from sync.problems import Problem, problem_docs
from sync.serving import private

_STATUS = {
    Why.CPR: 422,
    Why.BIRTH_DATE: 422,
    Why.TOO_MANY: 429,
    Why.TOO_MANY_CODES: 429,
    Why.SIGNED_OUT: 401,
    Why.WRONG_CODE: 403,
    Why.CODE_EXPIRED: 403,
    Why.CODE_EXHAUSTED: 403,
    Why.UNDER_AGE: 403,
    Why.BLOCKED: 403,
    Why.NO_SUCH_CENTRE: 404,
    Why.NO_SUCH_SERVICE: 404,
    Why.NO_SUCH_APPOINTMENT: 404,
    Why.NO_WORDS: 422,
    Why.TOO_MANY_COMPLAINTS: 429,
}
"""By the reason; any other is a conflict with how things stand: 409."""


class In(BaseModel):
    """What a program says: nothing that is not described, and no text that PostgreSQL cannot hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*")
    @classmethod
    def _without_nul(cls, said: object) -> object:
        if isinstance(said, str) and "\0" in said:
            raise ValueError("a NUL")
        return said


class Out(BaseModel):
    """What a program is told."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


CentreId = Annotated[str, Field(max_length=64, examples=["muharraq-centre"])]
ServiceId = Annotated[str, Field(max_length=64, examples=["licence-renewal"])]
AppointmentId = Annotated[str, Field(max_length=64, examples=["5f3a9c0d2b7e4a16"])]
Cpr = Annotated[str, Field(min_length=9, max_length=30, description="Nine digits, of any script.")]


class CodeIn(In):
    """For whom a code is asked, and in which language it comes."""

    cpr: Cpr
    lang: str = Field(default="ar", max_length=12, description="Arabic where there are no texts in it.")


class CodeOut(Out):
    """The same for everybody, whether or not a message goes out."""

    digits: int
    expires_at: datetime


class SessionIn(In):
    """The code that came; `born` after a refusal with BIRTH_DATE."""

    cpr: Cpr
    code: str = Field(min_length=1, max_length=20)
    born: Day | None = None


class SessionOut(Out):
    """A session: half an hour after its last use it ends, and at `expires_at`."""

    token: str
    expires_at: datetime
    is_new: bool = Field(description="Whether the customer was registered just now.")
    name: dict[str, str] = Field(description="By language; may be empty.")


class SlotOut(Out):
    """A slot that has not begun."""

    at: datetime
    until: datetime
    left: int = Field(description="Places that are free; 0: it is full.")


class DayOut(Out):
    """A day at the centre, by its own calendar."""

    day: date
    slots: list[SlotOut]


_DAYS = TypeAdapter(list[DayOut])


class BookingIn(In):
    """What is to be booked at a centre."""

    service: ServiceId
    slot_at: Instant
    channel: Literal["counter", "virtual"] = "counter"


class AppointmentIn(BookingIn):
    """What is to be booked."""

    centre: CentreId


class MoveIn(In):
    """Where to; without `channel` that stays."""

    slot_at: Instant
    channel: Literal["counter", "virtual"] | None = None


class AppointmentOut(Out):
    """An appointment of the customer's."""

    centre: str
    id: str
    service: str
    slot_at: datetime
    status: Literal["booked", "moved", "cancelled", "kept", "no_show", "excused"]
    channel: Literal["counter", "virtual"]
    link: str = Field(description="Its name on the pages: /b/<link>.")
    booked_at: datetime | None
    ended_at: datetime | None
    late: bool = Field(description="It was cancelled later than the centre allows.")
    may_change: bool
    is_late: bool = Field(description="Cancelled now it would be late.")


class BlockOut(Out):
    """Why the customer may not book, and until when."""

    centre: str
    misses: int
    set_at: datetime
    until: datetime


class MineOut(Out):
    """A customer's own."""

    coming: list[AppointmentOut] = Field(description="By slot.")
    past: list[AppointmentOut] = Field(description="The newest first; 50 at most. All of them: /v1/booking/history.")
    block: BlockOut | None


class HistoryPage(Out):
    """A page of a customer's appointments that are over, the newest first."""

    items: list[AppointmentOut]
    next: str = Field(description="For `after`; empty: this is the last page.")


class TicketOut(Out):
    """A booking as who has its link may see it."""

    appointment: AppointmentOut
    code: str = Field(description="The text of its QR; empty once it was cancelled.")


@contextmanager
def refusals_told() -> Iterator[None]:
    """Answer refusals as problems."""
    try:
        yield
    except RefusedError as error:
        raise _problem(error) from error
    except RegistryUnavailable as error:
        headers = {"Retry-After": "30"}
        raise Problem(503, "REGISTRY_AWAY", "The registry cannot be asked now", headers=headers) from error
    except (OtherRequestError, UnderWayError) as error:
        raise once_told(error) from error


def _problem(error: RefusedError) -> Problem:
    extra: dict[str, object] = {}
    headers = {"WWW-Authenticate": "Bearer"} if error.why is Why.SIGNED_OUT else None
    if error.retry_after_s is not None:
        extra["retry_after_s"] = error.retry_after_s
        headers = {"Retry-After": str(error.retry_after_s)}
    if error.block is not None:
        extra["block"] = BlockOut.model_validate(error.block).model_dump(mode="json")
    if error.appointment is not None:
        extra["appointment"] = _out(error.appointment).model_dump(mode="json")
    title = error.why.value[0].upper() + error.why.value[1:]
    return Problem(_STATUS.get(error.why, 409), error.why.name, title, headers=headers, **extra)


def _out(made: Appointment) -> AppointmentOut:
    return AppointmentOut.model_validate(made)


Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="CustomerSession", description="The session's token.")),
]


def token_of(said: HTTPAuthorizationCredentials | None) -> Token:
    """Return the token that a request brings, "" for none."""
    return Token(said.credentials if said is not None else "")


def signed_in_by(booking: Booking) -> Callable[[HTTPAuthorizationCredentials | None], Awaitable[Customer]]:
    """Return the dependency that gives who asks, and refuses who is not signed in."""

    async def signed_in(said: Bearer) -> Customer:
        with refusals_told():
            return await booking.customer(token_of(said))

    return signed_in


def around_once(asked: Once | None) -> Around | None:
    """Return what a change is done within, so that it is done once."""
    return None if asked is None else lambda session, act: asked.of(session, Appointment, act)


def booking_router(booking: Booking, once: OnceReader, *, has_codes: bool = True) -> APIRouter:
    """Return what programs ask on behalf of customers; without `has_codes` nobody is sent one, nor signs in by it."""
    router = APIRouter(prefix="/v1/booking", tags=["booking"], dependencies=[Depends(private)])

    signed_in = signed_in_by(booking)

    async def asked_once(request: Request, said: Bearer, idempotency_key: IdempotencyKey = None) -> Once | None:
        if idempotency_key is None:
            return None
        return await once.of(request, idempotency_key, f"customer:{(await signed_in(said)).id}")

    async def ask_for_code(request: Request, asked: CodeIn) -> CodeOut:
        """Have a one-time code sent to the phone on record. The answer is the same for a CPR that nobody has."""
        with refusals_told():
            return CodeOut.model_validate(await booking.begin_sign_in(asked.cpr, asked.lang, address_of(request)))

    async def sign_in(request: Request, said: SessionIn) -> SessionOut:
        """Begin a session with a code; who comes for the first time is registered by it."""
        with refusals_told():
            entered = await booking.finish_sign_in(said.cpr, said.code, address_of(request), said.born)
        return SessionOut(
            token=entered.token,
            expires_at=entered.expires_at,
            is_new=entered.is_new,
            name=dict(entered.customer.name),
        )

    if has_codes:
        router.post("/codes", responses=problem_docs(422, 429, 503))(ask_for_code)
        router.post("/sessions", responses=problem_docs(403, 422, 429, 503))(sign_in)

    @router.post("/sessions/end", responses=problem_docs(401, 503))
    async def sign_out(me: Annotated[Customer, Depends(signed_in)], said: Bearer) -> dict[str, bool]:
        """End the session."""
        await booking.sign_out(token_of(said))
        return {"ended": True}

    said: dict[tuple[str, str], tuple[Sequence[FreeDay], bytes]] = {}

    @router.get(
        "/centres/{centre}/services/{service}/slots",
        response_model=list[DayOut],
        responses=problem_docs(404, 422, 503),
    )
    async def slots(centre: CentreId, service: ServiceId) -> Response:
        """Give the days that can be booked and their slots, full ones too. For everybody."""
        with refusals_told():
            days = await booking.free(centre, service)
        last, body = said.get((centre, service), ((), b""))
        if last is not days:  # What is not new is the very same; of a week's slots making the JSON is most of the work.
            body = _DAYS.dump_json(_DAYS.validate_python(days))
            said[centre, service] = days, body
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.get("/appointments", responses=problem_docs(401, 503))
    async def mine(me: Annotated[Customer, Depends(signed_in)]) -> MineOut:
        """Give the customer's appointments, and the block that holds."""
        return MineOut.model_validate(await booking.mine(me))

    @router.get("/history", responses=problem_docs(401, 422, 503))
    async def history(
        me: Annotated[Customer, Depends(signed_in)],
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = 50,
    ) -> HistoryPage:
        """List the customer's appointments that are over, the newest first."""
        found = await booking.history(me, time_position(after), limit + 1)
        items, following = cut(found, limit, lambda last: cursor(last.slot_at.isoformat(), last.id))
        link(request, response, following)
        return HistoryPage(items=[_out(each) for each in items], next=following)

    @router.post("/appointments", responses=problem_docs(401, 403, 404, 409, 422, 503))
    async def book(
        said: Bearer,
        wanted: AppointmentIn,
        asked: Annotated[Once | None, Depends(asked_once)],
    ) -> AppointmentOut:
        """Book a slot. Asked again after an answer that was lost, it gives the same booking, also without a key."""
        around = around_once(asked)
        with refusals_told():
            made = await booking.book(
                token_of(said), wanted.centre, wanted.service, wanted.slot_at, wanted.channel, around=around
            )
        return _out(made)

    @router.post("/appointments/{centre}/{appointment}/move", responses=problem_docs(401, 404, 409, 422, 503))
    async def move(
        me: Annotated[Customer, Depends(signed_in)],
        centre: CentreId,
        appointment: AppointmentId,
        wanted: MoveIn,
        asked: Annotated[Once | None, Depends(asked_once)],
    ) -> AppointmentOut:
        """Move a booking until it begins; it gets another id and keeps its link."""
        around = around_once(asked)
        with refusals_told():
            return _out(await booking.move(me, centre, appointment, wanted.slot_at, wanted.channel, around=around))

    @router.post("/appointments/{centre}/{appointment}/cancel", responses=problem_docs(401, 404, 409, 422, 503))
    async def cancel(
        me: Annotated[Customer, Depends(signed_in)],
        centre: CentreId,
        appointment: AppointmentId,
        asked: Annotated[Once | None, Depends(asked_once)],
    ) -> AppointmentOut:
        """Cancel a booking until it begins."""
        around = around_once(asked)
        with refusals_told():
            return _out(await booking.cancel(me, centre, appointment, around=around))

    @router.get("/tickets/{link}", responses=problem_docs(404, 422, 503))
    async def ticket(link: Annotated[str, Path(max_length=64, examples=["Zk3w9Qp1"])]) -> TicketOut:
        """Give the booking that a link names, for whoever has the link: nothing of the customer is in it."""
        with refusals_told():
            return TicketOut.model_validate(await booking.by_link(link))

    return router
