"""A whole ticket over real wires into the emulator's own process, and into peers that behave badly."""

from __future__ import annotations

import os
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from printer.devices import BadUrlError
from printer.emulator.machine import Machine
from printer.encode import Encoder
from printer.outcome import Outcome, PaperLeft, State, Why
from printer.phases import Patience
from printer.printing import CONNECT_S, Hooks, Ticket, ask_health, print_ticket
from printer.ticket import TicketPaper

# Waits that end soon, for printers of which nothing is expected.
BRIEF = Patience(first_answer=0.3, answer=0.1, stuck=0.5, fence=0.5)


@pytest.fixture(scope="module")
def data(encoder: Encoder) -> Ticket:
    name = {"ar": "تجربة", "en": "Trial"}
    return encoder.encode(TicketPaper("A001", name, name, datetime.now(UTC), qr="X")).fenced


def test_printed_over_tcp_and_over_a_line(emulator, data: Ticket) -> None:
    for number, url in enumerate((emulator.tcp, emulator.serial), start=1):
        times: list[float] = []
        outcome = print_ticket(url, lambda _: data, number, hooks=Hooks(first_byte=times.append))
        assert outcome == Outcome(State.PRINTED, Why.NONE, PaperLeft.OK)
        assert emulator.tickets == number
        assert data[0] in (emulator.out / f"ticket-{number}.bin").read_bytes()
        assert len(times) == 1


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("paper out", Why.PAPER_OUT),
        ("cover open", Why.COVER_OPEN),
        ("error on", Why.ERROR),
        ("refuse on", Why.CANNOT_CONNECT),
    ],
)
def test_not_printed_and_nothing_sent(emulator, data: Ticket, order: str, why: Why) -> None:
    emulator.order(order)
    begun: list[bool] = []
    hooks = Hooks(begin=lambda: begun.append(True))
    outcome = print_ticket(emulator.tcp, lambda _: data, 1, hooks=hooks)
    assert (outcome.state, outcome.why, begun) == (State.NOT_PRINTED, why, [])
    assert ask_health(emulator.tcp)[0].trouble is why


def test_paper_that_ends_within_a_ticket_leaves_nothing_to_come_out_later(emulator, data: Ticket) -> None:
    emulator.order("paper-out-after 600")
    outcome = print_ticket(emulator.tcp, lambda _: data, 1)
    assert (outcome.state, outcome.why) == (State.NOT_PRINTED, Why.PAPER_OUT)
    emulator.order("paper ok")
    assert '"held": 0' in emulator.order("state")
    assert emulator.tickets == 0


def test_a_printer_that_only_knows_the_older_fence(emulator, data: Ticket) -> None:
    emulator.order("answers eot,gs_r")
    assert print_ticket(emulator.tcp, lambda _: data, 1).printed


def test_a_wrong_url_is_said_at_once() -> None:
    for url in ("ftp://x", "tcp://", "serial:///dev/null?speed=1", "serial:///dev/null?baud=x", "nonsense"):
        with pytest.raises(BadUrlError):
            ask_health(url)


def test_no_such_device(tmp_path: Path) -> None:
    for scheme in ("serial", "usb"):
        assert ask_health(f"{scheme}://{tmp_path}/none")[0].trouble is Why.CANNOT_CONNECT


@contextmanager
def peer(behave: Callable[[socket.socket], None], buffer: int = 0) -> Iterator[str]:
    """Be a printer of the test's own: `behave` gets its one connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        if buffer:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                behave(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        thread.join(20)


def test_unplugged_within_the_ticket_is_unknown(data: Ticket) -> None:
    def behave(connection: socket.socket) -> None:
        machine, heard = Machine(lambda: 0.0), 0
        while heard < 500:
            chunk = connection.recv(64)
            heard += len(chunk)
            connection.sendall(machine.feed(chunk))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with peer(behave) as url:
        outcome = print_ticket(url, lambda _: data, 1)
    assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.CONNECTION_LOST)


def test_hung_up_before_the_ticket_is_not_printed(data: Ticket) -> None:
    with peer(lambda connection: None) as url:
        outcome = print_ticket(url, lambda _: data, 1)
    assert (outcome.state, outcome.why) == (State.NOT_PRINTED, Why.CONNECTION_LOST)


def test_a_silent_printer_is_unknown(data: Ticket) -> None:
    heard = bytearray()

    def behave(connection: socket.socket) -> None:
        while chunk := connection.recv(4096):
            heard.extend(chunk)

    with peer(behave) as url:
        outcome = print_ticket(url, lambda _: data, 1, patience=BRIEF)
    assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.NO_ANSWER)
    assert data[0] in heard


def test_nothing_takes_longer_than_an_installer_was_promised() -> None:
    assert CONNECT_S + Patience().whole + Patience().answer <= 13


def test_what_a_stuck_printer_did_not_take_is_thrown_away() -> None:
    """Or it would come out when the paper is back, for a customer who has gone."""
    go_on = threading.Event()
    heard = bytearray()

    def behave(connection: socket.socket) -> None:
        for _ in range(3):
            connection.recv(3)
            connection.sendall(b"\x12")
        connection.recv(30)
        connection.sendall(b"\x00")
        go_on.wait(20)
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                heard.extend(chunk)

    large = b"x" * 2_000_000
    with peer(behave, buffer=4096) as url:
        outcome = print_ticket(url, lambda _: (large, b"", b""), 1, patience=BRIEF)
        go_on.set()
    assert (outcome.state, outcome.why) == (State.UNKNOWN, Why.TIMEOUT)
    assert len(heard) < 1_000_000


def test_a_line_that_was_pulled(data: Ticket) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    url = f"serial://{os.ttyname(slave)}?flow=none"

    def pull() -> None:
        os.read(master, 64)
        os.close(slave)
        os.close(master)

    thread = threading.Thread(target=pull)
    thread.start()
    outcome = print_ticket(url, lambda _: data, 1)
    thread.join()
    assert (outcome.state, outcome.why) == (State.NOT_PRINTED, Why.CONNECTION_LOST)
