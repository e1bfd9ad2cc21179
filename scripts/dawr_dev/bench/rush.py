"""The morning rush: 20,000 customers press at seven for 5,000 places, through the pages, and all of it is checked.

Half of them press within five seconds and the rest within twenty: they wait for the hour with the page open, as when
tickets for a concert are sold. Each wants one time of one centre, the early ones most, and takes another that is shown
as free when that is gone. Crowd and server share the machine. DAWR_CUSTOMERS and DAWR_RUSH_S make it smaller or slower.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from scripts.dawr_dev.bench.crowd import Crowd, Outcome, Press, Seen
from scripts.dawr_dev.bench.figures import Figures, percentile
from scripts.dawr_dev.bench.town import SERVICE, Town, busy, cpu_s, prepare
from scripts.dawr_dev.processes import House
from server.booking.tables import SlotRow
from server.pages.times import to_text
from server.planting import BOOKED
from server.tables import AppointmentRow
from sync.clock import SystemClock

_CENTRES, _PLACES, _DAYS = 20, 5, 5
_CUSTOMERS = 20_000
_FIRST_HALF_S, _ALL_S = 5.0, 20.0
_FAIR_S = 1.0


def rush(folder: Path) -> Figures:
    """Let the crowd come to a server on SQLite."""
    customers = int(os.environ.get("DAWR_CUSTOMERS", str(_CUSTOMERS)))
    pace = float(os.environ.get("DAWR_RUSH_S", str(_ALL_S))) / _ALL_S
    town = town_of(folder, customers)
    with House(folder / "logs") as house:
        url = town.start(house)
        server = house["server"].pid
        began_s = cpu_s(server)
        seen = Crowd(url.hostname or "", url.port or 0, list(presses(town, pace))).come()
        used_s = cpu_s(server) - began_s
    found = faults(town, seen)
    said = Counter(each.said for each in seen.outcomes)
    known_ms = [1000 * (each.known_at - each.pressed_at) for each in seen.outcomes]
    waited = sum(1 for each in seen.outcomes if each.waits)
    note = (
        f"{customers} customers, {said['yes']} booked, {said['taken']} times taken, {len(seen.errors)} errors, "
        f"faults: {'; '.join(found) or 'none'}; from the press "
        f"to yes or taken p50 {percentile(known_ms, 0.5) / 1000:.1f} s, p99 {percentile(known_ms, 0.99) / 1000:.1f} s; "
        f"{waited} presses waited in the line; all done after {seen.ended_s:.0f} s, "
        f"{1000 * used_s / len(seen.outcomes):.1f} ms of the server's processor time a press; {busy()}"
    )
    if seen.errors:
        note += f"; first error: {seen.errors[0]}"
    return Figures(
        name="rush",
        n=len(seen.answers_ms),
        p50_ms=round(percentile(seen.answers_ms, 0.50), 1),
        p95_ms=round(percentile(seen.answers_ms, 0.95), 1),
        p99_ms=round(percentile(seen.answers_ms, 0.99), 1),
        per_s=round(len(seen.outcomes) / seen.ended_s),
        note=note,
    )


def town_of(folder: Path, customers: int) -> Town:
    """Make the centres, so many that there are four customers for each place, and the customers."""
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Bahrain")).date()
    # Ten times a day for five days, from tomorrow on.
    days = [today + timedelta(days=ahead) for ahead in range(_DAYS + 1)]
    return prepare(
        folder,
        centres=max(1, _CENTRES * customers // _CUSTOMERS),
        customers=customers,
        hours={day: [["07:00", "12:00"]] for day in ("sun", "mon", "tue", "wed", "thu", "fri", "sat")},
        holidays=[{"date": days[0].isoformat(), "name": {"ar": "عطلة", "en": "Holiday"}}],
        booking={"horizon_days": _DAYS},
        service={"slot_s": 1800, "places": _PLACES},
    )


def presses(town: Town, pace: float) -> Iterable[Press]:
    """Return what each customer presses, and when: the moments stretched by `pace`."""
    chance = random.Random(11)
    # The busiest centre is wanted twice as much as the quietest.
    weights = [2 - number / len(town.centres) for number in range(len(town.centres))]
    slots = [town.slots(centre) for centre in town.centres]
    for token in town.tokens:
        (place,) = chance.choices(range(len(town.centres)), weights)
        share = chance.random()
        at_s = 2 * share * _FIRST_HALF_S if share < 0.5 else (2 * share - 1) * (_ALL_S - _FIRST_HALF_S) + _FIRST_HALF_S
        wanted = slots[place][int(len(slots[place]) * chance.random() ** 2)]
        yield Press(token, at_s * pace, town.centres[place].id, SERVICE, to_text(wanted))


def faults(town: Town, seen: Seen) -> list[str]:
    """Return what went wrong, after the server has ended: in its database, and in what the crowd was told."""
    return [*town.look(lambda session: wrong_rows(session, seen.outcomes)), *unfair(seen.outcomes)]


def wrong_rows(session: Session, outcomes: Sequence[Outcome]) -> list[str]:
    """Return what the database has that nobody was told, what it has not, and what there must not be."""
    found = []
    rows = session.exec(select(AppointmentRow).where(AppointmentRow.status == BOOKED)).all()
    booked = Counter((row.centre, row.slot_at) for row in rows)
    taken = {(row.centre, row.slot_at): row.taken for row in session.exec(select(SlotRow))}
    if any(count > _PLACES for count in taken.values()):
        found.append("a slot has more customers than places")
    if booked != Counter({slot: count for slot, count in taken.items() if count}):
        found.append("the slots do not count their appointments")
    kept = Counter((int(row.customer, 16), row.centre, to_text(row.slot_at)) for row in rows)
    told = Counter((each.customer, each.centre, each.slot) for each in outcomes if each.said == "yes")
    if kept != told:
        found.append(
            f"{sum((kept - told).values())} rows without a yes, {sum((told - kept).values())} yes without a row"
        )
    if len({customer for customer, _, _ in kept}) != len(rows):
        found.append("a customer has two")
    return found


def unfair(outcomes: Iterable[Outcome]) -> list[str]:
    """Return whom a slot was refused to though somebody who sent the press more than a second later got it."""
    by_slot: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_slot[each.centre, each.slot].append(each)
    found = []
    for (centre, slot), presses in by_slot.items():
        last = max((each.sent_at for each in presses if each.said == "yes"), default=0.0)
        wronged = [each for each in presses if each.said == "taken" and each.sent_at < last - _FAIR_S]
        if wronged:
            early = max(last - each.sent_at for each in wronged)
            found.append(f"{len(wronged)} unfairly refused at {centre} {slot}, by up to {early:.2f} s")
    return found
