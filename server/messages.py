"""The server's messages: taken from the centres' hubs, kept in the outbox, sent through Kannel, their ends told.

It writes no text and decides no turn: a hub says what is to be sent, once for each id. A centre's ids are its own.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from server.news import News
from server.outbox import TOPIC
from sms.gateways.kannel import KannelAddress, KannelGateway, read_report
from sms.message import Kind, Message
from sms.numbers import COUNTRIES, WrongNumberError, mobile
from sms.outbox import Limits, Told
from sms.post import Post
from sms.sender import Gateway
from sms.shelf import Shelf
from sync.clock import Clock
from sync.gate import Gate
from sync.problems import Problem, problem_docs
from sync.rights import Device, Right
from sync.storage import StorageUnavailable, known_failures

OUTBOX_FILE = "outbox.sqlite"
REPORTS = "/v1/reports"
MOST = 100
"""Messages of one request."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmsConfig:
    """The table [sms]: Kannel's sendsms and its user, the sender that phones show, and how much may be sent.

    `reports_url` is this server as Kannel reaches it. `status_url` is bearerbox's status.xml with its password; without
    it a lost line to the operator is not noticed. `countries` are calling codes. Limits: see `sms.outbox`.
    """

    url: str
    user: str
    password: str
    reports_url: str
    sender: str = "Dawr"
    status_url: str = ""
    countries: tuple[str, ...] = COUNTRIES
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse what cannot be. Raises ValueError."""
        if not all(url.startswith("http://") for url in (self.url, self.reports_url)):
            raise ValueError("url and reports_url begin with http://")
        if not self.countries or not all(country.isdecimal() for country in self.countries):
            raise ValueError("countries are calling codes in digits, for example 973")


class MessageIn(BaseModel):
    """A message to be sent once."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[0-9A-Za-z._:-]{1,160}$", examples=["kiosk-1.1.42:called"])
    to: str = Field(pattern=r"^\+[0-9]{6,15}$", examples=["+97336001234"])
    lang: str = Field(min_length=2, max_length=12, examples=["ar"])
    # A hub's own: the server's kinds have limits and places in the queue that no device may borrow.
    kind: Literal["eticket", "near", "called"]
    text: str = Field(min_length=1, max_length=480)
    valid_s: float | None = Field(default=None, gt=0, le=86_400, description="Not sent later than in so many seconds.")


class MessagesIn(BaseModel):
    """Messages, any of which may have been handed over before."""

    model_config = ConfigDict(frozen=True)

    messages: list[MessageIn] = Field(min_length=1, max_length=MOST)


class MessagesOut(BaseModel):
    """How messages stand. An id that was never taken is not among them."""

    states: dict[str, Literal["accepted", "sent", "delivered", "failed", "unknown"]]
    why: dict[str, str] = Field(description="By id, a word for those that failed or are unknown; see sms/life.py.")
    gateway: bool = Field(description="Whether a message that is handed over now can go out now.")


class Messages(Post):
    """The server's outbox and its sender. Every verb raises StorageUnavailable."""

    def __init__(
        self,
        data: Path,
        config: SmsConfig,
        clock: Clock,
        gateway: Gateway | None = None,
        *,
        shelf: Shelf | None = None,
        news: News | None = None,
    ) -> None:
        """Open the outbox, a file in `data` unless a `shelf` is given, and begin to send; before the news begin.

        `gateway` stands in for Kannel in tests. `news` tell the process that sends that there is something to send.
        """
        self._news = news or News()
        self.countries = config.countries
        address = KannelAddress(
            config.url, config.user, config.password, config.sender, config.reports_url + REPORTS, config.status_url
        )
        super().__init__(
            shelf or data / OUTBOX_FILE,
            gateway or KannelGateway(address),
            wall=lambda: clock.now().timestamp(),
            guarded=known_failures,
            limits=config.limits,
            known=(sqlite3.Error, StorageUnavailable),
        )
        self._news.listen(TOPIC, lambda _: self._sender.wake())
        self.start()

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        """Take messages; see `Outbox.submit`."""
        told = super().submit(messages, valid_s)
        self._news.tell(TOPIC)
        return told

    def report_of_kannel(self, token: str, number: str, foreign_id: str) -> bool:
        """Take a delivery report in Kannel's words; False when it is of no message or of no kind known."""
        report = read_report(number)
        return report is not None and self.report(token, report, foreign_id)


def messages_router(messages: Messages | None, gate: Gate) -> APIRouter:
    """Return what hubs ask; without a gateway configured nothing is taken."""
    router = APIRouter(prefix="/v1", tags=["messages"])
    sends = gate.may(Right.SEND_MESSAGES)

    @router.post("/messages", responses=problem_docs(401, 403, 411, 413, 422, 503))
    async def send(device: Annotated[Device, Depends(sends)], said: MessagesIn, response: Response) -> MessagesOut:
        """Take messages; they are on the disk when this answers, and each id is sent once however often it comes.

        503 NO_GATEWAY: this server sends no messages, and took none.
        """
        response.headers["Cache-Control"] = "no-store"
        if messages is None:
            raise Problem(503, "NO_GATEWAY", "No gateway for messages is configured")
        wrong, taken, valid_s = _sorted_out(said.messages, device.centre, messages.countries)
        told = await _aside(lambda: messages.submit(taken, valid_s))
        return _out(device.centre, told | wrong, messages.ready)

    @router.get("/messages", responses=problem_docs(401, 403, 422, 503))
    async def states(
        device: Annotated[Device, Depends(sends)],
        response: Response,
        ids: Annotated[str, Query(max_length=16_000, description="With commas between; may be empty.")] = "",
    ) -> MessagesOut:
        """Say how messages stand, and whether one can be sent now."""
        response.headers["Cache-Control"] = "no-store"
        if messages is None:
            return MessagesOut(states={}, why={}, gateway=False)
        asked = [f"{device.centre}/{each}" for each in ids.split(",") if each][:MOST]
        told = await _aside(lambda: messages.states(asked))
        return _out(device.centre, told, messages.ready)

    if messages is not None:
        # For Kannel, not for us: it is in no description. The token is what shows that the report is Kannel's.
        @router.get("/reports/{token}", include_in_schema=False)
        async def report(token: str, report: str = "", foreign: str = "") -> Response:
            """Take a delivery report. 200 for whatever comes: at any other answer, 204 too, Kannel brings it again."""
            known = await _aside(lambda: messages.report_of_kannel(token[:64], report[:3], foreign[:64]))
            if not known:
                _log.info("report_of_nobody report=%s", report[:3])
            return Response()

    return router


def _sorted_out(
    messages: Sequence[MessageIn], centre: str, countries: Sequence[str]
) -> tuple[dict[str, Told], list[Message], dict[str, float]]:
    """Return those that may go nowhere with why, the others, and how long these are worth sending."""
    wrong: dict[str, Told] = {}
    taken, valid_s = [], {}
    for each in messages:
        identity = f"{centre}/{each.id}"
        try:
            number = mobile(each.to, countries)
        except WrongNumberError:
            wrong[identity] = Told("failed", "wrong_number")
            continue
        taken.append(Message(identity, number, each.lang, Kind(each.kind), each.text))
        if each.valid_s is not None:
            valid_s[identity] = each.valid_s
    return wrong, taken, valid_s


def _out(centre: str, told: Mapping[str, Told], ready: bool) -> MessagesOut:
    bare = {identity.removeprefix(f"{centre}/"): each for identity, each in told.items()}
    return MessagesOut(
        states={identity: each.state for identity, each in bare.items()},
        why={identity: each.why for identity, each in bare.items() if each.why},
        gateway=ready,
    )


async def _aside(job: Callable[[], T]) -> T:
    """Run what waits for the disk outside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(None, job)
