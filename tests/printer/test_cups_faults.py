"""Tickets by a real cupsd and its socket backend to the emulator: what becomes of them, what comes out after a refill.

Every fault is driven with a spool: two tickets, then the printer is mended, then a third. None of the first two may be
on paper after that, and the third is. Then the scheduler and this side die at the worst moments.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from printer import Health, Outcome, PaperLeft, Spool, State, Why
from printer.cups import Patience, Queue
from printer.encode import Encoder
from printer.printing import ask_health, print_ticket, prove
from tests.printer.conftest import ticket
from tests.printer.rig import Rig, rig, until
from tests.printer.scheduler import Scheduler, scheduler

UNKNOWN = (State.UNKNOWN, Why.NO_ANSWER)
"""What a ticket becomes at best."""
NAMES = ("first", "second", "third")


def paper(name: str):
    return ticket(number=f"A{NAMES.index(name):03}", qr=name.upper(), needs={})


@pytest.fixture(scope="module")
def bytes_of(encoder_of_module: Encoder) -> dict[str, bytes]:
    return {name: encoder_of_module.encode(paper(name)).ticket for name in NAMES}


@pytest.fixture(scope="module")
def encoder_of_module(texts) -> Encoder:
    return Encoder(texts)


@pytest.fixture(scope="module")
def parts(encoder_of_module: Encoder) -> tuple[bytes, bytes]:
    encoded = encoder_of_module.encode(paper("first"))
    return encoded.ticket, encoded.cut


@pytest.fixture(scope="module")
def cups() -> Iterator[Scheduler]:
    with scheduler() as made:
        yield made


Change = Callable[[Scheduler, Rig], object]


def order(*lines: str) -> Change:
    return lambda _cups, printer: [printer.order(line) for line in lines]


def lp(*words: str) -> Change:
    return lambda cups, _printer: cups.command(*words)


@dataclass
class Row:
    """A fault: what two tickets become, how it comes before the first and is mended after the second."""

    name: str
    ends: tuple[tuple[State, Why], tuple[State, Why]] = (UNKNOWN, UNKNOWN)
    before: Change = field(default=lambda _cups, _printer: None)
    mend: Change = field(default=lambda _cups, _printer: None)
    whole: tuple[int, int] = (0, 0)


NOT_FOUND = (State.NOT_PRINTED, Why.CANNOT_CONNECT)
HELD = (State.NOT_PRINTED, Why.OFFLINE)

ROWS = [
    Row("good", whole=(1, 1)),
    Row("paper_out_before", before=order("paper out"), mend=order("paper ok")),
    Row("paper_out_within", before=order("paper-out-after 3000"), mend=order("paper ok")),
    Row("cover_open_before", before=order("cover open"), mend=order("cover closed")),
    Row("refuses", (NOT_FOUND, NOT_FOUND), before=order("refuse on"), mend=order("refuse off")),
    Row("deaf", (NOT_FOUND, NOT_FOUND), before=order("reading off"), mend=order("reading on")),
    Row("disabled", (HELD, HELD), before=lp("cupsdisable", "disabled"), mend=lp("cupsenable", "disabled")),
    Row("rejecting", (HELD, HELD), before=lp("cupsreject", "rejecting"), mend=lp("cupsaccept", "rejecting")),
]


@dataclass
class Seen:
    """What came of a row."""

    ends: list[Outcome]
    before_mending: int
    whole: dict[str, int]
    pieces: int
    health: list[Health]
    left: list[str]


def drive(row: Row, cups: Scheduler, folder: Path, bytes_of: dict[str, bytes]) -> Seen:
    told: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    health: list[Health] = []
    with rig(folder) as printer:
        url = cups.queue(row.name, printer.tcp)
        row.before(cups, printer)
        spool = Spool(
            folder / "spool.db",
            url,
            lambda _job, outcome: told.put(outcome),
            on_health=health.append,
            poll_s=0.3,
        )
        try:
            spool.submit("first", paper("first"))
            spool.start()
            ends = [told.get(timeout=60)]
            spool.submit("second", paper("second"))
            ends.append(told.get(timeout=60))
            before_mending = len(printer.pieces)
            row.mend(cups, printer)
            assert until(lambda: health[-1].trouble is Why.NO_ANSWER, 40), "it comes back by itself"
            spool.submit("third", paper("third"))
            ends.append(told.get(timeout=60))
        finally:
            spool.close()
        left = cups.jobs(row.name)
        return Seen(
            ends,
            before_mending,
            {name: printer.whole(data) for name, data in bytes_of.items()},
            len(printer.pieces),
            health,
            left,
        )


SCENES: dict[str, Callable[[Case], None]] = {}


def scene(play: Callable[[Case], None]) -> Callable[[dict[str, Future[None]]], None]:
    """Make a test of a scene that begins with all the others: nearly all of their time is waiting."""
    SCENES[play.__name__] = play

    def test(played: dict[str, Future[None]]) -> None:
        played[play.__name__].result(timeout=110)

    test.__name__, test.__doc__ = play.__name__, play.__doc__
    return test


@dataclass(frozen=True)
class Case:
    """What a scene plays with. `cups` is everybody's, `folder` its own."""

    cups: Scheduler
    folder: Path
    bytes_of: dict[str, bytes]
    parts: tuple[bytes, bytes]


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(len(ROWS) + len(SCENES)) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def played(
    pool: ThreadPoolExecutor, cups: Scheduler, bytes_of, parts, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Future[None]]:
    def begin(name: str, play: Callable[[Case], None]) -> Future[None]:
        return pool.submit(play, Case(cups, tmp_path_factory.mktemp(name, numbered=False), bytes_of, parts))

    return {name: begin(name, play) for name, play in SCENES.items()}


@pytest.fixture(scope="module", autouse=True)
def seen(
    pool: ThreadPoolExecutor, cups: Scheduler, bytes_of, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Future[Seen]]:
    folder = tmp_path_factory.mktemp("rows")
    return {row.name: pool.submit(drive, row, cups, folder / row.name, bytes_of) for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_backlog_comes_out_after_the_fault(seen: dict[str, Future[Seen]], row: Row) -> None:
    it = seen[row.name].result(timeout=110)
    assert [(end.state, end.why) for end in it.ends] == [*row.ends, UNKNOWN]
    assert (it.whole["first"], it.whole["second"]) == row.whole
    assert it.before_mending == sum(row.whole)
    assert it.whole["third"] == 1, "after it was mended tickets come out again"
    assert it.pieces == sum(row.whole) + 1, "nor does a part of one"
    assert not it.left
    assert {end.paper for end in it.ends} == {PaperLeft.UNKNOWN}, "CUPS does not tell"
    assert all(health.trouble is not Why.NONE for health in it.health), "it is never more than silent"


# --- the ticket in hand


BRISK = Patience(ticket=2.0, settle=0.3)
"""For an emulator that needs no time."""


def printed(url: str, parts: tuple[bytes, bytes], begin: Callable[[], object]) -> Outcome:
    """Print one ticket; `begin` is called when the question has passed, before the ticket is in the queue."""
    queue = Queue(url, 7, patience=BRISK)
    return queue.print(lambda: parts, clear=False, begin=lambda: begin() and None, first_byte=lambda _at: None)


@scene
def test_a_queue_stopped_before_it_began_proves_that_no_byte_went_out(case: Case) -> None:
    cups, parts = case.cups, case.parts
    with rig(case.folder) as printer:
        url = cups.queue("stopped", printer.tcp)
        outcome = printed(url, parts, lambda: cups.command("cupsdisable", "stopped"))
        assert (outcome.state, outcome.why) == HELD
        cups.command("cupsenable", "stopped")
        assert Queue(url).health(thorough=True).trouble is Why.NO_ANSWER
        assert (cups.jobs("stopped"), printer.pieces, printer.held) == ([], [], 0)


@scene
def test_a_printer_that_goes_within_the_ticket_leaves_nothing_in_the_queue(case: Case) -> None:
    cups, parts = case.cups, case.parts
    with rig(case.folder) as printer:
        url = cups.queue("going", printer.tcp)
        outcome = printed(url, parts, lambda: printer.order("refuse on"))
        assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.TIMEOUT)
        printer.order("refuse off")
        assert Queue(url).health(thorough=True).trouble is Why.NO_ANSWER
        assert (cups.jobs("going"), printer.pieces) == ([], [])


@scene
def test_what_the_printers_wire_holds_is_the_one_ticket_that_cannot_be_called_back(case: Case) -> None:
    cups, parts = case.cups, case.parts
    with rig(case.folder) as printer:
        url = cups.queue("stuck", printer.tcp)
        outcome = printed(url, parts, lambda: printer.order("reading off"))
        assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.TIMEOUT)
        for _ in range(2):
            assert Queue(url, 8, patience=Patience(question=1.0)).prove().why is Why.CANNOT_CONNECT, (
                "no other is sent after it"
            )
        printer.order("reading on")
        assert until(lambda: printer.whole(parts[0]) == 1)
        assert Queue(url).health(thorough=True, clear=True).trouble is Why.NO_ANSWER
        assert len(printer.pieces) == 1


@scene
def test_what_hangs_out_of_an_interrupted_ticket_is_cut_off_first(case: Case) -> None:
    cups, parts = case.cups, case.parts
    with rig(case.folder) as printer:
        url = cups.queue("half", printer.tcp)
        half = (parts[0][: len(parts[0]) // 2], b"")
        assert printed(url, half, lambda: None).state is State.UNKNOWN
        queue = Queue(url, 9, patience=BRISK)
        outcome = queue.print(lambda: parts, clear=True, begin=lambda: None, first_byte=lambda _at: None)
        assert (outcome.state, outcome.why) == UNKNOWN
        assert until(lambda: len(printer.pieces) == 2)
        assert printer.pieces[1].data == parts[0] + parts[1]


# --- the scheduler dies, hangs, comes back


@contextmanager
def own(folder: Path, name: str) -> Iterator[tuple[Scheduler, Rig, str]]:
    with scheduler() as cups, rig(folder) as printer:
        yield cups, printer, cups.queue(name, printer.tcp)


def test_without_a_scheduler_or_a_queue_nothing_is_printed(cups, tmp_path: Path) -> None:
    for url in (f"cups://receipts?socket={tmp_path}/none", cups.url("nowhere")):
        health, _ = ask_health(url)
        assert health == Health(Why.CANNOT_CONNECT)
        outcome = print_ticket(url, lambda _who: (b"", b""), 1)
        assert outcome == Outcome(State.NOT_PRINTED, Why.CANNOT_CONNECT)


@scene
def test_a_scheduler_that_hangs(case: Case) -> None:
    parts = case.parts
    with own(case.folder, "hung") as (cups, printer, url):
        cups.hang(on=True)
        assert prove(url, 1) == Outcome(State.NOT_PRINTED, Why.CANNOT_CONNECT)
        cups.hang(on=False)
        outcome = printed(url, parts, lambda: (printer.order("refuse on"), cups.hang(on=True)))
        assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.CONNECTION_LOST)
        cups.hang(on=False)
        assert Queue(url).health(thorough=False).trouble is Why.NO_ANSWER
        printer.order("refuse off")
        assert Queue(url).health(thorough=True).trouble is Why.NO_ANSWER
        assert (cups.jobs("hung"), printer.pieces) == ([], [])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_scheduler_that_stops_within_the_ticket_and_starts_empty(how, parts, tmp_path: Path) -> None:
    """As docs/printers.md has its unit do: one that remembers begins the ticket again before it can be asked not to."""
    with own(tmp_path, "mortal") as (cups, printer, url):
        begun = threading.Event()

        def stop() -> None:
            begun.wait(20)
            cups.stop(how)

        killer = threading.Thread(target=stop)
        killer.start()
        outcome = Queue(url, 7, patience=BRISK).print(
            lambda: parts,
            clear=False,
            begin=lambda: printer.order("refuse on") and None,
            first_byte=lambda _at: begun.set(),
        )
        killer.join()
        assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.CONNECTION_LOST)
        cups.empty()
        printer.order("refuse off")
        cups.start()
        assert Queue(url).health(thorough=True, clear=True).trouble is Why.NO_ANSWER
        assert (cups.jobs("mortal"), printer.pieces) == ([], [])


# --- this side dies

MORTAL = """
import sys
import threading
from pathlib import Path
from printer import Spool
from tests.printer.test_cups_faults import paper
spool = Spool(Path(sys.argv[1]), sys.argv[2], lambda *_: None)
begin = spool._jobs.begin

def begun(row):
    begin(row)
    print("begun", flush=True)
    sys.stdin.readline()

spool._jobs.begin = begun
spool._on_first_byte = lambda *_: print("on its way", flush=True)
spool.submit("first", paper("first"))
spool.start()
threading.Event().wait()
"""


@contextmanager
def killed_within_the_ticket(cups: Scheduler, printer: Rig, url: str, folder: Path) -> Iterator[str]:
    """Have a process die while its ticket is in the queue of a printer that is not there; give the job's name."""
    command = [sys.executable, "-c", MORTAL, str(folder / "spool.db"), url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        printer.order("refuse on")
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "on its way\n"
        process.kill()
        process.wait(10)
    (left,) = cups.jobs(url.split("/")[2].split("?")[0])
    yield left.split()[0]


@scene
def test_killed_within_a_ticket_it_cancels_it_when_it_is_back(case: Case) -> None:
    cups, bytes_of, tmp_path = case.cups, case.bytes_of, case.folder
    with rig(case.folder) as printer:
        url = cups.queue("killed", printer.tcp)
        told: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
        with killed_within_the_ticket(cups, printer, url, tmp_path) as left:
            spool = Spool(tmp_path / "spool.db", url, lambda job, outcome: told.put((job, outcome)), poll_s=0.2)
            spool.start()
            assert told.get(timeout=20) == ("first", Outcome(State.UNKNOWN, Why.INTERRUPTED))
            assert until(lambda: spool.health().trouble is Why.CANNOT_CONNECT)
            assert not any(job.startswith(f"{left} ") for job in cups.jobs("killed")), "before anything else"
            printer.order("refuse off")
            assert until(lambda: spool.health().trouble is Why.NO_ANSWER)
            spool.submit("second", paper("second"))
            job, outcome = told.get(timeout=20)
            assert (job, outcome.state, outcome.why) == ("second", *UNKNOWN)
            spool.close()
        assert cups.jobs("killed") == []
        assert [printer.whole(bytes_of[name]) for name in NAMES] == [0, 1, 0]
        assert len(printer.pieces) == 1


@pytest.mark.long
def test_killed_for_good_its_ticket_is_cancelled_all_the_same(cups, tmp_path: Path) -> None:
    """By the scheduler: the job says how long it may take."""
    with rig(tmp_path) as printer:
        url = cups.queue("buried", printer.tcp)
        with killed_within_the_ticket(cups, printer, url, tmp_path):
            assert until(lambda: cups.jobs("buried") == [], 40)
        printer.order("refuse off")
        assert Queue(url).health(thorough=True).trouble is Why.NO_ANSWER
        assert printer.pieces == []


# --- words


@scene
def test_the_installers_command(case: Case) -> None:
    cups = case.cups

    def run(url: str, what: str) -> tuple[int, dict[str, object]]:
        command = [sys.executable, "-m", "printer", "--printer", url, what, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    with rig(case.folder) as printer:
        url = cups.queue("installed", printer.tcp)
        for what in ("--status", "--test-ticket"):
            status, said = run(url, what)
            assert (status, said["state"], said["why"], said["paper"]) == (1, "unknown", "no answer", "unknown")
        assert len(printer.pieces) == 1
        printer.order("refuse on")
        status, said = run(url, "--status")
        assert (status, said["state"], said["why"]) == (1, "not printed", "cannot connect")
    status, said = run("cups://", "--status")
    assert (status, said["why"]) == (1, "bad url")
