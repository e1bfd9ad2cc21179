"""Fixtures of the tests of a link: a hub to be, a kiosk's writer, and the kiosk's signer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.identity import Signer
from sync.rights import Role
from sync.writer import LogWriter
from tests.sync.fakes import FakeClock, open_log
from tests.sync.node import TinyNode


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
