"""A day of 5,000 tickets rebuilt by a hub that starts: from its file to the state that it decides on."""

from __future__ import annotations

from pathlib import Path

from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.bench.hall import Hall
from scripts.dawr_dev.bench.load import send
from scripts.dawr_dev.logs import figures
from scripts.dawr_dev.processes import House

_TICKETS = 5_000
_STARTS = 5
_CUSTOMER = ("call_next", "start_serving", "finish")


def replay(folder: Path) -> Figures:
    """Make the day by real requests (20,000 events and more), then start the hub again and again."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        rounds = _TICKETS // len(hall.counters)
        # In portions, as a day's tickets come: a hall where thousands wait at once is another measure.
        portion = 40
        for begun in range(0, rounds, portion):
            count = min(portion, rounds - begun)
            hall.take_tickets(count * len(hall.counters))
            send(hall.at.host, hall.at.port, [hall.claims(counter, _CUSTOMER, count) for counter in hall.counters])
        times = []
        for _ in range(_STARTS):
            output = hall.restart().output()
            made = max(figures(output, "hall_made"), key=lambda said: int(said.words["tickets"]))
            if int(made.words["tickets"]) < rounds * len(hall.counters):
                raise RuntimeError(f"only {made.words['tickets']} tickets were rebuilt")
            times.append(made.ms)
    return of_samples("replay", times, note=f"{made.words['events']} events from the hub's file at its start")
