"""POST /v1/health: what a device says of itself every minute. It is shown to staff and kept nowhere.

The least of all requests: nothing waits for it, and one that is lost is made good by the next.
"""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this function's own dependencies.

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.arbiter import Arbiter
from hub.devices import Health
from queueing.wire import instant_to_wire
from sync.clock import Clock
from sync.problems import problem_docs
from sync.rights import Device, Right
from sync.serving import Gate

Word = Annotated[str, Field(max_length=40, pattern="^[a-z ]*$")]
"""A word of the printer's table; a later version of a device may have more."""


class HealthIn(BaseModel):
    """A device's health; it has no place for anything personal."""

    model_config = ConfigDict(frozen=True)

    now: AwareDatetime = Field(description="The device's own wall clock.")
    trouble: Word = Field("", description="The printer's trouble by its table; empty when it could print.")
    paper: Word = Field("unknown", description="What is left on the roll.")
    closed: bool = Field(False, description="Staff have closed it.")
    behind: int = Field(0, ge=0, description="Events that this hub does not have yet.")
    behind_since: AwareDatetime | None = None
    late: bool = Field(False, description="The oldest of them has waited over a minute although the line is up.")
    disk_free_mb: int | None = Field(None, ge=0)
    version: str = Field("", max_length=40)


class HealthOut(BaseModel):
    """The hub's time, by which the device knows how wrong its own is."""

    now: str


def telemetry_router(arbiter: Arbiter, gate: Gate, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["devices"])

    @router.post("/health", responses=problem_docs(401, 403, 411, 413, 422, 503))
    async def health(device: Annotated[Device, Depends(gate.may(Right.TELL_HEALTH))], said: HealthIn) -> HealthOut:
        """Take a device's health."""
        now: datetime = clock.now()
        arbiter.hear_health(
            device.id,
            Health(
                heard_at=now,
                trouble=said.trouble,
                paper=said.paper,
                closed=said.closed,
                behind=said.behind,
                behind_since=said.behind_since,
                late=said.late,
                disk_free_mb=said.disk_free_mb,
                clock_off_s=(said.now - now).total_seconds(),
                version=said.version,
            ),
        )
        return HealthOut(now=instant_to_wire(now))

    return router
