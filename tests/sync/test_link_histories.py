"""The link where two know different histories of a stream: a lost disk, an old image, a device enrolled anew."""

from __future__ import annotations

from pathlib import Path

from queueing.wire import Stream
from sync.identity import Signer
from sync.link import Link
from sync.log import Transaction
from sync.rights import Role
from sync.writer import LogWriter
from tests.sync.fakes import HUB, KIOSK, chain, open_log
from tests.sync.linked import Statuses, drained, free_port, hub_has, link_to, take
from tests.sync.node import TinyNode, serving


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
