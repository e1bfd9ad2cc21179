"""Which messages a ticket's customer should get now: a pure rule over the ticket and what it may expect.

Each kind comes at most once for a ticket; what was decided before is handed in. It words and sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from queueing.centre import Centre
from queueing.ticket import Status, Ticket
from queueing.waits import Wait
from sms.message import Kind

OVER: frozenset[Status] = frozenset({"finished", "no_show", "cancelled"})

Fate = Literal["send", "leave out"]


def due(
    ticket: Ticket, decided: Collection[Kind], wait: Wait | None, centre: Centre, now: datetime
) -> dict[Kind, Fate]:
    """Return what is to be decided now of a ticket of today: the kinds to send, and those that will never be needed.

    `wait` is what the ticket may expect while it waits, None where that is not known.
    """
    found: dict[Kind, Fate] = {}
    if ticket.status in OVER:
        return found
    is_near = wait is not None and _is_near(wait, centre) and ticket.status == "waiting" and not ticket.is_away(now)
    if Kind.ETICKET not in decided:
        found[Kind.ETICKET] = "send"
        if is_near and Kind.NEAR not in decided:
            # Near from the first: the ticket says all there is to say.
            found[Kind.NEAR] = "leave out"
    elif is_near and Kind.NEAR not in decided:
        found[Kind.NEAR] = "send"
    if ticket.status == "called" and centre.messages.called and Kind.CALLED not in decided:
        found[Kind.CALLED] = "send"
    return found


def _is_near(wait: Wait, centre: Centre) -> bool:
    rule = centre.messages
    if rule.near_people is not None and wait.ahead <= rule.near_people:
        return True
    return rule.near_minutes is not None and wait.low_s is not None and wait.low_s <= 60 * rule.near_minutes
