"""Following a view over a real socket: snapshots, silence, restarts, a wrong clock."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from sync.rights import Role
from sync.watch import EventParser, ServerEvent, Watch
from tests.sync.fakes import FakeClock
from tests.sync.node import TinyNode, serving


class Told:
    """What a watch told, one thing after another."""

    def __init__(self) -> None:
        self.snapshots: queue.Queue[Mapping[str, object]] = queue.Queue()
        self.statuses: queue.Queue[tuple[bool, str]] = queue.Queue()

    def status(self, up: bool, why: str) -> None:
        self.statuses.put((up, why))

    def next(self) -> Mapping[str, object]:
        return self.snapshots.get(timeout=15)

    def next_status(self) -> tuple[bool, str]:
        return self.statuses.get(timeout=15)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[TinyNode]:
    node = TinyNode(tmp_path, FakeClock(), heartbeat_s=0.1)
    node.writer.start()
    yield node
    node.writer.close()


def watch(url: str, node: TinyNode, folder: Path, told: Told, **more: object) -> Watch:
    signer = node.enrol(folder, "kiosk-1", Role.KIOSK)
    following = Watch(url, "kiosk", signer, told.snapshots.put, told.status, random=lambda: 0.0, **more)  # type: ignore[arg-type]  # tests name them
    following.start()
    return following


def test_each_snapshot_comes_as_it_is_published(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    node.broadcast.publish("kiosk", '{"state":{"name":"دور"}}'.encode())
    with serving(node.app()) as url:
        following = watch(url, node, tmp_path, told)
        assert told.next() == {"state": {"name": "دور"}}
        assert told.next_status() == (True, "")
        node.broadcast.publish("kiosk", b'{"state":2}')
        assert told.next() == {"state": 2}
        following.close()
        assert not following._thread.is_alive()
    assert told.statuses.empty()


def test_it_heals_by_itself(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    following = watch(f"http://127.0.0.1:{port}", node, tmp_path, told)
    up, why = told.next_status()
    assert not up and "no connection" in why
    node.broadcast.publish("kiosk", b'{"n":1}')
    with serving(node.app(), port):
        assert told.next() == {"n": 1}
        assert told.next_status() == (True, "")
    assert not told.next_status()[0]
    with serving(node.app(), port):
        assert told.next() == {"n": 1}
        assert told.next_status() == (True, "")
        following.close()


def test_silence_is_a_loss(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one_heartbeat_and_no_more() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"1b\r\nevent: heartbeat\ndata: {}\n\n\r\n"
                )
                ended.wait(15)

        thread = threading.Thread(target=one_heartbeat_and_no_more)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        following = watch(url, node, tmp_path, told, inactivity_s=0.2)
        assert told.next_status() == (True, "")
        up, why = told.next_status()
        assert not up and "silent" in why
        following._ended.set()
        ended.set()
        thread.join()
    following.close()


def test_a_wrong_clock_heals_at_once(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    node.broadcast.publish("kiosk", b'{"n":1}')
    signer = node.enrol(tmp_path, "kiosk-1", Role.KIOSK, FakeClock(node.clock.at + timedelta(days=3)))
    with serving(node.app()) as url:
        following = Watch(url, "kiosk", signer, told.snapshots.put, told.status)
        following.start()
        assert told.next() == {"n": 1}
        following.close()
    assert told.next_status() == (True, "")


def test_a_view_that_one_may_not_see_is_a_loss(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    signer = node.enrol(tmp_path, "hall-1", Role.DISPLAY)
    with serving(node.app()) as url:
        following = Watch(url, "kiosk", signer, told.snapshots.put, told.status)
        following.start()
        assert told.next_status() == (False, "answered 403")
        following.close()


def test_polling(node: TinyNode, tmp_path: Path) -> None:
    told = Told()
    node.broadcast.publish("kiosk", b'{"n":1}')
    with serving(node.app()) as url:
        following = watch(url, node, tmp_path, told, poll_s=0.01)
        assert told.next() == told.next() == {"n": 1}
        node.broadcast.publish("kiosk", b'{"n":2}')
        while told.next() != {"n": 2}:
            pass
        following.close()
        assert not following._thread.is_alive()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_event_stream_in_any_pieces(size: int) -> None:
    text = (
        ': a comment\nevent: snapshot\ndata: {"name":"دور"}\n\n'
        "data: one\r\ndata:two\r\nid: 7\r\n\r\nevent: empty\n\nevent: heartbeat\ndata: {}\n\nevent: cut off"
    ).encode()
    parser = EventParser()
    events = [event for at in range(0, len(text), size) for event in parser.feed(text[at : at + size])]
    assert events == [
        ServerEvent("snapshot", '{"name":"دور"}'),
        ServerEvent("message", "one\ntwo"),
        ServerEvent("heartbeat", "{}"),
    ]
