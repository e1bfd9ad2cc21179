"""The door of a hub or a server: which device sent a request, and whether its role has the right. Imports FastAPI."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name a function's local dependencies.

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBase
from fastapi.security.base import SecurityBase

from queueing.wire import instant_to_wire
from sync.bare import Asked
from sync.clock import Clock
from sync.identity import SCHEME, UnauthorisedError, Verifier, nonce_of, run_of
from sync.problems import Problem
from sync.revocation import FIELD
from sync.rights import Device, Right
from sync.twins import Twins

BODY_MAX = 1 << 20
"""Bytes of a request's body on the wire."""


class Gate:
    """Lets a signed request of a device with the right through; for routes of the hub's and the server's own too.

    ``gate = Gate(node.device, verifier, clock)``, then ``device: Annotated[Device, Depends(gate.may(Right.LOOK_UP))]``.
    """

    def __init__(
        self,
        device: Callable[[str], Device | None],
        verifier: Verifier,
        clock: Clock,
        revocation: Callable[[str, str], Mapping[str, object] | None] = lambda device, key: None,
        twins: Twins | None = None,
        once: Callable[[str, str], Awaitable[bool]] | None = None,
    ) -> None:
        """`revocation` gives the server's signed word on a device's retired key, None where there is none yet.

        `twins`, where they matter, hear of live streams here; of requests the verifier tells them. `once(device,
        nonce)`, where other processes serve the same address, tells whether none of them has let the request through.
        """
        self._device = device
        self._verifier = verifier
        self._clock = clock
        self._revocation = revocation
        self._twins = twins
        self._once = once
        self._signature = _Signature(self.caller)
        self.heard_at: dict[str, datetime] = {}
        """When each device was heard last, since this process began."""

    async def caller(self, request: Request) -> Device:
        """Return the device that signed the request. Raises Problem 401, 411 or 413."""
        return await self._let_in(Asked.of(request), await _wire_body(request))

    def may(self, right: Right) -> Callable[..., Awaitable[Device]]:
        """Return a dependency that gives the calling Device. It raises Problem 401 or 403."""
        signature = self._signature

        async def caller(device: Annotated[Device, Depends(signature)]) -> Device:
            return _allowed(device, right)

        return caller

    async def admit(self, asked: Asked, right: Right) -> tuple[Device, bytes]:
        """Return the calling Device as `may` does, and the body, for a route that is spared the framework."""
        body = await asked.body(BODY_MAX)
        return _allowed(await self._let_in(asked, body), right), body

    def follower(self, device: Device, view: str, authorization: str | None) -> Callable[[], bool]:
        """Return what tells whether a live stream of a device that was let through may go on."""
        twins, run = self._twins, run_of(authorization)
        if twins is None:
            return lambda: self.still_knows(device)
        twins.opened(device.id, view, run)
        return lambda: twins.is_current(device.id, view, run) and self.still_knows(device)

    def still_knows(self, device: Device) -> bool:
        """Tell whether a device that was let through still may be here, and note that it is."""
        if not device.is_still(self._device(device.id)):
            return False
        self.heard_at[device.id] = self._clock.now()
        return True

    async def _let_in(self, asked: Asked, body: bytes) -> Device:
        device = self._known(asked, body)
        if self._once is not None and not await self._once(device.id, nonce_of(asked.header(b"authorization"))):
            raise self._refusal(UnauthorisedError("REPLAYED"))
        return device

    def _known(self, asked: Asked, body: bytes) -> Device:
        try:
            name, _ = self._verifier.verify(asked.header(b"authorization"), asked.method, asked.target, body)
        except UnauthorisedError as error:
            raise self._refusal(error) from error
        device = self._device(name)
        if device is None:
            raise self._refusal(UnauthorisedError("UNKNOWN"))
        self.heard_at[name] = self._clock.now()
        return device

    def _refusal(self, error: UnauthorisedError) -> Problem:
        extra: dict[str, object] = {}
        if error.code == "STALE":
            extra = {"now": instant_to_wire(self._clock.now())}
        elif error.code == "REVOKED":
            extra = {FIELD: self._revocation(error.device, error.key)}
        title = "The request is not shown to come from a known device"
        return Problem(401, error.code, title, headers={"WWW-Authenticate": SCHEME}, **extra)


class _Signature(SecurityBase):
    """The device's signature, as a dependency and in OpenAPI."""

    def __init__(self, caller: Callable[[Request], Awaitable[Device]]) -> None:
        self.model = HTTPBase(scheme=SCHEME, description="Ed25519 signature of the request; see sync/identity.py.")
        self.scheme_name = "DeviceSignature"
        self._caller = caller

    async def __call__(self, request: Request) -> Device:
        return await self._caller(request)


def _allowed(device: Device, right: Right) -> Device:
    if not device.may(right):
        raise Problem(403, "FORBIDDEN", "The device's role may not do this", role=device.role, right=right)
    return device


async def _wire_body(request: Request) -> bytes:
    """Return the body as it came, its length known and bounded before it is read."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdecimal():
        raise Problem(411, "LENGTH", "A request says its length")
    if int(length) > BODY_MAX:
        raise Problem(413, "TOO_LARGE", "The body is too large", limit=BODY_MAX)
    return await request.body()
