"""What a scheduler says, byte by byte, and peers that are none. The real one answers in test_cups.py."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printer.ipp import Answer, Op, RefusedError, SchedulerError, Tag, ask, read


def attribute(tag: int, name: bytes, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


def answer(status: int = 0) -> bytes:
    """Return an answer as RFC 8010 (3.1) has it: two attributes of a job, one of two values."""
    return b"".join(
        (
            struct.pack(">BBHI", 2, 0, status, 1),
            bytes((Tag.OPERATION,)),
            attribute(Tag.CHARSET, b"attributes-charset", b"utf-8"),
            attribute(0x41, b"status-message", b"no such thing"),
            bytes((Tag.JOB,)),
            attribute(Tag.INTEGER, b"job-id", struct.pack(">i", 47)),
            attribute(Tag.KEYWORD, b"job-state-reasons", b"job-printing"),
            attribute(Tag.KEYWORD, b"", b"job-incoming"),
            attribute(0x13, b"time-at-processing", b""),
            attribute(Tag.BOOLEAN, b"printer-is-accepting-jobs", b"\0"),
            bytes((Tag.END,)),
        )
    )


def test_an_answer_is_read() -> None:
    (job,) = read(answer()).of(Tag.JOB)
    assert job == {
        "job-id": (47,),
        "job-state-reasons": ("job-printing", "job-incoming"),
        "time-at-processing": (None,),
        "printer-is-accepting-jobs": (0,),
    }


def test_a_no_says_why() -> None:
    with pytest.raises(RefusedError, match="no such thing") as refused:
        read(answer(0x0406))
    assert refused.value.status == 0x0406


def test_an_answer_that_is_cut_anywhere_is_none() -> None:
    whole = answer()
    for end in range(len(whole)):
        with pytest.raises(SchedulerError):
            read(whole[:end])


@contextmanager
def peer(path: Path, says: bytes) -> Iterator[None]:
    """Be somebody at a socket: hear one request and say something."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard = b""
                while not heard.endswith(bytes((Tag.END,))):
                    heard += connection.recv(65536)
                connection.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


@pytest.mark.parametrize(
    "says", [b"", b"\x16", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhtml"]
)
def test_what_is_no_scheduler_may_have_heard(tmp_path: Path, says: bytes) -> None:
    path = tmp_path / "sock"
    with peer(path, says), pytest.raises(SchedulerError) as error:
        ask(str(path), Op.JOBS, [], timeout=5)
    assert error.value.sent


def test_one_that_asks_who_is_there_refuses(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    says = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    with peer(path, says), pytest.raises(RefusedError, match="Unauthorized"):
        ask(str(path), Op.JOBS, [], timeout=5)


def test_nobody_at_the_socket_has_heard_nothing(tmp_path: Path) -> None:
    with pytest.raises(SchedulerError) as error:
        ask(str(tmp_path / "none"), Op.JOBS, [], timeout=5)
    assert not error.value.sent


def test_an_answer_without_groups() -> None:
    assert Answer(()).of(Tag.JOB) == []
