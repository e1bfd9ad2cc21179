"""Fixtures for the hub's tests: a hub without a port, a hub on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.house import House, Web


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path).running() as house:
        yield house


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with House(tmp_path).serving() as web:
        yield web
