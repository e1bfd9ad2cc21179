"""Ratings and complaints over HTTP, for programs that act for a customer: `server.feedback.desk` as JSON."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field, StrictInt

from server.api.once import IdempotencyKey
from server.booking.answers import Customer
from server.booking.api import AppointmentOut, In, Out, refusals_told, signed_in_by
from server.booking.desk import Booking
from server.feedback.answers import REMARK_MOST, WORDS_MOST, Kind
from server.feedback.desk import Feedback
from sync.problems import problem_docs
from sync.serving import private


class RatingIn(In):
    """A kept visit's rating."""

    centre: str = Field(min_length=1, max_length=64)
    visit: str = Field(min_length=1, max_length=64, description="The appointment's id.")
    score: StrictInt = Field(ge=1, le=5, description="5 is the best.")
    words: str = Field(default="", max_length=REMARK_MOST)


class RatingOut(Out):
    """A rating; the first one of a visit stands, wherever it was given."""

    centre: str
    visit: str
    service: str
    score: int
    given_at: datetime


class ComplaintIn(In):
    """A complaint about a centre, or about an own visit there."""

    centre: str = Field(min_length=1, max_length=64)
    kind: Kind
    words: str = Field(min_length=1, max_length=WORDS_MOST)
    visit: str = Field(default="", max_length=64, description="The appointment's id; empty: about no visit.")
    once: str = Field(default="", max_length=64, description="A name of the caller's; sent again, nothing is filed.")


class ComplaintOut(Out):
    """A complaint as its customer sees it."""

    centre: str
    reference: str = Field(description="Its number: ten digits.")
    kind: Kind
    visit: str
    words: str
    made_at: datetime
    due_at: datetime = Field(description="When an answer is due.")
    state: Literal["received", "in_hand", "answered"]
    answer: str
    answered_at: datetime | None


class SaidOut(Out):
    """What a customer may say and has said."""

    to_rate: list[AppointmentOut] = Field(description="Kept visits of the last 14 days without a rating.")
    complaints: list[ComplaintOut] = Field(description="The newest first; 50 at most.")


def feedback_router(feedback: Feedback, booking: Booking) -> APIRouter:
    """Return what programs ask on behalf of customers."""
    router = APIRouter(prefix="/v1/feedback", tags=["feedback"], dependencies=[Depends(private)])
    signed_in = signed_in_by(booking)

    @router.get("", responses=problem_docs(401, 503))
    async def mine(me: Annotated[Customer, Depends(signed_in)]) -> SaidOut:
        """Give the visits that wait for a rating, and the customer's complaints."""
        return SaidOut.model_validate(await feedback.mine(me))

    @router.post("/ratings", responses=problem_docs(401, 404, 409, 422, 503))
    async def rate(me: Annotated[Customer, Depends(signed_in)], said: RatingIn) -> RatingOut:
        """Rate a visit, once. The same rating again gives the same answer; another one is a conflict."""
        with refusals_told():
            given = await feedback.rate(me, said.centre, said.visit, said.score, said.words, "api")
        return RatingOut.model_validate(given)

    @router.post("/complaints", responses=problem_docs(401, 404, 422, 429, 503))
    async def complain(
        me: Annotated[Customer, Depends(signed_in)], said: ComplaintIn, idempotency_key: IdempotencyKey = None
    ) -> ComplaintOut:
        """File a complaint or a suggestion; it has a number and a day by which it is answered.

        Under an Idempotency-Key, as under `once`, the first one that was filed stands.
        """
        once = said.once or idempotency_key or ""
        with refusals_told():
            filed = await feedback.complain(me, said.centre, said.kind, said.words, said.visit, once)
        return ComplaintOut.model_validate(filed)

    return router
