"""What feedback adds to the server's tables: storage only, nothing validates here."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from server.tables import Instant, ServerRow

_HAS_WORDS = text("words IS NOT NULL")


class RatingRow(ServerRow, table=True):
    """A visit's rating: its key is the visit, so there is one wherever it is given. It names no customer.

    `words` are sealed, and null once they are forgotten; the score stays.
    """

    __tablename__: ClassVar[str] = "rating"
    # Words are read, and forgotten, by the time at which they were given; most ratings have none.
    __table_args__ = (
        Index("rating_with_words", "centre", "given_at", sqlite_where=_HAS_WORDS, postgresql_where=_HAS_WORDS),
    )

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    visit: str = Field(primary_key=True)
    service: str
    score: int
    words: bytes | None = None
    given_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    given_at_place: str


class ComplaintRow(ServerRow, table=True):
    """A complaint: what was written and answered is sealed, and null once it is forgotten.

    `once` is the form's own name, so that a form that is sent twice files one. `visit` is "" where it is about none.
    """

    __tablename__: ClassVar[str] = "complaint"
    __table_args__ = (
        Index("complaint_by_reference", "reference", unique=True),
        Index("complaint_of_customer", "customer", "made_at"),
        Index("complaint_by_form", "customer", "once", unique=True),
        Index("complaint_by_state", "centre", "state", "due_at"),
    )

    centre: str = Field(primary_key=True, foreign_key="centre.id")
    id: str = Field(primary_key=True)
    reference: str
    customer: str = Field(foreign_key="customer.id")
    once: str
    kind: str
    visit: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    words: bytes | None = None
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    state: str
    answer: bytes | None = None
    answered_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    answered_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
