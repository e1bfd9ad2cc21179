"""The receiving side of the exchange, alike in the hub and in the server: a FastAPI router over a `Node`.

POST /v1/hello, POST /v1/events, GET /v1/events, GET /v1/snapshot, GET /v1/live. It knows HTTP, signatures and rights;
what an event means is the node's.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Protocol

from fastapi import APIRouter, Request

from queueing.wire import Event, Stream
from sync.broadcast import Broadcast
from sync.identity import Verifier
from sync.log import Transaction
from sync.rights import Device, Right
from sync.writer import LogWriter


class Node(Protocol):
    """What a hub or a server hands in. All but `store` is called in the event loop and must not block."""

    @property
    def writer(self) -> LogWriter:
        """The log's one writer."""
        ...

    @property
    def broadcast(self) -> Broadcast:
        """The snapshots for /v1/snapshot and /v1/live; with no views both answer 404."""
        ...

    @property
    def settings_version(self) -> int:
        """The version of the centre's settings that a caller of hello should have."""
        ...

    def device(self, device_id: str) -> Device | None:
        """Return a device of the registers; None when it is unknown or revoked."""
        ...

    def may_send(self, device: Device, stream: Stream) -> bool:
        """Tell whether the device may send that stream: its own, and for a hub those of its centre's devices."""
        ...

    def store(self, tx: Transaction, device: Device, events: list[Event]) -> None:
        """Keep received events: `tx.store(events)`, then fold the new ones. Runs in the writer's thread.

        GapError and ForkError of `tx.store` pass through; nothing may be folded before it returned.
        """
        ...

    def may_watch(self, request: Request, view: str) -> bool:
        """Tell whether a request without a device's signature may see a view: a signed-in clerk's cookie."""
        ...


class Gate:
    """Lets a signed request of a device with the right through; for routes of the hub's and the server's own too.

    ``gate = Gate(node.device, verifier)`` then ``device: Annotated[Device, Depends(gate.may(Right.LOOK_UP))]``.
    """

    def __init__(self, device: Callable[[str], Device | None], verifier: Verifier) -> None:
        raise NotImplementedError

    def may(self, right: Right) -> Callable[[Request], Coroutine[None, None, Device]]:
        """Return a dependency that gives the calling Device. Raises Problem 401 or 403."""
        raise NotImplementedError


def exchange_router(node: Node, gate: Gate) -> APIRouter:
    """Return the routes of the exchange. Use with `sync.problems.install_problems(app)`."""
    raise NotImplementedError
