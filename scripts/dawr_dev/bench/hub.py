"""The hub's figures: a call and a ticket, one after another and twelve at once, beside the floor of the same run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from hub.arbiter import LOG_FILE
from scripts.dawr_dev.bench.figures import Figures, of_samples
from scripts.dawr_dev.bench.hall import Hall
from scripts.dawr_dev.bench.load import Answers, per_second, send
from scripts.dawr_dev.bench.weight import Weight
from scripts.dawr_dev.processes import READY, House, Program, wait_until

_ROUNDS = 3
_CLIENTS = 12
_WARM = 30
_CUSTOMER = ("call_next", "start_serving", "finish")
_ALONE = 300
_EACH_CALLS, _EACH_TICKETS = 100, 300


def call_alone(folder: Path) -> Figures:
    """Time `call_next`, one after another, in a hall where some hundred wait; what follows a call is not counted."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder)
        hall.sign_in()
        hall.take_tickets(_ALONE + _WARM + 50)
        (answer,) = send(hall.at.host, hall.at.port, [hall.claims("1", _CUSTOMER, _ALONE + _WARM)])
        _all_went(answer)
    return of_samples("hub_call", answer.milliseconds[:: len(_CUSTOMER)][_WARM:])


def ticket_alone(folder: Path) -> Figures:
    """Time the handing over of one ticket's event, one after another: signed, decided, on the disk, answered."""
    with House(folder / "logs") as house:
        hall = Hall(house, folder)
        kiosk = hall.kiosks[0]
        requests = [kiosk.sending([kiosk.taken(hall.day())]) for _ in range(_ALONE + _WARM)]
        (answer,) = send(hall.at.host, hall.at.port, [requests])
        _all_went(answer)
    return of_samples("hub_ticket", answer.milliseconds[_WARM:])


def call_12(folder: Path) -> Figures:
    """Let twelve clerks work through their customers as fast as the hub answers. Every claim of theirs counts."""

    def made(hall: Hall) -> list[list[bytes]]:
        hall.sign_in()
        hall.take_tickets(_CLIENTS * _EACH_CALLS)
        return [hall.claims(counter, _CUSTOMER, _EACH_CALLS) for counter in hall.counters]

    return _twelve("hub_call_12", folder, made, "claims: call_next, start_serving, finish in turn")


def ticket_12(folder: Path) -> Figures:
    """Let twelve kiosks hand over tickets, one event a request."""

    def made(hall: Hall) -> list[list[bytes]]:
        return [[kiosk.sending([kiosk.taken(hall.day())]) for _ in range(_EACH_TICKETS)] for kiosk in hall.kiosks]

    return _twelve("hub_ticket_12", folder, made, None)


def _twelve(name: str, folder: Path, made: Callable[[Hall], list[list[bytes]]], note: str | None) -> Figures:
    rates, floors, times = [], [], []
    for number in range(_ROUNDS):
        place = folder / f"round-{number}"
        place.mkdir()
        with House(place / "logs") as house:
            hall = Hall(house, place)
            requests = made(hall)
            answers = send(hall.at.host, hall.at.port, requests)
        for answer in answers:
            _all_went(answer)
        rates.append(per_second(answers))
        times += [ms for answer in answers for ms in answer.milliseconds]
        floors.append(_floor(place, requests, Weight.of(place / "hub" / LOG_FILE, answers)))
    alone = of_samples(name, times)
    rate, floor = median(rates), median(floors)
    return Figures(
        name=name,
        n=alone.n,
        p50_ms=alone.p50_ms,
        p95_ms=alone.p95_ms,
        p99_ms=alone.p99_ms,
        per_s=round(rate),
        floor_per_s=round(floor),
        ratio=round(rate / floor, 3),
        note=note,
    )


def _floor(place: Path, requests: Sequence[Sequence[bytes]], weight: Weight) -> float:
    """Return what a raw ASGI application does a second with these very requests, each kept and answered as heavily."""
    with House(place / "logs") as house:
        program = Program("floor", floor_of(place, weight))
        url = urlsplit(house.start(program, READY).wait_for(READY)[1])
        host, port = url.hostname or "127.0.0.1", url.port or 0

        def answers() -> bool | None:
            try:
                send(host, port, [requests[0][:20]])
            except OSError:
                return None
            return True

        wait_until(answers, 10, "the floor")
        return per_second(send(host, port, requests))


def floor_of(place: Path, weight: Weight) -> list[str]:
    """Return the command line of a floor with its file in a folder."""
    return [sys.executable, "-m", "scripts.dawr_dev.bench.floor", "--data", str(place), "--weight", weight.told()]


def _all_went(answer: Answers) -> None:
    wrong: Sequence[int] = [status for status in answer.statuses if status != 200]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(answer.statuses)} requests were answered otherwise, first {wrong[0]}")
