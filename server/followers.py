"""Customers who follow their turns outside the hall: what `follow` needs here, and the hubs' question for wishes.

The composition of it; decisions stay with each centre's hub.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from follow.followers import Followers
from follow.live import Key
from follow.router import FollowPages
from follow.turn import Turn, Wish
from follow.words import Words
from queueing.wire import instant_to_wire
from server.halls import Halls
from server.nonces import once_of_all
from server.registers import Registers
from server.storage import Store
from server.wishes import Wishes
from sync.broadcast import came
from sync.clock import Clock
from sync.commit import Commit
from sync.gate import Gate
from sync.identity import Verifier
from sync.problems import problem_docs
from sync.rights import Device, Right
from sync.writer import Writer


class WishOut(BaseModel):
    """A customer's wish; `what` is `leave`, `rejoin`, `out`, `back`, or a later version's word."""

    id: int
    ticket: str
    what: str
    made_at: str


class WishesOut(BaseModel):
    """Wishes in the order of their ids, and the version of the centre's settings and bookings as they are now."""

    wishes: list[WishOut]
    version: int


class Followed:
    """The server's part of following turns. `router` is mounted by the app; start it after the writer."""

    def __init__(self, registers: Registers, store: Store, writer: Writer[Commit], clock: Clock) -> None:
        """Read what waits from an earlier run. Raises StorageUnavailable, TextsError."""
        words = Words.load()
        self._wishes = Wishes(store, clock, lambda identity: self._followers.stir(identity))
        self._halls = Halls(registers, writer, self._wishes, clock)
        self._followers = Followers(self._halls, words, clock)
        self._writer = writer
        self.router = APIRouter()
        self._pages = FollowPages(self._followers, self._halls, words, clock)
        self.router.include_router(self._pages.router)

        def public_key(device_id: str) -> str | None:
            device = registers.device(device_id)
            return None if device is None else device.public_key

        verifier = Verifier(clock, public_key, retired=registers.retired_of)
        gate = Gate(registers.device, verifier, clock, once=once_of_all(store, clock, "wishes"))
        self.router.include_router(_wishes_router(self._wishes, self._halls, registers, gate))

    def start(self) -> None:
        """Begin to read the log and to listen to it. Raises StorageUnavailable."""
        self._halls.start()
        self._writer.listen(self._followers.heard)
        self._followers.start()

    async def find(self, identity: str) -> Turn | None:
        """Return what is told of a turn now, None when there is none. Raises NotReadyError."""
        return await self._followers.find(identity)

    async def wish(self, turn: Turn, wish: Wish) -> bool:
        """Take what a turn's customer wishes; False: the rule says no. Raises TooManyWishesError, NotHeardError."""
        return await self._pages.wish(turn, wish)

    def stream(self, identity: str, language: str) -> AsyncIterator[bytes]:
        """Return a turn's live news as server-sent events, as its own page has them. Raises FullError."""
        return self._followers.streams.follow(Key(identity, language))

    def revised(self) -> None:
        """Let the hubs that wait know that a centre's settings or bookings have changed. Any thread."""
        self._wishes.made.notify()

    def heard_elsewhere(self, centre: str, at: datetime) -> None:
        """Note that another process has heard a centre's hub. Any thread."""
        self._halls.heard_elsewhere(centre, at)

    def end_streams(self) -> None:
        """End what phones follow live, so that the server can stop in peace. Any thread."""
        self._followers.streams.close()
        self._wishes.close()

    def close(self) -> None:
        """End the follower's thread, before the writer."""
        self._followers.close()


def _wishes_router(wishes: Wishes, halls: Halls, registers: Registers, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["centre"])
    reads_wishes = gate.may(Right.READ_WISHES)

    @router.get("/wishes", responses=problem_docs(401, 403, 422))
    async def read(
        device: Annotated[Device, Depends(reads_wishes)],
        after: Annotated[int, Query(ge=0, lt=2**63, description="The last wish that was decided, 0 for none.")] = 0,
        wait: Annotated[float, Query(ge=0, le=25, description="Seconds to wait for news when there is none.")] = 0,
        version: Annotated[int | None, Query(description="The version that the hub was told; another is news.")] = None,
    ) -> WishesOut:
        """Give a centre's hub its customers' wishes after an id, those that have not lapsed; it decides each once.

        A booking of today is news, too: the version is another one then, and the hub asks for the day's anew.
        """
        halls.hear(device.centre)
        until = asyncio.get_running_loop().time() + wait
        while True:
            moment = wishes.made.moment()
            found, now = wishes.after(device.centre, after), registers.revisions[device.centre]
            is_news = bool(found) or version not in (None, now)
            if is_news or wishes.is_closed or not await came(moment, until):
                return WishesOut(
                    version=registers.revisions[device.centre],
                    wishes=[
                        WishOut(id=each.id, ticket=each.ticket, what=each.wish, made_at=instant_to_wire(each.made_at))
                        for each in found
                    ],
                )

    return router
