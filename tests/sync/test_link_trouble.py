"""The link where something holds events up: a peer that takes nothing, a cut line, a disk that changed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from queueing.wire import Stream
from sync.identity import Signer
from sync.log import Transaction
from sync.rights import Role
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import LogWriter
from tests.sync.fakes import HUB, KIOSK, FakeClock, chain, open_log
from tests.sync.linked import Statuses, drained, free_port, hub_has, link_to, take
from tests.sync.node import TinyNode, serving
from tests.waiting import until


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
        until(lambda: "link_storage" in caplog.text, "the fault to be said")
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
        until(lambda: hub_has(node, other) == 3, "the other stream")
        link.close()
    assert hub_has(node) == 0 and "reason=corrupt device=kiosk-1" in caplog.text
    hub.close()
