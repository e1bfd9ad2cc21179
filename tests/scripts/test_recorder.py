from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.recorder import Recorder, connect


@contextmanager
def printer() -> Iterator[tuple[str, list[bytes]]]:
    """Run a printer on TCP that answers each question mark and keeps all it got."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                while data := client.recv(1000):
                    got.append(data)
                    if b"?" in data:
                        client.sendall(b"!")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", got
        thread.join(5)


def open_to(recorder: Recorder) -> socket.socket:
    client = connect(recorder.url)
    assert isinstance(client, socket.socket)
    return client


def test_both_ways_pass_and_what_reached_the_printer_is_kept() -> None:
    with printer() as (url, got), Recorder(url) as recorder:
        with open_to(recorder) as client:
            client.sendall(b"paper?")
            assert client.recv(10) == b"!"
            client.sendall(b"x" * 300_000)
            wait_until(lambda: True if sum(map(len, got)) == 300_006 else None, 5, "all bytes")
        kept = recorder.passed()
        assert b"".join(one.data for one in kept) == b"".join(got)
        assert [one.at for one in kept] == sorted(one.at for one in kept)


def test_a_serial_printer_is_reached_too() -> None:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        with Recorder(f"serial://{os.ttyname(theirs)}?baud=9600") as recorder, open_to(recorder) as client:
            client.sendall(b"ticket")
            assert os.read(ours, 100) == b"ticket"
            os.write(ours, b"ok")
            assert client.recv(10) == b"ok"
            assert [one.data for one in recorder.passed()] == [b"ticket"]
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_printer_that_is_off_looks_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    with Recorder(url) as recorder, open_to(recorder) as client:
        client.settimeout(5)
        assert client.recv(10) == b""
        assert recorder.passed() == []


def test_an_unknown_kind_of_address_is_refused() -> None:
    with pytest.raises(ValueError, match="ftp://"):
        connect("ftp://printer")
