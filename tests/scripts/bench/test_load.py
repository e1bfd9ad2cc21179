from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from scripts.dawr_dev.bench.load import Line, per_second, request, send


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """Answer each request with its own body, in two parts, and close a connection that says so."""

    def talk(client: socket.socket) -> None:
        with client, client.makefile("rb") as reader:
            while line := reader.readline():
                length = 0
                while (header := reader.readline()) != b"\r\n":
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                body = reader.read(length)
                if body == b"bye":
                    return
                status = b"503 No" if b"/wrong" in line else b"200 OK"
                client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % length + body[:1])
                client.sendall(body[1:])

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(client,)).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[:2]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_each_client_sends_its_next_when_it_is_answered(server: tuple[str, int]) -> None:
    clients = [[request("POST", "/", b"x" * size) for size in (0, 10, 5000)] for _ in range(3)]
    answers = send(*server, clients)
    assert [answer.statuses for answer in answers] == [[200, 200, 200]] * 3
    assert all(ms > 0 for answer in answers for ms in answer.milliseconds)
    assert per_second(answers) > 0


def test_a_refusal_is_counted_as_what_it_is(server: tuple[str, int]) -> None:
    (answer,) = send(*server, [[request("GET", "/wrong"), request("GET", "/")]], keep_heads=True)
    assert answer.statuses == [503, 200]
    assert answer.heads[0].startswith(b"HTTP/1.1 503")


def test_a_closed_connection_is_no_answer(server: tuple[str, int]) -> None:
    with pytest.raises(ConnectionError):
        send(*server, [[request("POST", "/", b"bye")]])


def test_a_line_is_kept(server: tuple[str, int]) -> None:
    line = Line(*server)
    try:
        assert line.ask(request("POST", "/", b"one")) == (200, b"one")
        assert line.ask(request("POST", "/", b"two")) == (200, b"two")
    finally:
        line.close()
