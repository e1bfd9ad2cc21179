"""Staff's errands on a real log, a real spool and an emulated printer; PINs by the real argon2, at its cheapest."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.config import KioskConfig
from kiosk.known import Known
from kiosk.moves import Draft
from kiosk.office import Office
from kiosk.settings import Member, Settings
from kiosk.staff.errands import Errands
from kiosk.staff.lock import FREE_TRIES
from kiosk.staff.moves import Came, Found, Heard, LetIn, Seen, TurnedAway
from queueing.centre import Centre
from queueing.facts import Fact, KioskClosed, KioskOpened, PrinterChanged, PrintSettled, StaffActed, fact_of
from sync.clock import SystemClock
from tests.kiosk.callboard import Board
from tests.kiosk.conftest import NOW
from tests.sync.fakes import FakeClock

pytestmark = pytest.mark.usefixtures("words")
PINS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STAFF = (Member("s1", {"ar": "فاطمة", "en": "Fatima"}, PINS.hash("9012")), Member("C2", {}, PINS.hash("2345")))


class Back:
    """An office without a hub, and a member of staff who has opened its menu."""

    def __init__(self, data: Path, settings: Settings, printer: str = "") -> None:
        self.clock = FakeClock(NOW)
        self.board = Board()
        self.settings = settings
        config = KioskConfig("kiosk-1", data, "", printer)
        self.office = Office(config, self.board, self.clock if not printer else SystemClock(), settings)
        self.office.open()
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self.errands: Errands = self.office.errands(self.heard.put)

    def hears(self) -> Heard:
        return self.heard.get(timeout=30)

    def take(self, known: Known, delivery: str = "screen") -> str:
        draft = Draft("driving-test", "en", None, None, False, None, None, delivery)  # type: ignore[arg-type]
        self.office.take(1, draft, known, 0.0)
        issued = self.board.next()
        return str(issued.ticket.ticket)  # type: ignore[union-attr]

    def facts(self) -> list[Fact]:
        """Return all that the log says."""
        writer = self.office._desk.writer
        events = writer.submit(lambda tx: tx.log.read_stream(tx.log.stream, 0)).result()
        return [fact for event in events if (fact := fact_of(event)) is not None]


@pytest.fixture
def settings(centre: Centre) -> Settings:
    return Settings(1, centre, b"k" * 32, staff=STAFF)


@pytest.fixture
def back(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., Back]]:
    opened: list[Back] = []

    def open_(printer: str = "", **changes: object) -> Back:
        opened.append(Back(tmp_path, replace(settings, **changes), printer))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for each in opened:
        each.office.close()


@dataclass
class Printer:
    """An emulated printer as its own process."""

    url: str
    orders: tuple[str, int]
    out: Path

    def order(self, line: str) -> None:
        with socket.create_connection(self.orders, 5) as connection, connection.makefile("rw") as lines:
            lines.write(line + "\n")
            lines.flush()
            assert lines.readline()

    @property
    def tickets(self) -> int:
        return len(list(self.out.glob("ticket-*.png")))


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Printer]:
    out = tmp_path / "paper"
    command = [sys.executable, "-m", "printer.emulator", "--tcp", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        ready = dict(process.stdout.readline().removeprefix("ready ").strip().split("=", 1) for _ in range(2))
        host, port = ready["control"].split(":")
        yield Printer(f"tcp://{ready['tcp']}", (host, int(port)), out)
        process.terminate()
        process.wait(10)


class TestThePin:
    def test_a_member_is_let_in_with_the_hub_cut_off(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == LetIn("s1", STAFF[0].name)
        kiosk.errands.check("c2", "2345")
        assert kiosk.hears() == LetIn("C2", {})

    def test_a_wrong_pin_and_an_unknown_id_look_alike(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        for staff, pin in (("s1", "2345"), ("nobody", "9012"), ("c2", "9012")):
            kiosk.errands.check(staff, pin)
            assert kiosk.hears() == TurnedAway()
        assert [fact.detail for fact in kiosk.facts() if isinstance(fact, StaffActed)][:2] == ["1", "2"]
        assert {fact.by for fact in kiosk.facts() if isinstance(fact, StaffActed)} == {""}

    def test_without_staff_nobody_is_let_in(self, back: Callable[..., Back]) -> None:
        kiosk = back(staff=())
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == TurnedAway()

    def test_a_spoilt_hash_lets_nobody_in(self, back: Callable[..., Back]) -> None:
        kiosk = back(staff=(Member("s1", {}, "no hash"),))
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == TurnedAway()

    def test_the_lock_holds_through_a_restart_and_even_for_the_right_pin(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        for _ in range(FREE_TRIES):
            kiosk.errands.check("s1", "0000")
            last = kiosk.hears()
        assert last == TurnedAway(60)
        kiosk.office.close()
        kiosk = back()
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == TurnedAway(60)
        kiosk.clock.pass_time(60)
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == LetIn("s1", STAFF[0].name)
        kiosk.errands.check("s1", "0000")
        assert kiosk.hears() == TurnedAway(), "who was right has all tries again"

    def test_a_clock_set_back_does_not_stop_the_lock(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        for _ in range(FREE_TRIES):
            kiosk.errands.check("s1", "0000")
            kiosk.hears()
        kiosk.clock.pass_time(-86400)
        kiosk.errands.check("s1", "9012")
        assert kiosk.hears() == TurnedAway(60)
        kiosk.clock.pass_time(61)
        kiosk.errands.check("s1", "9012")
        assert isinstance(kiosk.hears(), LetIn)

    def test_a_try_counts_before_it_is_looked_at(
        self, back: Callable[..., Back], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kiosk = back()
        seen: list[int] = []
        monkeypatch.setattr(kiosk.errands, "_member", lambda *_: seen.append(kiosk.errands._lock._read(NOW).failures))
        kiosk.errands.check("s1", "0000")
        kiosk.hears()
        assert seen == [1]


class TestTheKiosk:
    def test_it_is_closed_and_opened_by_an_event_that_outlives_a_restart(
        self, back: Callable[..., Back], known: Known
    ) -> None:
        kiosk = back()
        kiosk.errands.close_kiosk("s1", closed=True, day=False)
        kiosk.board.learn(known, lambda known: known.closed)
        assert KioskClosed("s1") in kiosk.facts()
        kiosk.office.close()
        kiosk = back()
        known = kiosk.board.learn(known, lambda known: known.closed)
        kiosk.errands.close_kiosk("s1", closed=False, day=False)
        kiosk.board.learn(known, lambda known: not known.closed)
        assert KioskOpened("s1") in kiosk.facts()

    def test_an_end_of_day_is_for_that_day(self, back: Callable[..., Back], known: Known) -> None:
        kiosk = back()
        kiosk.errands.close_kiosk("s1", closed=True, day=True)
        kiosk.board.learn(known, lambda known: known.closed_for == "2026-11-22")
        assert kiosk.office.caretaker.sight().closed_for == "2026-11-22"
        kiosk.clock.pass_time(86400)
        assert kiosk.office.caretaker.sight().closed_for is None

    def test_what_staff_did_is_written_down(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        kiosk.errands.note("s1", "screen_test", "60/60")
        kiosk.errands.look(printer=False)
        assert isinstance(kiosk.hears(), Seen)
        assert StaffActed("s1", "screen_test", "60/60") in kiosk.facts()

    def test_the_last_tickets_are_found_newest_first(self, back: Callable[..., Back], known: Known) -> None:
        kiosk = back()
        tickets = [kiosk.take(known) for _ in range(3)]
        kiosk.errands.list()
        found = kiosk.hears()
        assert isinstance(found, Found)
        assert [each.ticket for each in found.tickets] == tickets[::-1]
        assert kiosk.office.caretaker.sight().taken == 3

    def test_the_loudness_is_kept(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        kiosk.errands.loud(80)
        kiosk.office.close()
        assert back().office.caretaker.sight().volume == 80


class TestThePrinter:
    def test_without_paper_none_is_offered_and_after_a_refill_it_is_again(
        self, back: Callable[..., Back], printer: Printer, known: Known
    ) -> None:
        kiosk = back(printer.url)
        known = kiosk.board.learn(known, lambda known: known.paper_ready)
        printer.order("paper out")
        kiosk.errands.look(printer=True)
        assert isinstance(seen := kiosk.hears(), Seen) and (seen.looked, seen.sight.trouble) == (True, "paper out")
        known = kiosk.board.learn(known, lambda known: not known.prints)
        printer.order("paper ok")
        known = kiosk.board.learn(known, lambda known: known.prints)
        told = [fact for fact in kiosk.facts() if isinstance(fact, PrinterChanged)]
        assert [(each.trouble, each.paper) for each in told[-2:]] == [("paper out", "out"), ("", "ok")]

    def test_a_printer_that_says_the_same_again_is_no_event(self, back: Callable[..., Back], printer: Printer) -> None:
        kiosk = back(printer.url)
        for _ in range(2):
            kiosk.errands.look(printer=True)
            kiosk.hears()
        kiosk.office.close()
        kiosk = back(printer.url)
        kiosk.errands.look(printer=True)
        kiosk.hears()
        assert len([fact for fact in kiosk.facts() if isinstance(fact, PrinterChanged)]) == 1

    def test_a_test_print_comes_out_and_is_no_ticket(self, back: Callable[..., Back], printer: Printer) -> None:
        kiosk = back(printer.url)
        kiosk.errands.print("")
        assert kiosk.hears() == Came("printed")
        assert printer.tickets == 1
        assert not [fact for fact in kiosk.facts() if isinstance(fact, PrintSettled)]

    def test_a_reprint_comes_out_as_a_copy_and_says_so_in_the_log(
        self, back: Callable[..., Back], printer: Printer, known: Known
    ) -> None:
        kiosk = back(printer.url)
        ticket = kiosk.take(known)
        kiosk.errands.print(ticket)
        assert kiosk.hears() == Came("printed")
        assert PrintSettled(ticket, "printed", "", copy=True) in kiosk.facts()
        printer.order("cover open")
        kiosk.errands.print(ticket)
        assert kiosk.hears() == Came("not printed", "cover open")

    def test_no_other_kiosks_ticket_is_reprinted(self, back: Callable[..., Back]) -> None:
        kiosk = back()
        for ticket in ("kiosk-9.1.1", "kiosk-1.1.999", "x"):
            kiosk.errands.print(ticket)
            assert kiosk.hears() == Came("not printed", "cannot draw")


def test_a_bug_in_an_errand_is_in_the_journal(
    back: Callable[..., Back], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk = back()
    monkeypatch.setattr(kiosk.errands, "_list", lambda: 1 / 0)
    kiosk.errands.list()
    kiosk.errands.look(printer=False)
    kiosk.hears()
    assert "ZeroDivisionError" in caplog.text
