"""How much of what a centre serves it serves by video, by service: figures of a day's tickets. It keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from queueing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Share:
    """How many customers were served, and how many of them by video."""

    served: int = 0
    by_video: int = 0

    @property
    def share(self) -> float | None:
        """The part that was served by video, 0 to 1; None where nobody was served."""
        return self.by_video / self.served if self.served else None

    def plus(self, other: Share) -> Share:
        """Return both together: of several services, centres or days."""
        return Share(self.served + other.served, self.by_video + other.by_video)


def shares(tickets: Iterable[Ticket]) -> dict[str, Share]:
    """Return the shares of those tickets that were finished, by the service that each was taken for."""
    found: dict[str, Share] = {}
    for ticket in tickets:
        if ticket.status == "finished":
            before = found.get(ticket.taken_service, Share())
            found[ticket.taken_service] = before.plus(Share(1, int(ticket.is_virtual)))
    return found
