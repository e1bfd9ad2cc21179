"""What the tests of a link over real sockets share: the statuses that it told, tickets that are taken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from queueing.wire import Stream
from sync.identity import Signer
from sync.link import Link, LinkStatus
from sync.writer import LogWriter
from tests.sync.fakes import KIOSK, ticket
from tests.sync.node import TinyNode


class Statuses:
    """The statuses that a link told; waits for one."""

    def __init__(self) -> None:
        self.all: list[LinkStatus] = []
        self._changed = threading.Condition()

    def __call__(self, status: LinkStatus) -> None:
        with self._changed:
            self.all.append(status)
            self._changed.notify_all()

    def wait(self, what: Callable[[LinkStatus], bool]) -> LinkStatus:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.all) and what(self.all[-1]), 12), self.all[-5:]
            return self.all[-1]


def drained(status: LinkStatus) -> bool:
    return status.up and status.behind == 0


def take(writer: LogWriter, count: int) -> None:
    writer.submit(lambda tx: tx.append([ticket(n) for n in range(count)])).result(5)


def hub_has(node: TinyNode, stream: Stream = KIOSK) -> int:
    return node.writer.submit(lambda tx: tx.log.head(stream).seq).result(5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def link_to(url: str, writer: LogWriter, signer: Signer, statuses: Statuses, **more: object) -> Link:
    link = Link("hub", url, writer, signer, on_status=statuses, random=lambda: 0.0, **more)  # type: ignore[arg-type]  # tests name them
    link.start()
    return link
