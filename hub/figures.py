"""The running day's figures for the supervisor: how many were served, and what part of them by video, by service."""

# No `from __future__ import annotations` here: FastAPI reads annotations that name this file's local dependencies.

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.arbiter import Arbiter
from hub.settings import StaffMember
from queueing.shares import Share, shares
from sync.log import Transaction
from sync.problems import problem_docs


class ShareOut(BaseModel):
    """Customers who were served today."""

    model_config = ConfigDict(from_attributes=True)

    served: int
    by_video: int
    share: float | None = Field(description="The part by video, 0 to 1; null where nobody was served.")


class FiguresOut(BaseModel):
    """The running day's figures, in all and by service."""

    day: str
    all: ShareOut
    services: dict[str, ShareOut]


def figures_router(arbiter: Arbiter, supervisor: Callable[[Request], StaffMember]) -> APIRouter:
    """Return the route by which supervisors see the day's figures."""
    router = APIRouter(prefix="/v1", tags=["staff"])

    def look(tx: Transaction) -> tuple[str, dict[str, Share]]:
        return arbiter.hall.state.day, shares(arbiter.hall.state.finished())

    @router.get("/figures", responses=problem_docs(401, 403, 503))
    async def figures(request: Request, response: Response) -> FiguresOut:
        """Say how many were served today and what part of them by video."""
        supervisor(request)
        response.headers["Cache-Control"] = "no-store"
        day, found = await arbiter.writer.run(look)
        whole = Share()
        for each in found.values():
            whole = whole.plus(each)
        told = {service.id: found.get(service.id, Share()) for service in arbiter.settings.centre.services}
        return FiguresOut(
            day=day,
            all=ShareOut.model_validate(whole),
            services={name: ShareOut.model_validate(each) for name, each in told.items()},
        )

    return router
