"""Every row of the fault table over both wires: what becomes of the ticket, of a copy, and after it was mended."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.texts import Catalogue
from printer import Health, Outcome, PaperLeft, Spool, State, Why
from printer.emulator.faults import FAULTS, Fault, table
from printer.encode import Encoder
from printer.layout import Width
from printer.printing import print_ticket, prove
from tests.printer.conftest import ticket
from tests.printer.rig import Rig, rig, until, without_fences

ROWS = [(fault, wire) for fault in FAULTS for wire in fault.wires]
NAMES = [f"{wire}: {fault.title}" for fault, wire in ROWS]


@dataclass
class Seen:
    """What came of one row over one wire."""

    first: Outcome
    proof: Outcome
    straight: Outcome
    slowest_s: float
    health: list[Health]
    held_while_wrong: int
    after: Outcome | None
    copy: Outcome | None
    whole_first: int
    whole_after: int
    whole_copies: int
    begun_on_last: int


@contextmanager
def web() -> Iterator[str]:
    """Be a web server: something that is no printer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def drive(fault: Fault, wire: str, folder: Path) -> Seen:
    """Bring a printer into the fault, print, ask, mend, print again. Fresh printers for what the fault uses up."""
    slowest = 0.0

    def timed(call) -> Outcome:
        nonlocal slowest
        began = time.monotonic()
        outcome = call()
        slowest = max(slowest, time.monotonic() - began)
        return outcome

    width = Width.MM58 if fault.traits.width == 384 else Width.MM80
    encoder = Encoder({language: Catalogue.load(language) for language in ("ar", "en")}, width)
    first, after = ticket(number="A001", qr="FIRST"), ticket(number="A002", qr="AFTER")
    encoded = encoder.encode(first)
    copied = encoder.encode(ticket(number="A001", qr="FIRST", copy=True)).ticket

    def broken(printer: Rig) -> str:
        for order in fault.before:
            assert printer.order(order) == "ok"
        return fault.url or getattr(printer, wire)

    with rig(folder / "asked", fault.traits, fault.baud) as printer:
        url = broken(printer)
        if url == "web":
            with web() as at:
                proof = timed(lambda: prove(at, 1))
                straight = timed(lambda: print_ticket(at, lambda _: encoded.fenced, 2))
        else:
            proof = timed(lambda: prove(url, 1))
            straight = timed(lambda: print_ticket(url, lambda _: encoded.fenced, 2))
        assert until(lambda: fault.traits.mm_s > 0 or printer.held == 0 or straight.state is not State.PRINTED)

    told: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
    health: list[Health] = []
    within: list[str] = list(fault.within)
    with rig(folder / "spool", fault.traits, fault.baud) as printer, web() as at:
        url = broken(printer)
        url = at if url == "web" else url

        def begun(_job: str, _at: float) -> None:
            while within:
                printer.order(within.pop(0))

        how = {"on_health": health.append, "on_first_byte": begun, "width": width, "poll_s": 0.2}
        spool = Spool(folder / "spool.db", url, lambda job, outcome: told.put((job, outcome)), **how)
        spool.submit("first", first)
        spool.start()
        job, outcome = told.get(timeout=60)
        assert job == "first"
        held = printer.held
        then: Outcome | None = None
        copy: Outcome | None = None
        if fault.mend:
            for order in fault.mend:
                assert printer.order(order) == "ok"
            assert until(lambda: bool(health) and health[-1].trouble in (Why.NONE, Why.NO_ANSWER), 40)
            spool.submit("after", after)
            job, then = told.get(timeout=60)
            assert job == "after"
            spool.submit("first", first, copy=True)
            copy = told.get(timeout=60)[1]
        spool.close()
        if not fault.traits.cutter:
            printer.order("tear")
        whole = (printer.whole(encoded.ticket), printer.whole(encoder.encode(after).ticket), printer.whole(copied))
        # How many tickets were begun on the paper that bears the next customer's.
        papers = [piece.data for piece in printer.pieces if encoder.encode(after).ticket in without_fences(piece.data)]
        begun_on_last = papers[0].count(encoded.ticket[:8]) if papers else 0
    return Seen(outcome, proof, straight, slowest, health, held, then, copy, *whole, begun_on_last)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Seen]]]:
    """Drive all rows at once: most of their time is waiting."""
    folder = tmp_path_factory.mktemp("faults")
    with ThreadPoolExecutor(16) as pool:
        # The slow ones first.
        order = sorted(range(len(ROWS)), key=lambda n: all(state is not State.UNKNOWN for state, _ in ROWS[n][0].ends))
        yield {NAMES[n]: pool.submit(drive, *ROWS[n], folder / str(n)) for n in order}


@pytest.mark.parametrize(
    ("fault", "wire", "name"), [(*row, name) for row, name in zip(ROWS, NAMES, strict=True)], ids=NAMES
)
@pytest.mark.survives("a fault of the printer's table, on a wire", 1)
def test_a_row_of_the_table(seen: dict[str, Future[Seen]], fault: Fault, wire: str, name: str) -> None:
    row = seen[name].result(timeout=110)
    assert (row.first.state, row.first.why) in fault.outcomes(wire)
    assert (row.proof.state, row.proof.why) in fault.proofs(wire)
    if not fault.within:
        assert (row.straight.state, row.straight.why) in fault.outcomes(wire)
    assert row.slowest_s < 15, "an installer was promised an answer"
    if fault.paper is not None:
        assert row.first.paper is fault.paper
        assert row.proof.paper is fault.paper
    assert row.whole_first in fault.comes_out
    if row.first.state is State.PRINTED:
        assert row.whole_first == 1
    if row.first.state is State.NOT_PRINTED:
        assert (row.whole_first, row.held_while_wrong) == (0, 0), "it must not come out later"
    if fault.mend:
        assert row.after is not None
        assert row.copy is not None
        assert row.after.printed, "it comes back by itself"
        assert (row.whole_after, row.whole_copies) == (1, 1)
        assert row.begun_on_last == 1, "nobody gets a paper with another's half ticket on it"
        assert row.health[-1].ready
    assert any(health.state == row.first.why or row.first.printed or fault.proof for health in row.health)


def command(url: str, what: str, paper_mm: int) -> tuple[int, dict[str, object], float]:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "printer", "--printer", url, what, "--json", "--width", str(paper_mm)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), time.monotonic() - began


def installers_row(fault: Fault, wire: str, folder: Path) -> None:
    """Run the installers' commands in a fault, and look at their last line and exit status."""
    for what, allowed in (("--status", fault.proofs(wire)), ("--test-ticket", fault.outcomes(wire))):
        if what == "--test-ticket" and fault.within:
            continue
        with rig(folder / what, fault.traits, fault.baud) as printer, web() as at:
            for order in fault.before:
                printer.order(order)
            url = at if fault.url == "web" else fault.url or getattr(printer, wire)
            status, said, took_s = command(url, what, 58 if fault.traits.width == 384 else 80)
        assert (said["state"], said["why"]) in [(str(state), str(why)) for state, why in allowed], (fault.title, what)
        assert status == (0 if said["state"] == "printed" else 1)
        assert set(said) == {"state", "why", "paper", "ms"}
        assert said["paper"] in ("ok", "near end", "out", "unknown")
        assert took_s < 15, (fault.title, what, took_s)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_installers_commands_in_every_row(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        rows = [pool.submit(installers_row, *row, tmp_path / str(n)) for n, row in enumerate(ROWS)]
        for row in rows:
            row.result()


def test_the_documents_table_is_this_one() -> None:
    """Run `python -m printer.emulator.faults` and paste it, when this fails."""
    assert table() in Path("docs/printers.md").read_text(encoding="utf-8")


def test_there_is_a_row_for_each_thing_that_a_printer_can_be_told_to_be() -> None:
    covered = {why for fault, wire in ROWS for _, why in fault.outcomes(wire)}
    elsewhere = {Why.NO_PRINTER, Why.BAD_URL, Why.INTERRUPTED, Why.CANNOT_DRAW, Why.NOT_ASKED, Why.TOO_LATE}
    assert covered | elsewhere == set(Why)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_staff_are_told_what_is_wrong_and_what_to_do(language: str) -> None:
    texts = Catalogue.load(language)
    for word in (*(why.key for why in Why), PaperLeft.NEAR_END.replace(" ", "_")):
        for key in (f"paper.trouble.{word}", f"paper.do.{word}"):
            assert texts.t(key) not in ("", key)
