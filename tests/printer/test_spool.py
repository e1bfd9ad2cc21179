"""Every submitted ticket is settled, and an original comes out once at most: also through kill -9 at every commit."""

from __future__ import annotations

import queue
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printer import Health, Outcome, PaperLeft, Spool, State, Why

Settlements = queue.SimpleQueue[tuple[str, Outcome]]


@contextmanager
def spool(path: Path, url: str, **how: object) -> Iterator[tuple[Spool, Settlements]]:
    settled: Settlements = queue.SimpleQueue()
    opened = Spool(path, url, lambda job, outcome: settled.put((job, outcome)), **how)
    opened.start()
    try:
        yield opened, settled
    finally:
        opened.close()


def test_a_ticket_prints_once_for_its_id(emulator, tmp_path: Path, make_ticket) -> None:
    first: list[str] = []
    path = tmp_path / "spool.db"
    with spool(path, emulator.tcp, on_first_byte=lambda job, _: first.append(job)) as (jobs, settled):
        assert jobs.submit("kiosk-1.1.42", make_ticket())
        assert settled.get(timeout=20) == ("kiosk-1.1.42", Outcome(State.PRINTED, Why.NONE, PaperLeft.OK))
        assert not jobs.submit("kiosk-1.1.42", make_ticket())
        assert jobs.submit("kiosk-1.1.42", make_ticket(), copy=True)
        assert settled.get(timeout=20)[1].copy
        assert jobs.health().state == "ready"
    assert emulator.tickets == 2
    assert first == ["kiosk-1.1.42"] * 2
    assert "نسخة".encode() not in path.read_bytes(), "what stood on a settled ticket is forgotten"


def test_a_failed_ticket_is_settled_and_never_comes_out_after_the_refill(emulator, tmp_path: Path, make_ticket) -> None:
    emulator.order("paper out")
    with spool(tmp_path / "spool.db", emulator.tcp, poll_s=0.05) as (jobs, settled):
        for n in range(5):
            jobs.submit(f"t{n}", make_ticket())
        for n in range(5):
            assert settled.get(timeout=20) == (f"t{n}", Outcome(State.NOT_PRINTED, Why.PAPER_OUT, PaperLeft.OUT))
        assert jobs.health().state == "paper out"
        emulator.order("paper ok")
        jobs.submit("t5", make_ticket())
        assert settled.get(timeout=20)[1].printed
    assert emulator.tickets == 1


def test_each_change_of_the_printer_is_told_once(emulator, tmp_path: Path, make_ticket) -> None:
    told: queue.SimpleQueue[Health] = queue.SimpleQueue()
    how = {"on_health": told.put, "poll_s": 0.05}
    with spool(tmp_path / "spool.db", emulator.tcp, **how) as (jobs, settled):
        assert told.get(timeout=20) == Health(Why.NONE, PaperLeft.OK)
        emulator.order("paper near-end")
        assert told.get(timeout=20) == Health(Why.NONE, PaperLeft.NEAR_END)
        emulator.order("paper out")
        assert told.get(timeout=20) == Health(Why.PAPER_OUT, PaperLeft.OUT)
        emulator.order("paper ok")
        assert told.get(timeout=20) == Health(Why.NONE, PaperLeft.OK)
        jobs.submit("t", make_ticket())
        assert settled.get(timeout=20)[1].printed
    assert told.empty(), "a ticket that printed is no change"


def test_a_printer_that_confirms_nothing_is_news_once_until_it_confirms(emulator, tmp_path: Path, make_ticket) -> None:
    emulator.order("answers eot,asb")
    told: queue.SimpleQueue[Health] = queue.SimpleQueue()
    with spool(tmp_path / "spool.db", emulator.tcp, on_health=told.put, poll_s=0.05) as (jobs, settled):
        assert told.get(timeout=20).ready
        jobs.submit("t", make_ticket())
        assert settled.get(timeout=20)[1].why is Why.NO_ANSWER
        assert told.get(timeout=20).trouble is Why.NO_ANSWER
        jobs.look()
        emulator.order("answers all")
        jobs.submit("u", make_ticket())
        assert settled.get(timeout=20)[1].printed
        assert told.get(timeout=20).ready
    assert told.empty()


def test_it_looks_when_it_is_told_to(emulator, tmp_path: Path) -> None:
    told: queue.SimpleQueue[Health] = queue.SimpleQueue()
    how = {"on_health": told.put, "poll_s": 60.0, "trouble_poll_s": 60.0}
    emulator.order("cover open")
    with spool(tmp_path / "spool.db", emulator.tcp, **how) as (jobs, _):
        assert told.get(timeout=20).trouble is Why.COVER_OPEN
        emulator.order("cover closed")
        jobs.look()
        assert told.get(timeout=20).ready


def test_without_a_printer_it_says_so(tmp_path: Path, make_ticket) -> None:
    told: list[Health] = []
    with spool(tmp_path / "spool.db", "", on_health=told.append) as (jobs, settled):
        jobs.submit("t", make_ticket())
        assert settled.get(timeout=20)[1] == Outcome(State.NOT_PRINTED, Why.NO_PRINTER)
        assert jobs.health().state == "no printer"
    assert told == [Health(Why.NO_PRINTER)]


def test_a_text_that_cannot_be_drawn_is_not_printed(emulator, tmp_path: Path, make_ticket) -> None:
    with spool(tmp_path / "spool.db", emulator.tcp) as (jobs, settled):
        jobs.submit("t", make_ticket(service={"ar": "驾驶证", "en": "Licence"}))
        assert settled.get(timeout=20)[1].why is Why.CANNOT_DRAW
        jobs.submit("u", make_ticket())
        assert settled.get(timeout=20)[1].printed


def test_after_a_restart_young_tickets_print_and_old_ones_do_not(emulator, tmp_path: Path, make_ticket) -> None:
    path = tmp_path / "spool.db"
    before = Spool(path, emulator.tcp, lambda *_: None, wall=lambda: 1000.0)
    before.submit("old", make_ticket())
    before.close()
    before = Spool(path, emulator.tcp, lambda *_: None, wall=lambda: 1050.0)
    before.submit("young", make_ticket())
    before.close()
    with spool(path, emulator.tcp, wall=lambda: 1061.0) as (_, settled):
        assert settled.get(timeout=20) == ("old", Outcome(State.NOT_PRINTED, Why.TOO_LATE))
        assert settled.get(timeout=20)[1].printed
    assert emulator.tickets == 1


def test_what_is_expected_is_drawn_and_not_printed(emulator, tmp_path: Path, make_ticket) -> None:
    with spool(tmp_path / "spool.db", emulator.tcp) as (jobs, settled):
        jobs.expect(make_ticket(service={"ar": "驾", "en": "x"}))
        jobs.expect(make_ticket())
        jobs.submit("t", make_ticket())
        assert settled.get(timeout=20)[1].printed
    assert emulator.tickets == 1


def test_the_copy_on_paper_is_marked(emulator, tmp_path: Path, make_ticket) -> None:
    with spool(tmp_path / "spool.db", emulator.tcp) as (jobs, settled):
        jobs.submit("t", make_ticket(), copy=True)
        assert settled.get(timeout=20)[1].printed
    assert b"*** COPY ***" in (emulator.out / "ticket-1.bin").read_bytes()


CRASH = textwrap.dedent(
    """
    import os, signal, sys, threading
    from contextlib import contextmanager
    from pathlib import Path
    import printer.spool
    from printer import Spool, TicketPaper
    from printer.jobs import Jobs

    path, url, paper, point, count = sys.argv[1:]
    left = int(count)

    class Killed(Jobs):
        @contextmanager
        def _transaction(self):
            global left
            left -= 1
            with super()._transaction():
                yield
                if left == 0 and point == "before":
                    os.kill(os.getpid(), signal.SIGKILL)
            if left == 0 and point == "after":
                os.kill(os.getpid(), signal.SIGKILL)

    def first_byte(job, at):
        if point == "first byte":
            os.kill(os.getpid(), signal.SIGKILL)

    printer.spool.Jobs = Killed
    done = threading.Event()
    spool = Spool(Path(path), url, lambda *_: done.set(), on_first_byte=first_byte)
    spool.submit("t", TicketPaper.from_json(paper))
    spool.start()
    done.wait(20)
    spool.close()
    """
)


# Commits in order: submit, what was interrupted, forgetting, begin, settle, told.
POINTS = [(point, n) for n in range(1, 7) for point in ("before", "after")]


@pytest.mark.parametrize(("point", "count"), [*POINTS, ("first byte", 0)])
def test_killed_at_any_commit_an_original_never_prints_twice(
    emulator, tmp_path: Path, make_ticket, point: str, count: int
) -> None:
    path = tmp_path / "spool.db"
    paper = make_ticket()
    command = [sys.executable, "-c", CRASH, str(path), emulator.tcp, paper.to_json(), point, str(count)]
    assert subprocess.run(command, timeout=30, check=False).returncode == -9
    with spool(path, emulator.tcp) as (jobs, settled):
        new = jobs.submit("t", paper)  # as a kiosk does that does not know
        told = point == "after" and count == 6
        assert new == (point == "before" and count == 1)
        if not told:
            job, outcome = settled.get(timeout=20)
            assert job == "t"
            # The printer works on when the kiosk dies: what was begun may have come out, and counts as unknown.
            if outcome.printed:
                assert emulator.tickets == 1
            else:
                assert outcome == Outcome(State.UNKNOWN, Why.INTERRUPTED)
        assert settled.empty()
    pieces = [piece.read_bytes() for piece in emulator.out.glob("ticket-*.bin")]
    assert sum(piece.count(b"Driving Licence Renewal") for piece in pieces) <= 1


def test_who_asks_for_a_look_is_told_when_it_is_over(emulator, tmp_path: Path) -> None:
    with spool(tmp_path / "spool.db", emulator.tcp, poll_s=3600) as (jobs, _):
        assert jobs.look().wait(20)
        assert jobs.health().ready
        emulator.order("paper out")
        assert jobs.look().wait(20)
        assert jobs.health().trouble is Why.PAPER_OUT
