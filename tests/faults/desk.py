"""A kiosk without its screen, for `test_kill.py`: the product's desk and its line to the hub, and customers in a hurry.

python desk.py DATA DEVICE SERIES HUB_URL [quiet] [INCARNATION] gives tickets in bursts until it is killed, or none when
quiet. A ticket's line is said when it would be handed out: after its commit, and before what its printer did is written
down.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).parents[2]))

from assets.paths import DEMO
from kiosk.desk import Desk, Taken
from kiosk.moves import Draft
from queueing.centre import Centre
from queueing.facts import PrintOutcome
from queueing.wire import Stream
from sync.care import open_log
from sync.clock import SystemClock, boot_id
from sync.identity import DeviceKey, Signer
from sync.link import Link

_BURST = 12
_PAUSE_S = 0.4
_PRINTED: PrintOutcome = "printed"


def main(data: Path, device: str, series: str, hub_url: str, quiet: str = "", incarnation: str = "1") -> None:
    """Run until killed; a ticket that is refused ends it."""
    clock = SystemClock()
    centre = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))
    stream = Stream(device, int(incarnation))
    desk = Desk(lambda: open_log(data / "log.db", stream, clock, boot_id()), series)
    desk.start()
    # The shortest of its pauses each time: the test is not about them.
    link = Link("hub", hub_url, desk.writer, Signer(DeviceKey.load(data), *stream, clock), random=lambda: 0.0)
    link.start()
    print("ready", flush=True)
    if quiet:
        Event().wait()
    draft = Draft("licence-renewal", "en", None, None, False, None, None, "paper")
    for n in count():
        answered = Event()
        given: list[Taken] = []

        def taken(ticket: Taken, given: list[Taken] = given, answered: Event = answered) -> None:
            print(f"handed {ticket.ticket} {ticket.fact.number} {ticket.event.hash} .", flush=True)
            given.append(ticket)
            answered.set()

        desk.take(draft, centre, centre.local_day(clock.now()), taken, answered.set)
        answered.wait()
        desk.settle(given[0].ticket, _PRINTED, "")
        if n % _BURST == _BURST - 1:
            Event().wait(_PAUSE_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
