"""The link over real sockets: everything arrives by itself, whatever happened to the line in between."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queueing.dating import Arrival
from queueing.wire import Event
from sync.exchange import Push
from sync.identity import Signer
from sync.link import Link
from sync.log import DeviceLog, Transaction
from sync.rights import Device, Role
from sync.writer import LogWriter
from tests.sync.fakes import BOOT, KIOSK, FakeClock
from tests.sync.linked import Statuses, drained, free_port, hub_has, link_to, take
from tests.sync.node import TinyNode, serving


def test_what_was_taken_before_and_after_the_start_arrives(node: TinyNode, writer: LogWriter, signer: Signer) -> None:
    statuses = Statuses()
    take(writer, 1200)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        statuses.wait(lambda status: drained(status))
        assert hub_has(node) == 1200
        take(writer, 3)
        statuses.wait(lambda status: drained(status) and hub_has(node) == 1203)
        link.close()
    assert [event.seq for event in node.folded] == list(range(1, 1204))
    assert writer.submit(lambda tx: tx.log.acked("hub", KIOSK)).result(5) == 1203
    node.writer.submit(lambda tx: tx.log.verify()).result(5)
    assert statuses.all[-1].settings_version == 7


def test_the_next_push_is_packed_while_the_peer_answers_and_tells_the_age_of_its_sending(
    tmp_path: Path, node: TinyNode, signer: Signer
) -> None:
    clock = FakeClock()
    writer = LogWriter(lambda: DeviceLog.open(tmp_path / "kiosk.db", KIOSK, clock, BOOT))
    writer.start()
    take(writer, 1200)
    packed: list[int] = []
    ages: list[float] = []
    store = node.store

    def look_and_store(tx: Transaction, device: Device, events: list[Event], arrival: Arrival) -> None:
        assert arrival.age is not None
        ages.append(arrival.age.mono)
        ahead = link._ahead
        if ahead is not None:
            packed.append(ahead[1].result(10).count)  # the answer is not on its way yet
        clock.pass_time(30)
        store(tx, device, events, arrival)

    node.store = look_and_store  # type: ignore[method-assign]
    statuses = Statuses()
    with serving(node.app()) as url:
        link = Link("hub", url, writer, signer, on_status=statuses, random=lambda: 0.0)
        link.start()
        statuses.wait(drained)
        link.close()
    writer.close()
    assert packed == [500, 200]
    assert [age - ages[0] for age in ages] == [0, 30, 60]
    assert [event.seq for event in node.folded] == list(range(1, 1201))


def test_a_ticket_that_is_taken_while_the_link_turns_around_does_not_wait(
    node: TinyNode, writer: LogWriter, signer: Signer
) -> None:
    statuses, submit, link = Statuses(), writer.submit, []

    def take_after_the_look(job: Callable[[Transaction], object]) -> Future[object]:
        future = submit(job)
        if job == link[0]._look:
            writer.submit = submit  # type: ignore[method-assign]  # once
            future.result(5)
            take(writer, 1)
        return future

    with serving(node.app()) as url:
        link.append(link_to(url, writer, signer, statuses))
        statuses.wait(drained)
        writer.submit = take_after_the_look  # type: ignore[method-assign,assignment]  # the worst moment to take one
        link[0].poke()
        statuses.wait(lambda status: drained(status) and hub_has(node) == 1)
        link[0].close()


def test_cut_off_and_back(node: TinyNode, writer: LogWriter, signer: Signer) -> None:
    statuses = Statuses()
    port = free_port()
    link = link_to(f"http://127.0.0.1:{port}", writer, signer, statuses)
    take(writer, 2)
    down = statuses.wait(lambda status: not status.up and status.behind == 2)
    assert "no connection" in down.why and down.behind_since is not None
    with serving(node.app(), port):
        statuses.wait(drained)
        assert hub_has(node) == 2
    take(writer, 5)
    statuses.wait(lambda status: not status.up and status.behind == 5)
    with serving(node.app(), port):
        statuses.wait(lambda status: drained(status) and hub_has(node) == 7)
    link.close()


def test_a_wrong_clock_is_corrected_by_the_peers_answer(tmp_path: Path, node: TinyNode, writer: LogWriter) -> None:
    behind = FakeClock(node.clock.at - timedelta(days=400))
    signer = node.enrol(tmp_path, "kiosk-1", Role.KIOSK, behind)
    statuses = Statuses()
    take(writer, 1)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        statuses.wait(drained)
        link.close()
    assert all(status.up for status in statuses.all if status.why != "not tried yet")
    assert hub_has(node) == 1


def test_a_lost_acknowledgement_is_no_second_event(node: TinyNode, writer: LogWriter, signer: Signer) -> None:
    lost = LoseReplies(node.app(), 2)
    statuses = Statuses()
    take(writer, 3)
    with serving(lost) as url:  # type: ignore[arg-type]  # any ASGI app will do
        link = link_to(url, writer, signer, statuses)
        statuses.wait(drained)
        link.close()
    assert lost.count == 2
    assert [event.seq for event in node.folded] == [1, 2, 3]


class LoseReplies:
    """Does the work of the first pushes, and cuts the line instead of answering."""

    def __init__(self, app: ASGIApp, times: int) -> None:
        self._app, self._times, self.count = app, times, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/v1/events" or self.count >= self._times:
            await self._app(scope, receive, send)
            return
        self.count += 1

        async def lose(message: Message) -> None:
            pass

        await self._app(scope, receive, lose)


def test_large_bodies_are_packed_and_a_peer_that_takes_less_gets_less(writer: LogWriter, signer: Signer) -> None:
    app = FastAPI()
    seen: list[tuple[int, str | None]] = []
    acked = [0]

    @app.post("/v1/hello")
    async def hello() -> dict[str, object]:
        return {"expect_seq": acked[0] + 1, "head_hash": "", "now": "", "settings_version": 1}

    @app.post("/v1/events")
    async def events(request: Request) -> Response:
        body = await request.body()
        seen.append((len(body), request.headers.get("content-encoding")))
        if len(body) > 2000:
            return Response('{"code": "TOO_LARGE"}', 413)
        said = json.loads(gzip.decompress(body) if seen[-1][1] else body)
        acked[0] = said["first_seq"] + len(said["events"]) - 1
        return Response(json.dumps({"ack_seq": acked[0]}))

    statuses = Statuses()
    take(writer, 300)
    with serving(app) as url:
        link = link_to(url, writer, signer, statuses)
        statuses.wait(drained)
        link.close()
    assert acked == [300]
    assert seen[0][1] == "gzip" and seen[0][0] > 2000


def test_a_link_that_is_closed_while_it_waits_ends_at_once(writer: LogWriter, signer: Signer) -> None:
    statuses = Statuses()
    link = link_to(f"http://127.0.0.1:{free_port()}", writer, signer, statuses)
    statuses.wait(lambda status: "no connection" in status.why)
    link.close()
    assert not link._thread.is_alive()


def test_a_link_that_a_slow_disk_keeps_past_its_end_ends_in_peace(
    node: TinyNode, writer: LogWriter, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(writer, 1200)
    reads, goes_on = threading.Event(), threading.Event()
    pack = Link._pack

    def slowly(link: Link, step: Push) -> object:
        reads.set()
        assert goes_on.wait(10)
        return pack(link, step)

    monkeypatch.setattr(Link, "_pack", slowly)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, Statuses())
        assert reads.wait(10)
        link.close(timeout_s=0.01)
        goes_on.set()
        link._thread.join(10)
    assert not link._thread.is_alive()
