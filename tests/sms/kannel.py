"""The real Kannel with an operator's centre in this process, and the address that its reports come to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from scripts.dawr_dev import sms_kannel
from scripts.dawr_dev.processes import House
from scripts.dawr_dev.sms_centre import Centre
from sms.gateways.kannel import KannelAddress
from tests.waiting import until


class Operator:
    """The centre, in a thread of its own; `close` and `open` are its bad days."""

    def __init__(self) -> None:
        self.centre = Centre()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.open()

    def open(self) -> None:
        self.port = self._run(self.centre.open, self.port)

    def close(self) -> None:
        self._run(self.centre.close)

    def end(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def report_late(self) -> None:
        """Report the delivery of everything, whatever was said of it before."""
        for sms in self.centre.messages:
            self._loop.call_soon_threadsafe(self.centre.report, sms, "DELIVRD")

    @property
    def texts(self) -> list[str]:
        return [sms.text for sms in self.centre.messages]

    def wait_bound(self, bound: bool = True) -> None:
        until(lambda: (self.centre.bound > 0) is bound, "Kannel's line to the centre", 30)

    def _run(self, what: Callable[..., object], *arguments: object) -> int:
        done = asyncio.run_coroutine_threadsafe(what(*arguments), self._loop)  # type: ignore[arg-type]
        return int(done.result(10) or 0)


class _Waiting(ThreadingHTTPServer):
    request_queue_size = (
        128  # Kannel brings a batch's reports all at once; one that finds no place comes seconds later.
    )


class Reports:
    """Takes Kannel's delivery reports: (token, number) in the order of their coming, unless it is away."""

    def __init__(self) -> None:
        self.came: list[tuple[str, int]] = []
        self.refused: list[str] = []
        self.away = False
        self.on_report: Callable[[str, int], object] = lambda _token, _number: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if outer.away:
                    outer.refused.append(self.path)
                    self.send_response(503)
                    self.end_headers()
                    return
                token, number = parts.path.rpartition("/")[2], int(parse_qs(parts.query)["report"][0])
                outer.came.append((token, number))
                outer.on_report(token, number)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Waiting(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1/reports"

    def of(self, token: str) -> list[int]:
        return [number for each, number in self.came if each == token]

    def end(self) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


class Set:
    """Kannel, the centre and the reports; `house` has the processes `bearerbox` and `smsbox`."""

    def __init__(self, folder: Path, house: House) -> None:
        self.house = house
        self.operator = Operator()
        self.reports = Reports()
        self.kannel = sms_kannel.write(folder / "kannel", self.operator.port)
        sms_kannel.start_bearerbox(house, self.kannel)
        sms_kannel.start_smsbox(house, self.kannel)
        self.operator.wait_bound()

    @property
    def address(self) -> KannelAddress:
        kannel = self.kannel
        return KannelAddress(kannel.url, kannel.user, kannel.password, "Dawr", self.reports.url, kannel.status_url)

    def end(self) -> None:
        self.reports.end()
        self.operator.end()


@contextmanager
def kannel(folder: Path) -> Iterator[Set]:
    """Start all of it; end all of it."""
    with House(folder / "logs") as house:
        found = Set(folder, house)
        try:
            yield found
        finally:
            house.stop()
            found.end()
