"""The door for other systems: which key a request came with, and whether it may, here, now."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials

from follow.answers import address_of
from server.administration.doors import KEY
from server.administration.roles import Asker
from server.api.keys import BEGINS, ApiKey, KeyRight, Keys
from server.booking.api import CentreId
from server.limits import Limit
from sync.problems import Problem


class KeyDoor:
    """Lets holders of keys through."""

    def __init__(self, keys: Keys, limit: Limit) -> None:
        """`limit` counts the requests of each key."""
        self._keys = keys
        self._limit = limit

    def holder(self) -> Callable[..., Awaitable[ApiKey]]:
        """Return a dependency that gives the key of a request. It raises Problem 401 or 429."""

        async def holder(said: Annotated[HTTPAuthorizationCredentials | None, Depends(KEY)]) -> ApiKey:
            return await self.known(said.credentials if said is not None else "")

        return holder

    def may(self, right: KeyRight) -> Callable[..., Awaitable[ApiKey]]:
        """Return a dependency like `holder` for a path with a `centre`: 403 too, without the right there."""
        of_request = self.holder()

        async def allowed(key: Annotated[ApiKey, Depends(of_request)], centre: CentreId) -> ApiKey:
            if right not in key.rights or centre not in key.centres:
                raise Problem(403, "FORBIDDEN", "The key may not do this at this centre", right=right)
            return key

        return allowed

    async def asker(self, text: str, request: Request) -> Asker | None:
        """Return who asks the administration with a key, None for what is no key. Raises Problem 401 or 429."""
        return (await self.known(text)).asker(address_of(request)) if text.startswith(BEGINS) else None

    async def known(self, text: str) -> ApiKey:
        """Return whose key a text is. Raises Problem 401 or 429."""
        key = await self._keys.known(text)
        if key is None:
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "UNKNOWN_KEY", "The request has no key that is valid", headers=headers)
        wait_s = await self._limit.take(key.id)
        if wait_s:
            headers = {"Retry-After": str(wait_s)}
            raise Problem(429, "TOO_MANY", "Too many requests in this minute", headers=headers, retry_after_s=wait_s)
        return key
