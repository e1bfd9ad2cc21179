"""The receiving side of the exchange, alike in the hub and in the server: a FastAPI router over a `Node`.

POST /v1/hello, POST /v1/events, GET /v1/events, GET /v1/snapshot, GET /v1/live. It knows HTTP, signatures and rights;
what an event means is the node's.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import asyncio
import gzip
import random as chance
from datetime import datetime
from functools import partial
from typing import Annotated, Protocol, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from queueing.dating import Age, Arrival
from queueing.wire import Event, Stream, instant_to_wire
from sync import contract
from sync.bare import Asked, Bare, Reply, routed
from sync.broadcast import Broadcast, Signal, Watching, came, while_allowed
from sync.clock import Clock
from sync.commit import Commit
from sync.contract import HelloIn, HelloOut
from sync.exchange import BATCH
from sync.gate import Gate
from sync.identity import SCHEME
from sync.intake import BusyError, Intake
from sync.lateness import Behind
from sync.log import ForkError, GapError, TextPage, UnknownCursorError, Which
from sync.problems import Problem, problem_docs
from sync.reading import events_of, unpacked
from sync.receiving import NO_HEAD, goes_on_at
from sync.rights import Device, Right
from sync.writer import Writer

__all__ = ["EVENTS", "Gate", "Node", "exchange_router", "private", "receiver"]

GZIP_FROM = 1024
"""Answers from this many bytes on are packed."""

GZIP_LEVEL = 3

BUSY_AT_MOST_S = 4
"""Who is sent away is asked to come again after a second to so many."""

VIEW_RIGHTS = {"board": Right.SEE_BOARD, "kiosk": Right.SEE_KIOSK}
"""Views that devices may see; any other is for people, by `Node.may_watch`."""


C = TypeVar("C", bound=Commit)


class Node(Protocol[C]):
    """What a hub or a server hands in. All but `store` is called in the event loop and must not block.

    `may_send` is called in the writer's thread, too.
    """

    @property
    def writer(self) -> Writer[C]:
        """The log's one writer."""
        ...

    @property
    def broadcast(self) -> Broadcast:
        """The snapshots for /v1/snapshot and /v1/live; with no views both answer 404."""
        ...

    def settings_version(self, device: Device) -> int:
        """Return the version of the settings of the device's centre, for the answer to hello."""
        ...

    def device(self, device_id: str) -> Device | None:
        """Return a device of the registers; None when it is unknown or revoked."""
        ...

    def may_send(self, device: Device, stream: Stream) -> bool:
        """Tell whether the device may send that stream: its own, and for a hub those of its centre's devices.

        A device with the right to read events reads these same streams.
        """
        ...

    def store(self, tx: C, device: Device, events: list[Event], arrival: Arrival) -> None:
        """Keep received events: `tx.store(events)`, then fold the new ones. Runs in the writer's thread.

        GapError and ForkError of `tx.store` pass through; nothing may be folded before it returned.
        """
        ...

    def hear(self, device: Device, behind: Behind) -> None:
        """Take how far a sender says that this node is behind it."""
        ...

    async def compared(self, stream: Stream, *, is_fork: bool) -> None:
        """Take note of whether a sender's history of a stream is the one that is known here; it may wait."""
        ...

    def may_watch(self, request: Request, view: str) -> bool:
        """Tell whether a request without a device's signature may see a view: a signed-in clerk's cookie."""
        ...


EVENTS = "/v1/events"


def receiver(node: Node[C], gate: Gate, clock: Clock) -> Bare:
    """Return the function behind POST /v1/events; `exchange_router` has it as a route too."""
    intake = Intake()

    async def receive(asked: Asked) -> Reply:
        """Take events of one stream; the answer comes when they are safe. Repetition is harmless.

        409 GAP {expect_seq}: send again from there. 409 FORK {seq}: another event is known at that seq. 503 BUSY: too
        many wait already; nothing was looked at.
        """
        if intake.is_full:
            raise _busy()
        device, body = await gate.admit(asked, Right.SEND_EVENTS)
        came_at = clock.now()
        # Its turn before it is read: a clerk's key comes between two pushes, and what waits is as small as it can be.
        try:
            await intake.enter(len(body))
        except BusyError as error:
            raise _busy() from error
        try:
            return await take(device, body, asked.header(b"content-encoding"), came_at)
        finally:
            intake.leave(len(body))

    async def take(device: Device, body: bytes, encoding: str | None, came_at: datetime) -> Reply:
        stream, events, said = events_of(unpacked(body, encoding))
        _check_sender(node, device, stream)
        _hear(node, device, said.get("behind"))
        arrival = Arrival(Age.from_wire(said.get("age")), came_at)

        def keep(tx: C) -> int:
            node.store(tx, device, events, arrival)
            return tx.heads.get(stream, NO_HEAD).seq

        try:
            return Reply(200, b'{"ack_seq":%d}' % await node.writer.run(keep))
        except GapError as error:
            raise Problem(409, "GAP", "Events before these are missing", expect_seq=error.expect_seq) from error
        except ForkError as error:
            await node.compared(stream, is_fork=True)
            raise _fork(error) from error

    return receive


def exchange_router(node: Node[C], gate: Gate, clock: Clock) -> APIRouter:
    """Return the routes of the exchange. Use with `sync.problems.install_problems(app)`."""
    router = APIRouter(prefix="/v1", tags=["exchange"])
    arrived = Signal()
    node.writer.listen(lambda _: arrived.notify())
    # For routes that open the door themselves, where FastAPI does not see it.
    signed: dict[str, object] = {"security": [{"DeviceSignature": []}]}
    sender, reader = gate.may(Right.SEND_EVENTS), gate.may(Right.READ_EVENTS)

    @router.post("/hello", responses=problem_docs(401, 403, 409, 411, 413, 422, 503))
    async def hello(device: Annotated[Device, Depends(sender)], said: HelloIn) -> HelloOut:
        """Compare notes on a stream before events are sent. 409 FORK: the sender's history is another one."""
        stream = Stream(said.dev, said.inc)
        _check_sender(node, device, stream)
        _hear(node, device, said.behind)

        def look(tx: C) -> tuple[int, str]:
            head = tx.log.head(stream)
            is_its_own_device = device.id == stream.device
            return goes_on_at(
                stream, said.next_seq, said.head_hash, head, tx.log.hash_at, is_its_own_device=is_its_own_device
            ), head.hash

        try:
            expect_seq, head_hash = await node.writer.run(look)
        except ForkError as error:
            await node.compared(stream, is_fork=True)
            raise _fork(error) from error
        await node.compared(stream, is_fork=False)
        now = instant_to_wire(clock.now())
        return HelloOut(
            expect_seq=expect_seq, head_hash=head_hash, now=now, settings_version=node.settings_version(device)
        )

    # Each ticket of a hall comes in here: signature and body are taken by hand, which spares it the framework's
    # dependencies and models. What FastAPI does not see is told to OpenAPI in words.
    router.post(
        "/events",
        response_class=Response,
        responses=problem_docs(
            *(401, 403, 409, 411, 413, 415, 422, 503),
            also={200: {"description": "Safe up to there", "content": {"application/json": {"schema": contract.ACK}}}},
        ),
        openapi_extra=signed
        | {
            "requestBody": {"required": True, "content": {"application/json": {"schema": contract.EVENTS_IN}}},
            "parameters": [
                {"name": "Content-Encoding", "in": "header", "schema": {"type": "string", "enum": ["gzip"]}},
            ],
        },
    )(routed(receiver(node, gate, clock)))

    @router.get(
        "/events",
        response_class=Response,
        responses=problem_docs(
            401,
            403,
            410,
            422,
            503,
            also={
                200: {
                    "description": "Events in order of arrival",
                    "content": {"application/json": {"schema": contract.EVENTS_OUT}},
                }
            },
        ),
    )
    async def pull(
        request: Request,
        device: Annotated[Device, Depends(reader)],
        after: Annotated[str, Query(max_length=64, description="A cursor, empty for the beginning.")] = "",
        limit: Annotated[int, Query(ge=1, le=BATCH)] = BATCH,
        wait: Annotated[float, Query(ge=0, le=25, description="Seconds to wait for an event when there is none.")] = 0,
    ) -> Response:
        """Give events after a cursor. 410: the cursor is not of this log, take a snapshot."""
        until = asyncio.get_running_loop().time() + wait
        cursor = after
        while True:
            moment = arrived.moment()
            try:
                page = await node.writer.run(partial(_read, cursor, limit, partial(node.may_send, device)))
            except UnknownCursorError as error:
                raise Problem(410, "CURSOR", "This log does not know the cursor") from error
            texts = [text for _, text in page.texts]
            if texts or page.more or not await came(moment, until):
                end = f'],"next":"{page.cursor}","more":{"true" if page.more else "false"}}}'
                return _answer(request, f'{{"events":[{",".join(texts)}{end}'.encode())
            cursor = page.cursor

    async def watcher(request: Request, view: str) -> Watching:
        if view not in node.broadcast.views:
            raise Problem(404, "VIEW", "There is no such view")
        if request.headers.get("authorization", "").startswith(SCHEME):
            device = await gate.caller(request)
            right = VIEW_RIGHTS.get(view)
            if right is None or not device.may(right):
                raise Problem(403, "FORBIDDEN", "The device's role may not see this view", role=device.role)
            if not request.url.path.endswith("/live"):
                return Watching(view, lambda: gate.still_knows(device))
            return Watching(view, gate.follower(device, view, request.headers["authorization"]))
        if not node.may_watch(request, view):
            raise Problem(401, "MISSING", "This view is for known devices and signed-in staff")
        return Watching(view, lambda: node.may_watch(request, view))

    @router.get(
        "/snapshot",
        response_class=Response,
        openapi_extra=signed,
        responses=problem_docs(
            401,
            403,
            404,
            503,
            also={200: {"description": "The view now", "content": {"application/json": {"schema": contract.SNAPSHOT}}}},
        ),
    )
    async def snapshot(request: Request, watching: Annotated[Watching, Depends(watcher)]) -> Response:
        """Give a view's newest snapshot: to a device whose role may see it, or to signed-in staff by their cookie."""
        document = node.broadcast.latest(watching.view)
        if document is None:
            raise Problem(503, "UNAVAILABLE", "There is no snapshot yet", headers={"Retry-After": "1"})
        return _answer(request, document)

    @router.get(
        "/live",
        response_class=StreamingResponse,
        openapi_extra=signed,
        responses=problem_docs(
            401,
            403,
            404,
            also={
                200: {
                    "description": "`snapshot` events with the JSON of /v1/snapshot, at once and at each change, and"
                    ' `heartbeat` events {"now"} every 5 s',
                    "content": {"text/event-stream": {"schema": {"type": "string"}}},
                }
            },
        ),
    )
    async def live(watching: Annotated[Watching, Depends(watcher)]) -> StreamingResponse:
        """Give a view's snapshots as server-sent events: to a device whose role may see it, or to signed-in staff.

        The stream ends when the device is revoked or the member of staff is signed out, by the next heartbeat.
        """
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        followed = while_allowed(node.broadcast.follow(watching.view), watching.may)
        return StreamingResponse(followed, media_type="text/event-stream", headers=headers)

    return router


async def private(response: Response) -> None:
    """Let nobody keep a route's answer. For `Depends`; it is asynchronous, for others wait for a thread."""
    response.headers["Cache-Control"] = "no-store"


def _read(after: str, limit: int, of: Which, tx: Commit) -> TextPage:
    return tx.log.read_page(after, limit, of)


def _answer(request: Request, document: bytes) -> Response:
    """Return JSON that no cache may keep, packed when it is long and its taker can unpack."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    encodings = {each.partition(";")[0].strip() for each in request.headers.get("accept-encoding", "").split(",")}
    if len(document) >= GZIP_FROM and "gzip" in encodings:
        document = gzip.compress(document, GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(document, media_type="application/json", headers=headers)


def _busy() -> Problem:
    # Not all in the same second: a hall that comes back together would only be too many again.
    wait_s = chance.randint(1, BUSY_AT_MOST_S)
    return Problem(503, "BUSY", "Too much waits already", headers={"Retry-After": str(wait_s)})


def _check_sender(node: Node[C], device: Device, stream: Stream) -> None:
    if not node.may_send(device, stream):
        raise Problem(403, "FORBIDDEN", "The device may not send this stream")


def _hear(node: Node[C], device: Device, said: object) -> None:
    behind = Behind.from_wire(said)
    if behind is not None:
        node.hear(device, behind)


def _fork(error: ForkError) -> Problem:
    return Problem(409, "FORK", "Another history of this stream is known: enrol the device again", seq=error.seq)
