"""What a ticket's paper says, from what was taken and what is known. Pure; how it looks is `printer`'s business."""

from __future__ import annotations

import math
from datetime import timedelta

from kiosk.desk import Taken
from kiosk.known import Known
from printer.ticket import TicketPaper, Wait
from queueing.following import follow_link


def paper_of(taken: Taken, known: Known, clock_off: timedelta = timedelta(0)) -> TicketPaper:
    """Return the paper. People ahead and the wait stand on it only when the hub told of them lately.

    `clock_off` is how much later it is than this machine's clock says.
    """
    centre, service = known.centre, known.service(taken.fact.service)
    assert centre is not None and service is not None
    now = known.service_now(service.id)
    wait = None
    if now is not None and now.low_s is not None and now.high_s is not None:
        wait = Wait(now.low_s // 60, math.ceil(now.high_s / 60), known.reckoned_at.astimezone(centre.zone))
    own = taken.fact.lang
    return TicketPaper(
        number=taken.fact.number,
        centre=centre.name,
        service=service.name,
        taken_at=(taken.event.at + clock_off).astimezone(centre.zone),
        languages=(own, *(each for each in known.languages if each != own)),
        ahead=now.count if now is not None else None,
        wait=wait,
        qr=follow_link(centre.follow_url, taken.follow_id),
        needs=service.needs,
        digits=centre.digits,
    )
