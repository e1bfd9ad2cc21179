"""Fixtures of the administration's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.administration.office import Desk, Office


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve a site for a module's tests that change nothing that others of them see."""
    with Office(tmp_path_factory.mktemp("office")).served() as desk:
        yield desk
