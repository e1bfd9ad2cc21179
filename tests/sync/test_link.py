"""The link over real sockets: everything arrives by itself, whatever happened to the line in between."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queueing.dating import Arrival
from queueing.wire import Event, Stream
from sync.identity import Signer
from sync.link import Link, LinkStatus
from sync.log import DeviceLog, Transaction
from sync.rights import Device, Role
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import LogWriter
from tests.sync.fakes import BOOT, HUB, KIOSK, FakeClock, chain, open_log, ticket
from tests.sync.node import TinyNode, serving


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


@pytest.fixture
def node(tmp_path: Path) -> Iterator[TinyNode]:
    node = TinyNode(tmp_path, FakeClock())
    node.writer.start()
    yield node
    node.writer.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[LogWriter]:
    writer = LogWriter(lambda: open_log(tmp_path / "kiosk.db"))
    writer.start()
    yield writer
    writer.close()


@pytest.fixture
def signer(tmp_path: Path, node: TinyNode) -> Signer:
    return node.enrol(tmp_path, "kiosk-1", Role.KIOSK)


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
        # uvicorn answers 500 for an app that said nothing: the device cannot know what became of its events.


def test_a_hub_that_lost_its_disk_gets_everything_again(
    tmp_path: Path, node: TinyNode, writer: LogWriter, signer: Signer
) -> None:
    statuses = Statuses()
    port = free_port()
    take(writer, 4)
    link = link_to(f"http://127.0.0.1:{port}", writer, signer, statuses)
    with serving(node.app(), port):
        statuses.wait(drained)
    (tmp_path / "new").mkdir()
    fresh = TinyNode(tmp_path / "new", node.clock)
    fresh.devices = node.devices
    fresh.writer.start()
    take(writer, 1)
    with serving(fresh.app(), port):
        statuses.wait(lambda status: drained(status) and hub_has(fresh) == 5)
    link.close()
    fresh.writer.close()


def test_a_device_restored_from_an_old_image_is_found_out(
    tmp_path: Path, node: TinyNode, writer: LogWriter, signer: Signer
) -> None:
    node.writer.submit(lambda tx: tx.store(chain(KIOSK, 6))).result(5)  # what the device sent before it was restored
    statuses = Statuses()
    take(writer, 2)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        status = statuses.wait(lambda status: bool(status.forked))
        link.close()
    assert status.forked == (KIOSK,)
    assert node.folded == []


def test_what_a_device_wrote_before_it_was_enrolled_anew_arrives_too(
    tmp_path: Path, node: TinyNode, signer: Signer
) -> None:
    _as_of_before(tmp_path)
    node.writer.submit(lambda tx: tx.store(chain(KIOSK, 2))).result(5)
    anew = KIOSK._replace(incarnation=2)
    writer, statuses = LogWriter(lambda: open_log(tmp_path / "anew.db", anew)), Statuses()
    writer.start()
    take(writer, 3)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        statuses.wait(drained)
        link.close()
    writer.close()
    assert (hub_has(node), hub_has(node, anew)) == (5, 3)


def test_an_earlier_history_that_was_found_out_troubles_nobody_any_more(
    tmp_path: Path, node: TinyNode, signer: Signer
) -> None:
    _as_of_before(tmp_path)
    node.writer.submit(lambda tx: tx.store(chain(KIOSK, 9, salt="other "))).result(5)
    anew = KIOSK._replace(incarnation=2)
    writer, statuses = LogWriter(lambda: open_log(tmp_path / "anew.db", anew)), Statuses()
    writer.start()
    take(writer, 3)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        status = statuses.wait(drained)
        link.close()
    writer.close()
    assert status.forked == () and hub_has(node, anew) == 3


def _as_of_before(folder: Path) -> None:
    """Leave a log of the device's first incarnation with five events."""
    # By way of another stream: a log takes no event of its own from elsewhere.
    other = LogWriter(lambda: open_log(folder / "anew.db", HUB))
    other.start()
    other.submit(lambda tx: tx.store(chain(KIOSK, 5))).result(5)
    other.close()


def test_a_hub_forwards_the_streams_of_its_kiosks_and_one_fork_stops_only_itself(
    tmp_path: Path, node: TinyNode
) -> None:
    kiosks = [Stream(f"kiosk-{n}", 1) for n in (1, 2, 3)]
    signer = node.enrol(tmp_path, "hub", Role.HUB)
    for stream in kiosks:
        node.enrol(tmp_path, stream.device, Role.KIOSK)
    node.writer.submit(lambda tx: tx.store(chain(kiosks[1], 2, salt="other "))).result(5)
    writer = LogWriter(lambda: open_log(tmp_path / "forward.db", HUB._replace(device="hub")))
    writer.start()

    def fill(tx: Transaction) -> None:
        for stream in kiosks:
            tx.store(chain(stream, 700))

    writer.submit(fill).result(5)
    statuses = Statuses()
    with serving(node.app()) as url:
        link = Link("server", url, writer, signer, forward_all=True, on_status=statuses, random=lambda: 0.0)
        link.start()
        statuses.wait(lambda status: status.up and status.behind == 698)
        assert [hub_has(node, stream) for stream in kiosks] == [700, 2, 700]
        assert statuses.all[-1].forked == (kiosks[1],)
        link.close()
    writer.close()


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
        import gzip  # noqa: PLC0415
        import json  # noqa: PLC0415

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


def test_a_peer_that_takes_nothing_is_an_alarm_told_once_and_its_end_too(
    node: TinyNode,
    writer: LogWriter,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("sync.lateness.LATE_AFTER_S", 0.5)
    monkeypatch.setattr("sync.link._LOOK_EVERY_S", 0.1)
    caplog.set_level("INFO", "sync.link")
    statuses = Statuses()

    def refuse() -> None:
        raise StorageUnavailable(StorageReason.FULL)

    node.before_store = refuse
    take(writer, 2)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, statuses)
        late = statuses.wait(lambda status: status.late)
        assert late.answers and (late.behind, late.behind_since) == (2, FakeClock().now())
        take(writer, 1)
        statuses.wait(lambda status: status.late and status.behind == 3)
        node.before_store = lambda: None
        assert not statuses.wait(drained).late
        link.close()
    assert node.heard["kiosk-1"].events in (0, 3)
    told = [record.getMessage().split()[0] for record in caplog.records if "late" in record.getMessage()]
    assert told == ["link_late", "link_late_over"]


def test_a_line_that_is_cut_is_no_such_alarm(
    writer: LogWriter, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.lateness.LATE_AFTER_S", 0.0)
    statuses = Statuses()
    take(writer, 2)
    link = link_to(f"http://127.0.0.1:{free_port()}", writer, signer, statuses)
    for count in (3, 4, 5):
        take(writer, 1)
        statuses.wait(lambda status, count=count: "no connection" in status.why and status.behind == count)  # type: ignore[misc]  # bound at once
    link.close()
    assert not any(status.late or status.answers for status in statuses.all)


def test_what_the_disk_has_changed_is_not_sent_and_said_here(
    tmp_path: Path, node: TinyNode, writer: LogWriter, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    take(writer, 3)

    def spoil(tx: Transaction) -> None:
        tx.connection.execute("UPDATE event SET wire = replace(wire, 'A001', 'A009') WHERE seq = 2")

    writer.submit(spoil).result(5)
    with serving(node.app()) as url:
        link = link_to(url, writer, signer, Statuses())
        assert waited_for(lambda: "link_storage" in caplog.text)
        link.close()
    assert hub_has(node) == 0 and "reason=corrupt" in caplog.text


def test_what_the_disk_has_changed_keeps_no_other_stream_waiting(
    tmp_path: Path, node: TinyNode, caplog: pytest.LogCaptureFixture
) -> None:
    hub, other = LogWriter(lambda: open_log(tmp_path / "passing.db", HUB)), Stream("kiosk-2", 1)
    hub.start()
    hub.submit(lambda tx: tx.store([*chain(KIOSK, 3), *chain(other, 3)])).result(5)
    hub.submit(
        lambda tx: tx.connection.execute(
            "UPDATE event SET wire = replace(wire, 'DayOpened', 'DayOpen') WHERE device = 'kiosk-1'"
        )
    ).result(5)
    signer = node.enrol(tmp_path, HUB.device, Role.HUB)
    for stream in (KIOSK, other):
        node.enrol(tmp_path, stream.device, Role.KIOSK)
    with serving(node.app()) as url:
        link = link_to(url, hub, signer, Statuses(), forward_all=True)
        assert waited_for(lambda: hub_has(node, other) == 3)
        link.close()
    assert hub_has(node) == 0 and "reason=corrupt device=kiosk-1" in caplog.text
    hub.close()


def waited_for(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    moment = threading.Event()
    while not what() and time.monotonic() < end:
        moment.wait(0.02)
    return what()


def test_a_link_that_is_closed_while_it_waits_ends_at_once(writer: LogWriter, signer: Signer) -> None:
    statuses = Statuses()
    link = link_to(f"http://127.0.0.1:{free_port()}", writer, signer, statuses)
    statuses.wait(lambda status: "no connection" in status.why)
    link.close()
    assert not link._thread.is_alive()
